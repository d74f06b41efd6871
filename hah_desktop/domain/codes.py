"""Code lists with dates of validity: what a code means, and on which days it may be chosen."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `valid_from` and `valid_to` are inclusive; None is open-ended.

    `verified` is False for a fact that nobody has checked against its source yet.
    """

    code: str
    label: str
    note: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    verified: bool = False

    def valid_on(self, day: dt.date) -> bool:
        """Whether the code may be chosen for something that happened on `day`."""
        after_start = self.valid_from is None or self.valid_from <= day
        return after_start and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named list of codes in the order in which people are to see them."""

    name: str
    codes: tuple[Code, ...]

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def label(self, code: str) -> str:
        """The words for a code; a code that this version does not know is shown as it stands."""
        return next((c.label for c in self.codes if c.code == code), code)

    def valid_on(self, day: dt.date) -> tuple[Code, ...]:
        """The codes that may be chosen for something that happened on `day`."""
        return tuple(c for c in self.codes if c.valid_on(day))


Codes = Callable[[str], CodeList]
"""Gives a list by its name."""

ADVISERS = "adviser"
"""The name of the list of people whom a laptop knows: it is made of their records."""
