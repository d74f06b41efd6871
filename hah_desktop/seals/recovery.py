"""One-use codes by telephone: how laptop and office derive them from one shared secret.

The secret is made on the laptop, kept in its encrypted database, and sealed once for the office.
Each code is derived from it with what it is for and a count, so a code that was overheard says
nothing about the secret or about the next code. Nothing here keeps or counts anything.
"""

import os
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hah_desktop.seals import letters, sealing
from hah_desktop.seals.errors import Misheard

SECRET_BYTES = 32
ID_BYTES = 5
SEALED_BYTES = SECRET_BYTES + sealing.OVERHEAD
CODE_LETTERS = 24
REQUEST_LETTERS = 12
MOST_CODES = (1 << 19) - 1
_CODE_BYTES = 15
_CODE_LABEL = b"help-at-hand recovery code 1\n"
_SEAL_LABEL = b"help-at-hand recovery 1\n"


class Purpose(Enum):
    """What a code is for: to open the laptop, or to let it work on without contact."""

    OPEN = 0
    LEASE = 1


@dataclass(frozen=True)
class Request:
    """What an adviser reads out: which laptop asks, what for, and for the how-manieth code."""

    recovery_id: bytes
    purpose: Purpose
    count: int


def new_secret() -> bytes:
    """A fresh secret, for one vault."""
    return os.urandom(SECRET_BYTES)


def new_id() -> bytes:
    """A fresh name for one vault's secret; it says nothing about the laptop."""
    return os.urandom(ID_BYTES)


def seal_info(vault_id: str, recovery_id: bytes) -> bytes:
    """What the secret's seal is bound to: one vault and one recovery id, both in hex."""
    return _SEAL_LABEL + vault_id.encode("ascii") + b"\n" + recovery_id.hex().encode("ascii")


def code(secret: bytes, purpose: Purpose, count: int) -> str:
    """The code as it is read out: six groups of five letters."""
    _check_count(count)
    if len(secret) != SECRET_BYTES:
        raise ValueError("the secret that codes are derived from is 32 bytes")
    info = _CODE_LABEL + bytes([purpose.value]) + count.to_bytes(4)
    derived = HKDFExpand(SHA256(), _CODE_BYTES, info).derive(secret)
    return letters.write(letters.of_bytes(derived, CODE_LETTERS))


def request(recovery_id: bytes, purpose: Purpose, count: int) -> str:
    """What to read out to the office: three groups of five letters."""
    _check_count(count)
    if len(recovery_id) != ID_BYTES:
        raise ValueError("a recovery id is 5 bytes")
    number = int.from_bytes(recovery_id) << 20 | purpose.value << 19 | count
    return letters.write(letters.of_number(number, REQUEST_LETTERS))


def read_request(typed: str) -> Request:
    """Read what was read out; raises Misheard."""
    number = letters.number(letters.read(typed, REQUEST_LETTERS))
    count = number & MOST_CODES
    if not count:
        raise Misheard("No laptop reads out letters like these.")
    return Request((number >> 20).to_bytes(ID_BYTES), Purpose(number >> 19 & 1), count)


def _check_count(count: int) -> None:
    if not 0 < count <= MOST_CODES:
        raise ValueError("codes are counted from 1 to 524287")
