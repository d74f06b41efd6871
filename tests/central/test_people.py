"""Who is let in: one-time codes, keys, challenges and tokens."""

import datetime as dt
from collections.abc import Callable, Mapping

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event, func, select

from hah_central.database.rows import Challenge, EnrolCode, Token
from hah_central.office.enrolment import CODE_LASTS
from hah_central.people.people import CHALLENGE_LASTS, OPEN_CHALLENGES, TOKEN_LASTS
from hah_central.problems import Problem, not_proved
from hah_central.service.throttle import SIGN_INS, SignIns
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.sync.wire.changes import write_push
from hah_desktop.sync.wire.signed import read_code, signed_token_request, write_code
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, enrol, good, new_id, problem
from tests.central.trust import enrolment

Laptops = Callable[[str], Laptop]
WRONG = write_code("A" * 12, "A" * 12)
SECOND = dt.timedelta(seconds=1)


def new_key() -> str:
    return Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()


def try_code(desk: Desk, typed: str) -> httpx.Response:
    return desk.client.post("/v1/enrol", json=enrolment(read_code(typed)[0], new_key()))


def challenge(ada: Laptop) -> str:
    answer = ada.client.post("/v1/challenge", json={"laptop": ada.enrolled.laptop})
    return str(good(answer).json()["challenge"])


def ask_token(
    ada: Laptop,
    words: str,
    key: Ed25519PrivateKey | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    signed = (key or ada.key).sign(signed_token_request(words, ada.enrolled.office)).hex()
    sent = {"laptop": ada.enrolled.laptop, "challenge": words, "signature": signed}
    return ada.client.post("/v1/token", json=sent, headers=headers)


def ask_pull(ada: Laptop) -> httpx.Response:
    sent = {"epoch": "", "files": {}}
    return ada.client.post("/v1/pull", json=sent, headers={"Authorization": f"Bearer {ada.token}"})


def test_a_code_is_six_groups_of_five_letters_that_nobody_misreads(desk: Desk) -> None:
    code = desk.code("Ada Example")

    assert [len(group) for group in code.split("-")] == [5] * 6
    assert not set(code) & set("ILOU")


def test_half_of_a_code_says_whose_keys_it_is_for(desk: Desk) -> None:
    keys = OfficeKeys.from_plain(good(desk.client.get("/v1/keys")).json())

    assert read_code(desk.code("Ada Example"))[1] == keys.fingerprint()


def test_a_code_is_kept_as_a_hash_only(desk: Desk) -> None:
    code = desk.code("Ada Example")

    with desk.database.reading() as connection:
        (row,) = connection.execute(select(EnrolCode))
    assert code not in str(row)
    assert read_code(code)[0] not in str(row)


def test_a_code_lets_one_laptop_in_and_no_second(desk: Desk) -> None:
    code = desk.code("Ada Example")
    enrol(desk.client, code)

    assert "used before" in problem(try_code(desk, code), 403, "code")


def test_a_laptop_whose_answer_was_lost_asks_again_and_gets_the_same_answer(desk: Desk) -> None:
    sent = enrolment(read_code(desk.code("Ada Example"))[0], new_key())

    answers = [good(desk.client.post("/v1/enrol", json=sent)).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]


def test_an_enrolled_laptop_knows_its_adviser_and_its_office(desk: Desk) -> None:
    ada = enrol(desk.client, desk.code("Ada Example"))

    hello = good(desk.client.get("/v1/hello")).json()

    assert ada.enrolled.adviser_name == "Ada Example"
    assert (hello["office"], hello["epoch"]) == (ada.enrolled.office, ada.enrolled.epoch)


def test_a_code_may_be_typed_in_small_letters_without_dashes(desk: Desk) -> None:
    code = desk.code("Ada Example").lower().replace("-", "").replace("0", "o").replace("1", "l")

    assert enrol(desk.client, code).enrolled.adviser_name == "Ada Example"


def test_a_code_that_is_too_old_lets_nobody_in(desk: Desk) -> None:
    code = desk.code("Ada Example")
    desk.clock.pass_by(CODE_LASTS)

    problem(try_code(desk, code), 403, "code")


def test_a_key_of_the_wrong_form_does_not_use_the_code_up(desk: Desk) -> None:
    code = desk.code("Ada Example")
    sent = enrolment(read_code(code)[0], "12")

    problem(desk.client.post("/v1/enrol", json=sent), 422, "unreadable")

    assert try_code(desk, code).is_success


def test_after_five_wrong_codes_in_a_minute_everybody_waits(desk: Desk) -> None:
    code = desk.code("Ada Example")
    for _ in range(5):
        problem(try_code(desk, WRONG), 403, "code")

    answer = try_code(desk, code)

    assert "Wait 60 seconds" in problem(answer, 429, "too-many-tries")
    assert answer.headers["Retry-After"] == "60"
    desk.clock.pass_by(dt.timedelta(seconds=60))
    assert try_code(desk, code).is_success


def test_right_codes_are_not_counted(desk: Desk) -> None:
    for number in range(7):
        assert try_code(desk, desk.code(f"Adviser {number}")).is_success


def test_a_laptop_that_nobody_enrolled_gets_no_challenge(desk: Desk) -> None:
    problem(desk.client.post("/v1/challenge", json={"laptop": new_id()}), 401, "unknown-laptop")


def test_nobody_signs_in_as_the_office_itself(desk: Desk) -> None:
    problem(desk.client.post("/v1/challenge", json={"laptop": "office"}), 401, "unknown-laptop")


def test_a_wrong_key_does_not_sign_in(laptop: Laptops) -> None:
    ada = laptop("Ada Example")

    answer = ask_token(ada, challenge(ada), Ed25519PrivateKey.generate())

    problem(answer, 401, "wrong-signature")


def test_a_challenge_is_good_for_one_try_right_or_wrong(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    words = challenge(ada)
    problem(ask_token(ada, words, Ed25519PrivateKey.generate()), 401, "wrong-signature")

    problem(ask_token(ada, words), 401, "wrong-signature")


def test_of_the_challenges_in_a_laptops_name_the_oldest_go(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    bens = challenge(ben)
    first, *others = [challenge(ada) for _ in range(OPEN_CHALLENGES + 1)]
    desk.clock.pass_by(SECOND)
    *_, last = [challenge(ada) for _ in range(3 * OPEN_CHALLENGES)]

    with desk.database.reading() as connection:
        counted = select(func.count()).where(Challenge.laptop == ada.enrolled.laptop)
        assert connection.execute(counted).scalar_one() == OPEN_CHALLENGES
    for gone in (first, *others[:3]):
        problem(ask_token(ada, gone), 401, "wrong-signature")
    good(ask_token(ada, last))
    good(ask_token(ben, bens))


def test_many_wrong_sign_ins_in_a_laptops_name_have_to_wait(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    for _ in range(SIGN_INS):
        problem(ask_token(ada, "none"), 401, "wrong-signature")

    answer = ask_token(ada, challenge(ada))

    assert "sign-ins of this laptop" in problem(answer, 429, "too-many-tries")
    assert answer.headers["Retry-After"] == "60"
    good(ask_token(ben, challenge(ben)))
    desk.clock.pass_by(dt.timedelta(seconds=60))
    good(ask_token(ada, challenge(ada)))


def test_sign_ins_that_are_right_are_never_too_many(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    for _ in range(SIGN_INS + 5):
        good(ask_token(ada, challenge(ada)))


def test_behind_a_proxy_a_stranger_does_not_shut_a_laptop_out(laptop: Laptops) -> None:
    """A proxy on the office's machine says who asks; the last address is the one that it saw."""
    ada = laptop("Ada Example")
    strangers, hers = (
        {"X-Forwarded-For": f"198.51.100.9, {address}"} for address in ("192.0.2.1", "192.0.2.2")
    )
    for _ in range(SIGN_INS):
        problem(ask_token(ada, "none", headers=strangers), 401, "wrong-signature")
    problem(ask_token(ada, challenge(ada), headers=strangers), 429, "too-many-tries")

    good(ask_token(ada, challenge(ada), headers=hers))


def test_from_another_address_nobody_shuts_a_laptop_out() -> None:
    known = SignIns(lambda: 0.0)
    for _ in range(SIGN_INS):
        with pytest.raises(Problem), known.of("ada", "192.0.2.1").one_try():
            raise not_proved()
    with pytest.raises(Problem, match="sign-ins"), known.of("ada", "192.0.2.1").one_try():
        pytest.fail("this was to be refused")
    with known.of("ada", "192.0.2.2").one_try():
        pass


def test_another_laptops_challenge_is_no_good(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")

    problem(ask_token(ada, challenge(ben)), 401, "wrong-signature")


def test_a_challenge_lasts_five_minutes(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    words = challenge(ada)
    desk.clock.pass_by(CHALLENGE_LASTS)

    problem(ask_token(ada, words), 401, "wrong-signature")


def test_a_token_lasts_ten_minutes(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    desk.clock.pass_by(TOKEN_LASTS - SECOND)
    assert ask_pull(ada).is_success
    desk.clock.pass_by(SECOND)

    assert "Sign in again" in problem(ask_pull(ada), 401, "sign-in")


def test_tokens_that_ran_out_are_swept_away(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    desk.clock.pass_by(TOKEN_LASTS)
    ada.sign_in()

    with desk.database.reading() as connection:
        assert len(connection.execute(select(Token)).all()) == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_without_a_good_token_nothing_is_told(desk: Desk, header: str) -> None:
    sent = {"epoch": "", "files": {}}

    answer = desk.client.post("/v1/pull", json=sent, headers={"Authorization": header})

    problem(answer, 401, "sign-in")


def test_signing_in_asks_the_database_little(desk: Desk, laptop: Laptops) -> None:
    ada, asked = laptop("Ada Example"), list[str]()
    event.listen(desk.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    good(ask_token(ada, challenge(ada)))

    # On PostgreSQL some go in one letter, and are not told here.
    assert sum(not statement.startswith("BEGIN") for statement in asked) <= 9


def test_a_batch_that_was_tampered_with_is_refused_whole(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    body = write_push(ada.enrolled.epoch, [ada.place(place, name="Invented House")])
    signature = ada.push_body(body[:0]).request.headers["Hah-Signature"]

    problem(ada.push_body(body, signature=signature), 401, "wrong-signature")

    assert place not in {row.record for row in ben.pull_all()}


@pytest.mark.parametrize("signature", ["", "12", "zz" * 64, "00" * 64])
def test_a_signature_that_is_none_is_refused(laptop: Laptops, signature: str) -> None:
    ada = laptop("Ada Example")
    body = write_push(ada.enrolled.epoch, [ada.place(new_id(), name="Invented House")])

    problem(ada.push_body(body, signature=signature), 401, "wrong-signature")


def test_another_laptops_signature_is_refused(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    body = write_push(ada.enrolled.epoch, [ada.place(new_id(), name="Invented House")])
    signature = ben.push_body(body).request.headers["Hah-Signature"]

    problem(ada.push_body(body, signature=signature), 401, "wrong-signature")
