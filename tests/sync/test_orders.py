"""Orders on a laptop: what its own office signed for it is obeyed once, and nothing else is."""

import dataclasses as dc

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hah_desktop.seals.orders import REVOKE, RULES, Order, SignedOrder, sign
from hah_desktop.store.tables import events
from hah_desktop.store.tables.meta import Trust
from hah_desktop.sync.engine import sync
from hah_desktop.sync.errors import Revoked
from hah_desktop.sync.steps import Progress
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import NOON, MemoryOffice

KEY = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(KEY).public_key().public_bytes_raw()
VISIT = "visit-a"
RULED = Order(RULES, "office-1", "laptop-one", 4, NOON.isoformat(), 14, 5)
ENDED = Order(REVOKE, "office-1", "laptop-one", 5, NOON.isoformat())


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    made = laptops.make(office)
    made.trusts(PUBLIC)
    made.edit(VISIT, met_by="the manager")
    return made


def noted(laptop: Laptop) -> list[str]:
    with laptop.store.reading() as connection:
        return [event.words() for event in events.events(connection)]


def test_new_rules_are_kept_and_noted(laptop: Laptop, office: MemoryOffice) -> None:
    office.orders = [sign(RULED, KEY)]
    laptop.sync()
    trust = laptop.trust()
    assert trust is not None
    assert (trust.order, trust.lease_days, trust.lock_minutes) == (4, 14, 5)
    assert noted(laptop) == ["The office changed the rules for this laptop. (14 days, 5 minutes)"]


def test_rules_that_hold_already_are_noted_once(laptop: Laptop, office: MemoryOffice) -> None:
    office.orders = [sign(RULED, KEY)]
    laptop.sync()
    laptop.sync()
    assert len(noted(laptop)) == 1


def test_of_several_rules_the_newest_hold_in_whatever_order_they_come(
    laptop: Laptop, office: MemoryOffice
) -> None:
    newer = dc.replace(RULED, number=9, lease_days=7)
    office.orders = [sign(newer, KEY), sign(RULED, KEY)]
    laptop.sync()
    trust = laptop.trust()
    assert trust is not None
    assert (trust.order, trust.lease_days) == (9, 7)


def test_a_revoked_laptop_stops_before_it_signs_in(laptop: Laptop, office: MemoryOffice) -> None:
    office.orders = [sign(ENDED, KEY)]
    with pytest.raises(Revoked) as told:
        laptop.sync()
    assert told.value.order == sign(ENDED, KEY)
    assert (laptop.line.pushed, laptop.line.pulled) == ([], [])
    assert laptop.unsent() == 1


def test_a_revocation_comes_out_of_a_sync_as_what_stopped_it(
    laptop: Laptop, office: MemoryOffice
) -> None:
    office.orders = [sign(ENDED, KEY)]
    done = sync(laptop.store, laptop.line, lambda _: None, lambda: False)
    assert isinstance(done.problem, Revoked)
    assert done.problem.order == sign(ENDED, KEY)
    assert str(done.problem) == done.run.problem


def test_a_revocation_is_told_again_until_it_is_carried_out(
    laptop: Laptop, office: MemoryOffice
) -> None:
    office.orders = [sign(RULED, KEY), sign(ENDED, KEY)]
    for _ in range(2):
        with pytest.raises(Revoked):
            laptop.sync()


REPLAYED = dc.replace(RULED, number=8)
NOTHING = {
    "unsigned": SignedOrder(sign(ENDED, KEY).body, ""),
    "signed by another key": sign(ENDED, b"k" * 32),
    "changed after it was signed": SignedOrder(sign(RULED, KEY).body, sign(ENDED, KEY).signature),
    "for another laptop": sign(dc.replace(ENDED, laptop="laptop-two"), KEY),
    "of another office": sign(dc.replace(ENDED, office="office-2"), KEY),
    "older than the last": sign(dc.replace(ENDED, number=7), KEY),
    "the last once more": sign(REPLAYED, KEY),
    "with the number of the last": sign(dc.replace(ENDED, number=8), KEY),
    "of a kind from a later version": sign(dc.replace(ENDED, kind="wipe", number=99), KEY),
    "no order at all": SignedOrder("{}", "00" * 64),
}


@pytest.mark.parametrize("order", NOTHING.values(), ids=list(NOTHING))
def test_any_other_order_does_nothing_at_all(
    laptop: Laptop, office: MemoryOffice, order: SignedOrder
) -> None:
    office.orders = [sign(REPLAYED, KEY)]
    laptop.sync()
    laptop.edit(VISIT, met_by="the deputy")
    before, told = laptop.trust(), noted(laptop)
    office.orders = [order]
    assert laptop.sync() == Progress(1, 1)
    assert (laptop.trust(), noted(laptop)) == (before, told)
    assert laptop.unsent() == 0


def test_a_laptop_that_pinned_no_key_obeys_nobody(laptops: Laptops, office: MemoryOffice) -> None:
    older = laptops.make(office)
    older.edit(VISIT, met_by="the manager")
    office.orders = [sign(RULED, KEY), sign(ENDED, KEY)]
    assert older.sync() == Progress(1, 1)
    assert older.trust() is None


def test_a_key_that_is_none_proves_no_order(laptop: Laptop, office: MemoryOffice) -> None:
    laptop.trusts(b"")
    office.orders = [sign(ENDED, KEY)]
    assert laptop.sync() == Progress(1, 1)
    assert laptop.trust() == Trust("", "", "", "")
