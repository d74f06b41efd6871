"""What one reader may see of each record of a visit, and whether the child may be named. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from hah_desktop.documents.answers import Answer, Wording, answers
from hah_desktop.documents.material import Material, Open
from hah_desktop.domain.codec import MEMBER
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import Child, Statement
from hah_desktop.domain.sharing import NAMED, Permissions, cleared, permissions_of

BEING_CHECKED = "being checked by Help at Hand"
"""What other readers are told of an answer that has two versions."""

CHILDS_OWN = ("own_words", "feeling", "wish", "wants_to_happen")
"""Kinds of statement that come from the child, in the order in which they are told."""

_TOLD_OUTSIDE = frozenset({*CHILDS_OWN, "observed"})
"""Kinds that may leave the office with permission. What was read or thought never does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A record with the answers that the reader may see.

    `record` is the record as it is kept. `named` says whether its child may be named, `whole`
    whether the reader sees all of it.
    """

    record: Record
    answers: tuple[Answer, ...]
    named: bool
    whole: bool

    def without(self, *names: str) -> tuple[Answer, ...]:
        """The answers but for those that are told in a place of their own."""
        return tuple(answer for answer in self.answers if answer.name not in names)


@dataclass(frozen=True, slots=True)
class Sight:
    """What `reader` may see of the material. `wording` puts values into this reader's words."""

    material: Material
    reader: Reader
    permissions: Permissions
    wording: Wording

    def see(self, record: Record, told: AbstractSet[str] = frozenset()) -> Seen | None:
        """The record as the reader may see it; None where nothing of it may be seen.

        `told` are the records that this one is shown to belong to.
        """
        undecided = self.material.undecided(record)
        if self.reader is Reader.OFFICE:
            return self._whole(record, undecided, told)
        if _rests_on(undecided, record) or not _may_leave(record):
            return None
        part = cleared(record, self.reader, self.permissions)
        if part is None:
            return None
        visible = {key: heads for key, heads in undecided.items() if self._meant(record, key)}
        shown = answers(part.record, self.wording, visible, told)
        by_name = part.named and self._by_name(record)
        return Seen(record, _checked(shown), named=by_name, whole=False)

    def _whole(self, record: Record, undecided: Open, told: AbstractSet[str]) -> Seen | None:
        # A removal that somebody disputes by an edit they made unseen is still to be decided.
        kept = replace(record, removed=None) if "removed" in undecided else record
        part = cleared(kept, self.reader, self.permissions)
        if part is None:
            return None
        shown = answers(part.record, self.wording, undecided, told)
        return Seen(record, shown, named=part.named, whole=True)

    def _meant(self, record: Record, key: str) -> bool:
        field = described(type(record)).get(key.partition(MEMBER)[0])
        return field is not None and self.reader in field.readers

    def _by_name(self, record: Record) -> bool:
        """Only the child's own "with my name" names a child to another reader."""
        permission = self.permissions.get((record.id, self.reader.value))
        return permission is not None and permission.answer == NAMED

    def child_of(self, record: Record) -> Child | None:
        """The child that a record is about; None where it is about none or is not at hand."""
        child_id = getattr(record, "child", "")
        return next((child for child in self.material.children if child.id == child_id), None)

    def name_of(self, seen: Seen) -> str:
        """The name of the child that a record is about, if this reader may be told it."""
        child = self.child_of(seen.record)
        if child is None or not seen.named:
            return ""
        # Of two spellings of a name, one may be another child's.
        sure = self.reader is Reader.OFFICE or not self.material.undecided(child)
        return child.known_as.strip() if sure else ""


def sight(material: Material, reader: Reader, names: Mapping[str, str]) -> Sight:
    """What `reader` may see; `names` says how other records are called in the document."""
    wording = Wording(lists=material.lists(), names=names, zone=material.zone)
    settled = (p for p in material.permissions if not material.undecided(p))
    return Sight(material, reader, permissions_of(settled), wording)


def _rests_on(undecided: Open, record: Record) -> bool:
    """Whether what is undecided is whether the record stands, what it is or whom it is about."""
    deciding = {"removed", "type", "child"} if record.by_permission else {"removed"}
    return not deciding.isdisjoint(undecided)


def _may_leave(record: Record) -> bool:
    return not isinstance(record, Statement) or record.type in _TOLD_OUTSIDE


def _checked(shown: Iterable[Answer]) -> tuple[Answer, ...]:
    """The answers for a reader outside: of an undecided one only that it is being checked."""
    settled = {
        answer.name: Answer(answer.name, answer.label, BEING_CHECKED) if answer.options else answer
        for answer in shown
    }
    return tuple(settled.values())


def ids(records: Iterable[Record | None]) -> frozenset[RecordId]:
    """The ids of some records."""
    return frozenset(record.id for record in records if record is not None)
