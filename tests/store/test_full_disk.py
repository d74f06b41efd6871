"""A full disk: said in plain words, nothing earlier lost, and the next save works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key
from tests.store.sound import faults

ROOT = Path(__file__).resolve().parents[2]
LONG = "A very long note. " * 20_000


def limit(store: Store, pages: int) -> None:
    with store.reading() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def fill(store: Store) -> None:
    """Leave no room for another page."""
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit(store, pages)


def test_a_full_disk_is_reported_in_plain_words(store: Store) -> None:
    fill(store)
    with pytest.raises(StoreFull) as full:
        store.add(Visit(id=store.new_id(), impression=LONG))
    assert full.value.what == "The disk of this laptop is full, so this was not saved."
    assert "still on the screen" in full.value.kept
    assert full.value.do == "Make room on the disk, then save again."


def test_what_was_saved_before_the_disk_was_full_is_kept(store: Store) -> None:
    earlier = Visit(id=RecordId("v1"), impression="Calm")
    store.add(earlier)
    fill(store)
    with pytest.raises(StoreFull):
        store.add(Visit(id=RecordId("v2"), impression=LONG))
    with store.reading() as connection:
        assert [held.record for held in reading.of_kind(connection, "visit")] == [earlier]
        assert outbox.unsent_count(connection) == 1
    assert faults(store) == []


def test_the_next_save_works_once_there_is_room(store: Store) -> None:
    fill(store)
    late = Visit(id=RecordId("v1"), impression=LONG)
    with pytest.raises(StoreFull):
        store.add(late)
    limit(store, 1_000_000)
    assert store.add(late).records == (late.id,)
    assert faults(store) == []


def test_a_draft_that_finds_no_room_leaves_the_one_before(store: Store) -> None:
    early = Draft("v1", "visit", "", {"impression": "Calm"}, NOTHING)
    late = Draft("v1", "visit", "", {"impression": LONG}, NOTHING)
    with store.writing() as connection:
        drafts.keep(connection, early)
    fill(store)
    with pytest.raises(StoreFull), store.writing() as connection:
        drafts.keep(connection, late)
    with store.reading() as connection:
        assert drafts.get(connection, "v1") == early


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of a program's files")
def test_a_disk_that_really_refuses_to_grow_takes_nothing_away(
    store: Store, tmp_path: Path
) -> None:
    store.close()
    before = (tmp_path / "records.db").stat().st_size
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.grower", str(tmp_path / "records.db"), str(before)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    saved = done.stdout.split()
    assert saved[-1] == "StoreFull"
    opened = Store.open(tmp_path / "records.db", raw_key, HandClock())
    with opened.reading() as connection:
        found = [held.record.id for held in reading.of_kind(connection, "visit")]
    assert sorted(found) == sorted(saved[:-1])
    assert faults(opened) == []
    opened.close()
