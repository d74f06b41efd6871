"""The clock that the program is given: real in the app, set by hand in a test."""

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Wall time as the laptop shows it. Evidence only: it never decides anything."""

    def __call__(self) -> dt.datetime:
        """Now, with a time zone."""
        ...
