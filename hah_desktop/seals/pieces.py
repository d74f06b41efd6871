r"""One piece of something that arrives bit by bit, sealed by itself under a nonce of its own.

A stream may be written once only under one key, since each of its nonces follows from the place.
What is cut and goes on later, perhaps with other bytes, needs this instead. It knows no file.

    12 bytes  nonce, random
    then the sealed bytes, and 16 bytes of tag

What is authenticated with each: the magic "HAHPIE1\n", the piece's number (4 bytes, big-endian,
from 0) and the caller's context.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hah_desktop.seals.errors import SealBroken

MAGIC = b"HAHPIE1\n"
_NONCE_BYTES = 12
_TAG_BYTES = 16

OVERHEAD = _NONCE_BYTES + _TAG_BYTES
"""What sealing adds to a piece."""


def seal(plain: bytes, key: bytes, number: int, context: bytes) -> bytes:
    """Seal one piece."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(number, context))


def unseal(sealed: bytes, key: bytes, number: int, context: bytes) -> bytes:
    """The plain bytes of a piece. Raises SealBroken for anything else than was sealed there."""
    if len(sealed) < OVERHEAD:
        raise SealBroken
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, _bound(number, context))
    except InvalidTag:
        raise SealBroken from None


def _bound(number: int, context: bytes) -> bytes:
    return MAGIC + number.to_bytes(4, "big") + context
