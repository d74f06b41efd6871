"""Attachments: kept sealed or not at all, given back whole or not at all, and no word in clear."""

import errno
import hashlib
import os
import random
import secrets
import shutil
import stat
import sys
import threading
from collections import namedtuple
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import delete

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.visit import Visit
from hah_desktop.seals import stream
from hah_desktop.store.attachments.attachments import (
    MOST_BYTES,
    ROOM_LEFT,
    Attachments,
    KeptFile,
    NotKept,
    Sealed,
    Swept,
    Unreadable,
    WasStopped,
    Where,
    find,
    kept,
)
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import SEALED_FILE
from tests.store.sound import faults

ROOT = Path(__file__).resolve().parents[3]
LETTER = b"Dear Kai, your placement ends on Friday. " * 100
MEGA = 1 << 20


@pytest.fixture
def attachments(tmp_path: Path) -> Attachments:
    return Attachments(tmp_path)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(LETTER)
    return path


def sealed_files(attachments: Attachments) -> list[str]:
    folder = attachments.path("x").parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def row_of(store: Store, file: str) -> KeptFile | None:
    with store.reading() as connection:
        return find(connection, file)


def where(store: Store, attachments: Attachments, file: str) -> Where:
    with store.reading() as connection:
        return attachments.where(connection, file)


@pytest.mark.parametrize("size", [1, 511, MEGA - 1, MEGA, MEGA + 1, 3 * MEGA + 7])
def test_what_is_kept_is_given_back_byte_for_byte(
    store: Store, attachments: Attachments, tmp_path: Path, size: int
) -> None:
    plain = os.urandom(size)
    (tmp_path / "scan").write_bytes(plain)
    file = attachments.keep(store, tmp_path / "scan")
    assert attachments.read(file) == plain
    assert (file.size, file.sha256) == (size, hashlib.sha256(plain).hexdigest())
    assert row_of(store, file.id) == file
    assert where(store, attachments, file.id) is Where.HERE


def test_an_open_file_may_be_kept_as_well_as_one_with_a_path(
    store: Store, attachments: Attachments
) -> None:
    assert attachments.read(attachments.keep(store, BytesIO(LETTER))) == LETTER


def test_no_word_of_it_and_nothing_of_its_name_is_on_the_disk(
    store: Store, attachments: Attachments, tmp_path: Path, letter: Path
) -> None:
    attachments.keep(store, letter)
    letter.unlink()
    store.close()
    for path in tmp_path.rglob("*"):
        assert "letter" not in path.name
        assert not path.is_file() or LETTER[:16] not in path.read_bytes()


def test_what_is_not_sealed_would_be_found(letter: Path) -> None:
    assert LETTER[:16] in letter.read_bytes()


def test_each_file_has_a_name_and_a_key_of_its_own(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    one, other = attachments.keep(store, letter), attachments.keep(store, letter)
    assert one.id != other.id
    assert one.key != other.key
    assert attachments.path(one.id).read_bytes() != attachments.path(other.id).read_bytes()
    assert repr(one.key) not in repr(one)


def test_the_kind_of_file_is_told_by_its_first_bytes(attachments: Attachments) -> None:
    assert attachments.seal(BytesIO(b"%PDF-1.7\n" + bytes(4 * MEGA))).media_type == (
        "application/pdf"
    )
    assert attachments.seal(BytesIO(LETTER)).media_type == "text/plain"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_a_sealed_file_is_for_its_owner_alone(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    path = attachments.path(attachments.keep(store, letter).id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_record_about_it_is_saved_in_the_same_transaction(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    def describe(sealed: Sealed) -> list[Edited]:
        made = Attachment(id=RecordId("a1"), visit="v1", what="A letter", content=sealed.file.id)
        return [Edited(made, NOTHING)]

    file = attachments.keep(store, letter, describe)
    with store.reading() as connection:
        [held] = reading.of_kind(connection, Attachment.kind)
    assert isinstance(held.record, Attachment)
    assert held.record.content == file.id
    assert faults(store) == []


def test_a_record_that_may_not_be_saved_leaves_no_file_and_no_row(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    store.add(Visit(id=RecordId("v1"), status="signed_off"))
    late = Edited(Attachment(id=RecordId("a1"), visit="v1", what="A letter"), NOTHING)
    with pytest.raises(Exception, match="signed off"):
        attachments.keep(store, letter, lambda _sealed: [late])
    assert sealed_files(attachments) == []
    with store.reading() as connection:
        assert kept(connection) == []


def test_progress_is_told_to_the_end(attachments: Attachments, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(bytes(2 * MEGA + 5))
    told: list[tuple[int, int]] = []
    attachments.seal(tmp_path / "scan", tell=lambda done, of: told.append((done, of)))
    whole = 2 * MEGA + 5
    assert told == [(MEGA, whole), (2 * MEGA, whole), (whole, whole)]


def test_what_is_stopped_leaves_nothing(attachments: Attachments, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(bytes(3 * MEGA))
    done: list[int] = []
    with pytest.raises(WasStopped):
        attachments.seal(
            tmp_path / "scan", tell=lambda now, _of: done.append(now), stopped=lambda: bool(done)
        )
    assert sealed_files(attachments) == []


# What is refused


def refused(attachments: Attachments, source: Path) -> str:
    with pytest.raises(NotKept) as refusal:
        attachments.seal(source)
    assert sealed_files(attachments) == []
    assert refusal.value.kept
    assert refusal.value.do
    return refusal.value.what


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    attachments: Attachments, tmp_path: Path
) -> None:
    with (tmp_path / "scan").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    what = refused(attachments, tmp_path / "scan")
    assert what == "This file is too large: 210 MB. At most 200 MB can be kept."


def test_what_grows_too_large_while_it_is_read_is_refused(attachments: Attachments) -> None:
    class Endless(BytesIO):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as it is called
            return len(buffer)

    with pytest.raises(NotKept, match="too large"):
        attachments.seal(Endless())
    assert sealed_files(attachments) == []


def test_an_empty_file_is_refused(attachments: Attachments, tmp_path: Path) -> None:
    (tmp_path / "scan").touch()
    assert "empty" in refused(attachments, tmp_path / "scan")
    with pytest.raises(NotKept, match="empty"):
        attachments.seal(BytesIO())


def test_a_folder_is_refused(attachments: Attachments, tmp_path: Path) -> None:
    assert "folder" in refused(attachments, tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has pipes with a name")
def test_a_pipe_is_refused_and_does_not_keep_us_waiting(
    attachments: Attachments, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "device" in refused(attachments, tmp_path / "pipe")


def test_a_file_that_is_not_there_is_refused(attachments: Attachments, tmp_path: Path) -> None:
    assert "cannot be read" in refused(attachments, tmp_path / "nothing")


def test_a_stick_that_is_pulled_out_is_said(attachments: Attachments) -> None:
    class Pulled(BytesIO):
        def readinto(self, _buffer: memoryview) -> int:  # type: ignore[override]  # as it is called
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(NotKept, match="cannot be read: Input/output error"):
        attachments.seal(Pulled())
    assert sealed_files(attachments) == []


@pytest.mark.parametrize("more", [b"", b"and more"], ids=["written over", "grown"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    attachments: Attachments, tmp_path: Path, more: bytes
) -> None:
    scan = tmp_path / "scan"
    scan.write_bytes(bytes(2 * MEGA))

    def meddle(_done: int, _of: int) -> None:
        scan.write_bytes(bytes(2 * MEGA) + more)
        os.utime(scan, ns=(1, 1))

    with pytest.raises(NotKept, match="changed while it was read"):
        attachments.seal(scan, tell=meddle)
    assert sealed_files(attachments) == []


def test_a_disk_without_room_is_said_before_anything_is_written(
    attachments: Attachments, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil gives it
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 0, ROOM_LEFT + 1_000))
    assert "not enough room" in refused(attachments, letter)


def test_a_disk_that_fills_while_writing_leaves_no_part(
    attachments: Attachments, tmp_path: Path
) -> None:
    limits = pytest.importorskip("resource", reason="only POSIX can limit the size of a file")
    (tmp_path / "scan").write_bytes(bytes(3 * MEGA))
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (MEGA, before[1]))
    try:
        assert "not enough room" in refused(attachments, tmp_path / "scan")
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)


def test_a_fault_of_the_disk_that_is_told_once_only_is_not_passed_over(
    attachments: Attachments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scan").write_bytes(bytes(30 * MEGA))
    told: list[int] = []
    flush = os.fsync

    def fails_once(file: int) -> None:
        told.append(file)
        if len(told) == 1:
            raise OSError(errno.EIO, "Input/output error")
        flush(file)

    monkeypatch.setattr(os, "fsync", fails_once)
    assert "Input/output error" in refused(attachments, tmp_path / "scan")


def test_no_flush_outlives_the_file_that_it_was_for(
    attachments: Attachments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scan").write_bytes(bytes(30 * MEGA))
    flushing, flush = threading.Event(), os.fsync
    outlived: list[OSError] = []

    def late(file: int) -> None:
        flushing.wait()
        try:
            flush(file)
        except OSError as fault:
            outlived.append(fault)

    def stop() -> bool:
        flushing.set()
        return True

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(WasStopped):
        attachments.seal(tmp_path / "scan", stopped=stop)
    assert outlived == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no modes of files")
def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path, letter: Path) -> None:
    (tmp_path / "attachments").touch()
    with pytest.raises(NotKept, match="does not let the program keep the file"):
        Attachments(tmp_path).seal(letter)


def test_a_sealed_file_that_was_taken_away_is_not_noted_as_kept(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    sealed = attachments.seal(letter)
    attachments.path(sealed.file.id).unlink()
    with pytest.raises(NotKept, match="gone"), store.writing() as connection:
        attachments.note_kept(connection, sealed, "2026-03-02T12:00:00+00:00")
    with store.reading() as connection:
        assert kept(connection) == []


# What was changed on the disk


def damaged(attachments: Attachments, file: KeptFile, content: bytes) -> str:
    attachments.path(file.id).write_bytes(content)
    with pytest.raises(Unreadable) as refusal:
        attachments.read(file)
    return refusal.value.what


def test_any_flipped_bit_is_noticed(store: Store, attachments: Attachments, letter: Path) -> None:
    file = attachments.keep(store, letter)
    whole = attachments.path(file.id).read_bytes()
    chance = random.Random(5)  # noqa: S311 - places to flip
    for _ in range(200):
        torn = bytearray(whole)
        torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        assert "damaged or changed" in damaged(attachments, file, bytes(torn))


def test_a_file_that_is_cut_or_longer_is_noticed_and_lost(
    store: Store, attachments: Attachments, tmp_path: Path
) -> None:
    (tmp_path / "scan").write_bytes(os.urandom(2 * MEGA + 9))
    file = attachments.keep(store, tmp_path / "scan")
    whole = attachments.path(file.id).read_bytes()
    for cut in (b"", whole[:10], whole[: MEGA + 31], whole[:-1], whole + b"x"):
        assert "damaged" in damaged(attachments, file, cut)
        assert where(store, attachments, file.id) is Where.LOST


def test_another_attachment_put_in_its_place_is_refused(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    one, other = attachments.keep(store, letter), attachments.keep(store, letter)
    assert "damaged" in damaged(attachments, one, attachments.path(other.id).read_bytes())


def test_a_sound_file_with_other_content_than_the_database_says_is_refused(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    file = attachments.keep(store, letter)
    with attachments.path(file.id).open("wb") as target:
        stream.write([LETTER[::-1]], target, file.key, file.id.encode())
    with pytest.raises(Unreadable, match="damaged"):
        attachments.read(file)


def test_a_file_that_is_gone_is_said(store: Store, attachments: Attachments, letter: Path) -> None:
    file = attachments.keep(store, letter)
    attachments.path(file.id).unlink()
    with pytest.raises(Unreadable, match="gone from the disk"):
        attachments.read(file)
    attachments.path(file.id).mkdir()
    with pytest.raises(Unreadable, match="cannot be read"):
        attachments.read(file)


def test_what_was_added_on_another_laptop_is_elsewhere(
    store: Store, attachments: Attachments
) -> None:
    assert where(store, attachments, secrets.token_hex(16)) is Where.ELSEWHERE


# After a crash


def test_a_sweep_takes_away_what_no_row_knows_and_nothing_else(
    store: Store, attachments: Attachments, letter: Path, tmp_path: Path
) -> None:
    file = attachments.keep(store, letter)
    folder = attachments.path(file.id).parent
    for name in (f"{'a' * 32}.sealed", f"{'b' * 32}.sealing", "notes.txt", "c.sealed"):
        (folder / name).write_bytes(b"x")
    swept = Attachments(tmp_path).sweep(store)
    assert swept == Swept(2, ())
    assert sealed_files(attachments) == sorted([f"{file.id}.sealed", "notes.txt", "c.sealed"])


def test_a_sweep_leaves_what_a_damaged_database_beside_may_know(
    store: Store, attachments: Attachments, letter: Path, tmp_path: Path
) -> None:
    """As after a safety copy from before the letter was put back: the letter's key is there."""
    file = attachments.keep(store, letter)
    with store.writing() as connection:
        connection.execute(delete(SEALED_FILE))
    (attachments.path(file.id).parent / f"{'b' * 32}.sealing").write_bytes(b"x")
    (tmp_path / "records.db.damaged-1").write_bytes(b"damaged")
    assert Attachments(tmp_path).sweep(store) == Swept(1, ())
    assert sealed_files(attachments) == [f"{file.id}.sealed"]


def test_a_sweep_tells_of_a_kept_file_that_is_gone_or_cut(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    gone, cut = attachments.keep(store, letter), attachments.keep(store, letter)
    attachments.path(gone.id).unlink()
    attachments.path(cut.id).write_bytes(b"x")
    assert set(attachments.sweep(store).lost) == {gone.id, cut.id}
    with store.reading() as connection:
        assert {file.id for file in kept(connection)} == {gone.id, cut.id}


def test_a_sweep_leaves_alone_what_is_being_kept_at_that_moment(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    sealed = attachments.seal(letter)
    during: list[Swept] = []
    attachments.seal(letter, tell=lambda _done, _of: during.append(attachments.sweep(store)))
    assert during[0].removed == 0
    with store.writing() as connection:
        attachments.note_kept(connection, sealed, "2026-03-02T12:00:00+00:00")
    assert attachments.read(sealed.file) == LETTER


def test_without_a_folder_there_is_nothing_to_sweep(
    store: Store, attachments: Attachments, letter: Path
) -> None:
    assert attachments.sweep(store) == Swept(0, ())
    file = attachments.keep(store, letter)
    with store.writing() as connection:
        connection.execute(delete(SEALED_FILE))
    assert where(store, attachments, file.id) is Where.ELSEWHERE
