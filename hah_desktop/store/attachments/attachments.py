"""Letters and pictures beside the database: each sealed in a file of its own, under its own key.

The key, the size and the hash lie in the encrypted database. Plain bytes are held in memory
only: nothing here ever writes them to a disk, and no file's name says anything.
"""

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Row, insert, select

from hah_desktop.domain.errors import DISK_FULL, KnownError
from hah_desktop.domain.media import OPENING, media_type, size_in_words
from hah_desktop.seals import stream
from hah_desktop.seals.errors import SealBroken
from hah_desktop.store.disk.files import DATABASE, MOVED_ASIDE
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import FETCHING, SEALED_FILE
from hah_desktop.vault.files import for_the_owner_alone, sync_folder

FOLDER = "attachments"
MOST_BYTES = 200 * (1 << 20)
"""A file that the system calls 200 MB may be kept, whichever way it counts."""

ROOM_LEFT = 50_000_000
"""So much of the disk stays free for what is typed."""

_SEALED = ".sealed"
_UNFINISHED = ".sealing"
_COMING = ".coming"
_ENDINGS = "|".join(map(re.escape, (_SEALED, _UNFINISHED, _COMING)))
_OURS = re.compile(rf"[0-9a-f]{{32}}({_ENDINGS})")
_ID_BYTES = 16
_FLUSHED_AT_ONCE = 8 << 20
"""After so many bytes the disk is told to begin."""
_AS_IT_WAS = "Nothing was kept, and the file is as it was."

Tell = Callable[[int, int], None]
"""Is told how many bytes of how many are done; of 0 where nobody knows."""
Stopped = Callable[[], bool]


class NotKept(KnownError):
    """A file was not kept: nothing of it is here, and it is as it was."""


class WasStopped(NotKept):
    """The person stopped it."""


class Unreadable(KnownError):
    """What was kept cannot be given back: it is gone or damaged."""


class Damaged(Unreadable):
    """It is gone or damaged for good: reading it again is of no use."""


class Elsewhere(Unreadable):
    """It was added on another laptop, and never came here."""


class Where(Enum):
    """Where the content of an attachment is."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    """It was added on another laptop and never came here."""
    LOST = "lost"
    """It was kept here, and its file is gone or cut."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One sealed file: its name, the key of it alone, and what the plain bytes are to be."""

    id: str
    key: bytes = field(repr=False)
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that lies sealed and whole on the disk, but of which the database knows nothing."""

    file: KeptFile
    media_type: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: leftovers that it took away, and kept files that are gone or cut."""

    removed: int
    lost: tuple[str, ...]


class Attachments:
    """The sealed files of one adviser on one laptop. It may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        # Sealed by this very object: a sweep must not take them for leftovers of a crash.
        self._own: set[str] = set()

    def path(self, file_id: str) -> Path:
        """Where a sealed file lies."""
        return self._folder / f"{file_id}{_SEALED}"

    def path_of_coming(self, file_id: str) -> Path:
        """Where the pieces of a file lie that is being fetched from the office."""
        return self._folder / f"{file_id}{_COMING}"

    # Keeping

    def seal(
        self,
        source: Path | BinaryIO,
        *,
        tell: Tell = lambda _done, _of: None,
        stopped: Stopped = lambda: False,
    ) -> Sealed:
        """Seal a file; it counts as kept only once `note_kept` is committed. Raises NotKept."""
        with _opened(source) as opened:
            self.check_room(opened.size)
            file_id, key = secrets.token_hex(_ID_BYTES), stream.new_key()
            self._own.add(file_id)
            opening = bytearray()
            fill = _reading_into(opened, opening, tell, stopped)
            try:
                written = self._write(file_id, key, fill)
            except OSError as fault:
                raise _not_written(fault) from fault
        return Sealed(
            KeptFile(file_id, key, written.size, written.sha256), media_type(bytes(opening))
        )

    def seal_as(self, file_id: str, plain: Iterator[bytes]) -> KeptFile:
        """Seal what came from elsewhere, under the name that its record gives. Raises NotKept."""
        self._own.add(file_id)
        key = stream.new_key()
        try:
            # Left behind by a crash; a name of our own choosing is never met again.
            self._folder.joinpath(f"{file_id}{_UNFINISHED}").unlink(missing_ok=True)
            written = self._write(file_id, key, stream.poured(plain))
        except OSError as fault:
            raise _not_written(fault) from fault
        return KeptFile(file_id, key, written.size, written.sha256)

    def check_room(self, size: int) -> None:
        """Whether so many bytes may be kept, and the folder made for them. Raises NotKept."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        except OSError as fault:
            raise _not_written(fault) from fault
        if free < stream.sealed_size(size) + ROOM_LEFT:
            raise _no_room(f"{size_in_words(size)} to keep, {size_in_words(free)} free on the disk")

    def _write(self, file_id: str, key: bytes, fill: stream.Fill) -> stream.Written:
        unfinished = self._folder / f"{file_id}{_UNFINISHED}"
        try:
            # The second is ended before the first: no flush outlives the open file.
            with (
                open(unfinished, "xb", opener=for_the_owner_alone) as target,
                ThreadPoolExecutor(1) as beside,
            ):
                fill = _flushing(fill, target.fileno(), beside)
                written = stream.write_from(fill, target, key, file_id.encode())
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(self.path(file_id))
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
        sync_folder(self._folder)
        return written

    def note_kept(self, connection: Connection, sealed: Sealed, at: str) -> None:
        """Let the database know of a sealed file, in the transaction of the record about it."""
        file = sealed.file
        if not self.path(file.id).is_file():
            raise NotKept(
                "The sealed file is gone, perhaps taken away by another program.",
                _AS_IT_WAS,
                "Add it again.",
            )
        row = {"id": file.id, "key": file.key, "size": file.size, "sha256": file.sha256}
        connection.execute(insert(SEALED_FILE).values(kept_at=at, **row))

    def drop(self, sealed: Sealed) -> None:
        """Take a sealed file away of which the database never came to know."""
        with suppress(OSError):
            self.path(sealed.file.id).unlink()

    def keep(
        self,
        store: Store,
        source: Path | BinaryIO,
        described: Callable[[Sealed], Sequence[Edited]] = lambda _sealed: (),
        *,
        tell: Tell = lambda _done, _of: None,
        stopped: Stopped = lambda: False,
    ) -> KeptFile:
        """Seal a file, then save it with the records that describe it. Raises NotKept."""
        sealed = self.seal(source, tell=tell, stopped=stopped)
        at = store.now().isoformat()
        try:
            store.save_all(described(sealed), lambda c: self.note_kept(c, sealed, at))
        except BaseException:
            self.drop(sealed)
            raise
        return sealed.file

    # Giving back

    def where(self, connection: Connection, file_id: str) -> Where:
        """Whether the content is here, by its file's length alone."""
        file = find(connection, file_id)
        if file is None:
            return Where.ELSEWHERE
        return Where.HERE if self._is_whole(file) else Where.LOST

    def _is_whole(self, file: KeptFile) -> bool:
        try:
            return self.path(file.id).stat().st_size == stream.sealed_size(file.size)
        except OSError:
            return False

    def chunks(self, file: KeptFile) -> Iterator[bytes]:
        """The plain bytes, each chunk verified; whole only when this ends. Raises Unreadable."""
        size = 0
        with _reading(), self.path(file.id).open("rb") as sealed, stream.hashing() as digest:
            for chunk in stream.read(sealed, file.key, file.id.encode()):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
            found = digest.hexdigest()
        if (size, found) != (file.size, file.sha256):
            raise _damaged()

    def chunk(self, file: KeptFile, number: int) -> bytes:
        """One chunk of the plain bytes, verified by itself. Raises Unreadable."""
        last = (number + 1) * stream.CHUNK >= file.size
        with _reading(), self.path(file.id).open("rb") as sealed:
            return stream.read_chunk(sealed, file.key, file.id.encode(), number, last=last)

    def read(self, file: KeptFile) -> bytes:
        """All of the plain bytes, verified. Raises Unreadable."""
        return b"".join(self.chunks(file))

    # After a crash

    def sweep(self, store: Store) -> Swept:
        """Take away what a crash left behind. A kept file that is gone is told, never hidden.

        Where a damaged database lies beside, it alone may know a sealed file and its key.
        """
        # In this order: a file that is listed was begun before, so it is either still our own
        # below, or its row was committed before the rows are read.
        leftovers = {name: path for path in self._listed() if (name := path.name)}
        own = set(self._own)
        with store.reading() as connection:
            files = kept(connection)
            fetching = connection.execute(select(FETCHING.c.id)).scalars().all()
        self._own.difference_update(file.id for file in files)  # From now on their rows tell.
        known = {self.path(file.id).name for file in files}
        known.update(self.path_of_coming(file).name for file in fetching)
        if any(self._folder.parent.glob(f"{DATABASE}{MOVED_ASIDE}*")):
            known.update(name for name in leftovers if name.endswith(_SEALED))
        removed = 0
        for name, path in leftovers.items():
            if name not in known and name.partition(".")[0] not in own:
                with suppress(OSError):
                    path.unlink()
                    removed += 1
        return Swept(removed, tuple(file.id for file in files if not self._is_whole(file)))

    def _listed(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _OURS.fullmatch(path.name)]
        except OSError:
            return []


@contextmanager
def _reading() -> Iterator[None]:
    """What cannot be read is said in plain words."""
    try:
        yield
    except SealBroken as fault:
        raise _damaged() from fault
    except FileNotFoundError as fault:
        raise _gone() from fault
    except OSError as fault:
        raise Unreadable(
            f"This attachment cannot be read: {fault.strerror or fault}.",
            "What is written about it is kept.",
            "Try again. If it goes on, tell the office.",
        ) from fault


def find(connection: Connection, file_id: str) -> KeptFile | None:
    """One kept file; None where it never came here."""
    row = connection.execute(select(SEALED_FILE).where(SEALED_FILE.c.id == file_id)).first()
    return None if row is None else _kept_file(row)


def kept(connection: Connection) -> list[KeptFile]:
    """Every kept file, whether or not it is still there, the oldest first."""
    rows = connection.execute(select(SEALED_FILE).order_by(SEALED_FILE.c.kept_at, SEALED_FILE.c.id))
    return [_kept_file(row) for row in rows]


def _kept_file(row: Row[tuple[str, ...]]) -> KeptFile:
    return KeptFile(row.id, bytes(row.key), row.size, row.sha256)


@dataclass(frozen=True, slots=True)
class _Source:
    """An open file; `found` is what it was when it was opened, None where nobody knows."""

    file: BinaryIO
    found: os.stat_result | None = None

    @property
    def size(self) -> int:
        return self.found.st_size if self.found else 0

    def has_changed(self, read: int) -> bool:
        if self.found is None:
            return False
        now = os.fstat(self.file.fileno())
        was = (self.found.st_size, self.found.st_size, self.found.st_mtime_ns)
        return (read, now.st_size, now.st_mtime_ns) != was


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[_Source]:
    """The file to read; refused before a byte of it is read."""
    if not isinstance(source, Path):
        yield _Source(source)
        return
    try:
        # A pipe would keep us waiting for ever, so we look before we open.
        _check(source.stat())
        file = source.open("rb")
    except OSError as fault:
        raise _not_read(fault) from fault
    with file:
        found = os.fstat(file.fileno())
        _check(found)
        yield _Source(file, found)


def _check(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotKept("This is a folder or a device, not a file.", _AS_IT_WAS, "Choose a file.")
    if not found.st_size:
        raise _empty()
    if found.st_size > MOST_BYTES:
        raise _too_large(found.st_size)


def _reading_into(source: _Source, opening: bytearray, tell: Tell, stopped: Stopped) -> stream.Fill:
    """The file, read to where it is sealed from; refused where it is not what it was."""
    done = 0

    def fill(view: memoryview) -> int:
        nonlocal done
        if done:
            tell(done, source.size)
        if stopped():
            raise WasStopped("Adding the file was stopped.", _AS_IT_WAS)
        try:
            read: int = source.file.readinto(view)  # type: ignore[attr-defined]  # every binary file has it
        except OSError as fault:
            raise _not_read(fault) from fault
        done += read
        if not done:
            raise _empty()
        if done > MOST_BYTES:
            raise _too_large(done)
        if not read and source.has_changed(done):
            raise _changed()
        if len(opening) < OPENING:
            opening.extend(view[: min(read, OPENING - len(opening))])
        return read

    return fill


def _flushing(fill: stream.Fill, file: int, beside: ThreadPoolExecutor) -> stream.Fill:
    """The same bytes; what became of them is flushed to the disk while more are read and sealed.

    The disk would otherwise stand idle until all is written. Of a fault in flushing the system
    tells once only, so every flush is asked how it went.
    """
    flushed = beside.submit(os.fsync, file)
    waiting = 0

    def fill_and_flush(view: memoryview) -> int:
        nonlocal flushed, waiting
        filled = fill(view)
        waiting += filled
        if not filled:
            flushed.result()
        elif waiting >= _FLUSHED_AT_ONCE and flushed.done():
            flushed.result()
            flushed, waiting = beside.submit(os.fsync, file), 0
        return filled

    return fill_and_flush


def elsewhere() -> Elsewhere:
    """The words for an attachment that was added on another laptop."""
    return Elsewhere(
        "This attachment was added on another laptop, and its file is not here yet.",
        "What is written about it is here.",
        "Fetch it from the office, or ask the adviser who added it.",
    )


def _empty() -> NotKept:
    return NotKept("This file is empty.", _AS_IT_WAS, "Choose another.")


def _too_large(size: int) -> NotKept:
    return NotKept(
        f"This file is too large: {size_in_words(size)}. At most 200 MB can be kept.",
        _AS_IT_WAS,
        "Scan it again in fewer colours or in parts.",
    )


def _changed() -> NotKept:
    return NotKept(
        "This file changed while it was read.",
        "Nothing was kept.",
        "Close it in other programs, then add it again.",
    )


def _not_read(fault: OSError) -> NotKept:
    return NotKept(
        f"This file cannot be read: {fault.strerror or fault}.",
        _AS_IT_WAS,
        "Check that it is still there and that you may open it, then add it again.",
    )


def _not_written(fault: OSError) -> NotKept:
    if fault.errno in DISK_FULL:
        return _no_room("the disk is full")
    return NotKept(
        f"This laptop does not let the program keep the file: {fault.strerror or fault}.",
        _AS_IT_WAS,
        "Check that the program’s folder can be written to, then add it again.",
    )


def _no_room(why: str) -> NotKept:
    return NotKept(
        f"There is not enough room on this laptop: {why}.",
        _AS_IT_WAS,
        "Make room on the disk, then add it again.",
    )


def _damaged() -> Damaged:
    return Damaged(
        "This attachment was damaged or changed on the disk, so nothing of it is shown.",
        "Its file was left as it is, and what is written about it is kept.",
        "If you still have the original, add it again.",
    )


def _gone() -> Damaged:
    return Damaged(
        "The sealed file of this attachment is gone from the disk.",
        "What is written about it is kept.",
        "If you still have the original, add it again.",
    )
