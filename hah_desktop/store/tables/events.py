"""What happened to this laptop's vault and database, for the security page.

Never a name and never the text of a record: a detail is a count, a version, or a number.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select

from hah_desktop.store.tables.rows import EVENT

EVENTS_KEPT = 2000


class Happened(StrEnum):
    """What can happen. The names are kept in databases: they may never be given another meaning."""

    SET_UP = "set_up"
    PASSPHRASE_CHANGED = "passphrase_changed"  # noqa: S105 - a name, not a passphrase
    RECOVERED = "recovered"
    KEYS_RENEWED = "keys_renewed"
    LEASE_EXTENDED = "lease_extended"
    RULES_CHANGED = "rules_changed"
    SNAPSHOT_MADE = "snapshot_made"
    SNAPSHOT_PUT_BACK = "snapshot_put_back"
    DAMAGE_FOUND = "damage_found"
    WRONG_TRIES = "wrong_tries"
    HISTORY_RENUMBERED = "history_renumbered"
    FILES_WITHDRAWN = "files_withdrawn"
    LET_BACK = "let_back"


_WORDS = {
    Happened.SET_UP: "This laptop was set up.",
    Happened.PASSPHRASE_CHANGED: "The passphrase was changed.",
    Happened.RECOVERED: "The laptop was opened with a code from the office.",
    Happened.KEYS_RENEWED: "The keys were renewed.",
    Happened.LEASE_EXTENDED: "The office allowed more time without contact, by a code.",
    Happened.RULES_CHANGED: "The office changed the rules for this laptop.",
    Happened.SNAPSHOT_MADE: "A safety copy of the database was made and checked.",
    Happened.SNAPSHOT_PUT_BACK: "A safety copy took the place of the database.",
    Happened.DAMAGE_FOUND: "Damage to the database was found.",
    Happened.WRONG_TRIES: "A wrong passphrase or code was typed.",
    Happened.HISTORY_RENUMBERED: "What the office had, and this laptop had lost, was fetched back.",
    Happened.FILES_WITHDRAWN: "What is no longer given to this adviser was removed.",
    Happened.LET_BACK: "The office, which had lost this laptop, let it in again, by a code.",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `what` is not a `Happened` when a newer version wrote it."""

    at: str
    what: str
    detail: str = ""

    def words(self) -> str:
        """What happened, as a sentence, with the detail where there is one."""
        known = {str(happened): words for happened, words in _WORDS.items()}
        said = known.get(self.what, "Something that a newer version of the program noted.")
        return f"{said} ({self.detail})" if self.detail else said


def note(
    connection: Connection, happened: Happened, at: dt.datetime | str, detail: str = ""
) -> None:
    """Write down what happened, in the transaction of the thing itself where there is one."""
    moment = at if isinstance(at, str) else at.isoformat()
    row = {"at": moment, "what": happened.value, "detail": detail}
    connection.execute(insert(EVENT).values(row))
    newest = connection.execute(select(func.max(EVENT.c.id))).scalar_one()
    connection.execute(delete(EVENT).where(EVENT.c.id <= newest - EVENTS_KEPT))


def events(connection: Connection, most: int = 200) -> list[Event]:
    """What happened, newest first."""
    rows = connection.execute(select(EVENT).order_by(EVENT.c.id.desc()).limit(most))
    return [Event(row.at, row.what, row.detail) for row in rows]
