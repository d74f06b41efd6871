"""In which order the records of a visit are told, and what each is called in a document. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from hah_desktop.documents.material import Material
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Statement
from hah_desktop.domain.records.visit import Action, Addendum, Area

R = TypeVar("R", bound=Record)

_NO_CONCERN = "S0"
_LATE = "~"
"""Sorts behind every date and every code."""


def ordered(material: Material) -> Material:
    """The material with its records in the order in which they are told; removed ones left out.

    A removed record that a person still has to decide about stays.
    """
    children = tuple(sorted(_standing(material, material.children), key=_child))
    rank: dict[str, int] = {child.id: number for number, child in enumerate(children)}

    def _talk(talk: Conversation) -> tuple[int, str, str]:
        return (rank.get(talk.child, len(rank)), _when(talk.started), talk.id)

    conversations = tuple(sorted(_standing(material, material.conversations), key=_talk))
    talks: dict[str, int] = {talk.id: number for number, talk in enumerate(conversations)}

    def _statement(one: Statement) -> tuple[int, int, int, str, str]:
        return (
            rank.get(one.child, len(rank)),
            talks.get(one.conversation, len(talks)),
            kind_rank(material, one),
            _when(one.written_at),
            one.id,
        )

    def _area(area: Area) -> tuple[int, str]:
        return (code_rank(material, "area", area.area), area.id)

    return replace(
        material,
        children=children,
        conversations=conversations,
        statements=tuple(sorted(_standing(material, material.statements), key=_statement)),
        permissions=_standing(material, material.permissions),
        concerns=tuple(sorted(_standing(material, material.concerns), key=_concern)),
        actions=tuple(sorted(_standing(material, material.actions), key=_action)),
        areas=tuple(sorted(_standing(material, material.areas), key=_area)),
        attachments=tuple(sorted(_standing(material, material.attachments), key=_attachment)),
        addenda=tuple(sorted(_standing(material, material.addenda), key=_addendum)),
    )


def _standing(material: Material, records: Sequence[R]) -> tuple[R, ...]:
    return tuple(r for r in records if not r.removed or "removed" in material.undecided(r))


def code_rank(material: Material, codes: str, code: str) -> int:
    """The place of a code in its list; one that is not in it comes last."""
    known = [one.code for one in material.codes.get(codes, ())]
    return known.index(code) if code in known else len(known)


def kind_rank(material: Material, statement: Statement) -> int:
    """The child's own words first, then what the child feels and wants, then the rest."""
    return code_rank(material, "statement_type", statement.type)


def _child(child: Child) -> tuple[str, str]:
    return (child.title().casefold(), child.id)


def _concern(concern: Concern) -> tuple[bool, str, str]:
    nothing = concern.level == _NO_CONCERN
    return (nothing, concern.level or _LATE, concern.id)


def _action(action: Action) -> tuple[str, str]:
    return (_when(action.due), action.id)


def _attachment(one: Attachment) -> tuple[str, str]:
    return (_when(one.added_at), one.id)


def _addendum(addendum: Addendum) -> tuple[str, str]:
    return (_when(addendum.written_at), addendum.id)


def _when(at: dt.date | dt.time | None) -> str:
    if isinstance(at, dt.datetime):
        return at.astimezone(dt.UTC).isoformat()
    return at.isoformat() if at else _LATE


def numbers(material: Material) -> Mapping[str, str]:
    """What each record is called in the document: a child by name, others by kind and number."""
    called: dict[str, str] = {child.id: child.title() for child in material.children}
    called |= {talk.id: talk.title() for talk in material.conversations}
    called[material.visit.id] = "This visit"
    if material.place:
        called[material.place.id] = material.place.title()
    groups: tuple[Iterable[Record], ...] = (
        material.concerns,
        material.statements,
        material.areas,
        material.actions,
        material.attachments,
        material.addenda,
    )
    for group in groups:
        for number, record in enumerate(group, start=1):
            called[record.id] = f"{record.noun.capitalize()} {number}"
    return called
