"""What is not here at all is written down in one go, exactly as the long way would leave it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import text

from hah_desktop.domain.exchange import Page, PulledChange, PulledRow
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.spelling import read, spell
from hah_desktop.store.exchange import arriving, digests, outbox, witness
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.lone import is_lone
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from tests.store.hand import HandClock, raw_key
from tests.store.sound import faults

FILE = FileId("visit:v1")
PAGE = Page("e1", {FILE: 9}, more=False)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another laptop, which settles every record."""
    made = Store.create(tmp_path / "other.db", raw_key, HandClock())
    made.keep_identity(Identity("00" * 32, laptop="laptop-two", adviser="sam"))
    yield made
    made.close()


def said(change: str, order: int, **fields: Json) -> PulledChange:
    return PulledChange(ChangeId(change), order, "l2", "sam", "2026-03-02", fields=fields)


def row(record: str, *changes: PulledChange) -> PulledRow:
    return PulledRow(RecordId(record), "visit", (FILE,), changes[-1].order, changes)


ROWS = [
    row("v1", said("c1", 1, met_by="D. Okafor", impression="Calm")),
    row("v2", said("c3", 3, impression="Loud"), said("c2", 2, impression="Calm", met_by=None)),
    row("v3", said("c4", 4, unheard_of=7), said("c5", 5, unheard_of=True)),
]


def take(store: Store, rows: Sequence[PulledRow]) -> list[RecordId]:
    with store.writing() as connection:
        return outbox.take_page(connection, PAGE, rows)


RECORDS = (
    "SELECT id, kind, body, heads, open, files, visit, place, child,"
    " CASE WHEN begun = 0 THEN heads ELSE office_heads END FROM record ORDER BY id"
)
"""What the office told is kept once where it is what is shown."""


def kept(store: Store) -> dict[str, Sequence[Any]]:
    asked = {"change": "SELECT * FROM change ORDER BY id", "record": RECORDS}
    with store.reading() as connection:
        return {table: connection.execute(text(how)).all() for table, how in asked.items()}


def parts(store: Store) -> Sequence[Any]:
    """What each record adds to the digests of its files."""
    with store.writing() as connection:
        digests.renew(connection)
        asked = text("SELECT record, files, low, high, stale FROM digest_part ORDER BY record")
        return connection.execute(asked).all()


def test_new_records_are_written_as_the_long_way_would(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, ROWS)
    monkeypatch.setattr(arriving, "take_new", lambda _, rows: list(rows))
    take(other, ROWS)
    assert kept(store) == kept(other)
    assert parts(store) == parts(other)
    assert not faults(store)


def test_new_records_are_found_by_their_words(store: Store) -> None:
    take(store, ROWS)
    with store.reading() as connection:
        assert {held.record.id for held in reading.find(connection, "calm")} == {"v1", "v2"}


def test_a_page_that_comes_twice_changes_nothing(store: Store) -> None:
    take(store, ROWS)
    before = kept(store)
    take(store, ROWS)
    assert kept(store) == before


def test_what_one_change_says_is_spelled_as_the_long_way_would(store: Store) -> None:
    """Letter for letter, whatever is in it: equal bodies and heads are told by their letters."""
    lone = PulledChange(
        ChangeId('c"1'),
        4,
        "l2",
        "sam",
        "2026-03-02",
        clock_trusted=False,
        fields={"met_by": "D.\n\u2028Okafor", "impression": '100 % "Zoë"', "counted": 7, "Ä": True},
        by_office=True,
    )
    take(store, [row("v1", lone)])
    body = {"counted": 7, "impression": '100 % "Zoë"', "met_by": "D.\n\u2028Okafor", "Ä": True}
    with store.reading() as connection:
        content = connection.execute(text("SELECT content, received, by_office FROM change")).one()
        shown = connection.execute(text("SELECT body, heads FROM record")).one()
    fields = {name: {"value": value} for name, value in body.items()}
    said = {"author": "sam", "clock_trusted": False, "fields": fields, "laptop": "l2"}
    assert content == (spell({**said, "made_at": "2026-03-02"}), 4, 1)
    assert shown == (spell(body), spell({name: ['c"1'] for name in body}))


def test_what_the_only_change_of_a_record_replaced_is_kept(store: Store) -> None:
    """Its predecessor is told no more; a later page may still tell of another that replaced it."""
    said_ = said("c2", 2, met_by="D. Okafor", impression="Calm")
    decided = structs.replace(said_, replaces={"met_by": (ChangeId("c1"),)}, clock_off=-7200)
    take(store, [row("v1", decided)])
    with store.reading() as connection:
        content = read(connection.execute(text("SELECT content FROM change")).scalar_one())
    assert content["fields"]["met_by"] == {"value": "D. Okafor", "replaces": ["c1"]}
    assert content["fields"]["impression"] == {"value": "Calm"}
    assert content["clock_off"] == -7200


@pytest.mark.parametrize("also", [{"replaces": {"met_by": (ChangeId("c1"),)}}, {"clock_off": 60}])
def test_a_change_that_says_more_than_its_fields_goes_the_long_way(also: dict[str, Any]) -> None:
    plain = said("c2", 2, met_by="D. Okafor")
    assert is_lone(row("v1", plain))
    assert not is_lone(row("v1", structs.replace(plain, **also)))


def test_a_record_that_comes_twice_in_a_page_is_taken_both_times(store: Store) -> None:
    take(store, [ROWS[0], row("v1", said("c9", 9, met_by="The manager"))])
    with store.reading() as connection:
        assert reading.replayed(connection, "v1") == {
            "met_by": "The manager",
            "impression": "Calm",
        }
    assert not faults(store)


def test_an_own_change_that_is_not_here_is_asked_for(store: Store) -> None:
    stub = PulledChange(ChangeId("mine"), 3, own=("met_by",))
    assert take(store, [row("v4", stub)]) == ["v4"]


# Whatever comes, in whatever parts

NAMES = ("met_by", "impression", "removed", "unheard_of")
values = st.sampled_from((None, "Calm", "Loud", "Zoë", True, 1))
numbers = st.integers(1, 4)


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[PulledRow], list[PulledRow]]:
    """Two pages about few records with few changes, of which now this is told and now that."""
    whole = {
        (record, number): PulledChange(
            ChangeId(f"{record}-{number}"),
            number,
            "l2",
            "sam",
            "2026-03-02",
            clock_trusted=draw(st.booleans()),
            clock_off=draw(st.sampled_from((0, -7200))),
            fields={name: draw(values) for name in NAMES},
            by_office=number == 1,
            replaces={
                name: (ChangeId(f"{record}-{draw(numbers)}"),)
                for name in draw(st.sampled_from(((), ("removed",), ("removed", "met_by"))))
            },
        )
        for record in ("v1", "v2")
        for number in range(1, 5)
    }
    names = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)

    def told() -> PulledRow:
        record = draw(st.sampled_from(("v1", "v2")))
        changes = [
            structs.replace(one, fields={name: one.fields[name] for name in draw(names)})
            for number in draw(st.lists(numbers, min_size=1, max_size=3, unique=True))
            for one in [whole[record, number]]
        ]
        return row(record, *changes)

    first, second = ([told() for _ in range(draw(st.integers(1, 4)))] for _ in range(2))
    return first, second


class _UndoneError(Exception):
    """Nothing of it may stay for the next try."""


def left_by(store: Store, parts_: Sequence[Sequence[PulledRow]]) -> dict[str, Any]:
    """What is here after some rows were taken, part by part. Then they are gone again."""
    left: dict[str, Any] = {}
    with suppress(_UndoneError), store.writing() as connection:
        for some in parts_:
            outbox.take_page(connection, PAGE, some)
        asked = {
            "records": RECORDS,
            "changes": "SELECT id, record, content, received, by_office FROM change",
            "calm": "SELECT id FROM search JOIN record ON rid = search.rowid WHERE search MATCH ?",
            "searched": "SELECT id FROM search JOIN record ON rid = search.rowid",
        }
        for what, how in asked.items():
            words = ("calm",) if "?" in how else ()
            left[what] = sorted(map(tuple, connection.exec_driver_sql(how, words)), key=str)
        told = text("SELECT record, files, low, high FROM digest_part ORDER BY record")
        left["parts"] = connection.execute(told).all()
        connection.execute(text("UPDATE digest_part SET stale = 1"))
        digests.renew(connection)
        assert connection.execute(told).all() == left["parts"]
        raise _UndoneError
    return left


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages())
def test_the_short_way_leaves_what_the_long_way_leaves(
    store: Store, given_: tuple[list[PulledRow], list[PulledRow]]
) -> None:
    short = left_by(store, given_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arriving, "take_new", lambda _, rows: list(rows))
        assert left_by(store, given_) == short
        assert left_by(store, [[one] for page in given_ for one in page]) == short


def test_a_head_that_a_page_leaves_out_is_asked_for_also_of_a_record_that_came_whole(
    store: Store,
) -> None:
    def heard(change: str) -> PulledRow:
        said = PulledChange(ChangeId(change), 1, "l2", "sam", "2026-03-02", fields={"met_by": "S."})
        return PulledRow(RecordId("whole"), "visit", (FileId("visit:whole"),), 1, (said,))

    take(store, [heard("first")])
    with store.writing() as connection:
        witness.note_gone(connection, [heard("other")])
        assert witness.heads(connection, 0, every=False)[1] == ["first"]
