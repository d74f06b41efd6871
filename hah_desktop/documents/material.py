"""What a document is made of: one visit and all that belongs to it, as the caller read it. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from hah_desktop.domain.codes import Code, CodeList
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit

_REFERENCE_LENGTH = 8

Open = Mapping[str, tuple[Head, ...]]
"""Of one record: by key of its body, the answers that a person still has to choose between."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """One visit with all its records, the names of the advisers by id, and the code lists by name.

    `open` holds, by record id, the fields on which a person still has to decide. Points in time
    are printed as clocks show them in `zone`.
    """

    visit: Visit
    place: Place | None = None
    children: tuple[Child, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    statements: tuple[Statement, ...] = ()
    permissions: tuple[Permission, ...] = ()
    concerns: tuple[Concern, ...] = ()
    actions: tuple[Action, ...] = ()
    areas: tuple[Area, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    addenda: tuple[Addendum, ...] = ()
    advisers: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, CodeList] = field(default_factory=dict)
    open: Mapping[str, Open] = field(default_factory=dict)
    zone: dt.tzinfo = dt.UTC

    def records(self) -> tuple[Record, ...]:
        """Every record, also the removed ones."""
        place = (self.place,) if self.place else ()
        return (
            *place,
            self.visit,
            *self.children,
            *self.conversations,
            *self.statements,
            *self.permissions,
            *self.concerns,
            *self.actions,
            *self.areas,
            *self.attachments,
            *self.addenda,
        )

    def lists(self) -> Mapping[str, CodeList]:
        """The code lists, with the advisers as one more."""
        advisers = tuple(Code(code, name) for code, name in self.advisers.items())
        return {"adviser": CodeList("adviser", advisers), **self.codes}

    def undecided(self, record: Record) -> Open:
        """The fields of a record on which a person still has to decide."""
        return self.open.get(record.id, {})


def visit_reference(visit: Visit) -> str:
    """A short name for a visit that tells nothing about it, such as "V-3F9A12CD"."""
    plain = "".join(character for character in visit.id if character.isalnum())
    return f"V-{plain[-_REFERENCE_LENGTH:].upper()}"
