"""Words as they are compared: without case, line breaks, punctuation or apostrophes."""

import re
from functools import lru_cache

_APOSTROPHES = re.compile(r"['’‘`´]")  # noqa: RUF001 - the apostrophes that lists really use
_OTHER = re.compile(r"[^a-z0-9]+")
_NOTHING = frozenset({"", "-", "–", "—", "null", "n/a", "not applicable"})
_WITHHELD = frozenset({"redacted", "withheld"})


MEMORY = 4096
"""So many cells are remembered as they were read: a list says the same few thousands of times.

Only while it is read: what somebody took for a list may hold words that a lock has to take away.
"""


@lru_cache(MEMORY)
def plain(words: str) -> str:
    """The words in small letters, one space between them: "Children's  Home" → childrens home."""
    return _OTHER.sub(" ", _APOSTROPHES.sub("", words.casefold())).strip()


@lru_cache(MEMORY)
def said_in(cell: str) -> str:
    """The cell in single spaces; "" for no value: a dash, NULL, N/A, or one kept back."""
    words = " ".join(cell.split())
    compared = words.casefold()
    return "" if compared in _NOTHING or compared in _WITHHELD else words


def withheld(cell: str) -> bool:
    """Whether a cell says that Ofsted keeps its content back."""
    return cell.strip().casefold() in _WITHHELD
