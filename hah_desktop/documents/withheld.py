"""What a reader must not be told, and where somebody typed it all the same. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hah_desktop.documents.answers import Answer, answers
from hah_desktop.documents.search import folded, said_of, says, spellings
from hah_desktop.documents.sight import Seen, Sight
from hah_desktop.documents.tree import Slip, Withheld
from hah_desktop.domain.fields import Reader, Text
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.reference import Place

_TELLING = 20
"""From this many letters on, a child's words standing in another text were copied into it."""

_SHORTEST = 3
_GLIMPSE = 60


@dataclass(frozen=True, slots=True)
class _Typed:
    """Words that somebody typed into one field. `telling`: they are a story, not a role or name."""

    record: Record
    label: str
    words: str
    telling: bool


def withheld(view: Sight) -> Withheld:
    """What the reader of `view` must not be told. The office is told everything."""
    if view.reader is Reader.OFFICE:
        return Withheld()
    records = view.material.records()
    seen = [part for record in records if (part := view.see(record)) is not None]
    shown = [one for part in seen for one in _typed(part.record, part.answers)]
    printed = {folded(one.words) for one in shown}
    kept = [
        one
        for record in records
        for one in _everything(view, record)
        if folded(one.words) not in printed
    ]
    named = [child.id for part in seen if (child := _named_child(view, part))]
    names = {child.id: _names(view, child) for child in view.material.children}
    told = {spelling for child_id in named for spelling in names[child_id]}
    return Withheld(
        names=_unique(s for spellings_ in names.values() for s in spellings_ if s not in told),
        texts=_unique(one.words for one in kept if len(one.words) >= _SHORTEST),
        cleared=_unique(words for part in seen for words in _cleared(view, part)),
        slips=(*_name_slips(view, seen, names), *_copied(kept, shown)),
    )


def _named_child(view: Sight, seen: Seen) -> Child | None:
    return view.child_of(seen.record) if view.name_of(seen) else None


def _cleared(view: Sight, seen: Seen) -> list[str]:
    answers_ = [words for answer in seen.answers for words in (answer.label, answer.words)]
    return [*answers_, view.name_of(seen)]


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _typed(record: Record, shown: Iterable[Answer]) -> list[_Typed]:
    fields = described(type(record))
    found = []
    for answer in shown:
        field = fields.get(answer.name)
        if answer.typed and isinstance(field, Text):
            telling = field.lines > 1 or field.verbatim
            versions = (answer.words, *(option.words for option in answer.options))
            found += [_Typed(record, answer.label, words, telling) for words in versions if words]
    return found


def _everything(view: Sight, record: Record) -> list[_Typed]:
    return _typed(record, answers(record, view.wording, view.material.undecided(record)))


def _names(view: Sight, child: Child) -> tuple[str, ...]:
    versions = [
        str(head.value)
        for key in ("known_as", "full_name")
        for head in view.material.undecided(child).get(key, ())
        if head.value
    ]
    whole = (child.known_as, child.full_name, *versions)
    return _unique(spelling for name in whole for spelling in spellings(name))


def _name_slips(
    view: Sight, seen: Sequence[Seen], names: Mapping[RecordId, tuple[str, ...]]
) -> Iterable[Slip]:
    # A place may be called like a child; its name is published and nobody typed it here.
    for part in (part for part in seen if not isinstance(part.record, Place)):
        child = _named_child(view, part)
        allowed = names[child.id] if child else ()
        others = [s for many in names.values() for s in many if s not in allowed]
        for one in _typed(part.record, part.answers):
            yield from (Slip(name, one.label) for name in said_of(one.words, others))


def _copied(kept: Iterable[_Typed], shown: Sequence[_Typed]) -> Iterable[Slip]:
    """A child's story that was typed or pasted once more, where the reader would see it."""
    for one in kept:
        from_child = one.record.by_permission or isinstance(one.record, Child | Conversation)
        if not (from_child and one.telling and len(one.words) >= _TELLING):
            continue
        for other in shown:
            if says(other.words, one.words):
                yield Slip(_glimpse(one.words), other.label)


def _glimpse(words: str) -> str:
    return words if len(words) <= _GLIMPSE else f"{words[:_GLIMPSE].rstrip()}…"
