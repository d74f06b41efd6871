"""What a record says while changes are taken into it: heads, values, verdicts. Pure.

The rule for heads is `domain.heads.take`, what is shown is `domain.merge.shown`: the very same
that every laptop uses.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hah_central.database.rows import OFFICE
from hah_desktop.domain.changes import Change
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.digest import Part
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.merge import Head, rule_of, shown
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED, Removal, unseen
from hah_desktop.domain.said import are_held, may_stand_for, moved_to, said_fields

_NEW = FieldHeads()
_NOTHING: frozenset[ChangeId] = frozenset()


class Known(NamedTuple):
    """A change as the journal holds it, with its place there."""

    change: Change
    seq: int

    def head(self, name: str) -> Head:
        """The change as a head of one field."""
        change = self.change
        return Head(
            change.id,
            change.edits[name].value,
            change.author,
            change.made_at,
            order=self.seq,
            by_office=change.laptop == OFFICE,
        )


@dataclass(slots=True)
class RecordState:
    """One record while a batch is worked in. `seq` is 0 until it has moved in this batch.

    `part` is what it added to the digests of its files before, if that is known. `only` is the
    change of a record that has no other and replaces nothing: it says by itself all there is.
    """

    id: RecordId
    kind: str
    new: bool
    files: set[FileId] = field(default_factory=set)
    joined: set[FileId] = field(default_factory=set)
    heads: dict[str, FieldHeads] = field(default_factory=dict)
    body: dict[str, Json] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    unsettled: dict[str, Verdict] = field(default_factory=dict)
    unseen: frozenset[ChangeId] = frozenset()
    part: Part | None = None
    seq: int = 0
    only: Change | None = None

    def alters(
        self,
        change: Change,
        said: Mapping[ChangeId, Known],
        known: AbstractSet[ChangeId],
        elsewhere: "RecordState | None" = None,
    ) -> bool:
        """Whether a change puts other words in the place of words that were said.

        `said` has the words of what it replaces, as far as that is among the `known` ones, and of
        the record to which it moves them, `elsewhere`: there they have to stand.
        """
        for name in said_fields(self.kind) & change.edits.keys():
            edit = change.edits[name]
            before = [said[id_].change for id_ in edit.replaces if id_ in known and id_ in said]
            versions = [
                other.edits[name].value
                for other in before
                if other.record == self.id and name in other.edits
            ]
            others = any(id_ not in known for id_ in edit.replaces)
            if may_stand_for(edit.value, versions, others=others):
                continue
            if edit.value is not None or elsewhere is None:
                return True
            if not elsewhere.holds(name, versions, self, said):
                return True
        return False

    def holds(
        self,
        name: str,
        versions: Sequence[Json],
        of: "RecordState",
        said: Mapping[ChangeId, Known],
    ) -> bool:
        """Whether this is another record of that kind, in which these words stand whole."""
        heads = self.heads.get(name, _NEW).heads
        now = (said[head].change.edits[name].value for head in heads if head in said)
        other = self.id != of.id and self.kind == of.kind
        return other and any(are_held(value, versions) for value in now)

    def take(
        self,
        change: Change,
        seq: int,
        known: AbstractSet[ChangeId],
        said: Mapping[ChangeId, Known],
    ) -> None:
        """Take one change that was never seen before.

        `said` has the words of the heads of each field whose words were said: see `needed_for`.
        """
        self.only = change if self._is_begun_by(change) else None
        alone = take(_NEW, change.id, (), known)
        if self.only is not None:
            self.heads = dict.fromkeys(change.edits, alone)
        else:
            for name, edit in change.edits.items():
                before = self.heads.get(name)
                if before is None and not edit.replaces:
                    self.heads[name] = alone
                else:
                    before = self._that_keeps(name, change, before or _NEW, said)
                    self.heads[name] = take(before, change.id, edit.replaces, known)
        self.moved.update(dict.fromkeys(change.edits, seq))
        self.touched.update(change.edits)
        joined = self.files.union(change.files) - self.files
        self.joined |= joined
        self.files |= joined
        self.seq = seq

    def _that_keeps(
        self, name: str, change: Change, before: FieldHeads, said: Mapping[ChangeId, Known]
    ) -> FieldHeads:
        """The heads of a field, where what replaced a change unseen keeps the words in it.

        That could not be looked at when it came. Where it keeps them not, they stand beside it.
        """
        if change.id not in before.ahead or name not in said_fields(self.kind):
            return before
        words = [change.edits[name].value]
        now = (said[head].change.edits[name].value for head in before.heads)
        if any(are_held(value, words) for value in now):
            return before
        return FieldHeads(before.heads, before.ahead - {change.id})

    def said_heads(self) -> set[ChangeId]:
        """The changes whose words stand here now as they were said."""
        names = said_fields(self.kind) & self.heads.keys()
        return {head for name in names for head in self.heads[name].heads}

    def needed_for(self, change: Change, known: AbstractSet[ChangeId]) -> set[ChangeId]:
        """Which words have to be known for `alters` and `take`: nearly always none."""
        names = said_fields(self.kind) & change.edits.keys()
        heads = (head for name in names for head in self.heads.get(name, _NEW).heads)
        replaced = (id_ for name in names for id_ in change.edits[name].replaces if id_ in known)
        return {*heads, *replaced}

    def _is_begun_by(self, change: Change) -> bool:
        if not self.new or self.seq or REMOVED in change.edits:
            return False
        return not any(edit.replaces for edit in change.edits.values())

    def needed(self) -> set[ChangeId]:
        """The heads of the touched fields, whose words `settle` asks for, and the removals."""
        if self.only is not None:
            return set()
        names = {*self.touched, REMOVED} if REMOVED in self.heads else self.touched
        return {head for name in names for head in self.heads[name].heads}

    def settle(self, known: Mapping[ChangeId, Known]) -> None:
        """Work out what each touched field shows now, and whether a person has to decide."""
        if self.only is not None:
            said = self.only.edits.items()
            self.body = {name: edit.value for name, edit in said if edit.value is not None}
            return
        for name in self.touched:
            heads = self.heads[name].heads
            if len(heads) == 1:
                (only,) = heads
                value = known[only].change.edits[name].value
            else:
                value = self._merge(name, [known[head].head(name) for head in heads])
            if value is None:
                self.body.pop(name, None)
            else:
                self.body[name] = value
        self.unseen = self._unseen(known)

    def _unseen(self, known: Mapping[ChangeId, Known]) -> frozenset[ChangeId]:
        if REMOVED not in self.heads:
            return _NOTHING
        removed = self.heads[REMOVED].heads
        edits = ((head, known[head].change.edits[REMOVED]) for head in removed)
        removals = [Removal(head, edit.value, edit.replaces) for head, edit in edits]
        return frozenset(unseen(removals, {n: state.heads for n, state in self.heads.items()}))

    def _merge(self, name: str, heads: Sequence[Head]) -> Json:
        result = shown(rule_of(field_of(self.kind, name)), heads)
        if result.open or result.merged:
            self.unsettled[name] = Verdict.CONFLICT if result.open else Verdict.MERGED
        return result.value

    def verdict(self, change: Change) -> Verdict:
        """What became of a change: the gravest verdict among its fields."""
        if not self.unsettled and not self.unseen:
            return Verdict.APPLIED
        found = {self.unsettled[name] for name in change.edits if name in self.unsettled}
        torn = change.id in self.unseen or (REMOVED in change.edits and self.unseen)
        if torn or Verdict.CONFLICT in found:
            return Verdict.CONFLICT
        return Verdict.MERGED if found else Verdict.APPLIED

    def other_heads(self, change: Change) -> dict[str, tuple[ChangeId, ...]]:
        """The heads of the change's fields, where they are not this change alone."""
        if self.only is change:
            return {}
        return {
            name: tuple(sorted(heads))
            for name in change.edits
            if (heads := self.heads.get(name, _NEW).heads) != {change.id}
        }


def words_go_to(change: Change) -> RecordId | None:
    """To which record a change moves words that were said in its own; None for nearly all."""
    if REMOVED not in change.edits or not said_fields(change.kind) & change.edits.keys():
        return None
    return RecordId(moved_to({n: e.value for n, e in change.edits.items()})) or None


def heads_plain(heads: Mapping[str, FieldHeads]) -> dict[str, Any]:
    """Heads as they are stored; what is empty is absent."""
    plain: dict[str, Any] = {}
    before, before_plain = _NEW, _plain(_NEW)
    for name, state in heads.items():
        if state is not before:
            # The fields of a record that one change began share theirs.
            before, before_plain = state, _plain(state)
        plain[name] = before_plain
    return plain


def _plain(state: FieldHeads) -> dict[str, list[ChangeId]]:
    heads = {"heads": sorted(state.heads)}
    return {**heads, "ahead": sorted(state.ahead)} if state.ahead else heads


def heads_read(plain: Mapping[str, Any]) -> dict[str, FieldHeads]:
    """Heads as they were stored."""
    return {
        name: FieldHeads(
            frozenset(map(ChangeId, state["heads"])),
            frozenset(map(ChangeId, state.get("ahead", ()))),
        )
        for name, state in plain.items()
    }
