"""Dates as published lists write them, in cells, titles and file names; no clock."""

import datetime as dt
import re
from functools import lru_cache

from hah_desktop.domain.days import MONTHS
from hah_desktop.intake.words import MEMORY

_NUMBER_OF = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_FIRST_SHORT_YEAR = 70
"""A year of two digits below this is of this century: 12-Mar-24 is 2024, 12-Mar-98 is 1998."""

_MONTH = "|".join(rf"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|Sept"
_DATE = re.compile(
    rf"""(?<![\w/-])(?:
        (?P<iso_year>\d{{4}})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)
      | (?P<day>\d\d?)
        (?: /(?P<number>\d\d?)/
          | (?:st|nd|rd|th)?[- ]*(?P<month>{_MONTH})\.?[-, ]*
        )(?P<year>\d{{4}}|\d\d)
    )(?![\d/-])""",
    re.VERBOSE | re.IGNORECASE,
)
_MIDNIGHT = re.compile(r"[ T]00:00(?::00)?$")
_AS_AT = re.compile(r"\b(?:as at|as of|at|to)\s+$", re.IGNORECASE)


@lru_cache(MEMORY)
def read_date(words: str) -> dt.date | None:
    """The date a cell holds; None when it is in no form that can mean one day only.

    dd/mm/yyyy (the day first, as in Britain), yyyy-mm-dd, 12 March 2024, 12-Mar-24.
    """
    match = _DATE.fullmatch(_MIDNIGHT.sub("", words.strip()))
    return _day(match) if match else None


def date_of_list(text: str) -> dt.date | None:
    """The one day that a title or a file name speaks of; None when it names none, or several.

    Of several days, the one after "as at" and the like is the day of the list.
    """
    text = text.replace("_", " ")
    found = [(bool(_AS_AT.search(text[: m.start()])), _day(m)) for m in _DATE.finditer(text)]
    as_at = {day for said, day in found if day and said}
    days = as_at or {day for _, day in found if day}
    return days.pop() if len(days) == 1 else None


def _day(match: re.Match[str]) -> dt.date | None:
    part = match.groupdict()
    year = part["iso_year"] or part["year"]
    month = part["iso_month"] or part["number"] or _NUMBER_OF[part["month"][:3].lower()]
    try:
        return dt.date(_whole_year(year), int(month), int(part["iso_day"] or part["day"]))
    except ValueError:
        return None


def _whole_year(year: str) -> int:
    number = int(year)
    if len(year) > len("24"):
        return number
    return number + (2000 if number < _FIRST_SHORT_YEAR else 1900)
