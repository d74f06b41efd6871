"""What happened is kept, in order, in plain words, and not without end."""

import pytest
from sqlalchemy import insert

from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, meta
from hah_desktop.store.tables.events import Event, Happened
from hah_desktop.store.tables.rows import EVENT
from tests.store.hand import NOON

AT = NOON.isoformat()


def test_what_happened_is_told_newest_first(store: Store) -> None:
    with store.writing() as connection:
        events.note(connection, Happened.SET_UP, NOON)
        events.note(connection, Happened.WRONG_TRIES, AT, "4 tries")
    with store.reading() as connection:
        assert events.events(connection) == [
            Event(AT, Happened.WRONG_TRIES, "4 tries"),
            Event(AT, Happened.SET_UP),
        ]
        assert len(events.events(connection, most=1)) == 1


@pytest.mark.parametrize("happened", Happened)
def test_everything_that_can_happen_is_told_in_a_sentence(happened: Happened) -> None:
    words = Event(AT, happened).words()
    assert words[0].isupper()
    assert words.endswith(".")
    assert happened.value not in words


def test_a_detail_is_told_with_it() -> None:
    assert Event(AT, Happened.WRONG_TRIES, "4 tries").words().endswith("typed. (4 tries)")


def test_what_a_newer_version_noted_is_still_told() -> None:
    assert "newer version" in Event(AT, "eclipse").words()


def test_the_oldest_go_when_there_are_too_many(store: Store) -> None:
    with store.writing() as connection:
        rows = [{"at": AT, "what": Happened.SET_UP, "detail": str(n)} for n in range(2_005)]
        connection.execute(insert(EVENT), rows)
        events.note(connection, Happened.KEYS_RENEWED, AT)
    with store.reading() as connection:
        kept = events.events(connection, most=3_000)
    assert len(kept) == events.EVENTS_KEPT
    assert kept[0].what == Happened.KEYS_RENEWED
    assert kept[-1].detail == "6"


def test_the_generation_of_the_vault_is_remembered(store: Store) -> None:
    with store.reading() as connection:
        assert meta.vault_generation(connection) == 0
    for generation in (3, 4):
        with store.writing() as connection:
            meta.keep_vault_generation(connection, generation)
    with store.reading() as connection:
        assert meta.vault_generation(connection) == 4
