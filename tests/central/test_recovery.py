"""Help by telephone: the right code for the right laptop, written down, and nothing for others."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from hah_central.database.rows import Laptop as LaptopRow
from hah_central.database.rows import Recovery
from hah_central.office import recovery
from hah_central.office.enrolment import Code
from hah_central.office.orders import Signer, revoke
from hah_central.office.recovery import NoHelp
from hah_central.people import audit
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import LaptopId
from hah_desktop.seals import letters
from hah_desktop.seals import recovery as codes
from hah_desktop.seals.errors import Misheard, SealBroken
from hah_desktop.seals.recovery import Purpose
from hah_desktop.sync.wire.signed import read_code
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, problem
from tests.central.trust import SECRET, SECRETS, enrolment

Laptops = Callable[[str], Laptop]
KEY = "5a" * 32


def deed(desk: Desk) -> Deed:
    return Deed("Grace Example", desk.clock())


def request(ada: Laptop, purpose: Purpose = Purpose.OPEN, count: int = 1) -> str:
    return codes.request(bytes.fromhex(ada.recovery.id), purpose, count)


def helped(desk: Desk, typed: str) -> str:
    with desk.database.writing() as connection:
        found = recovery.caller(connection, typed)
        return recovery.give(connection, found, SECRETS, deed(desk))


@pytest.mark.parametrize(("purpose", "count"), [(Purpose.OPEN, 1), (Purpose.LEASE, 7)])
def test_the_office_gives_the_code_that_the_laptop_expects(
    desk: Desk, laptop: Laptops, purpose: Purpose, count: int
) -> None:
    ada = laptop("Ada Example")
    typed = request(ada, purpose, count).lower().replace("-", " ")

    assert helped(desk, typed) == codes.code(SECRET, purpose, count)


def test_the_desk_sees_who_seems_to_be_calling(desk: Desk, laptop: Laptops) -> None:
    laptop("Ben Example")
    ada = laptop("Ada Example")

    with desk.database.reading() as connection:
        found = recovery.caller(connection, request(ada))

    assert (found.adviser, found.name) == ("Ada Example", "Laptop of the test")
    assert (found.laptop, found.last_contact) == (ada.enrolled.laptop, desk.clock())
    assert found.sealed not in repr(found)


def test_no_secret_of_the_desk_stands_where_a_fault_would_quote_it(desk: Desk) -> None:
    signer = Signer(deed(desk), SECRETS.orders_seed)
    assert repr(SECRETS.orders_seed) not in repr(signer)
    assert "ABCDEFGHJKMN" not in repr(Code("ABCDEFGHJKMN", LaptopId("one")))


def test_giving_a_code_is_written_down_but_never_the_code(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    code = helped(desk, request(ada, Purpose.OPEN, 3))

    with desk.database.reading() as connection:
        *_, entry = audit.entries(connection)
    assert (entry.who, entry.what, entry.laptop) == (
        "Grace Example",
        "gave a one-use code",
        ada.enrolled.laptop,
    )
    assert entry.detail == (
        "to open a laptop whose passphrase is forgotten, number 3, for Ada Example"
    )
    assert code not in str(entry)


def test_what_was_misheard_is_said_by_its_group(desk: Desk, laptop: Laptops) -> None:
    typed = request(laptop("Ada Example"))
    wrong = "B" if typed[7] != "B" else "C"

    with pytest.raises(Misheard) as told:
        helped(desk, f"{typed[:7]}{wrong}{typed[8:]}")

    assert told.value.groups == (2,)


def test_a_laptop_that_nobody_enrolled_gets_no_code(desk: Desk, laptop: Laptops) -> None:
    laptop("Ada Example")

    with pytest.raises(NoHelp, match="No laptop of this office"):
        helped(desk, codes.request(b"other", Purpose.OPEN, 1))


def test_a_count_that_no_laptop_reads_out_gets_no_code(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    number = int(ada.recovery.id, 16) << 20
    typed = letters.write(letters.of_number(number, codes.REQUEST_LETTERS))

    with pytest.raises((NoHelp, Misheard)):
        helped(desk, typed)


def test_a_revoked_laptop_gets_no_code(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    with desk.database.writing() as connection:
        revoke(connection, Signer(deed(desk), SECRETS.orders_seed), ada.enrolled.laptop)

    with pytest.raises(NoHelp, match="of Ada Example was revoked on 2026-11-22"):
        helped(desk, request(ada))


def test_a_seal_that_was_put_on_another_laptop_opens_nothing(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    with desk.database.writing() as connection:
        swapped = update(Recovery).where(Recovery.id == ada.recovery.id)
        connection.execute(swapped.values(sealed=ben.recovery.sealed))

    with pytest.raises(SealBroken):
        helped(desk, request(ada))

    with desk.database.reading() as connection:
        assert "code" not in audit.entries(connection)[-1].what


SPOILED: dict[str, object] = {
    "missing": None,
    "no object": "sealed",
    "a short id": {"id": "0a0b"},
    "an id that is a number": {"id": 5},
    "a vault that is no hexadecimal": {"vault": "zz" * 16},
    "a seal too short": {"sealed": "00" * 100},
    "a seal far too long": {"sealed": "00" * 100_000},
}


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=list(SPOILED))
def test_a_laptop_that_could_not_be_helped_is_not_enrolled(desk: Desk, spoiled: object) -> None:
    code, _ = read_code(desk.code("Ada Example"))
    sent = enrolment(code, KEY)
    whole = sent["recovery"]
    assert isinstance(whole, dict)
    sent["recovery"] = {**whole, **spoiled} if isinstance(spoiled, dict) else spoiled

    told = problem(desk.client.post("/v1/enrol", json=sent), 422, "no-recovery")

    assert "the code is still good" in told
    with desk.database.reading() as connection:
        assert connection.execute(select(LaptopRow.id)).scalars().all() == ["office"]
    good(desk.client.post("/v1/enrol", json=enrolment(code, KEY)))


def test_what_a_laptop_sealed_is_kept_with_it(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")

    with desk.database.reading() as connection:
        (row,) = connection.execute(
            select(Recovery.laptop, Recovery.id, Recovery.vault, Recovery.sealed)
        )
    sealed = ada.recovery
    assert tuple(row) == (ada.enrolled.laptop, sealed.id, sealed.vault, sealed.sealed)


def test_two_laptops_never_read_out_the_same_letters(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    code, _ = read_code(desk.code("Ben Example"))
    sent = enrolment(code, KEY)
    taken = {"id": ada.recovery.id, "vault": ada.recovery.vault, "sealed": ada.recovery.sealed}

    problem(desk.client.post("/v1/enrol", json={**sent, "recovery": taken}), 422, "no-recovery")

    assert desk.client.post("/v1/enrol", json=sent).is_success


def test_whoever_asks_again_with_another_secret_is_somebody_else(desk: Desk) -> None:
    code, _ = read_code(desk.code("Ada Example"))
    good(desk.client.post("/v1/enrol", json=enrolment(code, KEY)))

    problem(desk.client.post("/v1/enrol", json=enrolment(code, KEY)), 403, "code")


def test_a_code_of_an_hour_ago_is_the_same_code(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    first = helped(desk, request(ada))
    desk.clock.pass_by(dt.timedelta(hours=1))

    assert helped(desk, request(ada)) == first
