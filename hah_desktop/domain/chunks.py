"""How the content of an attachment is cut for its way to the office and back. Pure."""

import re
from dataclasses import dataclass
from typing import TypeGuard

CHUNK = 1 << 20
"""The bytes of every chunk but the last: those of a chunk of a sealed file on a laptop too."""

LARGEST = 200 * CHUNK
"""The largest attachment that is taken."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the office has one attachment from this laptop: the chunks that are missing."""

    sha256: str
    size: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a chunk. `whole`: the office has all of it and has compared the hash."""

    whole: bool
    missing: tuple[int, ...] = ()


def is_digest(value: str) -> bool:
    """Whether this is a SHA-256, spelled as everywhere here."""
    return _DIGEST.fullmatch(value) is not None


def is_size(size: object) -> TypeGuard[int]:
    """Whether an attachment may be so large."""
    return type(size) is int and 0 < size <= LARGEST


def chunks_of(size: int) -> int:
    """How many chunks so many bytes make."""
    return -(-size // CHUNK)


def length_of(size: int, number: int) -> int:
    """How long one chunk is; 0 for one that there is not."""
    return max(0, min(CHUNK, size - number * CHUNK)) if number >= 0 else 0
