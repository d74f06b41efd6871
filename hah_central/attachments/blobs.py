"""The content of attachments at the office: taken in chunks, kept whole or not at all.

It lies in a folder by its hash, in clear: the office's disk has to be encrypted, as for the
database. Who may send or have it is decided in `offers`; nothing here believes a hash.
"""

import datetime as dt
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from hah_central.attachments import offers
from hah_central.attachments.bundles import folder_of
from hah_central.attachments.contents import Proofs
from hah_central.database.database import Database
from hah_central.database.disk import for_the_owner_alone, sync_folder
from hah_central.people.people import Asker
from hah_central.problems import (
    no_attachment,
    no_room,
    unreadable,
    wrong_chunk,
    wrong_content,
)
from hah_desktop.domain.chunks import Standing, Taken, chunks_of, is_digest, length_of
from hah_desktop.domain.errors import DISK_FULL
from hah_desktop.domain.ids import LaptopId
from hah_desktop.sync.wire.blobs import MOST_ASKED

FOLDER = "attachments"
SPARE = 1 << 30
"""So much of the disk stays free for everything else."""

READ_AT_ONCE = 1 << 30
"""So much is compared for one answer. What is left over is not told of, and asked for again."""

KEPT_UNFINISHED = dt.timedelta(days=30)
"""So long half an upload waits for its other half, and a file that no row knows for its row."""

_PARTS = ".part"
_WHOLE = "whole"
_OURS = re.compile(rf"[0-9a-f]{{64}}(\.[\w-]+{re.escape(_PARTS)})?")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk as a laptop sends it: of which content, which number, and what it is to be."""

    sha256: str
    number: int
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """All of one content, as it was handed over; the pieces are read once."""

    sha256: str
    size: int
    pieces: Iterator[bytes]


def folder_beside(database: Database, bundles: Path | None, named: Path | None) -> Path:
    """Where contents are kept: as somebody said, or beside the bundles."""
    return named or folder_of(database, bundles).with_name(FOLDER)


class Blobs:
    """The folder of contents and its tables."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._joining = Lock()
        self._proofs = Proofs()
        self._lacking: set[str] = set()

    def path(self, sha256: str) -> Path:
        """Where the content of this hash lies."""
        return self._folder / sha256

    def status(self, asker: Asker, hashes: AbstractSet[str], now: dt.datetime) -> list[Standing]:
        """How far this laptop's sending is; what no record of the asker's names is left out."""
        with self._database.reading() as connection:
            named = offers.named(connection, asker, hashes)
            known = offers.offered_by(connection, asker.laptop, hashes)
            had = {sha256 for (sha256, _), received in known.items() if received}
            had.update(offers.shown_to(connection, asker, hashes))
        told = [offer for offer in named if known.get((offer.sha256, offer.record)) is None]
        if told or any(not received and sha256 in had for (sha256, _), received in known.items()):
            with self._database.writing() as connection:
                offers.note(connection, asker.laptop, named, had, now)
        sizes = {offer.sha256: offer.size for offer in named}
        standings, read = [], 0
        for sha256, size in sorted(sizes.items()):
            to_read = self._proofs.to_read(self.path(sha256), size) if sha256 in had else 0
            if read and read + to_read > READ_AT_ONCE:
                continue
            read += to_read
            missing = self._missing(asker.laptop, sha256, size, had=sha256 in had)
            standings.append(Standing(sha256, size, missing))
        return standings

    def _missing(self, laptop: LaptopId, sha256: str, size: int, *, had: bool) -> tuple[int, ...]:
        if had and self._is_whole(sha256, size):
            return ()
        folder = self._parts(sha256, laptop)
        # With all parts here, only its last answer was lost: once more, and they are joined.
        return _absent(folder, size) or (chunks_of(size) - 1,)

    def check(self, asker: Asker, chunk: Chunk) -> None:
        """Whether a chunk may come, before a byte of it is read. Raises Problem."""
        with self._database.reading() as connection:
            size = offers.expected(connection, asker.laptop, chunk.sha256)
        if not size:
            raise no_attachment()
        if chunk.size != size or not length_of(size, chunk.number):
            raise unreadable("it is not a part of the file that was written about")
        with _room():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < size + SPARE:
                raise no_room()

    def take(self, asker: Asker, chunk: Chunk, data: bytes, now: dt.datetime) -> Taken:
        """Keep one chunk that was checked; with the last one, the whole. Raises Problem."""
        if len(data) != length_of(chunk.size, chunk.number):
            raise wrong_chunk()
        if hashlib.sha256(data).hexdigest() != chunk.digest:
            raise wrong_chunk()
        with self._database.reading() as connection:
            had = offers.offered_by(connection, asker.laptop, [chunk.sha256]).values()
        if any(had) and self._is_whole(chunk.sha256, chunk.size):
            return Taken(whole=True)
        folder = self._parts(chunk.sha256, asker.laptop)
        with _room():
            _write(folder, str(chunk.number), data)
            missing = _absent(folder, chunk.size)
            if not missing:
                self._join(asker.laptop, chunk, folder, now)
        return Taken(whole=not missing, missing=missing)

    def keep(self, asker: Asker, content: Content, now: dt.datetime) -> bool:
        """Keep what a laptop handed over sealed, and say so; False where no record here names it.

        Raises Problem where there is no room or what comes is something else, and OSError.
        """
        sha256, size = content.sha256, content.size
        with self._database.reading() as connection:
            named = offers.named(connection, asker, {sha256})
        named = [offer for offer in named if offer.size == size]
        if not named:
            return False
        if not self._is_whole(sha256, size):
            self._write_whole(content)
        with self._database.writing() as connection:
            offers.note(connection, asker.laptop, named, (), now)
            offers.note_whole(connection, asker.laptop, sha256, size, now)
        return True

    def _write_whole(self, content: Content) -> None:
        with _room():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < content.size + SPARE:
                raise no_room()
            unfinished = self._folder / f"{content.sha256}.{secrets.token_hex(8)}{_PARTS}"
            if _written(unfinished, content.pieces) != content.sha256:
                unfinished.unlink()
                raise wrong_content()
            unfinished.replace(self.path(content.sha256))
            sync_folder(self._folder)
        self._proofs.compared(self.path(content.sha256))
        self._lacking.discard(content.sha256)

    def _parts(self, sha256: str, laptop: LaptopId) -> Path:
        # A folder for each laptop: nobody learns or spoils what another one sends.
        return self._folder / f"{sha256}.{laptop}{_PARTS}"

    def _join(self, laptop: LaptopId, chunk: Chunk, folder: Path, now: dt.datetime) -> None:
        """Make the whole of its parts; it has its name only once its hash was compared."""
        with self._joining:
            if not folder.is_dir():
                return  # The same chunk came twice at once, and the other one was faster.
            whole = folder / _WHOLE
            if _joined(folder, whole, chunks_of(chunk.size)) != chunk.sha256:
                shutil.rmtree(folder, ignore_errors=True)
                raise wrong_content()
            whole.replace(self.path(chunk.sha256))
            self._proofs.compared(self.path(chunk.sha256))
            self._lacking.discard(chunk.sha256)
            sync_folder(self._folder)
            with self._database.writing() as connection:
                offers.note_whole(connection, laptop, chunk.sha256, chunk.size, now)
            shutil.rmtree(folder, ignore_errors=True)

    def open(self, asker: Asker, sha256: str) -> tuple[BinaryIO, int]:
        """The content and its size, for one who may have it. Raises Problem for all others."""
        if is_digest(sha256):
            with self._database.reading() as connection:
                size = offers.shown_to(connection, asker, [sha256]).get(sha256)
            with suppress(FileNotFoundError):
                if size and self._is_whole(sha256, size):
                    return self.path(sha256).open("rb"), size
        raise no_attachment()

    def _is_whole(self, sha256: str, size: int) -> bool:
        whole = self._proofs.is_whole(self.path(sha256), size)
        if not whole:
            self._lacking.add(sha256)
        return whole

    def look(self) -> None:
        """Note what the office is to have and what is not there, or not so long."""
        with self._database.reading() as connection:
            known = offers.whole(connection)
        self._lacking.update(
            sha256 for sha256, size in known.items() if _length(self.path(sha256)) != size
        )

    @property
    def is_lacking(self) -> bool:
        """Whether anything is known to be missing or altered."""
        return bool(self._lacking)

    def lacked(self, asker: Asker) -> list[str]:
        """What the office once had whole and has no more, of what this laptop may have."""
        lacking = list(self._lacking)
        with self._database.reading() as connection:
            sent = offers.offered_by(connection, asker.laptop, lacking)
            had = {sha256 for (sha256, _), received in sent.items() if received}
            had.update(offers.shown_to(connection, asker, lacking))
        return sorted(had)[:MOST_ASKED]

    def sweep(self, now: dt.datetime) -> int:
        """Take away what lies unfinished or unknown for too long. Returns how much it was."""
        with self._database.reading() as connection:
            known = offers.whole(connection)
        removed = 0
        for path in self._listed():
            if path.name not in known and _touched(path) < (now - KEPT_UNFINISHED).timestamp():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _listed(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _OURS.fullmatch(path.name)]
        except FileNotFoundError:
            return []


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _absent(folder: Path, size: int) -> tuple[int, ...]:
    return tuple(
        number
        for number in range(chunks_of(size))
        if _length(folder / str(number)) != length_of(size, number)
    )


def _touched(path: Path) -> float:
    """When something was last written there; a folder is as young as its youngest part."""
    parts = path.iterdir() if path.is_dir() else ()
    try:
        times: list[float] = [each.stat().st_mtime for each in (path, *parts)]
    except FileNotFoundError:
        return float("inf")  # Somebody is at work there.
    return max(times)


def _write(folder: Path, name: str, data: bytes) -> None:
    """A part has its name only once all of it is written: half of one counts for nothing."""
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished = folder / f"{name}.{secrets.token_hex(8)}"
    try:
        with open(unfinished, "xb", opener=for_the_owner_alone) as file:
            file.write(data)
        unfinished.replace(folder / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _joined(folder: Path, whole: Path, count: int) -> str:
    """Write the parts one after another, wait for the disk, and return the hash of all."""
    return _written(whole, ((folder / str(number)).read_bytes() for number in range(count)))


def _written(whole: Path, pieces: Iterable[bytes]) -> str:
    """Write a file, wait for the disk, and return the hash; what is half is taken away."""
    digest = hashlib.sha256()
    try:
        with open(whole, "wb", opener=for_the_owner_alone) as file:
            for data in pieces:
                digest.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        whole.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


@contextmanager
def _room() -> Iterator[None]:
    """A disk that is full is said in plain words."""
    try:
        yield
    except OSError as fault:
        if fault.errno in DISK_FULL:
            raise no_room() from fault
        raise
