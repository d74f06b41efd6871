"""What was opened here is noted once a day, and who opened it elsewhere is told in words."""

import datetime as dt

import pytest
from sqlalchemy import insert, select

from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import seen
from hah_desktop.store.rows import CHANGE, OPENED
from hah_desktop.store.store import Store

NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
AT_FIRST = "2026-11-01T12:00:00+00:00"
DAY = dt.timedelta(days=1)
VISIT = RecordId("v")


@pytest.fixture
def visit(store: Store) -> RecordId:
    """A visit of this laptop, which the office has received."""
    store.add(Visit(id=VISIT, met_by="T. Lark"))
    with store.writing() as connection:
        connection.execute(CHANGE.update().where(CHANGE.c.record == VISIT).values(received=7))
    return VISIT


def arrives(store: Store, order: int) -> None:
    """A change of somebody else's in the visit."""
    with store.writing() as connection:
        row = {"id": f"c{order}", "record": VISIT, "content": "{}", "received": order}
        connection.execute(insert(CHANGE).values(row))


def opens(store: Store, now: dt.datetime = NOON) -> None:
    with store.writing() as connection:
        seen.note(connection, VISIT, now)


def untold(store: Store, most: int = 10) -> list[Opened]:
    with store.reading() as connection:
        return seen.untold(connection, most)


def words(store: Store) -> str:
    with store.reading() as connection:
        return seen.in_words(seen.readers(connection, VISIT))


def told(store: Store, *found: Seen, after: int = 1) -> None:
    with store.writing() as connection:
        seen.take(connection, (), after, found)


def test_what_one_wrote_oneself_one_has_not_read(store: Store, visit: RecordId) -> None:
    opens(store)

    assert (visit, untold(store)) == (VISIT, [])


@pytest.mark.usefixtures("visit")
def test_opening_is_noted_once_a_day_for_each_newest_change(store: Store) -> None:
    arrives(store, 9)
    for moment in (NOON, NOON + DAY / 4, NOON + DAY):
        opens(store, moment)
    arrives(store, 12)
    opens(store, NOON + DAY)

    assert [(each.upto, each.at[:10]) for each in untold(store)] == [
        (9, "2026-11-26"),
        (9, "2026-11-27"),
        (12, "2026-11-27"),
    ]
    assert len(untold(store, 2)) == 2


@pytest.mark.usefixtures("visit")
def test_what_the_office_was_told_is_told_no_more(store: Store) -> None:
    arrives(store, 9)
    opens(store)
    with store.writing() as connection:
        seen.take(connection, seen.untold(connection, 10), 4, ())

    assert untold(store) == []
    opens(store)
    with store.reading() as connection:
        assert seen.cursor(connection) == 4
        assert len(connection.execute(select(OPENED)).all()) == 1


@pytest.mark.usefixtures("visit")
def test_who_has_seen_it_is_said_with_the_day(store: Store) -> None:
    store.add(Adviser(id=RecordId("ruth"), name="Ruth Amadi"))
    assert words(store) == ""

    told(store, Seen(VISIT, RecordId("ruth"), 7, NOON.isoformat()))

    assert words(store) == "Seen by Ruth Amadi on 26 November 2026"


@pytest.mark.usefixtures("visit")
def test_who_saw_it_before_the_newest_was_sent_has_not_seen_it(store: Store) -> None:
    store.add(Adviser(id=RecordId("ruth"), name="Ruth Amadi"))

    told(store, Seen(VISIT, RecordId("ruth"), 6, NOON.isoformat()))

    assert words(store) == ""


@pytest.mark.usefixtures("visit")
def test_the_furthest_that_somebody_has_seen_counts(store: Store) -> None:
    store.add(Adviser(id=RecordId("ruth"), name="Ruth Amadi"))
    ruth = RecordId("ruth")

    told(store, Seen(VISIT, ruth, 9, NOON.isoformat()), Seen(VISIT, ruth, 3, "2026-01-01T00:00Z"))

    assert words(store) == "Seen by Ruth Amadi on 26 November 2026"


def test_of_many_the_last_is_named_and_the_others_are_counted() -> None:
    last = seen.Reader("Ruth Amadi", NOON.isoformat())
    first = seen.Reader("Sam Hughes", AT_FIRST)

    assert seen.in_words([first, last]).endswith("26 November 2026 and by one more")
    assert seen.in_words([first, first, last]).endswith("26 November 2026 and by 2 more")


@pytest.mark.usefixtures("visit")
def test_somebody_who_is_not_known_here_is_not_named(store: Store) -> None:
    told(store, Seen(VISIT, RecordId("nobody"), 7, NOON.isoformat()))

    assert words(store) == ""
