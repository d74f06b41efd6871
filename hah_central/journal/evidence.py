"""What a laptop signed for, kept as it came: without it a signature proves nothing about a row.

A signature is over a digest. The journal keeps each change in the one spelling; the digest is of
the body as the laptop spelled it, so that body is kept beside it, packed.
"""

import hashlib
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, bindparam, exists, insert, select

from hah_central.database.lookups import rows_for
from hah_central.database.questions import Deed
from hah_central.database.rows import Evidence, SignedToo
from hah_desktop.sync.wire import packing

_DIGEST, _SHA256, _SAID, _BODY = (
    bindparam(column.key, type_=column.type)
    for column in (Evidence.digest, SignedToo.sha256, Evidence.said, Evidence.body)
)
_THERE = exists().where(Evidence.digest == _DIGEST)
_OTHER_SAID = exists().where(Evidence.digest == _DIGEST, Evidence.said != _SAID)
_SAID_TOO = exists().where(SignedToo.digest == _DIGEST, SignedToo.sha256 == _SHA256)
_KEEP = Deed(
    insert(Evidence).from_select(
        [Evidence.digest, Evidence.said, Evidence.body],
        select(_DIGEST, _SAID, _BODY).where(~_THERE),
    )
)
_KEEP_TOO = Deed(
    insert(SignedToo).from_select(
        [SignedToo.digest, SignedToo.sha256, SignedToo.said],
        select(_DIGEST, _SHA256, _SAID).where(_OTHER_SAID, ~_SAID_TOO),
    )
)


def keep(connection: Connection, digest: str, packed: bytes, said: bytes = b"") -> None:
    """Keep the body of this digest, once, and all that was signed over it.

    `said` is what was signed, if it was not the digest. Two manifests may name the same changes,
    and a signature holds under its own alone.
    """
    sha256 = hashlib.sha256(said).hexdigest()
    _KEEP.do(connection, digest=digest, body=packed, said=said)
    _KEEP_TOO.do(connection, digest=digest, sha256=sha256, said=said)


def signed_over(connection: Connection, digest: str) -> list[bytes]:
    """All that was signed over the body of this digest; empty where there is no such body."""
    first = select(Evidence.said).where(Evidence.digest == digest)
    found = list(connection.execute(first).scalars())
    if found:
        others = select(SignedToo.said).where(SignedToo.digest == digest)
        found += connection.execute(others.order_by(SignedToo.sha256)).scalars()
    return found


def lacking(connection: Connection, digests: Collection[str]) -> frozenset[str]:
    """Those of the digests of which no body is kept."""
    kept = rows_for(connection, select(Evidence.digest), Evidence.digest, digests)
    return frozenset(digests) - {digest for (digest,) in kept}


class Packing:
    """Packs pieces on their way through: they are read once and never held whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._packer = packing.packer(packing.ZSTD)
        self._done = bytearray()

    def pieces(self) -> Iterator[bytes]:
        """The pieces, as they are."""
        for piece in self._pieces:
            self._done += self._packer.compress(piece)
            yield piece

    def packed(self) -> bytes:
        """All pieces that went through, packed."""
        return bytes(self._done + self._packer.flush())
