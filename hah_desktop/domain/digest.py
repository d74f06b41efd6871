"""Whether two sides hold the same of a file, told by one number each. Pure.

A record's part is a hash of its heads, and a file's digest is the sum of its records' parts: so
neither order nor batches can matter, and either side can keep it up to date record by record.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hah_desktop.domain.ids import ChangeId, FileId
from hah_desktop.domain.spelling import spell_plain

_LANE = 1 << 44
"""Half a million parts fit into the 64 bits of a database's sum; two lanes make 88 bits."""

_IN_LANE = _LANE - 1
_BOTH_BYTES, _LOW_BIT = 12, 48
"""A lane is taken from six bytes of the hash, the low one from those that come first."""

_SUM = "%011x%011x"


@dataclass(frozen=True, slots=True)
class Digest:
    """How many records with heads a file holds, and the sum of their parts in hex."""

    count: int
    sum: str


class Part(NamedTuple):
    """What one record adds to the digest of each file that it lies in."""

    low: int
    high: int


NOTHING = Part(0, 0)
"""The part of a record without any head: it does not count."""


def part(record: str, heads: Mapping[str, Iterable[ChangeId]]) -> Part:
    """The part of one record, by the heads of its fields in any order."""
    told = {name: ids for name, found in heads.items() if (ids := sorted(found))}
    return spelled_part(record, spell_plain(told).decode()) if told else NOTHING


def spelled_part(record: str, heads: str) -> Part:
    """The part of one record whose heads are spelled already: sorted, with none that is empty."""
    hashed = hashlib.sha256(f"{record}\n{heads}".encode()).digest()
    both = int.from_bytes(hashed[:_BOTH_BYTES])
    return Part(both >> _LOW_BIT & _IN_LANE, both & _IN_LANE)


def digest(count: int, low: int, high: int) -> Digest:
    """The digest of a file, by the number of its records and the sums of their parts."""
    return Digest(count, _SUM % (high % _LANE, low % _LANE))


def digest_of(parts: Iterable[Part]) -> Digest:
    """The digest of a file that holds records with these parts."""
    counted = [each for each in parts if each != NOTHING]
    low, high = sum(each.low for each in counted), sum(each.high for each in counted)
    return digest(len(counted), low, high)


EMPTY = digest(0, 0, 0)
"""The digest of a file that holds nothing."""


def names(files: Iterable[FileId]) -> str:
    """One word for these files and no others, in any order."""
    return hashlib.sha256(spell_plain(sorted(files))).hexdigest()


def whole(digests: Mapping[FileId, Digest]) -> str:
    """One word for what each of these files holds."""
    return _word({file: [each.count, each.sum] for file, each in digests.items()})


def whole_of_sums(sums: Mapping[FileId, Sequence[int]]) -> str:
    """The same by the number of records of each file and the two sums of their parts."""
    return _word({f: [n, _SUM % (high % _LANE, low % _LANE)] for f, (n, low, high) in sums.items()})


def _word(told: Mapping[FileId, Sequence[int | str]]) -> str:
    return hashlib.sha256(spell_plain(told)).hexdigest()
