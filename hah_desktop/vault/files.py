"""Small files that must survive a cut: written whole or not at all, for the owner only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

HEADER_NAME = "vault.header"
SECOND_NAME = "vault.header.2"

_TEMPORARY = ".new"


def make_folder(folder: Path) -> None:
    """Make the folder, for its owner only, and those above it; raises OSError."""
    # Python gives the mode to the last folder only.
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)


def create(path: Path, data: bytes) -> None:
    """Put a new file in place, whole.

    Raises FileExistsError, leaving the file that is there, or another OSError.
    """
    temporary = write_beside(path, data)
    try:
        _publish(temporary, path, data)
    finally:
        discard(temporary)
    _finish(path)


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file; raises OSError, and then the old file stands."""
    put(write_beside(path, data), path)


def write_beside(path: Path, data: bytes) -> Path:
    """Write `data`, whole and on the disk, to a new file beside `path`; raises OSError."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_TEMPORARY}")
    _write_new(temporary, data)
    return temporary


def put(temporary: Path, path: Path) -> None:
    """Put what `write_beside` wrote in the place of the file; raises OSError, the old one stands.

    Then what was written beside is gone.
    """
    try:
        temporary.replace(path)
    except OSError:
        discard(temporary)
        raise
    _finish(path)


def discard(path: Path) -> None:
    """Remove a file that is not wanted.

    One that cannot be removed now goes with the next write, and changes nothing that was said.
    """
    with suppress(OSError):
        path.unlink()


def overwrite(path: Path, data: bytes) -> None:
    """Write over the file where it lies and wait for the disk; raises OSError.

    It can tear, but needs no free space: for a short record whose reader knows a torn one.
    """
    path.touch(mode=0o600)
    _fill(path, data)
    sync_folder(path.parent)


def _write_new(path: Path, data: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    try:
        _fill(path, data)
        _read_back(path, data)
    except OSError:
        discard(path)
        raise


def _fill(path: Path, data: bytes) -> None:
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _read_back(path: Path, data: bytes) -> None:
    if path.read_bytes() != data:
        raise OSError("the disk gave back something else than was written")


def _publish(temporary: Path, path: Path, data: bytes) -> None:
    try:
        # A link, unlike a rename, never takes the place of a file that is there.
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # Some sticks and shares have no links. A cut in the middle of this leaves
        # a torn file, which is refused, before anything was locked with it.
        _write_new(path, data)


def _finish(path: Path) -> None:
    """Make the new name last, and leave no older try behind: it would open with its passphrase."""
    sync_folder(path.parent)
    # Exactly sixteen digits: "vault.header.*" would take what waits beside "vault.header.2".
    for leftover in path.parent.glob(f"{path.name}.{'[0-9a-f]' * 16}{_TEMPORARY}"):
        discard(leftover)


def for_the_owner_alone(path: str, flags: int) -> int:
    """An opener for files that nobody else on this machine may read."""
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can."""
    directory_flag: int | None = getattr(os, "O_DIRECTORY", None)
    if directory_flag is None:
        return  # Windows opens no folders; it orders the change of a name itself.
    # The file is in place by now: a system that cannot sync folders is no reason to say it is not.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | directory_flag)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
