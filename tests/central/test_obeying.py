"""A real laptop and a real office: what the office orders is obeyed, and what it did not is not."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from hah_central.database.rows import OfficeOrder
from hah_central.office import orders, recovery
from hah_central.office.orders import Signer
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import recovery as codes
from hah_desktop.seals.errors import Misheard
from hah_desktop.seals.orders import REVOKE, RULES, Order, SignedOrder, sign
from hah_desktop.seals.recovery import Purpose
from hah_desktop.store.exchange import outbox
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Trust
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.errors import Refused, Revoked, WrongOffice
from hah_desktop.sync.wire.signed import read_code, write_code
from hah_desktop.vault.kdf import FLOOR
from tests.central.conftest import START, Desk
from tests.central.trust import SECRETS

WORDS = "violet kettle orbit marsh"


class Carried:
    """A laptop that is set up with the office of the test."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.laptop = Laptop(folder, desk.clock, cost=FLOOR)
        code = desk.code("Ada Example")
        self.unlocked: Unlocked = self.laptop.set_up(address(desk), code, WORDS, lambda _: None)

    @property
    def trust(self) -> Trust:
        with self.unlocked.store.reading() as connection:
            found = meta.trust(connection)
        assert found is not None
        return found

    def save(self) -> None:
        store = self.unlocked.store
        store.add(Visit(id=RecordId(store.new_id()), impression="Quiet."))

    def unsent(self) -> int:
        with self.unlocked.store.reading() as connection:
            return outbox.unsent_count(connection)

    def sync(self) -> Synced:
        with closing(self.laptop.office(self.unlocked.who)) as office:
            return sync(self.unlocked.store, office, lambda _: None, lambda: False)

    def order(self, kind: str, number: int) -> Order:
        who = self.unlocked.who
        return Order(kind, who.office, who.laptop, number, START.isoformat(), 14, 5)


def address(desk: Desk) -> str:
    return str(desk.client.base_url)


def signer(desk: Desk) -> Signer:
    return Signer(Deed("Grace Example", desk.clock()), SECRETS.orders_seed)


@pytest.fixture
def carried(desk: Desk, tmp_path: Path) -> Iterator[Carried]:
    made = Carried(desk, tmp_path / "laptop")
    yield made
    made.unlocked.lock()


def test_a_laptop_pins_the_keys_and_the_office_can_help_it(carried: Carried) -> None:
    keys = SECRETS.public.to_plain()
    assert (carried.trust.recovery_key, carried.trust.orders_key) == tuple(keys.values())
    id_, secret = bytes.fromhex(carried.trust.recovery_id), bytes.fromhex(carried.trust.secret)
    request = codes.request(id_, Purpose.OPEN, 1)

    with carried.desk.database.writing() as connection:
        found = recovery.caller(connection, request)
        code = recovery.give(connection, found, SECRETS, signer(carried.desk).deed)

    assert code == codes.code(secret, Purpose.OPEN, 1)


def test_rules_reach_the_laptop_and_a_revocation_ends_its_sync(carried: Carried) -> None:
    desk, laptop = carried.desk, carried.unlocked.who.laptop
    with desk.database.writing() as connection:
        orders.set_rules(connection, signer(desk), 14, 5)
    assert carried.sync().problem is None
    assert (carried.trust.lease_days, carried.trust.lock_minutes) == (14, 5)

    desk.clock.pass_by(dt.timedelta(minutes=1))
    with desk.database.writing() as connection:
        orders.revoke(connection, signer(desk), laptop)
    carried.save()

    problem = carried.sync().problem
    assert isinstance(problem, Revoked)
    assert carried.unsent() == 1


def test_a_revoked_laptop_that_does_not_believe_it_is_still_let_in_nowhere(
    carried: Carried,
) -> None:
    desk, laptop = carried.desk, carried.unlocked.who.laptop
    with desk.database.writing() as connection:
        orders.revoke(connection, signer(desk), laptop)
        connection.execute(delete(OfficeOrder))
    carried.save()

    problem = carried.sync().problem

    assert isinstance(problem, Refused)
    assert problem.type == "urn:hah:revoked"
    assert carried.unsent() == 1


def put(carried: Carried, signed: SignedOrder, number: int) -> None:
    """Have the service hand out an order, as somebody could who has the database but no key."""
    row = {
        "laptop": carried.unlocked.who.laptop,
        "number": number,
        "kind": f"kind {number}",
        "body": signed.body,
        "signature": signed.signature,
        "made": START,
    }
    with carried.desk.database.writing() as connection:
        connection.execute(insert(OfficeOrder).values(row))


def test_orders_that_the_office_did_not_sign_for_this_laptop_do_nothing(carried: Carried) -> None:
    good = sign(carried.order(RULES, 50), SECRETS.orders_seed)
    put(carried, good, 1)
    assert carried.sync().problem is None
    after = carried.trust
    assert after.order == 50
    ended = carried.order(REVOKE, 99)
    other = Order(REVOKE, ended.office, "another-laptop", 99, ended.made_at)
    foreign = Order(REVOKE, "another-office", ended.laptop, 99, ended.made_at)
    bad = [
        SignedOrder(sign(ended, SECRETS.orders_seed).body, ""),
        sign(ended, b"k" * 32),
        SignedOrder(sign(ended, SECRETS.orders_seed).body, good.signature),
        sign(other, SECRETS.orders_seed),
        sign(foreign, SECRETS.orders_seed),
        sign(carried.order(REVOKE, 49), SECRETS.orders_seed),
        sign(carried.order(REVOKE, 50), SECRETS.orders_seed),
        sign(carried.order("wipe", 99), SECRETS.orders_seed),
    ]
    for number, order in enumerate(bad, 2):
        put(carried, order, number)
    carried.save()

    done = carried.sync()

    assert done.problem is None
    assert (done.run.sent, carried.unsent()) == (1, 0)
    assert carried.trust == after


def test_an_office_with_other_keys_than_the_code_names_gets_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    code, _ = read_code(desk.code("Ada Example"))
    laptop = Laptop(tmp_path / "laptop", desk.clock, cost=FLOOR)

    with pytest.raises(WrongOffice, match="Nothing was sent"):
        laptop.set_up(address(desk), write_code(code, "A" * 12), WORDS, lambda _: None)

    assert not laptop.folder.exists()
    with closing(Office(address(desk))) as office:
        assert office.keys() == SECRETS.public


def test_a_misheard_code_is_said_before_anybody_is_asked(tmp_path: Path, desk: Desk) -> None:
    typed = desk.code("Ada Example")
    wrong = "B" if typed[0] != "B" else "C"
    laptop = Laptop(tmp_path / "laptop", desk.clock, cost=FLOOR)

    with pytest.raises(Misheard) as told:
        laptop.set_up("http://127.0.0.1:1", wrong + typed[1:], WORDS, lambda _: None)

    assert told.value.groups == (1,)
    assert not laptop.folder.exists()
