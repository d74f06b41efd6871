"""A file that comes from the office piece by piece, each sealed by itself until all are here.

What was verified stays over a cut, a lock or a crash; plain bytes are held in memory only.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NoReturn

from hah_desktop.domain.chunks import CHUNK, chunks_of, length_of
from hah_desktop.domain.errors import KnownError
from hah_desktop.seals import pieces
from hah_desktop.seals.errors import SealBroken
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, KeptFile, NotKept
from hah_desktop.store.attachments.travelling import Coming, Wanted
from hah_desktop.store.store import Store

GetPiece = Callable[[int, int], bytes]
"""Gives the bytes from one place to before another."""
Tell = Callable[[int, int], None]
"""Is told how many bytes of how many are here."""

_SLOT = CHUNK + pieces.OVERHEAD


_BUSY: set[Path] = set()
"""What is being fetched now: two that write into one file would spoil it."""
_ONE = Lock()


class NotFetched(KnownError):
    """What was asked for did not come, or cannot be kept here."""


class NotNamed(KnownError):
    """Nobody needs it here any more."""

    def __init__(self) -> None:
        super().__init__(
            "What is written about this file was removed or taken back while it was fetched.",
            "Nothing of the file was kept here, and the office has it as before.",
            "Nothing has to be done.",
        )


class NotTheSame(KnownError):
    """The office gave other bytes than the record names."""

    def __init__(self) -> None:
        super().__init__(
            "The office gave another file than the one that was written about.",
            "Nothing of it was kept, and what is written about it is here.",
            "Tell the office.",
        )


def fetch(store: Store, kept: Attachments, what: Wanted, get: GetPiece, tell: Tell) -> None:
    """Fetch what is missing, compare the whole, and note it as kept.

    Whatever `get` and `tell` raise stops it; what was fetched until then stays for the next time.
    Raises NotTheSame, NotNamed or NotFetched.
    """
    path = kept.path_of_coming(what.id)
    with alone(path), _in_plain_words():
        kept.check_room(2 * what.size)
        try:
            _fetch(store, kept, what, get, tell)
        except (NotTheSame, NotNamed):
            _unlink(path)
            raise
        _unlink(path)


def _fetch(store: Store, kept: Attachments, what: Wanted, get: GetPiece, tell: Tell) -> None:
    with store.writing() as connection:
        coming = travelling.begin(connection, what)
    with _opened(kept.path_of_coming(what.id)) as file:
        here = _verified(file, coming)
        tell(_bytes(what, here), what.size)
        for number in range(here, chunks_of(what.size)):
            first = number * CHUNK
            _add(file, coming, number, get(first, first + length_of(what.size, number)))
            done = _bytes(what, number + 1)
            with store.writing() as connection:
                travelling.note_fetched(connection, what.id, done)
            tell(done, what.size)
        _finish(store, kept, coming, file)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else fetches into this path meanwhile. Raises NotFetched where somebody does."""
    with _ONE:
        if path in _BUSY:
            raise NotFetched("This file is being fetched already.", "", "Wait until it is here.")
        _BUSY.add(path)
    try:
        yield
    finally:
        with _ONE:
            _BUSY.discard(path)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """What the disk refuses is said in plain words."""
    try:
        yield
    except (NotKept, OSError) as fault:
        why = fault.what if isinstance(fault, NotKept) else f"{fault.strerror or fault}."
        raise NotFetched(
            f"The file cannot be kept on this laptop: {why}",
            "What came until then is kept, and the office has all of it.",
            "Make room on the disk, then fetch it again.",
        ) from fault


def forget(store: Store, kept: Attachments, name: str) -> None:
    """Give up what was being fetched, with all of its pieces."""
    with store.writing() as connection:
        travelling.forget(connection, name)
    _unlink(kept.path_of_coming(name))


def _finish(store: Store, kept: Attachments, coming: Coming, file: BinaryIO) -> None:
    what = coming.wanted
    sealed = kept.seal_as(what.id, _plain(file, coming))
    try:
        if (sealed.size, sealed.sha256) != (what.size, what.sha256):
            _throw_away(store, coming, file)
        _note_here(store, sealed)
    except BaseException:
        _unlink(kept.path(what.id))
        raise


def _note_here(store: Store, sealed: KeptFile) -> None:
    """Note it, unless a sync beside this has taken away what names it. Raises NotNamed."""
    with store.writing() as connection:
        named = travelling.is_named(connection, sealed.id)
        if named:
            travelling.note_here(connection, sealed, store.now().isoformat())
        else:
            travelling.forget(connection, sealed.id)
    if not named:
        raise NotNamed


def _throw_away(store: Store, coming: Coming, file: BinaryIO) -> NoReturn:
    """Keep none of its pieces: nobody knows which of them is the wrong one."""
    file.truncate(0)
    fault = NotTheSame()
    with store.writing() as connection:
        travelling.note_not_fetched(connection, coming.wanted.id, fault.what)
    raise fault


def _bytes(what: Wanted, count: int) -> int:
    return min(what.size, count * CHUNK)


def _opened(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    return os.fdopen(descriptor, "r+b")


def _verified(file: BinaryIO, coming: Coming) -> int:
    """How many pieces are here from the first on; what follows them is torn and cut off."""
    count = 0
    with suppress(SealBroken):
        for number in range(chunks_of(coming.wanted.size)):
            _piece(file, coming, number)
            count = number + 1
    file.truncate(count * _SLOT)
    return count


def _piece(file: BinaryIO, coming: Coming, number: int) -> bytes:
    file.seek(number * _SLOT)
    length = length_of(coming.wanted.size, number) + pieces.OVERHEAD
    return pieces.unseal(file.read(length), coming.key, number, coming.wanted.id.encode())


def _plain(file: BinaryIO, coming: Coming) -> Iterator[bytes]:
    for number in range(chunks_of(coming.wanted.size)):
        yield _piece(file, coming, number)


def _add(file: BinaryIO, coming: Coming, number: int, plain: bytes) -> None:
    file.seek(number * _SLOT)
    file.write(pieces.seal(plain, coming.key, number, coming.wanted.id.encode()))
    file.flush()


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
