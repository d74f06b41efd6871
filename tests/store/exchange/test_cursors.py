"""How far each file has been read: kept as one place for nearly all, told as one for each."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from hah_desktop.domain.exchange import Page
from hah_desktop.domain.ids import FileId
from hah_desktop.store.exchange import digests, outbox, withdrawing
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CURSOR
from tests.store.sound import faults
from tests.sync.laptops import raw_key
from tests.sync.office import NOON

files = st.sampled_from([FileId(f"visit:{number}") for number in range(6)])
places = st.integers(0, 5)
moves = st.one_of(
    st.tuples(st.just("a page"), st.dictionaries(files, places)),
    st.tuples(st.just("all up to"), places),
    st.tuples(st.just("again"), st.sets(files, min_size=1)),
    st.tuples(st.just("only these are given"), st.sets(files)),
)


@pytest.fixture(scope="module")
def one_store() -> Iterator[Store]:
    """One for all examples: making one is slow."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "cursors.db", raw_key, lambda: NOON)
        yield store
        store.close()


def read_up_to(store: Store, files: dict[FileId, int]) -> None:
    with store.writing() as connection:
        outbox.take_page(connection, Page("e1", files, more=False), [])


def cursors(store: Store) -> dict[FileId, int]:
    with store.reading() as connection:
        return outbox.cursors(connection)


@settings(max_examples=60, deadline=None)
@given(st.lists(moves, max_size=12))
def test_each_file_has_the_cursor_that_it_was_given_last(
    one_store: Store, done: list[tuple[str, object]]
) -> None:
    expected = dict.fromkeys(cursors(one_store), 0)
    with one_store.writing() as connection:
        withdrawing.doubt(connection)
    for what, told in done:
        with one_store.writing() as connection:
            if isinstance(told, dict):
                outbox.take_page(connection, Page("e1", told, more=True), [])
                expected |= told
            elif isinstance(told, int):
                expected = {file: max(seq, told) for file, seq in expected.items()}
                outbox.take_page(connection, Page("e1", expected, more=True), [])
            elif isinstance(told, set) and what == "again":
                digests.read_again(connection, sorted(told))
                expected = {file: 0 if file in told else seq for file, seq in expected.items()}
            elif isinstance(told, set):
                withdrawing.remove(connection, told, one_store.now())
                expected = {file: seq for file, seq in expected.items() if file in told}
        assert cursors(one_store) == expected


def test_many_files_that_were_read_up_to_a_new_place_are_not_written_one_by_one(
    store: Store,
) -> None:
    many = [FileId(f"visit:{number}") for number in range(50)]
    read_up_to(store, dict.fromkeys(many, 7))
    with store.reading() as connection:
        before = connection.execute(select(CURSOR)).all()
    read_up_to(store, dict.fromkeys(many, 8))
    with store.reading() as connection:
        assert connection.execute(select(CURSOR)).all() == before
    assert cursors(store) == dict.fromkeys(many, 8)
    assert faults(store) == []


def test_what_did_not_move_is_not_written_at_all(store: Store) -> None:
    read_up_to(store, {FileId("ref"): 7, FileId("visit:1"): 7, FileId("visit:2"): 3})
    written: list[str] = []

    def note(*told: object) -> None:
        written.append(str(told[2]))

    with store.writing() as connection:
        event.listen(connection, "before_cursor_execute", note)
        outbox.take_page(connection, Page("e1", {FileId("visit:1"): 7}, more=False), [])
    assert [asked for asked in written if not asked.startswith("SELECT")] == []
