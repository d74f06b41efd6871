"""Words as they are compared: without case, line breaks, punctuation or apostrophes."""

import re

_APOSTROPHES = re.compile(r"['’‘`´]")  # noqa: RUF001 - the apostrophes that lists really use
_OTHER = re.compile(r"[^a-z0-9]+")
_NOTHING = frozenset({"", "-", "–", "—", "null", "n/a", "not applicable"})
_WITHHELD = frozenset({"redacted", "withheld"})


def plain(words: str) -> str:
    """The words in small letters, one space between them: "Children's  Home" → childrens home."""
    return _OTHER.sub(" ", _APOSTROPHES.sub("", words.casefold())).strip()


def says_nothing(cell: str) -> bool:
    """Whether a cell holds no value: empty, a dash, NULL, N/A, or one kept back."""
    said = cell.strip().casefold()
    return said in _NOTHING or said in _WITHHELD


def withheld(cell: str) -> bool:
    """Whether a cell says that Ofsted keeps its content back."""
    return cell.strip().casefold() in _WITHHELD
