"""Files of the office: for the owner alone, and on the disk before anybody is told so."""

import os
from contextlib import suppress
from pathlib import Path


def for_the_owner_alone(path: str, flags: int) -> int:
    """An opener for files that nobody else on this machine may read."""
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can."""
    directory_flag: int | None = getattr(os, "O_DIRECTORY", None)
    if directory_flag is None:
        return  # Windows opens no folders; it orders the change of a name itself.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | directory_flag)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
