"""The clock that the program is given, and whether what it shows is to be believed."""

import datetime as dt
from typing import Protocol

TOLERATED = dt.timedelta(minutes=2)
"""How far a laptop's clock may be from the office's before its times are marked."""


_UNITS = (
    ("year", dt.timedelta(days=365.25)),
    ("day", dt.timedelta(days=1)),
    ("hour", dt.timedelta(hours=1)),
    ("minute", dt.timedelta(minutes=1)),
)


class Clock(Protocol):
    """Wall time as the laptop shows it. Evidence only: it never decides anything."""

    def __call__(self) -> dt.datetime:
        """Now, with a time zone."""
        ...


def trusted(
    now: dt.datetime, newest_known: dt.datetime | None, offset: dt.timedelta | None
) -> bool:
    """Whether a time shown now is to be believed, as far as the laptop can tell by itself.

    `newest_known` is the latest moment that has surely passed (a saved change, a contact with
    the office); `offset` is how far the laptop was ahead of the office at the last contact.
    """
    if offset is not None and abs(offset) > TOLERATED:
        return False
    return newest_known is None or now >= newest_known - TOLERATED


def doubt(offset: dt.timedelta) -> str:
    """What to tell a person whose laptop's clock is wrong; empty when it is right."""
    if abs(offset) <= TOLERATED:
        return ""
    return (
        f"This laptop’s clock is {how_wrong(offset)}. Times written with it are "
        "marked as not to be trusted. Set the clock."
    )


def how_wrong(offset: dt.timedelta) -> str:
    """How far a clock is off, and which way: “3 hours fast”."""
    return f"{_length(abs(offset))} {'fast' if offset > dt.timedelta() else 'slow'}"


def _length(span: dt.timedelta) -> str:
    unit, length = next((u for u in _UNITS if span >= u[1]), _UNITS[-1])
    count = round(span / length)
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
