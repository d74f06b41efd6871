"""The header's two copies: one that is torn, stale or changed is no loss, and is mended."""

import dataclasses
import os
from pathlib import Path

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault import copies, files, opening
from hah_desktop.vault.copies import NAMES
from hah_desktop.vault.errors import (
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultNotSaved,
    VaultTooNew,
    VaultUnreadable,
    WrongPassphrase,
)
from hah_desktop.vault.files import HEADER_NAME, SECOND_NAME
from hah_desktop.vault.header import Header, to_bytes
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.slots import PassphraseSlot, Slot
from tests.vault.planted import NOW, CutError, contents, cut_at, full_disk, put_both, with_trailer

SALT = bytes(range(16))
KEYS = KeyHolder(bytearray([7] * 32), SALT)
SLOT = PassphraseSlot("00" * 8, FLOOR, b"s" * 16, b"n" * 12, b"w" * 48)
OLD = Header("ab" * 16, 3, NOW, SALT, (SLOT,))
NEW = dataclasses.replace(OLD, generation=4)
OLD_BYTES, NEW_BYTES = to_bytes(OLD, KEYS), to_bytes(NEW, KEYS)


def opens_all(header: Header) -> tuple[Slot, KeyHolder]:
    """A way in that needs no Argon2id: what is tested here is what comes after it."""
    return header.slots[0], KeyHolder(bytearray([7] * 32), SALT)


def _found(folder: Path) -> Header:
    """The header that counts, when each that is whole is asked to prove itself."""
    return opening.open_newest(copies.read(folder).whole, opens_all).header


def test_a_new_header_is_written_twice(tmp_path: Path) -> None:
    copies.create(tmp_path, OLD, KEYS)
    assert contents(tmp_path) == {HEADER_NAME: OLD_BYTES, SECOND_NAME: OLD_BYTES}
    found = copies.read(tmp_path)
    assert [sealed.header for sealed in found.whole] == [OLD]


def test_a_header_is_never_made_over_another_file(tmp_path: Path) -> None:
    (tmp_path / HEADER_NAME).write_bytes(b"something")
    with pytest.raises(VaultExists):
        copies.create(tmp_path, OLD, KEYS)
    assert contents(tmp_path) == {HEADER_NAME: b"something"}


def test_replacing_changes_both_copies_and_leaves_nothing_beside(tmp_path: Path) -> None:
    copies.create(tmp_path, OLD, KEYS)
    assert copies.replace(tmp_path, NEW, KEYS)
    assert contents(tmp_path) == {HEADER_NAME: NEW_BYTES, SECOND_NAME: NEW_BYTES}


@pytest.mark.parametrize("newer", NAMES)
def test_the_newer_of_two_copies_counts_and_the_other_is_mended(tmp_path: Path, newer: str) -> None:
    put_both(tmp_path, OLD_BYTES)
    (tmp_path / newer).write_bytes(NEW_BYTES)
    found = copies.read(tmp_path)
    assert found.newest.header == NEW
    assert len(found.whole) == 2
    copies.mend(found, found.newest)
    assert contents(tmp_path) == {HEADER_NAME: NEW_BYTES, SECOND_NAME: NEW_BYTES}


def _judged(one: bytes, two: bytes) -> Header:
    """As `_found`, for what the two files would hold."""
    given = {Path(HEADER_NAME): one, Path(SECOND_NAME): two}
    return opening.open_newest(copies.judge(given).whole, opens_all).header


def _one_of_two(data: bytes) -> list[Header]:
    """What counts when the file is the first copy, and when it is the second."""
    return [_judged(data, OLD_BYTES), _judged(OLD_BYTES, data)]


def test_every_torn_copy_falls_back_to_the_other() -> None:
    for length in range(len(NEW_BYTES)):
        for data in (NEW_BYTES[:length], NEW_BYTES[:length] + bytes(len(NEW_BYTES) - length)):
            assert _one_of_two(data) == [OLD, OLD]
    assert _one_of_two(NEW_BYTES) == [NEW, NEW]


def test_every_flipped_bit_of_one_copy_falls_back_to_the_other() -> None:
    for place in range(len(NEW_BYTES) * 8):
        assert _one_of_two(_flip(NEW_BYTES, place)) == [OLD, OLD]


def test_every_flipped_bit_of_both_copies_is_refused() -> None:
    for place in range(len(NEW_BYTES) * 8):
        flipped = _flip(NEW_BYTES, place)
        with pytest.raises(VaultDamaged):
            _judged(flipped, flipped)


def test_every_flipped_bit_with_the_checksum_mended_is_never_believed() -> None:
    """Whoever changes a copy can mend its checksum, but not its MAC."""
    whole = NEW_BYTES[:-65]
    newer = 0
    for place in range(len(whole) * 8):
        flipped = with_trailer(_flip(whole, place))
        try:
            assert _judged(flipped, OLD_BYTES) == OLD
        except VaultTooNew:
            newer += 1
            continue
        with pytest.raises(VaultDamaged):
            _judged(flipped, flipped)
    # Some turn the number of the format, or the kind of the slot, into one not known yet.
    assert newer < 100


@pytest.mark.parametrize("torn", NAMES)
def test_a_torn_file_falls_back_to_the_other(tmp_path: Path, torn: str) -> None:
    put_both(tmp_path, OLD_BYTES)
    (tmp_path / torn).write_bytes(NEW_BYTES[:-1])
    assert _found(tmp_path) == OLD
    (tmp_path / torn).write_bytes(NEW_BYTES)
    assert _found(tmp_path) == NEW


def _flip(data: bytes, place: int) -> bytes:
    flipped = bytearray(data)
    flipped[place // 8] ^= 1 << place % 8
    return bytes(flipped)


@pytest.mark.parametrize("missing", NAMES)
def test_a_missing_copy_is_mended(tmp_path: Path, missing: str) -> None:
    put_both(tmp_path, OLD_BYTES)
    (tmp_path / missing).unlink()
    found = copies.read(tmp_path)
    copies.mend(found, found.newest)
    assert contents(tmp_path) == {HEADER_NAME: OLD_BYTES, SECOND_NAME: OLD_BYTES}


def test_a_foreign_copy_with_a_later_number_is_not_believed(tmp_path: Path) -> None:
    stranger = KeyHolder(bytearray([8] * 32), SALT)
    put_both(tmp_path, OLD_BYTES)
    (tmp_path / HEADER_NAME).write_bytes(to_bytes(NEW, stranger))
    assert _found(tmp_path) == OLD


def test_what_opens_only_a_stale_copy_opens_nothing(tmp_path: Path) -> None:
    put_both(tmp_path, NEW_BYTES)
    (tmp_path / SECOND_NAME).write_bytes(OLD_BYTES)

    def old_passphrase(header: Header) -> tuple[Slot, KeyHolder]:
        if header == NEW:
            raise WrongPassphrase
        return opens_all(header)

    with pytest.raises(WrongPassphrase):
        opening.open_newest(copies.read(tmp_path).whole, old_passphrase)


def test_a_changed_copy_is_said_rather_than_a_wrong_passphrase(tmp_path: Path) -> None:
    put_both(tmp_path, OLD_BYTES)
    stranger = KeyHolder(bytearray([8] * 32), SALT)
    (tmp_path / SECOND_NAME).write_bytes(to_bytes(NEW, stranger))

    def opens_one(header: Header) -> tuple[Slot, KeyHolder]:
        if header == OLD:
            raise WrongPassphrase
        return opens_all(header)

    with pytest.raises(VaultDamaged):
        opening.open_newest(copies.read(tmp_path).whole, opens_one)


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        (None, None, VaultMissing),
        (b"torn", None, VaultDamaged),
        (None, b"", VaultDamaged),
        ("folder", None, VaultUnreadable),
        (b"torn", "folder", VaultUnreadable),
        ("newer", b"torn", VaultTooNew),
        (None, "newer", VaultTooNew),
    ],
)
def test_when_no_copy_is_whole_the_best_reason_is_told(
    tmp_path: Path, one: bytes | str | None, two: bytes | str | None, told: type[KnownError]
) -> None:
    for name, holds in zip(NAMES, (one, two), strict=True):
        if holds == "folder":
            (tmp_path / name).mkdir()
        elif holds == "newer":
            (tmp_path / name).write_bytes(with_trailer(b"help-at-hand vault 3\nwhatever\n"))
        elif isinstance(holds, bytes):
            (tmp_path / name).write_bytes(holds)
    with pytest.raises(told):
        copies.read(tmp_path)


@pytest.mark.parametrize("newer", NAMES)
def test_one_copy_of_a_newer_program_is_enough_to_keep_hands_off(
    tmp_path: Path, newer: str
) -> None:
    put_both(tmp_path, OLD_BYTES)
    (tmp_path / newer).write_bytes(with_trailer(b"help-at-hand vault 3\nwhatever\n"))
    with pytest.raises(VaultTooNew):
        copies.read(tmp_path)


def test_a_copy_that_the_system_does_not_give_is_not_mended(tmp_path: Path) -> None:
    (tmp_path / HEADER_NAME).mkdir()
    (tmp_path / SECOND_NAME).write_bytes(OLD_BYTES)
    found = copies.read(tmp_path)
    copies.mend(found, found.newest)
    assert (tmp_path / HEADER_NAME).is_dir()


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    with (tmp_path / HEADER_NAME).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(VaultDamaged):
        copies.read(tmp_path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_both_old_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    copies.create(tmp_path, OLD, KEYS)
    before = contents(tmp_path)
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(VaultNotSaved, match="disk is full") as refusal:
        copies.replace(tmp_path, NEW, KEYS)
    assert refusal.value.kept == "What was there before still stands."
    assert contents(tmp_path) == before


def test_a_full_disk_keeps_nobody_from_a_header_that_wants_mending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / HEADER_NAME).write_bytes(OLD_BYTES)
    found = copies.read(tmp_path)
    monkeypatch.setattr(os, "fsync", full_disk)
    copies.mend(found, found.newest)
    assert contents(tmp_path) == {HEADER_NAME: OLD_BYTES}


@pytest.mark.parametrize("file", [1, 2])
def test_a_full_disk_leaves_no_half_of_a_first_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: int
) -> None:
    real, made = files._read_back, []

    def full_at(path: Path, data: bytes) -> None:
        made.append(path)
        if len(made) == file:
            full_disk()
        real(path, data)

    monkeypatch.setattr(files, "_read_back", full_at)
    with pytest.raises(VaultNotSaved):
        copies.create(tmp_path, OLD, KEYS)
    assert contents(tmp_path) == {}


def test_a_disk_that_cannot_be_written_is_not_called_full(tmp_path: Path) -> None:
    with pytest.raises(VaultNotSaved, match="could not be saved") as refusal:
        copies.create(tmp_path / "no folder", OLD, KEYS)
    assert "full" not in str(refusal.value)


def _second_cannot_be_moved(temporary: Path, path: Path) -> None:
    if path.name == SECOND_NAME:
        temporary.unlink()
        raise PermissionError("in use by another program")
    temporary.replace(path)


def test_with_one_copy_the_new_header_is_in_force_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.create(tmp_path, OLD, KEYS)
    monkeypatch.setattr(files, "put", _second_cannot_be_moved)
    assert not copies.replace(tmp_path, NEW, KEYS)
    assert contents(tmp_path) == {HEADER_NAME: NEW_BYTES, SECOND_NAME: OLD_BYTES}
    assert _found(tmp_path) == NEW


def test_where_two_copies_are_needed_one_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.create(tmp_path, OLD, KEYS)
    copies.replace_both(tmp_path, NEW, KEYS)
    monkeypatch.setattr(files, "put", _second_cannot_be_moved)
    with pytest.raises(VaultNotSaved):
        copies.replace_both(tmp_path, dataclasses.replace(NEW, generation=5), KEYS)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_bytes(b"else"), VaultDamaged),
        (lambda path: path.unlink(), VaultUnreadable),
    ],
)
def test_a_first_copy_that_does_not_read_back_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object, told: type[KnownError]
) -> None:
    copies.create(tmp_path, OLD, KEYS)
    assert callable(spoil)
    monkeypatch.setattr(files, "replace", lambda path, _data: spoil(path))
    with pytest.raises(told):
        copies.replace(tmp_path, NEW, KEYS)


def test_a_second_copy_that_does_not_read_back_is_left_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.create(tmp_path, OLD, KEYS)
    real = files.put

    def spoiling(temporary: Path, path: Path) -> None:
        real(temporary, path)
        if path.name == SECOND_NAME:
            path.write_bytes(b"else")

    monkeypatch.setattr(files, "put", spoiling)
    assert not copies.replace(tmp_path, NEW, KEYS)
    assert _found(tmp_path) == NEW


@pytest.mark.parametrize("step", range(1, 7))
def test_cut_before_every_step_exactly_the_old_or_the_new_header_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Steps: sync two copies beside, move and sync the first, then move and sync the second."""
    copies.create(tmp_path, OLD, KEYS)
    with monkeypatch.context() as planted:
        cut_at(planted, step)
        with pytest.raises(CutError):
            copies.replace(tmp_path, NEW, KEYS)
    assert _found(tmp_path) == (OLD if step <= 3 else NEW)
    copies.mend(copies.read(tmp_path), copies.read(tmp_path).newest)
    assert len({(tmp_path / name).read_bytes() for name in NAMES}) == 1
