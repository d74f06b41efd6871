"""Orders at the office: signed at the desk, handed to the laptop they are for, and to no other."""

import datetime as dt
from collections.abc import Callable

import httpx
import pytest

from hah_central.office import laptops, orders
from hah_central.office.enrolment import new_code
from hah_central.office.laptops import NoSuchLaptop
from hah_central.office.office import add_adviser
from hah_central.office.orders import NotOrdered, Rules, Signer
from hah_central.people import audit
from hah_central.people.audit import Deed
from hah_desktop.seals.orders import REVOKE, RULES, Order, read
from hah_desktop.sync.wire.form import LAPTOP_HEADER
from hah_desktop.sync.wire.joining import read_challenge
from hah_desktop.sync.wire.signed import signed_token_request, write_code
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, enrol, good, problem
from tests.central.trust import SECRETS, enrolment

Laptops = Callable[[str], Laptop]
DAY = dt.timedelta(days=1)


def signer(desk: Desk) -> Signer:
    return Signer(Deed("Grace Example", desk.clock()), SECRETS.orders_seed)


def set_rules(desk: Desk, lease: int | None, lock: int | None) -> tuple[Rules, int]:
    with desk.database.writing() as connection:
        return orders.set_rules(connection, signer(desk), lease, lock)


def revoke(desk: Desk, named: str) -> str:
    with desk.database.writing() as connection:
        return orders.revoke(connection, signer(desk), named)


def given(ada: Laptop) -> list[Order]:
    """The orders that come with a laptop's challenge, if the office signed them."""
    answer = ada.client.post("/v1/challenge", json={"laptop": ada.enrolled.laptop})
    _, found = read_challenge(good(answer).json())
    return [read(signed, SECRETS.public.orders) for signed in found]


def ask_token(ada: Laptop) -> httpx.Response:
    sent = {"laptop": ada.enrolled.laptop}
    words, _ = read_challenge(good(ada.client.post("/v1/challenge", json=sent)).json())
    signed = ada.key.sign(signed_token_request(words, ada.enrolled.office)).hex()
    return ada.client.post("/v1/token", json={**sent, "challenge": words, "signature": signed})


def ask_pull(ada: Laptop) -> httpx.Response:
    headers = {"Authorization": f"Bearer {ada.token}"}
    return ada.client.post("/v1/pull", json={"epoch": "", "files": {}}, headers=headers)


def introduced(desk: Desk, laptop: bytes) -> dict[str, object]:
    """What the office says of itself to a laptop that names itself."""
    told = good(desk.client.get("/v1/hello", headers={LAPTOP_HEADER.encode(): laptop})).json()
    assert isinstance(told, dict)
    return told


def test_a_laptop_that_names_itself_is_told_all_that_it_signs_at_once(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    set_rules(desk, 14, 5)

    words, found = read_challenge(introduced(desk, ada.enrolled.laptop.encode()))

    assert [read(signed, SECRETS.public.orders).kind for signed in found] == [RULES]
    sent = {"laptop": ada.enrolled.laptop, "challenge": words}
    signed = ada.key.sign(signed_token_request(words, ada.enrolled.office)).hex()
    good(desk.client.post("/v1/token", json={**sent, "signature": signed}))
    again = desk.client.post("/v1/token", json={**sent, "signature": signed})
    problem(again, 401, "wrong-signature")


@pytest.mark.parametrize("named", [b"nobody", b"office", b"x" * 600, b"\xfe\xff"])
def test_whoever_nobody_enrolled_is_told_who_the_office_is_and_no_more(
    desk: Desk, named: bytes
) -> None:
    told = introduced(desk, named)

    assert told["office"]
    assert "challenge" not in told
    assert "orders" not in told


def test_a_laptop_that_was_told_nothing_gets_no_orders(laptop: Laptops) -> None:
    assert given(laptop("Ada Example")) == []


def test_rules_reach_every_laptop_under_its_own_name(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")

    assert set_rules(desk, 14, 5) == (Rules(14, 5), 2)

    for one in (ada, ben):
        (order,) = given(one)
        assert (order.kind, order.laptop, order.office) == (
            RULES,
            one.enrolled.laptop,
            one.enrolled.office,
        )
        assert (order.lease_days, order.lock_minutes) == (14, 5)


def test_what_is_not_said_stays_as_it_was(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    set_rules(desk, 14, None)
    set_rules(desk, None, 5)

    (order,) = given(ada)

    assert (order.lease_days, order.lock_minutes) == (14, 5)


def test_only_the_newest_order_of_each_kind_is_handed_over(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    for days in (14, 7, 21):
        set_rules(desk, days, None)
    revoke(desk, ada.enrolled.laptop)

    assert [(order.kind, order.lease_days) for order in given(ada)] == [(RULES, 21), (REVOKE, 0)]


def test_numbers_grow_even_when_the_offices_clock_is_set_back(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    set_rules(desk, 14, 5)
    (before,) = given(ada)
    desk.clock.pass_by(-30 * DAY)
    set_rules(desk, 7, 5)

    (after,) = given(ada)

    assert after.number == before.number + 1
    assert after.lease_days == 7


def test_an_office_that_forgot_its_orders_does_not_number_them_like_those_before(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    assert set_rules(desk, 14, 5)
    (order,) = given(ada)

    assert order.number == int(desk.clock().timestamp())


@pytest.mark.parametrize(("lease", "lock"), [(0, 5), (366, 5), (14, 0), (14, 61), (-1, None)])
def test_rules_out_of_bounds_are_refused_in_plain_words(
    desk: Desk, laptop: Laptops, lease: int, lock: int | None
) -> None:
    ada = laptop("Ada Example")

    with pytest.raises(NotOrdered, match="from 1 to 365 days"):
        set_rules(desk, lease, lock)

    assert given(ada) == []


def test_a_laptop_that_is_awaited_gets_the_rules_at_its_first_contact(desk: Desk) -> None:
    code = desk.code("Ada Example")
    set_rules(desk, 14, 5)

    (order,) = given(enrol(desk.client, code))

    assert order.lease_days == 14


def test_a_laptop_for_which_the_rules_were_signed_gets_them_later(desk: Desk) -> None:
    set_rules(desk, 14, 5)
    with desk.database.writing() as connection:
        adviser = add_adviser(connection, "Ada Example", "adviser", desk.clock())
        code = new_code(connection, adviser, desk.clock())
        orders.sign_for_newcomer(connection, signer(desk), code.laptop)

    ada = enrol(desk.client, write_code(code.letters, SECRETS.public.fingerprint()))

    (order,) = given(ada)
    assert (order.laptop, order.lease_days) == (ada.enrolled.laptop, 14)


def test_a_revoked_laptop_gets_its_order_and_no_token(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")

    assert revoke(desk, ada.enrolled.laptop) == ada.enrolled.laptop

    (order,) = given(ada)
    assert (order.kind, order.laptop) == (REVOKE, ada.enrolled.laptop)
    assert "ended this laptop’s access" in problem(ask_token(ada), 403, "revoked")
    assert given(ben) == []
    assert ask_token(ben).is_success


def test_a_token_from_before_is_worth_nothing_after(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    assert ask_pull(ada).is_success
    change = ada.visit("visit-of-ada", impression="Quiet.")
    revoke(desk, ada.enrolled.laptop)

    problem(ask_pull(ada), 403, "revoked")
    with pytest.raises(AssertionError, match="revoked"):
        ada.push(change)


def test_a_revoked_laptop_is_told_so_only_with_its_own_key(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    revoke(desk, ada.enrolled.laptop)
    stranger = Laptop(ada.client, ada.enrolled, ben.key, ada.recovery)

    problem(ask_token(stranger), 401, "wrong-signature")


def test_the_code_of_a_revoked_laptop_answers_nobody_any_more(desk: Desk) -> None:
    code = desk.code("Ada Example").replace("-", "")
    one_time = code[0:4] + code[5:9] + code[10:14]
    sent = enrolment(one_time, "5a" * 32)
    first = good(desk.client.post("/v1/enrol", json=sent)).json()
    revoke(desk, first["laptop"])

    problem(desk.client.post("/v1/enrol", json=sent), 403, "code")


def test_new_rules_pass_a_revoked_laptop_by(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    revoke(desk, ada.enrolled.laptop)

    assert set_rules(desk, 14, 5)[1] == 1

    assert [order.kind for order in given(ada)] == [REVOKE]
    assert [order.kind for order in given(ben)] == [RULES]


def test_a_laptop_is_revoked_once(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    revoke(desk, ada.enrolled.laptop)

    with pytest.raises(NotOrdered, match="was revoked on 2026-11-22 at 10:00"):
        revoke(desk, ada.enrolled.laptop)

    assert len(given(ada)) == 1


def test_a_laptop_may_be_named_by_its_name_if_only_one_has_it(desk: Desk) -> None:
    ada = enrol(desk.client, desk.code("Ada Example"), "LT-0412")
    for adviser in ("Ben Example", "Cat Example"):
        enrol(desk.client, desk.code(adviser), "LT-0413")

    with pytest.raises(NoSuchLaptop, match="more than one laptop is called “LT-0413”"):
        revoke(desk, "LT-0413")
    for unknown in ("LT-0999", "office"):
        with pytest.raises(NoSuchLaptop, match="no laptop is called"):
            revoke(desk, unknown)
    assert revoke(desk, "LT-0412") == ada.enrolled.laptop


def test_an_older_code_still_lets_a_laptop_in(desk: Desk) -> None:
    code = desk.code("Ada Example")
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE enrol_code SET laptop = NULL")
    set_rules(desk, 14, 5)

    assert given(enrol(desk.client, code)) == []


def test_who_ordered_what_is_written_down(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    set_rules(desk, 14, 5)
    revoke(desk, ada.enrolled.laptop)

    with desk.database.reading() as connection:
        *_, enrolled, ruled, revoked = audit.entries(connection)
    assert (enrolled.who, enrolled.what) == ("Ada Example", "enrolled a laptop")
    assert (ruled.who, ruled.what) == ("Grace Example", "set the rules")
    assert ruled.detail == "lease 14 days, lock 5 minutes"
    assert (revoked.what, revoked.laptop) == ("revoked a laptop", ada.enrolled.laptop)


def test_a_lease_is_counted_from_the_last_contact(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    desk.clock.pass_by(3 * DAY)
    ada.sign_in()
    desk.clock.pass_by(dt.timedelta(hours=25))

    with desk.database.reading() as connection:
        (line,) = laptops.lines(connection)
    assert [line.lease_left(days, desk.clock()) for days in (30, 1)] == [28, -1]


def test_a_laptop_with_new_rules_has_to_sign_in_to_hear_of_them(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    assert ask_pull(ada).is_success
    set_rules(desk, 14, 5)
    problem(ask_pull(ada), 401, "sign-in")
