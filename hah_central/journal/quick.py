"""The usual batch, judged as a whole: it comes to the same as the general rule, or to nothing.

Usual is what a laptop sends that nothing crossed: its next changes, by its own adviser, in files
that the adviser has or begins, which begin records or replace the one head that there is, and no
words that were said. All of that is taken as it was sent. Whatever else a batch holds, nothing is
said of it here, and `journal` judges it change by change. Nothing here asks the database anything.
"""

import datetime as dt
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple

from hah_central.database.bulk import Listed
from hah_central.database.database import spell
from hah_central.journal import file_sets
from hah_central.journal.digests import sums_of
from hah_central.journal.items import Plain
from hah_central.journal.judged import COLUMNS, Judged, Loaded
from hah_central.journal.records import Says, Stored
from hah_central.journal.runs import AsSent
from hah_desktop.domain.aside import NOTHING
from hah_desktop.domain.changes import of_spelled
from hah_desktop.domain.digest import NOTHING as NO_PART
from hah_desktop.domain.digest import Part, part, spelled_part
from hah_desktop.domain.exchange import Reached, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.placement import is_placed_by_its_record, names_the_offices
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.said import said_fields
from hah_desktop.domain.spelling import SpelledChange

_RECORD = ("id", "kind", "seq", "low", "high", "heads", "moved", "lies_in", "joined")
_KNOWN = ("id", "seq", "low", "high", "heads", "moved")
_MARK = "\\"


class Unusual(Exception):
    """The general rule has to judge."""


@dataclass(slots=True)
class _Record:
    """A record that changes of the batch are about. `begun`: by the first of several."""

    id: RecordId
    kind: str
    files: frozenset[FileId]
    begun: bool
    heads: dict[str, dict[str, list[ChangeId]]]
    moved: dict[str, int]
    before: Part | None
    seq: int = 0

    def take(self, change: SpelledChange, seq: int, seen: AbstractSet[ChangeId]) -> None:
        """Take one more change. Raises Unusual where it does not replace all that there is."""
        id_ = ChangeId(change.id)
        for name, edit in change.fields.items():
            there = self.heads.get(name, _NONE)
            if "ahead" in there or there["heads"] != list(edit.replaces):
                raise Unusual
            if any(id_ not in seen for id_ in edit.replaces):
                raise Unusual
            self.heads[name] = {"heads": [id_]}
            self.moved[name] = seq
        self.seq = seq

    def part(self) -> Part:
        """What it adds now to the digests of its files."""
        return part(self.id, {name: there["heads"] for name, there in self.heads.items()})

    def says(self) -> tuple[int, str, str]:
        """What its row says."""
        return self.seq, spell(self.heads), spell(self.moved)


_NONE: dict[str, list[ChangeId]] = {"heads": []}


def _known(stored: Stored) -> _Record:
    """A record that the office knows. Raises Unusual for one that was ever removed."""
    heads, moved = stored.fields()
    if REMOVED in heads:
        raise Unusual
    files = frozenset(stored.files)
    return _Record(stored.id, stored.kind, files, False, heads, moved, stored.part)


class _Form(NamedTuple):
    """What a change of these fields begins, as it is spelled: in pieces, for what stands between.

    `usual`: none of the fields is for the office alone, or says that the record is removed. `said`
    are those whose words were said.
    """

    names: tuple[str, ...]
    usual: bool
    said: frozenset[str]
    digest: list[str]

    def began(self, change: str, record: str, *, plain: bool) -> Part:
        """The part of a record that a change began. Plain: an id as JSON has it."""
        if plain:
            return spelled_part(record, change.join(self.digest))
        return part(record, {name: [ChangeId(change)] for name in self.names})


def _form(kind: str, names: tuple[str, ...]) -> _Form:
    usual = REMOVED not in names and not names_the_offices(kind, names)
    spelled = list(map(spell, names))
    return _Form(
        names,
        usual,
        said_fields(kind).intersection(names),
        _pieces(spelled, ':["', '"]'),
    )


def _pieces(names: Sequence[str], before: str, after: str) -> list[str]:
    first, *others = names
    return [f"{{{first}{before}", *(f"{after},{name}{before}" for name in others), f"{after}}}"]


def judged(
    laptop: LaptopId, adviser: RecordId, plain: Plain, loaded: Loaded, now: dt.datetime
) -> Judged | None:
    """What became of a batch, if it is a usual one."""
    try:
        return _Batch(laptop, adviser, plain, loaded).judged(now)
    except Unusual:
        return None


class _Batch:
    """One batch while it is judged."""

    def __init__(self, laptop: LaptopId, adviser: RecordId, plain: Plain, loaded: Loaded) -> None:
        self._laptop = laptop
        self._adviser = adviser
        self._plain = plain
        self._loaded = loaded
        self._first = loaded.end - len(plain)
        self._rights = loaded.rights.fork()
        self._may: set[tuple[str, tuple[str, ...]]] = set()
        self._forms: dict[tuple[str, ...], _Form] = {}
        self._seen = {id_ for id_, there in loaded.held.items() if there.in_force}
        self._replacing = {change.id for change in plain.replacing}
        self._begun: dict[str, tuple[int, _Form]] = {}
        self._several: dict[str, _Record] = {}
        """Begun by a change of this batch alone, by its place in it; and all other records."""

    def judged(self, now: dt.datetime) -> Judged:
        """What became of it. Raises Unusual."""
        if not self._plain or self._rights.lost_any:
            raise Unusual
        taken = self._follow()
        for at, change in enumerate(self._plain.changes):
            self._allow(change)
            self._take(at, change)
            self._seen.add(ChangeId(change.id))
        lie_in = self._lie_in()
        return Judged(
            self._receipts(),
            self._rows(now),
            taken,
            self._says,
            lie_in,
            self._rights,
            Reached(self._plain.changes[-1].number, self._plain.hashes[-1]),
            {f: self._rights.last.get(f, 0) for f in frozenset().union(*lie_in) if self._has(f)},
        )

    def _has(self, file: FileId) -> bool:
        return self._rights.has(file)

    def _follow(self) -> set[ChangeId]:
        """The ids of the changes: new ones, which follow one another in the laptop's chain."""
        last = self._loaded.last
        number, before = last.number, last.hash
        held = self._loaded.held
        for change, hash_ in zip(self._plain.changes, self._plain.hashes, strict=True):
            number += 1
            if (
                change.number != number
                or change.previous != before
                or change.laptop != self._laptop
                or change.author != self._adviser
                or change.id in held
            ):
                raise Unusual
            before = hash_
        ids = {ChangeId(change.id) for change in self._plain.changes}
        if len(ids) != len(self._plain):
            raise Unusual
        return ids

    def _allow(self, change: SpelledChange) -> None:
        """Ask once for all changes of a kind in the same files. Raises Unusual."""
        kind, files = change.kind, change.files
        if (kind, files) in self._may:
            return
        whole = of_spelled(change)
        if len(set(files)) < len(files) or self._rights.refusal(whole, None):
            raise Unusual
        self._rights.accept(whole)
        if not all(map(self._has, whole.files)):
            raise Unusual
        if not is_placed_by_its_record(kind):
            self._may.add((kind, files))

    def _form(self, change: SpelledChange) -> _Form:
        key = (change.kind, *change.fields)
        if key not in self._forms:
            self._forms[key] = _form(change.kind, tuple(change.fields))
        return self._forms[key]

    def _take(self, at: int, change: SpelledChange) -> None:
        form = self._form(change)
        id_ = change.record
        if id_ not in self._several and id_ not in self._begun:
            stored = self._loaded.records.get(RecordId(id_))
            if stored is None:
                if change.id in self._replacing or not form.usual:
                    raise Unusual
                self._begun[id_] = at, form
                return
            self._several[id_] = _known(stored)
        elif id_ in self._begun:
            self._several[id_] = self._again(self._begun.pop(id_)[0])
        record = self._several[id_]
        if (
            not form.usual
            or record.kind != change.kind
            or not record.files.issuperset(change.files)
            or any(change.fields[name].replaces for name in form.said)
        ):
            raise Unusual
        record.take(change, self._first + at, self._seen)

    def _again(self, at: int) -> _Record:
        """The record that a change began, for another change of it."""
        change, seq = self._plain.changes[at], self._first + at
        id_, kind = RecordId(change.record), change.kind
        files = frozenset(map(FileId, change.files))
        record = _Record(id_, kind, files, begun=True, heads={}, moved={}, before=NO_PART)
        record.take(change, seq, self._seen)
        return record

    def _lie_in(self) -> set[frozenset[FileId]]:
        together = {self._plain.changes[at].files for at, _ in self._begun.values()}
        found = {frozenset(map(FileId, files)) for files in together}
        return found | {record.files for record in self._several.values()}

    def _receipts(self) -> Sequence[Receipt]:
        """One for each change: taken as it was sent. Some heads are of a later one of the batch."""
        plain = self._plain
        if len(self._begun) + len(self._several) == len(plain):
            return AsSent(plain.changes, plain.hashes, self._first)
        return [
            Receipt(ChangeId(change.id), hash_, Verdict.APPLIED, seq, self._other_heads(change))
            for seq, (change, hash_) in enumerate(
                zip(plain.changes, plain.hashes, strict=True), self._first
            )
        ]

    def _other_heads(self, change: SpelledChange) -> dict[str, tuple[ChangeId, ...]]:
        record = self._several.get(change.record)
        if record is None:
            return {}
        heads = ((name, record.heads[name]["heads"]) for name in change.fields)
        return {name: tuple(ids) for name, ids in heads if ids != [change.id]}

    def _rows(self, now: dt.datetime) -> Listed:
        plain, end, laptop = self._plain, self._loaded.end, self._laptop
        applied = Verdict.APPLIED.value
        return Listed(
            COLUMNS,
            [
                (
                    change.id,
                    seq,
                    change.number,
                    hash_,
                    change.previous,
                    change.record,
                    change.kind,
                    change.author,
                    change.made_at,
                    change.clock_trusted,
                    applied,
                    NOTHING,
                    text,
                    laptop,
                    now,
                    end,
                )
                for seq, (change, text, hash_) in enumerate(
                    zip(plain.changes, plain.texts, plain.hashes, strict=True), self._first
                )
            ],
        )

    def _says(self) -> Says:
        """The rows of the records that moved: those that one change began, and all others."""
        new: list[tuple[Any, ...]] = []
        named: dict[tuple[str, ...], str | None] = {}
        moves: list[tuple[Sequence[str], Part, Part, int]] = []
        for id_, (at, form) in self._begun.items():
            change, seq = self._plain.changes[at], self._first + at
            now = form.began(change.id, id_, plain=_MARK not in self._plain.texts[at])
            if change.files not in named:
                named[change.files] = file_sets.name_of(change.files)
            new.append((id_, change.kind, seq, *now, None, None, named[change.files], seq))
            moves.append((change.files, NO_PART, now, seq))
        known: list[tuple[Any, ...]] = []
        for record in self._several.values():
            now = record.part()
            seq, *says = record.says()
            lies_in = tuple(record.files)
            moves.append((lies_in, record.before or NO_PART, now, seq))
            if record.begun:
                named[lies_in] = file_sets.name_of(lies_in)
                new.append((record.id, record.kind, seq, *now, *says, named[lies_in], seq))
            else:
                known.append((record.id, seq, *now, *says))
        there = self._loaded.sets
        return Says(
            file_sets.rows(files for files, name in named.items() if name not in there),
            Listed(_RECORD, new),
            Listed(_KNOWN, known),
            [],
            sums_of(moves),
        )
