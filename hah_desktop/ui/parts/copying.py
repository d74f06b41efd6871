"""Writes one unencrypted copy, where a person said and nowhere else; no temporary file."""

import os
from pathlib import Path

from hah_desktop.domain.errors import DISK_FULL, KnownError
from hah_desktop.vault.files import for_the_owner_alone

NOT_ENCRYPTED = (
    "A copy is not encrypted: whoever has the file can read it. Save it only where it is needed, "
    "and delete it afterwards. Press the button again to choose where it goes."
)


def saved_as(path: Path) -> str:
    """What is said once a copy lies there."""
    return f"A copy is saved as {path.name}. It is not encrypted: whoever has the file can read it."


class CopyFailed(KnownError):
    """The copy was not written; nothing half-written is left."""


def write_copy(path: Path, content: bytes) -> None:
    """Write exactly these bytes, readable by the person alone. Raises CopyFailed.

    A file that is there already is replaced: whoever asked for the path has agreed to that.
    """
    try:
        file = open(path, "wb", opener=for_the_owner_alone)  # noqa: SIM115 - Path.open takes no opener
    except OSError as fault:
        raise _failed(fault) from fault
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        path.unlink(missing_ok=True)
        raise _failed(fault) from fault


def _failed(fault: OSError) -> CopyFailed:
    if fault.errno in DISK_FULL:
        what = "There is no room left where the copy was to go."
    else:
        what = f"The copy could not be written: {fault.strerror or fault}."
    return CopyFailed(
        what,
        "No part of a copy was left behind, and the record is as it was.",
        "Choose another folder and save again.",
    )
