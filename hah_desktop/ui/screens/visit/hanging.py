"""What hangs on a record about a child: it goes along where that turns out to be another child."""

from collections.abc import Iterable, Sequence

from hah_desktop.domain.moving import AboutChild, Movable
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.visit import Action
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.screens.visit.bundle import Bundle

_REST = (Concern, Action, Attachment)
_CAME = "Meanwhile {came} came where this stood before it was moved."
_NO_GOOD = "An answer about sharing does not count here: ask again."


def answers_about(bundle: Bundle, *records: str) -> list[Permission]:
    """What is held of who may see these records."""
    return [one for one in bundle.of(Permission) if one.item in records]


def hanging(bundle: Bundle, record: Movable, *, rest: bool = False) -> list[AboutChild]:
    """What goes along: what was said in a conversation, and the answers about all of it.

    `rest`: with what else stands about that child on the visit.
    """
    found: list[AboutChild] = list(bundle.said_in(record.id))
    if rest:
        found += rest_of(bundle, record)
    return [*found, *answers_about(bundle, record.id, *(one.id for one in found))]


def rest_of(bundle: Bundle, record: Movable) -> list[AboutChild]:
    """What may have come from a conversation: all else about that child on the visit."""
    if not isinstance(record, Conversation):
        return []
    found = (one.record for one in bundle.held.values())
    return [one for one in found if isinstance(one, _REST) and one.child == record.child]


def late(bundle: Bundle, record: Movable) -> list[AboutChild]:
    """What a colleague added meanwhile to what this record was before it was moved."""
    said = [
        one
        for one in bundle.of(Statement)
        if one.conversation != record.id and bundle.stands_as(one.conversation) == record.id
    ]
    ours = {record.id, *(one.id for one in bundle.said_in(record.id))}
    asked = {
        one.item
        for one in bundle.of(Permission)
        if one.item not in ours and bundle.stands_as(one.item) in ours
    }
    return [*said, *answers_about(bundle, *asked, *(one.id for one in said))]


def late_words(records: Sequence[AboutChild]) -> str:
    """The same in words, with those that were said."""
    if not records:
        return ""
    told = [_CAME.format(came=in_words(records))]
    told += [f"“{one.text}”" for one in records if isinstance(one, Statement)]
    told += [_NO_GOOD] if any(isinstance(one, Permission) for one in records) else []
    return "\n".join(told)


def in_words(records: Iterable[AboutChild]) -> str:
    """How many of which kind: 2 concerns and 1 action."""
    kinds = [type(one) for one in records]
    told = [counted(kinds.count(k), *_NOUNS.get(k, (k.noun,))) for k in dict.fromkeys(kinds)]
    return " and ".join([", ".join(told[:-1]), told[-1]]) if told[1:] else "".join(told)


_NOUNS = {
    Attachment: ("letter or picture", "letters and pictures"),
    Permission: ("answer about sharing", "answers about sharing"),
}
