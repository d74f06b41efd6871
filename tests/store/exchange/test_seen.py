"""What was opened here is noted once a day, and who opened it elsewhere is told in words."""

import datetime as dt
import time

import pytest
from sqlalchemy import func, insert, select, update

from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox, seen
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CHANGE, OPENED, SEEN_BY
from tests.store.others import arrives

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
    arrives(store, VISIT, 9)
    for moment in (NOON, NOON + DAY / 4, NOON + DAY):
        opens(store, moment)
    arrives(store, VISIT, 12)
    opens(store, NOON + DAY)

    assert [(each.upto, each.at[:10]) for each in untold(store)] == [
        (9, "2026-11-26"),
        (9, "2026-11-27"),
        (12, "2026-11-27"),
    ]
    assert len(untold(store, 2)) == 2


@pytest.mark.usefixtures("visit")
def test_what_the_office_was_told_is_told_no_more(store: Store) -> None:
    arrives(store, VISIT, 9)
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
    store.add(Adviser(id=RecordId("amadi"), name="Ruth Amadi"))
    assert words(store) == ""

    told(store, Seen(VISIT, RecordId("amadi"), 7, NOON.isoformat()))

    assert words(store) == "Seen by Ruth Amadi on 26 November 2026"


@pytest.mark.usefixtures("visit")
def test_who_saw_it_before_the_newest_was_sent_has_not_seen_it(store: Store) -> None:
    store.add(Adviser(id=RecordId("amadi"), name="Ruth Amadi"))

    told(store, Seen(VISIT, RecordId("amadi"), 6, NOON.isoformat()))

    assert words(store) == ""


@pytest.mark.usefixtures("visit")
def test_the_furthest_that_somebody_has_seen_counts(store: Store) -> None:
    store.add(Adviser(id=RecordId("amadi"), name="Ruth Amadi"))
    ruth = RecordId("amadi")

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


def knows(store: Store, *names: str) -> None:
    store.add(*(Adviser(id=RecordId(name), name=name.capitalize()) for name in names))


def test_who_wrote_the_newest_is_not_measured_by_that(store: Store, visit: RecordId) -> None:
    knows(store, "sam", "tom")
    arrives(store, visit, 9, author="sam")

    told(store, Seen(visit, RecordId("sam"), 7, NOON.isoformat()))
    assert words(store) == "Seen by Sam on 26 November 2026"
    told(store, Seen(visit, RecordId("tom"), 8, NOON.isoformat()))
    assert words(store) == "Seen by Sam on 26 November 2026", "Tom has not seen what Sam wrote"
    told(store, Seen(visit, RecordId("tom"), 9, (NOON + DAY).isoformat()))
    assert words(store) == "Seen by Tom on 27 November 2026 and by one more"


def test_what_somebody_wrote_alone_they_are_not_said_to_have_seen(
    store: Store, visit: RecordId
) -> None:
    knows(store, "sam")
    with store.writing() as connection:
        connection.execute(
            update(CHANGE).values(content=func.json_set(CHANGE.c.content, "$.author", "sam"))
        )
    told(store, Seen(visit, RecordId("sam"), 9, NOON.isoformat()))

    assert words(store) == ""


@pytest.mark.parametrize(
    "apart",
    [
        {"received": None, "number": 99},
        {"received": None, "number": None},
        {"received": 8, "number": 99, "verdict": "set_aside"},
    ],
)
def test_nobody_is_named_while_something_is_only_here_or_was_set_aside(
    store: Store, visit: RecordId, apart: dict[str, object]
) -> None:
    knows(store, "amadi")
    told(store, Seen(visit, RecordId("amadi"), 20, NOON.isoformat()))
    assert words(store)

    with store.writing() as connection:
        row = {"id": "apart", "record": visit, "content": "{}", **apart}
        connection.execute(insert(CHANGE).values(row))

    assert words(store) == ""
    with store.reading() as connection:
        assert seen.of_records(connection, [visit, "unknown"]) == {}


def test_nothing_is_told_beyond_what_the_office_has_sent_of_the_record(
    store: Store, visit: RecordId
) -> None:
    arrives(store, visit, 9)
    with store.writing() as connection:
        # A receipt tells where a colleague's change is; what lies before it has not come yet.
        connection.execute(update(CHANGE).where(CHANGE.c.number.is_(None)).values(received=30))
    opens(store)

    assert [each.upto for each in untold(store)] == [9]


@pytest.mark.usefixtures("visit")
def test_after_a_restore_each_day_is_told_again_without_a_place(store: Store) -> None:
    knows(store, "amadi")
    arrives(store, VISIT, 9)
    opens(store)
    arrives(store, VISIT, 12)
    for moment in (NOON + DAY / 4, NOON + DAY):
        opens(store, moment)
    with store.writing() as connection:
        seen.take(connection, seen.untold(connection, 1), 4, ())
    told(store, Seen(VISIT, RecordId("amadi"), 12, NOON.isoformat()))
    assert words(store)

    for _ in range(2):
        with store.writing() as connection:
            outbox.start_again(connection, "e2")

        again = [(each.upto, each.at) for each in untold(store)]
        assert again == [(0, NOON.isoformat()), (0, (NOON + DAY).isoformat())]
        with store.reading() as connection:
            assert (words(store), seen.cursor(connection)) == ("", 0)
            assert connection.execute(select(SEEN_BY)).all() == []
        with store.writing() as connection:
            seen.take(connection, seen.untold(connection, 9), 0, ())


@pytest.mark.usefixtures("visit")
def test_until_all_was_read_again_nothing_is_noted_by_places_of_before(store: Store) -> None:
    arrives(store, VISIT, 90)
    with store.writing() as connection:
        outbox.start_again(connection, "e2")
    opens(store)
    assert untold(store) == []

    arrives(store, VISIT, 12)
    opens(store)
    assert [each.upto for each in untold(store)] == [12]


@pytest.mark.parametrize("at", ["soon", "", "2000496-01-01", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_is_none_names_nobody_and_hurts_nobody(
    store: Store, visit: RecordId, at: str
) -> None:
    knows(store, "amadi", "sam")
    told(store, Seen(visit, RecordId("amadi"), 9, at))
    assert words(store) == ""

    told(store, Seen(visit, RecordId("sam"), 9, NOON.isoformat()))
    assert words(store) == "Seen by Sam on 26 November 2026"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone is set for the whole system there")
def test_the_day_is_that_of_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    after_midnight = seen.Reader("Ruth", "2026-06-30T23:30:00+00:00")
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    try:
        assert seen.in_words([after_midnight]) == "Seen by Ruth on 1 July 2026"
    finally:
        monkeypatch.undo()
        time.tzset()
