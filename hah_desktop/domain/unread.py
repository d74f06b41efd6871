"""A change that cannot be read, as both sides keep it in its place in its laptop's chain. Pure.

It is an item of whatever form, or one that holds the change as its mere bytes:
{id, number, previous, opaque}, where `opaque` is the one spelling of the change, packed with zlib
and spelled in base64. Its hash is that of these bytes: the same as of the change itself.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from hah_desktop.domain.spelling import spell

NAME = "opaque"

MOST_BYTES = 8 * 1024 * 1024
"""Of the bytes in it: as many as the office takes at once."""


def is_opaque(plain: Mapping[str, Any]) -> bool:
    """Whether an item of a push is a change as its bytes."""
    return NAME in plain and "fields" not in plain


def content(plain: Mapping[str, Any]) -> bytes | None:
    """The bytes in it; None where they are damaged, or more than a change may be."""
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(base64.b64decode(plain[NAME], validate=True), MOST_BYTES)
    except (TypeError, ValueError, binascii.Error, zlib.error):
        return None
    return found if unpacker.eof and not unpacker.unused_data else None


def as_kept(plain: Mapping[str, Any]) -> str:
    """An item that cannot be read, spelled as the office keeps it: half characters by their names.

    Its hash is `hash_of` both.
    """
    text = spell(plain)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return text


def hash_of(plain: Mapping[str, Any], text: str) -> str:
    """What the change behind it names: the hash of its bytes, or of its text where it has none."""
    found = content(plain) if is_opaque(plain) else None
    return hashlib.sha256(text.encode() if found is None else found).hexdigest()
