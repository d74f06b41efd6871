"""Plain words for numbers, times and records, shared by the screens. Pure."""

import datetime as dt

from hah_desktop.documents import search
from hah_desktop.domain.codes import Codes
from hah_desktop.domain.days import in_words
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.reference import Inspection
from hah_desktop.domain.records.visit import Addendum, Area, Visit


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 place, 3,876 places."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def folded(text: str) -> str:
    """The text as it is searched: without accents and in small letters."""
    return search.folded(text).casefold()


def read_moment(written: str) -> dt.datetime | None:
    """A moment as the store writes it; None if it is none."""
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def when(written: str, now: dt.datetime) -> str:
    """A moment as a colleague would say it: today 11:40, or 3 March 2026 at 11:40.

    Times are those of the zone of `now`; what cannot be read is given as it is written.
    """
    moment = read_moment(written)
    if moment is None:
        return written
    local = moment.astimezone(now.tzinfo)
    days_ago = (now.date() - local.date()).days
    named = {0: "today ", 1: "yesterday "}.get(days_ago, f"{in_words(local.date())} at ")
    return f"{named}{local:%H:%M}"


def called_by(record: Record) -> str:
    """The id of the record by which one is called: where a visit went, whom a talk was with."""
    return record.child if isinstance(record, Conversation) else str(getattr(record, "place", ""))


def record_name(record: Record, codes: Codes, by: str = "") -> str:
    """A record in a list of many kinds: what it is and which; `by` is the name of `called_by`."""
    if isinstance(record, Visit):
        date = record.visited_on or record.planned_for
        named = f"Visit to {by}" if by else "Visit"
        return f"{named}, {in_words(date)}" if date else named
    if isinstance(record, Inspection):
        date = record.inspected_on
        return f"Inspection of {by or 'a place'}" + (f", {in_words(date)}" if date else "")
    if isinstance(record, Conversation):
        at = f" at {record.started:%H:%M}" if record.started else ""
        return f"Conversation with {by}{at}" if by else record.title()
    noun, title = record.noun.capitalize(), _title(record, codes)
    return f"{noun}: {title}" if title else noun


def _title(record: Record, codes: Codes) -> str:
    """What tells a record from others of its kind, in words and not in codes."""
    if isinstance(record, Area):
        return codes("area").label(record.area)
    if isinstance(record, Permission):
        reader, answer = codes("reader").label(record.reader), codes("sharing").label(record.answer)
        return f"{reader}. {answer}" if record.answer else reader
    title = record.title()
    if isinstance(record, Statement | Concern | Addendum):
        # The title of words is their beginning, wherever that ends.
        words = record.about if isinstance(record, Concern) else record.text
        return title if title == words else f"{title.rsplit(maxsplit=1)[0]} …"
    return title
