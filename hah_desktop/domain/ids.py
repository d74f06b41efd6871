"""The ids of records, changes and laptops, and how they are made; no clock and no randomness."""

import hashlib
from typing import NewType

RecordId = NewType("RecordId", str)
ChangeId = NewType("ChangeId", str)
LaptopId = NewType("LaptopId", str)
FileId = NewType("FileId", str)

REFERENCE_FILE = FileId("ref")
"""The file that every laptop holds: places, inspections, advisers."""

_DERIVED = bytes.fromhex("6f0b1f5e6a5d5d0e9d0c4f1f6d2f7c11")
_RANDOM_BYTES = 10


def uuid7(unix_ms: int, random: bytes) -> str:
    """A UUID version 7 (RFC 9562) from milliseconds since 1970 and ten random bytes.

    The time part only keeps neighbours together in an index; 74 random bits make it unique
    even when the laptop's clock is wrong, and nothing is ever decided by its order in time.
    """
    if len(random) != _RANDOM_BYTES:
        raise ValueError(f"uuid7 takes {_RANDOM_BYTES} random bytes, not {len(random)}")
    time_part = (max(unix_ms, 0) & 0xFFFF_FFFF_FFFF) << 80
    return _uuid(time_part | int.from_bytes(random), version=7)


def derived_id(*parts: str) -> RecordId:
    """The same id on every laptop for the same parts, such as a place's URN.

    Two laptops that import one published list make the same records, not twice as many.
    """
    named = hashlib.sha1(_DERIVED + "\x1f".join(parts).encode(), usedforsecurity=False)
    return RecordId(_uuid(int.from_bytes(named.digest()[:16]), version=5))


def _uuid(bits: int, *, version: int) -> str:
    """The bits as a UUID, spelled here: Python's own object takes longer than all the rest."""
    bits = bits & ~(0xF << 76) | (version << 76)
    bits = bits & ~(0x3 << 62) | (0x2 << 62)
    spelled = f"{bits:032x}"
    return "-".join((spelled[:8], spelled[8:12], spelled[12:16], spelled[16:20], spelled[20:]))


def visit_file(visit: str) -> FileId:
    """The file of one visit: what access to a visit is given to."""
    return FileId(f"visit:{visit}")


def child_file(child: str) -> FileId:
    """The file of one child."""
    return FileId(f"child:{child}")
