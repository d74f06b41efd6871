"""Who did what at the office: written in the transaction of the deed itself, never altered.

Nothing secret and nothing of a record stands here: no code, no key, no word about a child.
"""

import datetime as dt
import enum
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from hah_central.database.rows import Audit


class Did(enum.StrEnum):
    """What somebody did, as the office reads it."""

    MADE_KEYS = "made the office’s keys"
    MADE_CODE = "made an enrolment code"
    ENROLLED = "enrolled a laptop"
    LET_BACK = "let a laptop in again"
    ASSIGNED = "gave a file"
    WITHDREW = "took files back"
    SET_RULES = "set the rules"
    REVOKED = "revoked a laptop"
    GAVE_CODE = "gave a one-use code"
    OPENED_BUNDLE = "opened a bundle"
    LET_READ = "let somebody see how the office stands"
    RESTORED = "put the office back from a backup"
    CLOSED_RECOVERED = "closed a lost change"
    TOOK_RECOVERED = "took in what came from hand to hand"
    BACKED_UP = "said that a backup was made and verified"
    EXPORTED = "wrote down all about a file"
    CLAIMED = "said that it holds what it was not known to hold"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, and when."""

    who: str
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit."""

    at: dt.datetime
    who: str
    what: str
    laptop: str
    detail: str


def note(
    connection: Connection, deed: Deed, did: Did, *, laptop: str = "", detail: str = ""
) -> None:
    """Write down what was done."""
    row = {"at": deed.now, "who": deed.who, "what": did.value, "laptop": laptop, "detail": detail}
    connection.execute(insert(Audit).values(row))


def entries(connection: Connection) -> list[Entry]:
    """Everything that was done, the oldest first."""
    listed = select(Audit.at, Audit.who, Audit.what, Audit.laptop, Audit.detail).order_by(Audit.id)
    return [Entry(*row) for row in connection.execute(listed)]
