"""Whether the content of an attachment is what its name says: by its bytes, never by its length.

It reads and compares, and changes nothing.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from hah_central.database.database import Database
from hah_central.database.rows import Blob, BlobOffer

_Stamp = tuple[int, int, int, int]


@dataclass(slots=True)
class Proofs:
    """Reads each content once; after that a look at its file says whether anybody touched it."""

    _known: dict[Path, tuple[_Stamp, bool]] = field(default_factory=dict)

    def is_whole(self, path: Path, size: int) -> bool:
        """Whether all of the content is here that the file is named after."""
        stamp = _stamp(path)
        if stamp is None or stamp[0] != size:
            return False
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = (stamp, _digest(path) == path.name)
        return known[1]

    def to_read(self, path: Path, size: int) -> int:
        """How many bytes have to be read before `is_whole` can say it."""
        stamp = _stamp(path)
        known = self._known.get(path)
        if stamp is None or stamp[0] != size or (known is not None and known[0] == stamp):
            return 0
        return size

    def compared(self, path: Path) -> None:
        """Somebody has just written the file, and compared what was written."""
        stamp = _stamp(path)
        if stamp is not None:
            self._known[path] = (stamp, True)


def faults(database: Database, folder: Path) -> tuple[int, list[str]]:
    """How many contents the office is to have, and what of them is missing or altered.

    While they are read nothing is asked of the database, which would not wait for so long.
    """
    with database.reading() as connection:
        known = connection.execute(select(Blob.sha256, Blob.size).order_by(Blob.sha256)).all()
    if known and not folder.is_dir():
        words = (
            f"There is no folder {folder} with the {len(known)} attachments that were received: "
            "if they lie elsewhere, name it with --attachments"
        )
        return len(known), [f"{words}."]
    proofs = Proofs()
    wrong = [sha256 for sha256, size in known if not proofs.is_whole(folder / sha256, size)]
    with database.reading() as connection:
        return len(known), list(_told(connection, folder, wrong))


def _told(connection: Connection, folder: Path, wrong: list[str]) -> Iterator[str]:
    for sha256 in wrong:
        how = "is not what was received" if (folder / sha256).exists() else "is missing"
        asked = select(BlobOffer.record).where(BlobOffer.sha256 == sha256).distinct()
        records = sorted(connection.execute(asked).scalars())
        yield f"The content {sha256} of attachment {', '.join(records)} {how}."


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _digest(path: Path) -> str:
    """The hash of what lies there; of what the disk does not give back, none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
