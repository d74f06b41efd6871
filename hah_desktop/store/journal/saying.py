"""What known changes say, and what a record shows by them. Nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hah_desktop.domain.codec import field_of
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import UNSENT, Head, rule_of, shown
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED, Removal, unseen
from hah_desktop.domain.spelling import read
from hah_desktop.store.journal.standing import PLACE
from hah_desktop.store.tables.asking import Question
from hah_desktop.store.tables.many import LISTED, in_chunks, spelled
from hah_desktop.store.tables.rows import CHANGE


@dataclass(frozen=True, slots=True)
class Said:
    """What one known change says, and where it stands in the office's order."""

    author: str
    made_at: str
    order: int
    by_office: bool
    fields: Mapping[str, Any]
    clock_trusted: bool = True
    clock_off: int = 0

    def head(self, change: ChangeId, name: str) -> Head:
        """The change as a head of one field."""
        return Head(
            change,
            self.fields[name]["value"] if name in self.fields else None,
            self.author,
            self.made_at,
            self.order,
            self.by_office,
            self.clock_trusted,
            self.clock_off,
        )


_SAID = Question(
    select(CHANGE.c.id, CHANGE.c.content, PLACE, CHANGE.c.by_office).where(CHANGE.c.id.in_(LISTED))
)


def said_by(connection: Connection, changes: Iterable[str]) -> dict[str, Said]:
    """What the changes say, of those that are known here."""
    said: dict[str, Said] = {}
    for ids in in_chunks(changes):
        for id_, content, place, by_office in _SAID.rows(connection, ids=spelled(ids)):
            said[id_] = said_in(content, place, by_office=bool(by_office))
    return said


def said_in(content: str, received: int | None, *, by_office: bool) -> Said:
    """What the words of one change say; `received` is its place in the office's order."""
    plain = read(content)
    # What the office has not received comes last, in the order in which it was written.
    order = UNSENT + plain["number"] if received is None else received
    trusted, off = plain.get("clock_trusted", True), plain.get("clock_off", 0)
    return Said(plain["author"], plain["made_at"], order, by_office, plain["fields"], trusted, off)


def heads_of(said: Mapping[str, Said], changes: Iterable[ChangeId], name: str) -> list[Head] | None:
    """The heads of one field; None while one of them is not known here yet."""
    heads = [
        said[change].head(change, name)
        for change in changes
        if change in said and name in said[change].fields
    ]
    return heads if len(heads) == len(list(changes)) else None


def sides_of(said: Mapping[str, Said], changes: Iterable[ChangeId], name: str) -> tuple[Head, ...]:
    """The sides of an undecided field. An edit beside a removal says that the record is there."""
    return tuple(
        said[change].head(change, name)
        for change in changes
        if change in said and (name in said[change].fields or name == REMOVED)
    )


def shown_of(
    kind: str, name: str, changes: Sequence[ChangeId], said: Mapping[str, Said]
) -> tuple[Json, list[ChangeId]]:
    """What a field shows, and the heads that a person has to decide between."""
    if len(changes) == 1:
        # A lone head is shown under every rule; nearly every field has one.
        return said[changes[0]].fields[name]["value"], []
    found = shown(rule_of(field_of(kind, name)), heads_of(said, changes, name) or ())
    return found.value, [head.change for head in found.open]


def unseen_of(heads: Mapping[str, Sequence[ChangeId]], said: Mapping[str, Said]) -> list[ChangeId]:
    """Of a record that was removed while somebody edited it unseen: the removals, and the edits."""
    removals = [_removal(change, said[change]) for change in heads.get(REMOVED, ())]
    edits = unseen(removals, heads)
    return [*(one.change for one in removals), *edits] if edits else []


def _removal(change: ChangeId, said: Said) -> Removal:
    edit = said.fields[REMOVED]
    return Removal(change, edit["value"], edit.get("replaces", ()))
