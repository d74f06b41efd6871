"""Days in words: one spelling on screen, on paper and in messages. In English everywhere."""

import datetime as dt

# Written out: strftime would speak the language of the machine.
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


def in_words(day: dt.date) -> str:
    """A day as people write it: 12 March 2026."""
    return f"{day.day} {month_in_words(day)}"


def month_in_words(day: dt.date) -> str:
    """The month of a day: March 2026."""
    return f"{MONTHS[day.month - 1]} {day.year}"
