"""Reads what was removed: all of it is kept, so it can be read, and brought back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hah_desktop.domain.merge import Head
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saying import Said, said_by
from hah_desktop.store.tables.rows import RECORD


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that was removed: as it is kept, by whom, and whether somebody had gone on with it.

    `stands` is the record as which all of it stands now, where it was moved there.
    """

    held: Held
    by: Head
    was_decided: bool

    @property
    def stands(self) -> str:
        """Of this one nothing is left then, and nothing is to come back here."""
        return str(getattr(self.held.record, MOVED, ""))


def find(connection: Connection, record: str) -> Gone | None:
    """What is kept of one record; None where it was not removed, or is not here."""
    held = reading.get_removed(connection, record)
    return next(iter(_gone(connection, [held])), None) if held else None


def some(connection: Connection, records: Iterable[str]) -> list[Gone]:
    """Those of these records that were removed, the latest first."""
    return _gone(connection, reading.removed(connection, RECORD.c.id.in_(list(records))))


def of_visit(connection: Connection, visit: str) -> list[Gone]:
    """What was removed of a visit, the latest first; without what was moved elsewhere."""
    found = _gone(connection, reading.removed(connection, RECORD.c.visit == visit))
    return [one for one in found if not one.stands]


def decided(connection: Connection, kinds: Sequence[str]) -> list[Gone]:
    """What somebody had gone on with and a person decided to keep removed, the latest first."""
    found = _gone(connection, reading.removed(connection, RECORD.c.kind.in_(kinds)))
    return [one for one in found if one.was_decided]


def _gone(connection: Connection, records: Iterable[Held]) -> list[Gone]:
    gone = [held for held in records if reading.is_removed(held)]
    said = said_by(connection, {id_ for held in gone for id_ in held.seen.heads[REMOVED]})
    earlier = said_by(connection, {id_ for one in said.values() for id_ in _replaced(one)})
    found = []
    for held in gone:
        heads = [said[id_].head(id_, REMOVED) for id_ in held.seen.heads[REMOVED] if id_ in said]
        if heads:
            by = max(heads, key=lambda head: (head.order, head.change))
            # A removal replaces another only where a person saw both it and what was written on.
            known = (earlier[id_] for id_ in _replaced(said[by.change]) if id_ in earlier)
            decided_so = any(one.fields.get(REMOVED, {}).get("value") for one in known)
            found.append(Gone(held, by, decided_so))
    return sorted(found, key=lambda one: (one.by.order, one.by.change), reverse=True)


def _replaced(said: Said) -> Sequence[str]:
    replaced: Sequence[str] = said.fields[REMOVED].get("replaces", ())
    return replaced
