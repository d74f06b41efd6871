r"""Bytes of any length, sealed in chunks so that no change, cut or swap goes unseen.

The STREAM construction over AES-256-GCM. It holds a few chunks at a time, never the whole; it
knows no file by its path and must never be given the same key for two payloads.

    8 bytes   magic "HAHSTR1\n"
    7 bytes   nonce prefix, random
    then chunks: each 1 MiB of plain bytes, the last one shorter, and 16 bytes of tag

A chunk's nonce is the prefix, its number (4 bytes, big-endian, from 0) and 1 for the last chunk,
0 for every other. What is authenticated with each: magic, prefix and the caller's context.
An empty payload is one empty last chunk.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import BinaryIO, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hah_desktop.seals.errors import SealBroken

CHUNK = 1 << 20
KEY_BYTES = 32
MAGIC = b"HAHSTR1\n"
_PREFIX_BYTES = 7
_TAG_BYTES = 16
HELD = 4
"""So many pieces at most wait to be hashed."""

OVERHEAD = len(MAGIC) + _PREFIX_BYTES + _TAG_BYTES
"""What sealing adds to an empty payload; every further chunk adds a tag."""

Piece: TypeAlias = bytes | bytearray | memoryview

Fill: TypeAlias = Callable[[memoryview], int]
"""Puts the plain bytes that follow into the view. Returns how many; 0 once, at the end."""


@dataclass(frozen=True)
class Written:
    """The plain bytes that went in: how many, and their SHA-256 in hex."""

    size: int
    sha256: str


def new_key() -> bytes:
    """A random key, for one payload only."""
    return os.urandom(KEY_BYTES)


def sealed_size(size: int) -> int:
    """How long `size` plain bytes are when they are sealed."""
    further = max(0, size - 1) // CHUNK
    return OVERHEAD + size + further * _TAG_BYTES


def write(source: Iterable[Piece], target: BinaryIO, key: bytes, context: bytes) -> Written:
    """Seal the pieces, of whatever length, one after another; raises what `target` raises."""
    return write_from(poured(source), target, key, context)


def write_from(fill: Fill, target: BinaryIO, key: bytes, context: bytes) -> Written:
    """Seal what `fill` puts where it is sealed from; raises what `fill` and `target` raise."""
    cipher = AESGCM(key)
    prefix = os.urandom(_PREFIX_BYTES)
    bound = MAGIC + prefix + context
    sealed = bytearray(CHUNK + _TAG_BYTES)
    size = 0
    target.write(MAGIC + prefix)
    with hashing() as digest:
        for number, (plain, last) in enumerate(_chunks(fill)):
            digest.update(plain)
            size += len(plain)
            chunk = memoryview(sealed)[: len(plain) + _TAG_BYTES]
            cipher.encrypt_into(_nonce(prefix, number, last=last), plain, bound, chunk)
            target.write(chunk)
        return Written(size, digest.hexdigest())


class Hashing:
    """The SHA-256 of pieces, found by a thread of its own while whoever has them goes on.

    It takes as long as all the rest and lets go of Python's lock. A piece is to stay as it is
    until `HELD` more were brought.
    """

    def __init__(self, beside: ThreadPoolExecutor) -> None:
        self._beside = beside
        self._digest = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()

    def update(self, piece: Piece) -> None:
        """Take in the next piece; waits only for the one that is `HELD` before it."""
        if len(self._waiting) == HELD:
            self._waiting.popleft().result()
        self._waiting.append(self._beside.submit(self._digest.update, piece))

    def hexdigest(self) -> str:
        """The hash of all that was brought."""
        while self._waiting:
            self._waiting.popleft().result()
        return self._digest.hexdigest()


@contextmanager
def hashing() -> Iterator[Hashing]:
    """Hash beside what is done in the block; the thread ends with it."""
    with ThreadPoolExecutor(1) as beside:
        yield Hashing(beside)


def poured(source: Iterable[Piece]) -> Fill:
    """The pieces, of whatever length, poured one after another into what is to be filled."""
    pieces = (memoryview(piece).cast("B") for piece in source)
    rest = memoryview(b"")

    def fill(view: memoryview) -> int:
        nonlocal rest
        while not rest:
            following = next(pieces, None)
            if following is None:
                return 0
            rest = following
        taken = min(len(view), len(rest))
        view[:taken] = rest[:taken]
        rest = rest[taken:]
        return taken

    return fill


def read(source: BinaryIO, key: bytes, context: bytes) -> Iterator[bytes]:
    """Give the plain bytes, chunk by chunk, each one verified before it is given.

    Raises SealBroken where a chunk does not fit, also when the end is missing: whoever must not
    use half of it waits until this has come to its end.
    """
    opening = _opening(source)
    cipher = AESGCM(key)
    for number, (chunk, last) in enumerate(_sealed_chunks(source)):
        yield _unsealed(cipher, opening, context, number, chunk, last=last)


def read_chunk(source: BinaryIO, key: bytes, context: bytes, number: int, *, last: bool) -> bytes:
    """Give one chunk alone, verified. Raises SealBroken; whether the rest fits nobody knows."""
    opening = _opening(source)
    source.seek(number * (CHUNK + _TAG_BYTES), os.SEEK_CUR)
    chunk = source.read(CHUNK + _TAG_BYTES)
    return _unsealed(AESGCM(key), opening, context, number, chunk, last=last)


def _opening(source: BinaryIO) -> bytes:
    opening = source.read(len(MAGIC) + _PREFIX_BYTES)
    if len(opening) != len(MAGIC) + _PREFIX_BYTES or not opening.startswith(MAGIC):
        raise SealBroken
    return opening


def _unsealed(
    cipher: AESGCM, opening: bytes, context: bytes, number: int, chunk: bytes, *, last: bool
) -> bytes:
    nonce = _nonce(opening[len(MAGIC) :], number, last=last)
    try:
        return cipher.decrypt(nonce, chunk, opening + context)
    except InvalidTag:
        raise SealBroken from None


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    # Past 2**32 chunks, 4 PiB, this raises rather than use a nonce again.
    return prefix + number.to_bytes(4, "big") + bytes((last,))


def _chunks(fill: Fill) -> Iterator[tuple[memoryview, bool]]:
    """Chunk by chunk; a full one waits until it is known whether more follows.

    Each view is good until `HELD` more were asked for and one is read ahead: buffers take turns.
    """
    buffers = cycle(memoryview(bytearray(CHUNK)) for _ in range(HELD + 2))
    chunk = _filled(next(buffers), fill)
    while len(chunk) == CHUNK and (following := _filled(next(buffers), fill)):
        yield chunk, False
        chunk = following
    yield chunk, True


def _filled(buffer: memoryview, fill: Fill) -> memoryview:
    filled = 0
    while filled < CHUNK and (taken := fill(buffer[filled:])):
        filled += taken
    return buffer[:filled]


def _sealed_chunks(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    full = CHUNK + _TAG_BYTES
    chunk = source.read(full)
    while len(chunk) == full and (following := source.read(full)):
        yield chunk, False
        chunk = following
    yield chunk, True
