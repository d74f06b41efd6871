"""What a laptop signed for, kept as it came: without it a signature proves nothing about a row.

A signature is over a digest. The journal keeps each change in the one spelling; the digest is of
the body as the laptop spelled it, so that body is kept beside it, packed.
"""

import hashlib
import zlib
from collections.abc import Iterator

from sqlalchemy import Connection, insert, select

from hah_central.rows import Evidence, SignedToo

_GZIP = 16 + zlib.MAX_WBITS
_QUICKLY = 1


def keep(connection: Connection, digest: str, packed: bytes, said: bytes = b"") -> None:
    """Keep the body of this digest, once, and all that was signed over it.

    `said` is what was signed, if it was not the digest. Two manifests may name the same changes,
    and a signature holds under its own alone.
    """
    there = signed_over(connection, digest)
    if not there:
        connection.execute(insert(Evidence).values(digest=digest, body=packed, said=said))
    elif said not in there:
        sha256 = hashlib.sha256(said).hexdigest()
        connection.execute(insert(SignedToo).values(digest=digest, sha256=sha256, said=said))


def signed_over(connection: Connection, digest: str) -> list[bytes]:
    """All that was signed over the body of this digest; empty where there is no such body."""
    first = select(Evidence.said).where(Evidence.digest == digest)
    found = list(connection.execute(first).scalars())
    if found:
        others = select(SignedToo.said).where(SignedToo.digest == digest)
        found += connection.execute(others.order_by(SignedToo.sha256)).scalars()
    return found


class Packing:
    """Packs pieces on their way through: they are read once and never held whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._packer = zlib.compressobj(_QUICKLY, wbits=_GZIP)
        self._done = bytearray()

    def pieces(self) -> Iterator[bytes]:
        """The pieces, as they are."""
        for piece in self._pieces:
            self._done += self._packer.compress(piece)
            yield piece

    def packed(self) -> bytes:
        """All pieces that went through, packed with gzip."""
        return bytes(self._done + self._packer.flush())


def body(packed: bytes) -> bytes:
    """What was packed. Raises zlib.error when it was damaged."""
    return zlib.decompress(packed, _GZIP)
