"""Small files that must survive a cut."""

import errno
import os
import stat
from pathlib import Path

import pytest

from hah_desktop.vault import files
from tests.vault.planted import CutError, contents, cut, full_disk


def _no_links(*_args: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_new_file_is_there_whole_and_alone(tmp_path: Path) -> None:
    files.create(tmp_path / "a", b"one")
    assert contents(tmp_path) == {"a": b"one"}


def test_a_new_file_takes_no_other_files_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        files.create(tmp_path / "a", b"new")
    assert contents(tmp_path) == {"a": b"old"}


def test_a_file_that_comes_in_between_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_link = os.link

    def somebody_is_faster(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"theirs")
        real_link(source, target)

    monkeypatch.setattr(os, "link", somebody_is_faster)
    with pytest.raises(FileExistsError):
        files.create(tmp_path / "a", b"mine")
    assert contents(tmp_path) == {"a": b"theirs"}


def test_a_disk_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _no_links)
    files.create(tmp_path / "a", b"one")
    assert contents(tmp_path) == {"a": b"one"}
    with pytest.raises(FileExistsError):
        files.create(tmp_path / "a", b"two")
    assert contents(tmp_path) == {"a": b"one"}


def test_replacing_changes_the_whole_file(tmp_path: Path) -> None:
    files.create(tmp_path / "a", b"a long first text")
    files.replace(tmp_path / "a", b"short")
    assert contents(tmp_path) == {"a": b"short"}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    files.create(tmp_path / "a", b"old")
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(OSError, match="No space left"):
        files.replace(tmp_path / "a", b"new")
    assert contents(tmp_path) == {"a": b"old"}


def test_a_full_disk_leaves_no_half_of_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        files.create(tmp_path / "a", b"new")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_cut_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    files.create(tmp_path / "a", b"old")
    with monkeypatch.context() as planted:
        planted.setattr(os, step, cut)
        with pytest.raises(CutError):
            files.replace(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_what_a_cut_left_behind_goes_with_the_next_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.create(tmp_path / "a", b"old")
    with monkeypatch.context() as planted:
        planted.setattr(os, "replace", cut)
        with pytest.raises(CutError):
            files.replace(tmp_path / "a", b"cut")
    assert len(contents(tmp_path)) == 2
    files.replace(tmp_path / "a", b"new")
    assert contents(tmp_path) == {"a": b"new"}


def test_a_leftover_that_cannot_be_removed_stops_nothing(tmp_path: Path) -> None:
    stubborn = tmp_path / f"a.{'0' * 16}.new"
    stubborn.mkdir()
    files.create(tmp_path / "a", b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert stubborn.exists()


def test_a_leftover_that_cannot_be_removed_does_not_unsay_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_use(*_args: object) -> None:
        raise PermissionError(errno.EACCES, "in use by another program")

    with monkeypatch.context() as planted:
        planted.setattr(os, "unlink", in_use)
        files.create(tmp_path / "a", b"one")
    files.replace(tmp_path / "a", b"two")
    assert contents(tmp_path) == {"a": b"two"}


def test_a_disk_that_gives_back_something_else_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.create(tmp_path / "a", b"old")
    with monkeypatch.context() as planted:
        planted.setattr(Path, "read_bytes", lambda _path: b"rubbish")
        with pytest.raises(OSError, match="gave back something else"):
            files.replace(tmp_path / "a", b"new")
    assert contents(tmp_path) == {"a": b"old"}


def test_overwriting_leaves_nothing_of_a_longer_record(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a longer record")
    files.overwrite(tmp_path / "a", b"short")
    assert contents(tmp_path) == {"a": b"short"}


def test_what_waits_beside_another_file_is_left_alone(tmp_path: Path) -> None:
    waiting = files.write_beside(tmp_path / "a.2", b"two")
    files.replace(tmp_path / "a", b"one")
    files.put(waiting, tmp_path / "a.2")
    assert contents(tmp_path) == {"a": b"one", "a.2": b"two"}


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    files.create(tmp_path / "a", b"1\n2\r\n")
    assert contents(tmp_path) == {"a": b"1\n2\r\n"}


def test_the_folder_is_synced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real_fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    files.create(tmp_path / "a", b"one")
    assert synced == ([False, True] if hasattr(os, "O_DIRECTORY") else [False])


def test_a_system_that_opens_no_folders_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY", raising=False)
    files.create(tmp_path / "a", b"one")
    assert contents(tmp_path) == {"a": b"one"}


def test_a_folder_that_cannot_be_synced_does_not_unsay_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_fsync = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    files.create(tmp_path / "a", b"one")
    assert contents(tmp_path) == {"a": b"one"}


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in lists, not in bits")
def test_files_and_folders_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "vault"
    for _ in range(2):
        files.make_folder(folder)
    files.create(folder / "a", b"one")
    files.overwrite(folder / "b", b"two")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert modes == {0o600}


def test_what_is_opened_for_the_owner_alone_is_nobody_elses_to_read(tmp_path: Path) -> None:
    with open(tmp_path / "a", "xb", opener=files.for_the_owner_alone) as target:
        target.write(b"mine")
    assert (tmp_path / "a").read_bytes() == b"mine"
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
