"""Letters that are read out by telephone and typed in; knows nothing of what they stand for.

They go in groups of five: four letters that say something and one that checks them. The check
is linear over GF(32) = GF(2)[x] / (x⁵ + x² + 1), plus the group's number, so that every single
wrong letter, every swap of two letters in a group and every swap of two groups is found.
"""

import re

from hah_desktop.seals.errors import Misheard

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SAYS = 4
"""How many letters of a group say something; one more checks them."""

_MOST_GROUPS = 31
_BITS = 5
_POLYNOMIAL = 0b100101
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_GAPS = re.compile(r"[\s\u2010-\u2015\u2212-]+")
"""Spaces and every kind of dash, as people and their programs type them."""

_LOOK_ALIKE = str.maketrans("OIL", "011")


def write(data: str) -> str:
    """Write letters for reading out: ABCDE-FGHJK. `data` is whole groups of four letters."""
    groups = [data[start : start + SAYS] for start in range(0, len(data), SAYS)]
    if not 0 < len(groups) <= _MOST_GROUPS or len(data) % SAYS:
        raise ValueError("letters are written in 1 to 31 groups of four")
    return "-".join(group + _check(group, number) for number, group in enumerate(groups, 1))


def read(typed: str, count: int) -> str:
    """Give the `count` letters that were written; case, spaces and dashes do not matter.

    Raises Misheard, which names the wrong groups where it can.
    """
    pieces = [piece for piece in _GAPS.split(typed.upper().translate(_LOOK_ALIKE)) if piece]
    joined = "".join(pieces)
    size = SAYS + 1
    if len(joined) != count // SAYS * size:
        raise _other_length(pieces, count // SAYS)
    groups = [joined[start : start + size] for start in range(0, len(joined), size)]
    wrong = tuple(n for n, group in enumerate(groups, 1) if not _fits(group, n))
    if wrong:
        raise Misheard(f"{_named(wrong)} cannot have been read out like this.", wrong)
    return "".join(group[:SAYS] for group in groups)


def of_bytes(data: bytes, count: int) -> str:
    """The first `count` letters of `data`, five bits each."""
    if len(data) * 8 < count * _BITS:
        raise ValueError("too few bytes for so many letters")
    return of_number(int.from_bytes(data) >> (len(data) * 8 - count * _BITS), count)


def of_number(number: int, count: int) -> str:
    """Write `number` with exactly `count` letters, the highest first."""
    if not 0 <= number < 1 << count * _BITS:
        raise ValueError("too few letters for this number")
    places = range((count - 1) * _BITS, -1, -_BITS)
    return "".join(ALPHABET[number >> place & len(ALPHABET) - 1] for place in places)


def number(data: str) -> int:
    """The number that `of_number` wrote."""
    value = 0
    for letter in data:
        value = value << _BITS | _VALUES[letter]
    return value


def _check(group: str, number_of_group: int) -> str:
    value = 0
    for letter in group:
        value = (value ^ _VALUES[letter]) << 1
        if value >> _BITS:
            value ^= _POLYNOMIAL
    return ALPHABET[value ^ number_of_group]


def _fits(group: str, number_of_group: int) -> bool:
    return set(group) <= set(ALPHABET) and _check(group[:SAYS], number_of_group) == group[SAYS]


def _other_length(pieces: list[str], groups: int) -> Misheard:
    # Only where the groups were typed apart can the wrong one be told.
    lengths = [len(piece) for piece in pieces]
    wrong = tuple(n for n, length in enumerate(lengths, 1) if length != SAYS + 1)
    if len(pieces) == groups:
        return Misheard(f"{_named(wrong)} should have five letters.", wrong)
    expected = f"There should be {groups * (SAYS + 1)} letters and digits"
    return Misheard(f"{expected}, and {sum(lengths)} were typed.")


def _named(groups: tuple[int, ...]) -> str:
    *but_last, last = map(str, groups)
    if not but_last:
        return f"Group {last} of the letters"
    return f"Groups {', '.join(but_last)} and {last} of the letters"
