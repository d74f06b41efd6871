"""A laptop that comes back after 400 days: nothing comes to life again, and nothing is lost."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hah_central.database.rows import Change
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.lease import has_ended, passed
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.tables import meta
from hah_desktop.sync.errors import ManyRemovals
from tests.central.conftest import Desk
from tests.central.travelling import Traveller, travel
from tests.store.sound import faults

AWAY = dt.timedelta(days=400)
LEASE_DAYS = 30


@pytest.fixture
def both(desk: Desk, tmp_path: Path) -> Iterator[tuple[Traveller, Traveller]]:
    made = [travel(desk, tmp_path, name, desk.clock) for name in ("Ada Example", "Ben Example")]
    yield made[0], made[1]
    for laptop in made:
        laptop.store.close()


def synced(*laptops: Traveller) -> None:
    for laptop in laptops:
        assert laptop.sync().problem is None


def seen_on(laptop: Traveller, visit: RecordId, **areas: str) -> None:
    laptop.save(*(Area(id=RecordId(f"{visit}-{n}"), visit=visit, seen=s) for n, s in areas.items()))


def edit(laptop: Traveller, record: str, **fields: object) -> None:
    held = laptop.held(record)
    assert held is not None
    laptop.save(dc.replace(held, **fields))  # type: ignore[arg-type]  # fields of an area


def lease_has_ended(laptop: Traveller) -> bool:
    with laptop.store.reading() as connection:
        lease = meta.lease(connection)
    assert lease is not None
    return has_ended(passed(lease, laptop.store.now()), LEASE_DAYS)


def torn(laptop: Traveller, record: str) -> set[str]:
    with laptop.store.reading() as connection:
        held = reading.get(connection, record)
    assert held is not None
    return set(held.open)


def held_everywhere(*laptops: Traveller) -> list[dict[str, dict[str, Json]]]:
    """The bodies of all areas on each laptop."""
    found = []
    for laptop in laptops:
        with laptop.store.reading() as connection:
            found.append({k: dict(v) for k, v in reading.bodies(connection, [Area.kind]).items()})
    return found


def test_nothing_comes_to_life_again_and_nothing_is_lost(
    desk: Desk, both: tuple[Traveller, Traveller]
) -> None:
    ada, ben = both
    shared, lost, new = RecordId("shared"), RecordId("lost"), RecordId("new")
    advisers = frozenset({ada.who.adviser, ben.who.adviser})
    ada.save(*(Visit(id=visit, advisers=advisers) for visit in (shared, lost)))
    seen_on(ada, shared, gone="A bed.", torn="A door.", edited="A gate.")
    seen_on(ada, lost, one="A wall.")
    synced(ada, ben)
    edit(ben, "shared-torn", seen="A door that does not shut.")
    seen_on(ben, shared, made="A window.")
    edit(ben, "lost-one", worry="Damp.")
    for record in ("shared-gone", "shared-torn"):
        edit(ada, record, removed=True)
    edit(ada, "shared-edited", good="It is painted.")
    synced(ada)
    with desk.database.writing() as connection:
        deed = Deed("Grace Example", desk.clock())
        office.withdraw(connection, RecordId(ben.who.adviser), visit_file(lost), deed)
    ada.save(Visit(id=new, advisers=advisers))
    synced(ada)

    desk.clock.pass_by(AWAY)
    assert lease_has_ended(ben)
    synced(ben, ada, ben)

    assert not lease_has_ended(ben)
    assert ben.held("shared-gone") is ada.held("shared-gone") is None
    assert torn(ada, "shared-torn") == torn(ben, "shared-torn") == {"removed"}
    assert {ben.held("lost"), ben.held("lost-one")} == {None}
    assert isinstance(ben.held("new"), Visit)
    his, hers = held_everywhere(ben, ada)
    assert his == {k: v for k, v in hers.items() if k != "lost-one"}
    assert hers["lost-one"]["worry"] == "Damp."
    assert faults(ada.store) == faults(ben.store) == []
    with desk.database.reading() as connection:
        verdicts = select(Change.verdict).where(Change.laptop == ben.who.laptop)
        assert "set_aside" not in connection.execute(verdicts).scalars().all()


def test_much_that_was_taken_back_meanwhile_is_asked_about_and_counts_as_contact(
    desk: Desk, both: tuple[Traveller, Traveller]
) -> None:
    ada, ben = both
    lost = RecordId("lost")
    ada.save(Visit(id=lost, advisers=frozenset({ada.who.adviser, ben.who.adviser})))
    seen_on(ada, lost, **{f"area{number}": "A wall." for number in range(9)})
    synced(ada, ben)
    seen_on(ben, lost, late="A gate.")
    with desk.database.writing() as connection:
        deed = Deed("Grace Example", desk.clock())
        office.withdraw(connection, RecordId(ben.who.adviser), visit_file(lost), deed)

    desk.clock.pass_by(AWAY)
    problem = ben.sync(allow_removals=False).problem

    assert isinstance(problem, ManyRemovals)
    assert problem.removals.by_file == {visit_file(lost): 11}
    assert not lease_has_ended(ben)
    with ben.store.reading() as connection:
        assert outbox.unsent_count(connection) == 0
    synced(ben, ada)
    assert ben.held(lost) is None
    assert isinstance(ada.held("lost-late"), Area)
