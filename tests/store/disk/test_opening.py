"""Opening: what is not our database, or not for us, is refused in words and left as it is."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import store as store_module
from hah_desktop.store.disk import engine
from hah_desktop.store.errors import StoreDamaged, StoreMissing, StoreTooNew, StoreUnsafe
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key

VISIT = RecordId("v1")
PAGE = 4096


def other_key() -> bytearray:
    return bytearray(b"x'" + b"11" * 32 + b"c3" * 16 + b"'")


@pytest.fixture
def database(store: Store, tmp_path: Path) -> Path:
    """A closed database with a visit in it, and more pages than one."""
    store.add(Visit(id=VISIT, met_by="D. Okafor", impression="Calm. " * 5_000))
    store.close()
    copy = tmp_path / "closed" / "records.db"
    copy.parent.mkdir()
    shutil.copyfile(tmp_path / "records.db", copy)
    return copy


def refused(path: Path, key: engine.KeySpec = raw_key) -> KnownError:
    """The refusal, which has left the file and its folder as they were."""
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(KnownError) as refusal:
        Store.open(path, key, HandClock())
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    return refusal.value


def test_what_was_saved_is_there_after_opening_again(database: Path) -> None:
    store = Store.open(database, raw_key, HandClock())
    with store.reading() as connection:
        held = reading.get(connection, VISIT)
    store.close()
    assert held is not None
    assert isinstance(held.record, Visit)
    assert held.record.met_by == "D. Okafor"


def test_a_wrong_key_opens_nothing(database: Path) -> None:
    assert isinstance(refused(database, other_key), StoreDamaged)


@pytest.mark.parametrize(
    "length",
    [1, 15, 16, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, -1, -PAGE],
)
def test_a_file_that_is_cut_short_is_refused(database: Path, length: int) -> None:
    whole = database.read_bytes()
    database.write_bytes(whole[:length])
    refusal = refused(database)
    assert isinstance(refusal, StoreDamaged)
    assert "left exactly as it is" in refusal.kept


@pytest.mark.parametrize("place", [16, 100, PAGE - 1])
def test_a_changed_byte_in_the_first_page_is_refused(database: Path, place: int) -> None:
    changed = bytearray(database.read_bytes())
    changed[place] ^= 1
    database.write_bytes(changed)
    assert isinstance(refused(database), StoreDamaged)


def _sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE record (id TEXT)")
    connection.commit()
    connection.close()


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a plain database": _sqlite,
    "a letter": lambda path: path.write_text("Dear Commissioner,\n" * 500, encoding="utf-8"),
    "a PDF": lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40),
    "noughts": lambda path: path.write_bytes(bytes(3 * PAGE)),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=list(FOREIGN))
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "records.db"
    make(path)
    assert isinstance(refused(path), StoreDamaged)


def test_a_database_of_ours_without_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    made = engine.open_engine(path, raw_key)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE other (id TEXT)"))
    made.dispose()
    assert isinstance(refused(path), StoreDamaged)


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_no_new_database_is_made_where_one_is_missing(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "records.db"
    if content is not None:
        path.write_bytes(content)
    assert isinstance(refused(path), StoreMissing)


def test_a_database_of_a_newer_version_is_refused(database: Path) -> None:
    newer = Store.open(database, raw_key, HandClock())
    with newer.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer.close()
    refusal = refused(database)
    assert isinstance(refusal, StoreTooNew)
    assert "newest version" in refusal.do


def test_an_old_database_is_never_written_over(database: Path) -> None:
    before = database.read_bytes()
    with pytest.raises(FileExistsError):
        Store.create(database, raw_key, HandClock())
    assert database.read_bytes() == before


@pytest.mark.parametrize("wrong", [b"x'5a'", b"x'" + b"5a" * 31 + b"5" + b"c3" * 16 + b"'", b""])
def test_a_raw_key_of_another_length_is_never_taken_for_a_passphrase(
    tmp_path: Path, wrong: bytes
) -> None:
    path = tmp_path / "records.db"
    with pytest.raises(StoreUnsafe, match="wrong length"):
        Store.create(path, lambda: bytearray(wrong), HandClock())
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_wiped_after_use(tmp_path: Path) -> None:
    lent: list[bytearray] = []

    def key() -> bytearray:
        lent.append(raw_key())
        return lent[-1]

    Store.create(tmp_path / "records.db", key, HandClock()).close()
    assert lent
    assert all(set(spec) == {0} for spec in lent)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits: the folder is the user's")
def test_the_file_is_the_users_alone(store: Store, tmp_path: Path) -> None:
    with store.reading():
        pass
    assert stat.S_IMODE((tmp_path / "records.db").stat().st_mode) == 0o600


def test_a_library_that_does_not_encrypt_is_not_used() -> None:
    plain = sqlite3.connect(":memory:")
    with pytest.raises(StoreUnsafe, match="does not encrypt"):
        engine._unlock(plain, raw_key, engine.TODAY)
    plain.close()


def test_a_library_with_the_known_fault_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(StoreUnsafe, match="too old"):
        Store.create(tmp_path / "records.db", raw_key, HandClock())


def test_a_new_database_that_turns_out_readable_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "is_plain", lambda _: True)
    with pytest.raises(StoreUnsafe, match="not encrypted"):
        Store.create(tmp_path / "records.db", raw_key, HandClock())


# Nothing readable on the disk

PLANTED = "the pantry where Zuzanna hides"


def _on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_no_word_of_a_record_is_readable_in_any_file(
    store: Store, tmp_path: Path, encoding: str
) -> None:
    store.add(*(Visit(id=store.new_id(), impression=PLANTED) for _ in range(50)))
    while_open = _on_disk(tmp_path)
    store.close()
    for found in (while_open, _on_disk(tmp_path)):
        assert len(found) > PAGE
        assert PLANTED.encode(encoding) not in found
        assert b"SQLite format 3" not in found
        assert b"CREATE TABLE" not in found


def test_the_search_for_readable_words_finds_them_in_a_plain_database(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "plain.db")
    connection.execute("CREATE TABLE record (body TEXT)")
    connection.execute("INSERT INTO record VALUES (?)", (PLANTED,))
    connection.commit()
    connection.close()
    assert PLANTED.encode() in _on_disk(tmp_path)
