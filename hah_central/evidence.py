"""What a laptop signed for, kept as it came: without it a signature proves nothing about a row.

A signature is over a digest. The journal keeps each change in the one spelling; the digest is of
the body as the laptop spelled it, so that body is kept beside it, packed.
"""

import zlib
from collections.abc import Iterator

from sqlalchemy import Connection, insert, select

from hah_central.rows import Evidence

_GZIP = 16 + zlib.MAX_WBITS
_QUICKLY = 1


def keep(connection: Connection, digest: str, packed: bytes, said: bytes = b"") -> None:
    """Keep the body of this digest, once. `said` is what was signed, if it was not the digest."""
    if connection.execute(select(Evidence.digest).where(Evidence.digest == digest)).first() is None:
        connection.execute(insert(Evidence).values(digest=digest, body=packed, said=said))


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
