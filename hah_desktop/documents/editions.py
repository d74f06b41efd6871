"""Editions: which blocks one reader gets of one visit, in which order. Pure; it draws nothing."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from hah_desktop.documents.answers import Answer
from hah_desktop.documents.material import Material, visit_reference
from hah_desktop.documents.order import kind_rank, numbers, ordered
from hah_desktop.documents.sight import CHILDS_OWN, Seen, Sight, ids, sight
from hah_desktop.documents.telling import by_section, facts, listed, newer, titled
from hah_desktop.documents.tree import Block, Edition, Heading, Note, Paragraph, Quote
from hah_desktop.documents.withheld import withheld
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Conversation, Permission, Statement
from hah_desktop.domain.signoff import is_urgent

__all__ = ["Edition", "Material", "NotMade", "edition"]

MARKING = "OFFICIAL-SENSITIVE - PERSONAL DATA"

UNDECIDED = (
    "Two people wrote different answers in this visit. Both are printed where they stand, "
    "and somebody still has to choose."
)
TO_THE_MANAGER = (
    "This is what Help at Hand can tell you after the visit. What children told us in private is "
    "here only where they agreed to it, or where somebody would not be safe otherwise."
)
UNKNOWN_CHILD = "A child whose file is not on this laptop"

URGENT = "Urgent"
"""What stands beside a concern that cannot wait."""

A_CHILD = "A child"
SOMEBODY = "Somebody"
SOMEWHERE = "A part of the place"
LETTERS = "Letters and pictures"
"""Their names and kinds: the letters and pictures themselves are never in a document."""
NO_KIND = "Words of no kind yet"

R = TypeVar("R", bound=Record)

_OWN_WORDS = CHILDS_OWN[0]
_PLANNED = "The visit"
_TOLD_AT_THE_END = ("Exit meeting", "Leaving")
"""The sections of a visit that are told after what was seen and heard."""


class NotMade(KnownError):
    """There is no edition for this reader."""


def edition(material: Material, reader: Reader) -> Edition:
    """The document about one visit for one reader.

    Every answer that the reader may see stands in it once, and no other answer does. Raises
    NotMade for a reader that no edition is made for.
    """
    title, blocks = _told(ordered(material), reader)
    return Edition(
        reader=reader,
        title=title,
        reference=visit_reference(material.visit),
        marking=MARKING,
        blocks=tuple(blocks),
        withheld=withheld(sight(material, reader, {})),
    )


def _told(material: Material, reader: Reader) -> tuple[str, list[Block]]:
    match reader:
        case Reader.OFFICE:
            view = sight(material, reader, numbers(material))
            return "Summary for the office", _for_office(view)
        case Reader.PLACE:
            title = f"Summary for the manager of {_place_name(material)}"
            return title, [Heading(1, title), *_for_place(sight(material, reader, {}))]
        case Reader.CHILD | Reader.LOCAL_AUTHORITY:
            raise NotMade(
                "There is no summary of a visit for this reader.",
                "Nothing was printed.",
                "Choose the office or the place.",
            )


def _place_name(material: Material) -> str:
    name = material.place.name.strip() if material.place else ""
    return name or "the place"


def _for_office(view: Sight) -> list[Block]:
    """What needs somebody to act comes first, then the children's words, then the day."""
    material = view.material
    name = material.place.title() if material.place else "a place that is not on this laptop"
    planned, day, end = _visit(view)
    blocks: list[Block] = [Heading(1, f"Visit to {name}")]
    undecided = any(material.undecided(record) for record in material.records())
    blocks += [Note(UNDECIDED)] if undecided else []
    blocks += planned + _place(view)
    blocks += titled(2, "Concerns", _concerns(view))
    blocks += _children(view)
    blocks += titled(2, "Permission to share", _permissions(view)) + day
    blocks += titled(2, "What we saw", _areas(view)) + end
    blocks += titled(2, "Actions", _records(view, material.actions))
    blocks += titled(2, LETTERS, _records(view, material.attachments))
    return blocks + titled(2, "Added after sign-off", _records(view, material.addenda))


def _for_place(view: Sight) -> list[Block]:
    material = view.material
    planned, day, end = _visit(view)
    blocks: list[Block] = [Paragraph(TO_THE_MANAGER)]
    blocks += planned + day + _place(view)
    blocks += titled(2, "Concerns", _records(view, _apart(material.concerns)))
    blocks += titled(2, "What children told us", _told_outside(view))
    blocks += titled(2, "What we saw", _areas(view)) + end
    blocks += titled(2, "Actions", _records(view, _apart(material.actions)))
    return blocks + titled(2, LETTERS, _records(view, _apart(material.attachments)))


def _visit(view: Sight) -> tuple[list[Block], list[Block], list[Block]]:
    """The visit's own answers: how it was planned, what the day was like, how it ended."""
    seen = view.see(view.material.visit, _belonging(view))
    parts = by_section(seen, 2) if seen else {}
    planned = [block for title in ("", _PLANNED) for block in parts.pop(title, [])]
    end = [block for title in _TOLD_AT_THE_END for block in parts.pop(title, [])]
    return planned, [block for blocks in parts.values() for block in blocks], end


def _permissions(view: Sight) -> list[Block]:
    """What may be told to whom, in the order in which the items stand in the document."""
    at = {record_id: number for number, record_id in enumerate(view.wording.names)}

    def place_of(permission: Permission) -> tuple[int, str, str]:
        return (at.get(permission.item, len(at)), permission.reader, permission.id)

    in_order: list[Permission] = sorted(view.material.permissions, key=place_of)
    return _records(view, in_order)


def _belonging(view: Sight) -> AbstractSet[str]:
    """The records that everything in the document is known to belong to."""
    return ids((view.material.visit, view.material.place))


def _place(view: Sight) -> list[Block]:
    seen = view.see(view.material.place) if view.material.place else None
    return titled(2, "The place", facts(seen.answers) + newer(seen)) if seen else []


def _concerns(view: Sight) -> list[Block]:
    blocks: list[Block] = []
    for concern in view.material.concerns:
        seen = view.see(concern, _belonging(view))
        if seen:
            parts = by_section(seen, 4)
            inside = parts.pop("", []) + [b for part in parts.values() for b in part]
            settled = not {"level", "status"} & set(view.material.undecided(concern))
            tag = URGENT if settled and is_urgent(concern) else ""
            blocks += titled(3, view.wording.names[concern.id], inside, tag)
    return blocks


def _records(view: Sight, records: Iterable[Record]) -> list[Block]:
    """Records of one kind with their numbers, or with the child's name where it may be told."""
    seen = [part for record in records if (part := view.see(record, _belonging(view)))]
    if view.reader is not Reader.OFFICE:
        seen = [_with_name(view, part) for part in seen]
    return listed(seen, 3, [view.wording.names.get(part.record.id, "") for part in seen])


def _with_name(view: Sight, seen: Seen) -> Seen:
    name = view.name_of(seen)
    return replace(seen, answers=(Answer("", "Child", name), *seen.answers)) if name else seen


def _apart(records: Iterable[R]) -> list[R]:
    """By their words: an order that does not tell which of them came from the same child."""
    return sorted(records, key=lambda record: (record.title().casefold(), record.id))


def _areas(view: Sight) -> list[Block]:
    blocks: list[Block] = []
    for area in view.material.areas:
        seen = view.see(area, _belonging(view))
        if seen:
            part = next((a.words for a in seen.answers if a.name == "area"), "")
            title = part or SOMEWHERE
            blocks += [Heading(3, title), *facts(seen.answers, title), *newer(seen)]
    return blocks


def _told_outside(view: Sight) -> list[Block]:
    """What children said, by kind, in an order that does not tell who said what."""
    kinds = sorted(_apart(view.material.statements), key=lambda one: kind_rank(view.material, one))
    seen = [part for one in kinds if (part := view.see(one, _belonging(view)))]
    return [block for part in seen for block in _quoted(part, _whose_outside(view, part))]


def _whose_outside(view: Sight, seen: Seen) -> str:
    statement = seen.record
    if not isinstance(statement, Statement) or statement.type not in CHILDS_OWN:
        return ""
    return SOMEBODY if statement.by else view.name_of(seen) or A_CHILD


def _children(view: Sight) -> list[Block]:
    material = view.material
    known = ids(material.children)
    talks = ids(material.conversations)
    blocks: list[Block] = []
    for child in material.children:
        blocks += [Heading(2, child.title()), *_child(view, child, talks)]
    stray_talks = [talk for talk in material.conversations if talk.child not in known]
    stray = [s for s in material.statements if s.child not in known and s.conversation not in talks]
    inside = [block for talk in stray_talks for block in _talk(view, talk)] + _loose(view, stray)
    return blocks + titled(2, UNKNOWN_CHILD, inside)


def _child(view: Sight, child: Child, talks: AbstractSet[str]) -> list[Block]:
    """First what the child said, conversation by conversation; then who the child is."""
    material = view.material
    own = [talk for talk in material.conversations if talk.child == child.id]
    loose = [s for s in material.statements if s.child == child.id and s.conversation not in talks]
    blocks = [block for talk in own for block in _talk(view, talk)] + _loose(view, loose)
    seen = view.see(child)
    parts = by_section(seen, 4, child.title()) if seen else {}
    return blocks + titled(
        3, f"About {child.title()}", [b for part in parts.values() for b in part]
    )


def _talk(view: Sight, talk: Conversation) -> list[Block]:
    told = _belonging(view) | {talk.id, talk.child}
    said = [s for s in view.material.statements if s.conversation == talk.id]
    blocks = [block for statement in said for block in _statement(view, statement, told)]
    seen = view.see(talk, told)
    parts = by_section(seen, 4) if seen else {}
    rest = [block for part in parts.values() for block in part]
    return [Heading(3, talk.title()), *blocks, *rest]


def _loose(view: Sight, statements: Sequence[Statement]) -> list[Block]:
    inside = [
        block
        for statement in statements
        for block in _statement(view, statement, _belonging(view) | {statement.child})
    ]
    return titled(3, "Outside a conversation", inside)


def _statement(view: Sight, statement: Statement, told: AbstractSet[str]) -> list[Block]:
    seen = view.see(statement, told)
    if seen is None:
        return []
    childs = statement.type in CHILDS_OWN
    whose = statement.by.strip() or (view.name_of(seen) or A_CHILD if childs else "")
    number = view.wording.names[statement.id]
    return _quoted(seen, whose, number)


def _quoted(seen: Seen, whose: str, number: str = "") -> list[Block]:
    """A statement as it was said, with what is known about it; or that it is being decided."""
    settled = {answer.name: answer for answer in seen.answers if not answer.options}
    kind, text = settled.get("type"), settled.get("text")
    label = kind.words if kind else NO_KIND
    if text is None or not text.typed:
        title = f"{number} - {label}" if number else label
        return [Heading(4, title), *facts(seen.answers, label), *newer(seen)]
    told = {"type", "text", "by"} & set(settled)
    rest = seen.without(*told)
    spoken = isinstance(seen.record, Statement) and seen.record.type == _OWN_WORDS
    details = tuple(f"{answer.label}: {answer.words}" for answer in rest if not answer.options)
    quote = Quote(text.words, label, whose, number, spoken=spoken, details=details)
    return [quote, *facts(answer for answer in rest if answer.options), *newer(seen)]
