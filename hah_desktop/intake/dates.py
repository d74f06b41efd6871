"""Dates as published lists write them, in cells, titles and file names; no clock."""

import datetime as dt
import re

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NUMBER_OF = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_NUMERIC = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: 00:00(?::00)?)?")
_MONTH = "(" + "|".join(rf"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|Sept)\.?"
_WORDED = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-_ ]+{_MONTH}[-_, ]+(\d{{4}}|\d{{2}})", re.I)
_AS_AT = re.compile(r"\b(?:as at|as of|at|to|on)[_ ]+$", re.I)


def in_words(day: dt.date) -> str:
    """The day as a person writes it: 31 March 2024."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def read_date(words: str) -> dt.date | None:
    """The date a cell holds; None when it is not one of the forms that can mean one day only.

    dd/mm/yyyy (the day first, as in Britain), yyyy-mm-dd, 12 March 2024, 12-Mar-24.
    """
    words = words.strip()
    if match := _NUMERIC.fullmatch(words):
        day, month, year = match.groups()
        return _date(year, int(month), day)
    if match := _ISO.fullmatch(words):
        year, month, day = match.groups()
        return _date(year, int(month), day)
    match = _WORDED.fullmatch(words)
    return _worded(match) if match else None


def _worded(match: re.Match[str]) -> dt.date | None:
    day, month, year = match.groups()
    return _date(year, _NUMBER_OF[month[:3].lower()], day)


def _date(year: str, month: int, day: str) -> dt.date | None:
    century = 2000 if len(year) == len("24") else 0
    try:
        return dt.date(int(year) + century, month, int(day))
    except ValueError:
        return None


def date_of_list(text: str) -> dt.date | None:
    """The one day a title or a file name speaks of; None when it names none, or several.

    Of several days, the one after "as at" and the like is the day of the list.
    """
    found = [(_AS_AT.search(text[: match.start()]), _worded(match)) for match in _dates(text)]
    days = {day for _, day in found if day}
    as_at = {day for said, day in found if said and day}
    narrowed = as_at or days
    return narrowed.pop() if len(narrowed) == 1 else None


def _dates(text: str) -> list[re.Match[str]]:
    return list(_WORDED.finditer(text))
