"""A change as its mere bytes, for an office that could not read it as it was sent. Pure.

In a push it stands in the place of the change, so that the chain goes on:
{id, number, previous, opaque}, where `opaque` is the one spelling of the change, packed with zlib
and spelled in base64. Its hash is that of these bytes: the same as of the change itself.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

from hah_desktop.domain.changes import Spelled, from_spelled
from hah_desktop.sync.wire.form import MAX_BYTES, lines

NAME = "opaque"


def write_opaque(epoch: str, spelled: Spelled) -> bytes:
    """The body of a push of one change as its bytes: those that are kept, never spelled anew."""
    packed = base64.b64encode(zlib.compress(spelled.encode())).decode()
    change = from_spelled(spelled)
    item = {"id": change.id, "number": change.number, "previous": change.previous, NAME: packed}
    return lines({"epoch": epoch}, [item])


def is_opaque(plain: Mapping[str, Any]) -> bool:
    """Whether an item of a push is a change as its bytes."""
    return NAME in plain and "fields" not in plain


def content(plain: Mapping[str, Any]) -> bytes | None:
    """The bytes in it; None where they are damaged, or more than a change may be."""
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(base64.b64decode(plain[NAME], validate=True), MAX_BYTES)
    except (TypeError, ValueError, binascii.Error, zlib.error):
        return None
    return found if unpacker.eof and not unpacker.unused_data else None
