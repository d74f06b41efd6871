"""The past of a record in words: each change as a person would tell it, the newest first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from hah_desktop.domain.codec import field_of, from_body, patched
from hah_desktop.domain.codes import ADVISERS
from hah_desktop.domain.fields import Link, Merge, Text
from hah_desktop.domain.history import Entry
from hah_desktop.domain.merge import UNSENT, Head, rule_of
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.parts.differing import Mark, Run, marked
from hah_desktop.ui.parts.sides import (
    KEEP_IT,
    KEEP_REMOVED,
    Tongue,
    in_words,
    label_of,
    place_in_form,
    who_and_when,
)
from hah_desktop.ui.parts.sync_words import NOT_RECEIVED

MOVED_HERE = "moved it here, from where it was about somebody else"
MOVED_AWAY = "removed it where it was about somebody else"
IT_IS_REMOVED = "It is removed"
IT_IS_KEPT = "It is kept"
AT_THE_OFFICE = "Earlier changes are at the office: this laptop has only what was sent to it."


@dataclass(frozen=True, slots=True)
class Words:
    """One text of a step, with whose it is and its words marked where they differ."""

    whose: str
    runs: Sequence[Run]

    @property
    def text(self) -> str:
        """The words without marks."""
        return "".join(words for words, _ in self.runs)


@dataclass(frozen=True, slots=True)
class Back:
    """A version that may be put back in the place of the one that was decided for."""

    key: str
    words: str
    value: Json


@dataclass(frozen=True, slots=True)
class Step:
    """What one change did to one answer: what stood there, and what stands after it."""

    label: str
    before: tuple[Words, ...]
    after: Words
    back: tuple[Back, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One change: a title, who and when, and every answer that it touched."""

    change: str
    title: str
    said: str
    steps: tuple[Step, ...]
    aside: str = ""


def told(kind: str, past: Sequence[Entry], tongue: Tongue) -> list[Told]:
    """Every known change of a record of a kind, the newest first."""
    found = []
    place = place_in_form(kind)
    by_change = groupby(reversed(past), key=lambda entry: entry.head.change)
    for change, grouped in by_change:
        touched = list(grouped)[::-1]
        touched.sort(key=lambda entry: place(entry.name))
        head = touched[0].head
        said = who_and_when(head, tongue)
        told_of = [] if _is_left(touched) else [one for one in touched if one.name != MOVED]
        stays = any(one.name == MOVED for one in touched)
        found.append(
            Told(
                change,
                _title(kind, touched, tongue),
                said if head.order < UNSENT else f"{said} \N{MIDDLE DOT} {NOT_RECEIVED}",
                tuple(_step(kind, entry, tongue, stays=stays) for entry in told_of),
                touched[0].aside,
            )
        )
    return found


def is_whole(past: Sequence[Entry]) -> bool:
    """Whether nothing of the past is known at the office only."""
    return not any(entry.beyond for entry in past)


def linked(kind: str, past: Sequence[Entry]) -> Iterator[str]:
    """The ids of the records that the past names."""
    for entry in past:
        if entry.name != MOVED and isinstance(field_of(kind, entry.name), Link):
            yield from (str(h.value) for h in (*entry.saw, entry.head) if h.value)


def _title(kind: str, touched: Sequence[Entry], tongue: Tongue) -> str:
    who = _first_name(touched[0].head, tongue)
    decision = next((entry for entry in touched if _is_decision(kind, entry)), None)
    if decision is not None and decision.name == REMOVED:
        return f"{who} decided: {KEEP_REMOVED if decision.head.value else KEEP_IT}"
    if decision is not None:
        return f"{who} decided between {_whose(decision, tongue)}"
    removed = next((entry for entry in touched if entry.name == REMOVED), None)
    if any(entry.name == MOVED and entry.head.value for entry in touched):
        return f"{who} {MOVED_AWAY if _is_left(touched) else MOVED_HERE}"
    if removed is not None:
        return f"{who} removed it" if removed.head.value else f"{who} brought it back"
    if not any(entry.saw or entry.beyond for entry in touched):
        return f"{who} wrote this down"
    labels = [label_of(kind, entry.name, tongue) for entry in touched]
    return f"{who} changed “{labels[0]}”" + (f" and {len(labels) - 1} more" if labels[1:] else "")


def _is_left(touched: Sequence[Entry]) -> bool:
    """Whether the change left nothing of the record, since all of it stands as another one now."""
    said = {entry.name: entry.head.value for entry in touched}
    return bool(said.get(REMOVED) and said.get(MOVED))


def _is_decision(kind: str, entry: Entry) -> bool:
    """Whether a person chose: where a rule chooses by itself, there is nothing to decide."""
    rule = rule_of(field_of(kind, entry.name))
    return entry.chose and rule in {Merge.ASK, Merge.KEEP_BOTH}


def _whose(entry: Entry, tongue: Tongue) -> str:
    names = list(dict.fromkeys(f"{_first_name(head, tongue)}’s" for head in entry.saw))
    if entry.beyond or len(names) < len(entry.saw):
        return f"{len(entry.saw) + entry.beyond} versions"
    return f"{', '.join(names[:-1])} and {names[-1]} words"


def _first_name(head: Head, tongue: Tongue) -> str:
    if head.by_office:
        return "The office"
    first, *_ = tongue.codes(ADVISERS).label(head.author).split() or ["Somebody"]
    return first


def _step(kind: str, entry: Entry, tongue: Tongue, *, stays: bool) -> Step:
    field = field_of(kind, entry.name)
    heads = [*entry.saw, entry.head]
    texts = [in_words(field, head.value, tongue) for head in heads]
    if entry.name == REMOVED:
        texts = [IT_IS_REMOVED if head.value else IT_IS_KEPT for head in heads]
    is_text = isinstance(field, Text) and bool(entry.saw)
    runs = marked(texts) if is_text else [[(text, Mark.SAME)] for text in texts]
    before = tuple(
        Words(f"Before, {who_and_when(head, tongue)}", run)
        for head, run in zip(entry.saw, runs, strict=False)
    )
    back = _back(kind, entry, tongue) if _may_go_back(kind, entry) and not stays else ()
    return Step(label_of(kind, entry.name, tongue), before, Words("After", runs[-1]), back)


def _may_go_back(kind: str, entry: Entry) -> bool:
    field = field_of(kind, entry.name)
    said = isinstance(field, Text) and field.verbatim
    may = entry.stands and not entry.aside and not said
    return may and (_is_decision(kind, entry) or entry.name == REMOVED)


def _back(kind: str, entry: Entry, tongue: Tongue) -> tuple[Back, ...]:
    undo = "Undo this decision: " if _is_decision(kind, entry) else "Undo this: "
    others = [head for head in entry.saw if _differs(head.value, entry.head.value)]
    return tuple(
        Back(
            entry.name,
            f"{undo}{_put_back(entry.name, head, tongue)}",
            head.value,
        )
        for head in others
    )


def _put_back(name: str, head: Head, tongue: Tongue) -> str:
    if name == REMOVED:
        return "remove it again" if head.value else "bring it back"
    return f"put {_first_name(head, tongue)}’s back"


def _differs(one: Json, other: Json) -> bool:
    return (type(one), one) != (type(other), other)


def undone(held: Held, back: Back) -> Edited:
    """The edit that puts a version back in the place of the one that was decided for.

    It is a new change that replaces the decision. What was replaced stays replaced for ever: that
    is what makes laptops agree whatever the order, so nobody can take a decision out of the past.
    Two new changes, one for each side, would open the conflict again, but with the words of one
    person under the name of another. So one side is put back, by the person who does it, as an
    edit like any other; the decision stays in the history.
    """
    edits = {back.key: back.value}
    record = from_body(held.record.kind, held.record.id, patched(held.seen.body, edits))
    return Edited(record, held.seen, keeps_draft=True)
