"""Short questions go to the library as they stand, and are treated as all others are."""

import pytest
from sqlalchemy import bindparam, event, insert, select, update

from hah_desktop.store.errors import StoreFull
from hah_desktop.store.store import Store
from hah_desktop.store.tables import asking
from hah_desktop.store.tables.rows import CURSOR

PUT = "INSERT INTO cursor (file, seq) VALUES (?, ?)"
ALL = "SELECT file, seq FROM cursor ORDER BY file"
_SEQ = select(CURSOR.c.seq).where(CURSOR.c.file == bindparam("file"))
QUESTION = asking.Question(_SEQ.where(CURSOR.c.seq < 100))
MOVE = asking.Question(update(CURSOR).where(CURSOR.c.seq < 2).values(seq=bindparam("at")))
BEGIN = asking.Question(insert(CURSOR).values(file=bindparam("file"), seq=7))


def work(store: Store) -> list[tuple[str, int]]:
    """Write and read in each of the ways that there are."""
    with store.writing() as connection:
        asking.do(connection, PUT, ("a", 1))
        asking.do_each(connection, PUT, [("b", 2), ("c", 3)])
        asking.do_each(connection, PUT, [])
        MOVE.do(connection, at=5)
        BEGIN.do(connection, file="d")
    with store.reading() as connection:
        assert asking.value(connection, ALL) == "a"
        assert asking.value(connection, "SELECT file FROM cursor WHERE seq > ?", (50,)) is None
        assert QUESTION.value(connection, file="b") == 2
        assert QUESTION.rows(connection, file="nobody's") == []
        return [(file, seq) for file, seq in asking.rows(connection, ALL)]


def test_what_is_written_and_asked_is_the_same_whether_or_not_somebody_listens(
    store: Store,
) -> None:
    found = work(store)
    assert found == [("a", 5), ("b", 2), ("c", 3), ("d", 7)]
    with store.writing() as connection:
        asking.do(connection, "DELETE FROM cursor")
    heard: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *given: heard.append(given[2]))
    assert work(store) == found
    assert heard[0] == "BEGIN IMMEDIATE"
    assert {PUT, ALL} < set(heard)


def test_a_fault_takes_the_transaction_back_and_is_told_in_plain_words(store: Store) -> None:
    def fill() -> None:
        with store.writing() as connection:
            asking.do(connection, PUT, ("a", 1))
            # As many pages as there are, and no more: a disk that is full.
            pages = asking.value(connection, "PRAGMA page_count")
            asking.rows(connection, f"PRAGMA max_page_count={pages}")
            asking.do_each(connection, PUT, [(f"{n:0200}", n) for n in range(5_000)])

    with pytest.raises(StoreFull):
        fill()
    with store.reading() as connection:
        assert asking.rows(connection, ALL) == []


def test_nothing_is_asked_outside_of_a_transaction(store: Store) -> None:
    with store._engine.connect() as connection, pytest.raises(RuntimeError, match="transaction"):
        asking.do(connection, PUT, ("a", 1))


def test_nothing_is_asked_about_what_the_question_does_not_name(store: Store) -> None:
    with store.reading() as connection, pytest.raises(ValueError, match="of that name"):
        QUESTION.rows(connection, nothing="a")
