"""A database that is heavily damaged: each command says so in words, and `verify` what it found.

What a row cannot hold is written into it past the program: by a disk that rots, or by somebody.
"""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select, text, update

from hah_central.attachments import contents
from hah_central.cli import main
from hah_central.database.database import FILE_NAME
from hah_central.database.rows import Batch, Clock, Evidence, FileDigest, Record
from hah_central.journal import awaited
from hah_central.office import laptops
from hah_desktop.domain.ids import child_file
from tests.central.bureau import Bureau
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id
from tests.central.test_blobs import letter, visit_of
from tests.central.test_verify import planted, worked
from tests.central.test_verify import walked as report_of

BUG = "The program itself has a fault"


def said(desk: Desk, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says that does not succeed, on both streams."""
    bureau = Bureau(desk, Path(), str(desk.database.engine.url.render_as_string(False)))
    capsys.readouterr()
    assert bureau.run(*words) == 1
    told = capsys.readouterr()
    assert BUG not in told.err
    return told.out + told.err


def child_of(laptop: Laptop) -> str:
    child = new_id()
    laptop.push(laptop.change(child, "child", [child_file(child)], {"name": "Wren"}))
    return child


def test_a_counter_that_is_gone_is_said_to_be(desk: Desk) -> None:
    worked(desk)
    assert "The counter is missing, but the journal ends with 16." in planted(desk, delete(Clock))


def test_a_batch_that_is_made_to_explain_nothing_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    mine = select(Batch.seq).where(Batch.laptop == ada.enrolled.laptop)
    with desk.database.reading() as connection:
        seq = connection.execute(mine.order_by(Batch.seq.desc()).limit(1)).scalar_one()

    faults = planted(desk, update(Batch).where(Batch.seq == seq).values(numbers=None))

    assert f"Number {seq} of the journal: how many numbers its batch took is missing." in faults


def test_a_record_that_was_made_another_kind_is_found(desk: Desk) -> None:
    worked(desk)

    faults = planted(desk, update(Record).where(Record.kind == "visit").values(kind="place"))

    assert any("its kind is not what the journal makes of it" in fault for fault in faults)


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (update(FileDigest).values(low=5), "its digest is not that of the records in it"),
        (delete(FileDigest), "its digest is not that of the records in it"),
        (update(Record).values(low=5, high=5), "what it adds to the digests of its files"),
    ],
    ids=["a digest", "no digest", "a part of one"],
)
def test_a_digest_that_was_altered_is_found(desk: Desk, spoiled: Any, words: str) -> None:
    worked(desk)
    assert any(words in fault for fault in planted(desk, spoiled))


def test_what_is_odd_hides_nothing_else(desk: Desk) -> None:
    worked(desk)
    odd = update(Record).where(Record.kind == "place").values(heads={"name": 5}, moved={})

    faults = planted(desk, odd, update(Evidence).values(said=b"\xff"), update(Clock).values(seq=3))

    assert any("its heads are not what the journal makes of it" in fault for fault in faults)
    assert any("the signature is not by the laptop’s key" in fault for fault in faults)
    assert any("The counter stands at 3" in fault for fault in faults)


def test_an_export_of_what_is_damaged_says_so(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, _ = worked(desk)
    child = child_of(ada)
    planted(desk, update(Record).where(Record.id == child).values(heads={"name": 5}, moved={}))

    told = said(desk, capsys, "export", child, "--out", str(tmp_path / "out"))

    assert "What the office keeps of it is damaged" in told
    assert "Wren" not in told
    assert not (tmp_path / "out").exists()


def test_a_damaged_record_of_an_attachment_keeps_nobody_from_the_list_of_laptops(
    desk: Desk,
) -> None:
    ada, _ = worked(desk)
    record = letter(ada, visit_of(ada), sha256="b" * 64)
    with desk.database.reading() as connection:
        assert [each.record for each in awaited.awaited(connection)] == [record]

    faults = planted(desk, update(Record).where(Record.id == record).values(heads=5, moved={}))

    assert any("cannot be read" in fault or "its heads" in fault for fault in faults)
    with desk.database.reading() as connection:
        assert [each.attachments for each in laptops.lines(connection)] == [0, 0]


def test_attachments_are_read_while_the_database_is_asked_for_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL would throw out who reads for a minute: many letters take longer."""
    begun = 0
    met: list[int] = []

    @event.listens_for(desk.database.engine, "begin")
    def begins(_connection: object) -> None:
        nonlocal begun
        begun += 1

    @event.listens_for(desk.database.engine, "commit")
    def ends(_connection: object) -> None:
        nonlocal begun
        begun -= 1

    def is_whole(_self: object, _path: Path, _size: int) -> bool:
        met.append(begun)
        return False

    monkeypatch.setattr(contents.Proofs, "is_whole", is_whole)
    blob = "INSERT INTO blob (sha256, size, received, first_by) VALUES (:h, 5, :at, 'office')"
    with desk.database.writing() as connection:
        connection.execute(text(blob), {"h": "5a" * 32, "at": desk.clock()})

    _, faults = contents.faults(desk.database, tmp_path)

    assert met == [0]
    assert len(faults) == 1


@pytest.fixture
def file(desk: Desk, tmp_path: Path) -> Path:
    """The file of an embedded database in which there was some work, with nobody at it."""
    worked(desk)
    with desk.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.database.engine.dispose()
    return tmp_path / "office" / FILE_NAME


def spoiled(file: Path, words: str, *values: object) -> None:
    """Write into the file what no column of ours takes."""
    with sqlite3.connect(file) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(words, values)


EMBEDDED = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@EMBEDDED
def test_rows_that_are_there_and_not_found_are_missed(desk: Desk, file: Path) -> None:
    with sqlite3.connect(file) as raw:
        index = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_record_1'"
        (page,) = raw.execute(index).fetchone()
    whole = bytearray(file.read_bytes())
    size = int.from_bytes(whole[16:18], "big")
    # It says of itself that it has no entries any more.
    whole[(page - 1) * size + 3 : (page - 1) * size + 5] = b"\0\0"
    file.write_bytes(whole)

    faults = report_of(desk.database).faults

    assert any("not all that is in it is found again" in fault for fault in faults)


@EMBEDDED
@pytest.mark.parametrize(
    ("words", "odd", "told"),
    [
        (
            "UPDATE change SET seq = ? WHERE seq = (SELECT max(seq) FROM change)",
            "many",
            "the journal cannot be read",
        ),
        (
            "UPDATE change SET id = ? WHERE seq = (SELECT max(seq) FROM change)",
            b"\xff",
            "cannot be read",
        ),
        (
            "UPDATE change SET number = ? WHERE seq = (SELECT max(seq) FROM change)",
            "one",
            "cannot be read",
        ),
        (
            "UPDATE change SET body = CAST(? AS TEXT) WHERE seq = (SELECT max(seq) FROM change)",
            b"\xa5",
            "is damaged",
        ),
        ("UPDATE evidence SET body = ?", 5, "cannot be read"),
        ("UPDATE record SET heads = ?, moved = '{}'", "{", "what is kept of it cannot be read"),
        ("UPDATE file_digest SET low = ?", "x", "A digest of a file is nothing"),
        ("UPDATE laptop SET public_key = ?", 7, "not by the laptop’s key"),
    ],
)
def test_what_no_row_can_hold_is_told_without_a_trace(
    desk: Desk,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    words: str,
    odd: object,
    told: str,
) -> None:
    spoiled(file, words, odd)
    assert told in said(desk, capsys, "verify")


@EMBEDDED
@pytest.mark.parametrize("where", [100, 1_000], ids=["the first page", "its tables"])
def test_a_file_that_is_no_text_any_more_is_told_as_damaged(
    file: Path, capsys: pytest.CaptureFixture[str], where: int
) -> None:
    whole = bytearray(file.read_bytes())
    at = whole.find(b"CREATE TABLE", where)
    whole[at : at + 40] = b"\xa5" * 40
    file.write_bytes(whole)

    assert main(["verify", "--data", str(file.parent)]) == 1

    told = capsys.readouterr().err
    assert BUG not in told
    assert "is damaged" in told
