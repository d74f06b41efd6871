"""Who may see and write which file. Rights follow from the records, in the same transaction.

A *file* is what access is given to: a visit's, a child's, and the reference file of everybody.
"""

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import aliased

from hah_central.database.bulk import insert_many
from hah_central.database.lookups import Lookup
from hah_central.database.questions import Question
from hah_central.database.rows import Adviser, Barred, FileDigest, FileSet, Grant
from hah_central.journal import holding
from hah_central.journal.state import RecordState
from hah_desktop.domain.aside import NOTHING, Reason, Why
from hah_desktop.domain.changes import Change
from hah_desktop.domain.codec import MEMBER
from hah_desktop.domain.ids import (
    REFERENCE_FILE,
    FileId,
    LaptopId,
    RecordId,
    child_file,
    visit_file,
)
from hah_desktop.domain.placement import is_for_the_office, is_rightly_placed
from hah_desktop.domain.records.visit import Visit

_VISIT = visit_file("")
_CHILD = child_file("")
_NAMED = f"advisers{MEMBER}"


class How(enum.StrEnum):
    """How somebody came to have a file."""

    FIRST = "first"
    """Nobody had it: the adviser who began the visit or first met the child."""
    NAMED = "named"
    """The visit names the adviser."""
    VISIT = "visit"
    """The child was met on a visit that the adviser has."""
    OFFICE = "office"
    """The office gave it."""
    VOUCHED = "vouched"
    """A restored office lost that the adviser had it: who has it now held what they wrote there."""


@dataclass(slots=True)
class Rights:
    """What one adviser may write, while a batch is worked in. `adviser` None is the office.

    `used` are the files in which something lies: nobody gets one of them by being the first.
    `last` is where the newest of it lies in the journal. `barred` says from whom a file was taken
    back. `still_there` are the files that the laptop was given and has not dropped: what it says
    of them may be late, and is taken all the same, up to the change behind which it knew better.
    `vouched` are the files in which the adviser wrote before the office lost it, as others say.
    """

    adviser: RecordId | None
    holders: defaultdict[FileId, set[RecordId]]
    used: set[FileId] = field(default_factory=set)
    barred: set[tuple[RecordId, FileId]] = field(default_factory=set)
    still_there: Mapping[FileId, int] = field(default_factory=dict)
    last: dict[FileId, int] = field(default_factory=dict)
    gained: dict[tuple[RecordId, FileId], How] = field(default_factory=dict)
    late: set[FileId] = field(default_factory=set)
    vouched: frozenset[FileId] = frozenset()

    def fork(self) -> "Rights":
        """The same, to be worked in without touching these."""
        holders: defaultdict[FileId, set[RecordId]] = defaultdict(set)
        holders.update({file: set(people) for file, people in self.holders.items()})
        return replace(
            self,
            holders=holders,
            used=set(self.used),
            gained=dict(self.gained),
            late=set(self.late),
        )

    @property
    def lost_any(self) -> bool:
        """Whether one of the files was ever taken back from the adviser."""
        return any(person == self.adviser for person, _ in self.barred)

    def refusal(self, change: Change, record: RecordState | None) -> Why:
        """Why the change is set aside; empty when it is in order."""
        if not is_rightly_placed(change):
            return Reason.MISPLACED.why
        if record is not None and record.kind != change.kind:
            return Reason.OTHER_KIND.why
        if self.adviser is None:
            return NOTHING
        if change.author != self.adviser:
            return Reason.OTHER_AUTHOR.why
        if is_for_the_office(change):
            return Reason.OFFICE_ONLY.why
        return NOTHING if self._may_write(change, record) else self._not_given(change)

    def _not_given(self, change: Change) -> Why:
        # A child who went with a visit is only known to be still there.
        had = (file for file in change.files if not self.has(file))
        if any((self.adviser, file) in self.barred or file in self.still_there for file in had):
            return Reason.TAKEN_BACK.why
        return Reason.NOT_GIVEN.why

    def accept(self, change: Change) -> None:
        """Take in what follows from an accepted change: who gets which file by it.

        Whoever wrote in a visit that was taken back, and did not know it yet, gives it to nobody.
        """
        for file in change.files:
            if self.adviser and self._is_new(file):
                self.give(self.adviser, file, How.FIRST)
            elif self.adviser and file in self.vouched:
                self.give(self.adviser, file, How.VOUCHED)
            elif self.adviser and not self.has(file):
                self.late.add(file)
            self.used.add(file)
        visit = visit_file(change.record)
        if change.kind == Visit.kind and (self.adviser is None or self.has(visit)):
            for name, edit in change.edits.items():
                if name.startswith(_NAMED) and edit.value is True:
                    named = RecordId(name.removeprefix(_NAMED))
                    self.give(named, visit, How.NAMED)

    def give(self, adviser: RecordId, file: FileId, how: How) -> None:
        """Give somebody a file, once; never one that was taken back."""
        if adviser not in self.holders[file] and (adviser, file) not in self.barred:
            self.holders[file].add(adviser)
            self.gained[adviser, file] = how

    def begun(self) -> frozenset[FileId]:
        """The files that the sender begins now: nothing lay there, and nobody had them."""
        return frozenset(file for (_, file), how in self.gained.items() if how is How.FIRST)

    def had(self) -> frozenset[FileId]:
        """The files that the sender began, now or before the office lost it: they are there."""
        there = (How.FIRST, How.VOUCHED)
        return frozenset(file for (_, file), how in self.gained.items() if how in there)

    def given(self) -> Iterator[tuple[tuple[RecordId, FileId], How]]:
        """Who gained what lay there before: of a file that was begun now, all is in this batch."""
        return ((gain, how) for gain, how in self.gained.items() if how is not How.FIRST)

    def may_see(self, record: RecordState) -> bool:
        """Whether the record lies in a file that the adviser has."""
        return self.adviser is None or any(map(self.has, record.files))

    def _may_write(self, change: Change, record: RecordState | None) -> bool:
        # Who has a child from another visit may add to it. But a child's file opens to everybody
        # with the visit that names it, so nobody names a child that they do not have.
        children = [file for file in change.files if file.startswith(_CHILD)]

        def may(file: FileId) -> bool:
            upto = self.still_there.get(file, 0)
            was_theirs = file in self.vouched or change.number <= upto
            return self.has(file) or self._is_new(file) or was_theirs

        known = record is None or not record.files or any(map(may, record.files))
        return known and any(map(may, change.files)) and all(map(may, children))

    def has(self, file: FileId) -> bool:
        """Whether the adviser was given the file."""
        return file == REFERENCE_FILE or self.adviser in self.holders[file]

    def _is_new(self, file: FileId) -> bool:
        return file not in self.used and not self.holders[file] and file != REFERENCE_FILE


_GRANTS = Lookup(select(Grant.adviser, Grant.file), Grant.file)
_BARRED = Lookup(select(Barred.adviser, Barred.file), Barred.file)
_REAL = Lookup(select(Adviser.id), Adviser.id)
_LAST = Lookup(select(FileDigest.file, FileDigest.last), FileDigest.file)
_THEIRS = Question(select(Grant.file).where(Grant.adviser == bindparam("adviser")))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about some files, to be read later."""

    holders: Iterator[tuple[str, str]]
    barred: Iterator[tuple[str, str]]
    still_there: holding.Asked
    last: Iterator[tuple[str, int]]


def load(
    connection: Connection,
    adviser: RecordId | None,
    files: Collection[FileId],
    laptop: LaptopId | None = None,
) -> Rights:
    """The rights that matter for these files, on a laptop of the adviser's."""
    return read(adviser, ask(connection, files, laptop))


def ask(connection: Connection, files: Collection[FileId], laptop: LaptopId | None = None) -> Asked:
    """Ask for the rights that matter for these files, and read them later."""
    return Asked(
        _GRANTS.rows(connection, files),
        _BARRED.rows(connection, files),
        holding.ask(connection, laptop, files) if laptop else iter(()),
        _LAST.rows(connection, files),
    )


def read(adviser: RecordId | None, *asked: Asked) -> Rights:
    """The rights of an adviser for the files that were asked about."""
    holders: defaultdict[FileId, set[RecordId]] = defaultdict(set)
    for person, file in chain.from_iterable(each.holders for each in asked):
        holders[FileId(file)].add(RecordId(person))
    barred = chain.from_iterable(each.barred for each in asked)
    there = chain.from_iterable(each.still_there for each in asked)
    places = chain.from_iterable(each.last for each in asked)
    last = {FileId(file): seq for file, seq in places}
    return Rights(
        adviser,
        holders,
        used=set(last),
        barred={(RecordId(person), FileId(file)) for person, file in barred},
        still_there=holding.read(there),
        last=last,
    )


def store_begun(
    connection: Connection, rights: Rights, laptop: LaptopId, seq: int, now: dt.datetime
) -> None:
    """Write down what the sender began, which its laptop has already. Nothing is asked for it."""
    begun = rights.begun()
    gained = {gain: How.FIRST for gain, how in rights.gained.items() if how is How.FIRST}
    insert_many(connection, Grant, _rows(gained, seq))
    # It may be lost before it fetches anything.
    holding.begin(connection, laptop, begun - rights.still_there.keys(), now)


def store(
    connection: Connection,
    rights: Rights,
    lie_in: Iterable[frozenset[FileId]],
    seq: int,
    *,
    but_begun: bool = False,
) -> None:
    """Write down who gained what, `but_begun`: but what was written down as begun.

    `lie_in` are the files in which records that moved lie together; that has been written before.
    """
    gained = dict(rights.given()) if but_begun else rights.gained
    real = {id_ for (id_,) in _REAL.rows(connection, {adviser for adviser, _ in gained})}
    known = {gain: how for gain, how in gained.items() if gain[0] in real}
    insert_many(connection, Grant, _rows(known, seq))
    visits = {file for (_, file), _ in rights.given() if file.startswith(_VISIT)}
    visits.update(_visits_with_new_children(rights, lie_in))
    if visits:
        _give_children(connection, visits, seq)
    if rights.adviser:
        for visit in sorted(file for file in rights.late if file.startswith(_VISIT)):
            # A child whom the adviser met there meanwhile came with it, and goes with it.
            take_children(connection, rights.adviser, visit)


def _rows(gained: Mapping[tuple[RecordId, FileId], How], seq: int) -> list[dict[str, object]]:
    return [
        {"adviser": adviser, "file": file, "seq": seq, "how": how.value}
        for (adviser, file), how in gained.items()
    ]


def _visits_with_new_children(
    rights: Rights, lie_in: Iterable[frozenset[FileId]]
) -> Iterator[FileId]:
    for files in set(lie_in):
        children = [file for file in files if file.startswith(_CHILD)]
        for visit in files:
            if visit.startswith(_VISIT) and any(
                rights.holders[visit] - rights.holders[child] for child in children
            ):
                yield visit


def _give_children(connection: Connection, visits: Collection[FileId], seq: int) -> None:
    """Give everybody with one of the visits the children who were met on it."""
    of_visit, of_child = aliased(FileSet), aliased(FileSet)
    had, not_again = aliased(Grant), aliased(Barred)
    missing = (
        select(Grant.adviser, of_child.file, literal(seq), literal(How.VISIT.value))
        .distinct()
        .select_from(of_visit)
        .join(of_child, and_(of_child.name == of_visit.name, of_child.file.startswith(_CHILD)))
        .join(Grant, Grant.file == of_visit.file)
        .where(of_visit.file.in_(visits))
        .where(~exists().where(had.adviser == Grant.adviser, had.file == of_child.file))
        .where(~exists().where(not_again.adviser == Grant.adviser, not_again.file == of_child.file))
    )
    columns = [Grant.adviser, Grant.file, Grant.seq, Grant.how]
    connection.execute(insert(Grant).from_select(columns, missing))


def files_of(connection: Connection, adviser: RecordId) -> set[FileId]:
    """Every file that an adviser may see."""
    given = _THEIRS.ask(connection, adviser=adviser)
    return {REFERENCE_FILE, *(FileId(file) for (file,) in given)}


def take(connection: Connection, adviser: RecordId, file: FileId) -> list[FileId]:
    """Take a file back, and with a visit the children whom the adviser has only through it.

    Returns what was taken; nothing if the adviser did not have it. No rule gives the file again.
    """
    if not _take(connection, adviser, [file]):
        return []
    connection.execute(insert(Barred).values(adviser=adviser, file=file))
    return [file, *take_children(connection, adviser, file)]


def take_children(connection: Connection, adviser: RecordId, visit: FileId) -> list[FileId]:
    """Take the children back who were met on a visit, and on no other that the adviser has.

    A child whom the office gave stays.
    """
    met = _children_of(connection, FileSet.file == visit)
    theirs = select(Grant.file).where(Grant.adviser == adviser, Grant.file.startswith(_VISIT))
    kept = _children_of(connection, FileSet.file.in_(theirs))
    given = select(Grant.file).where(Grant.adviser == adviser, Grant.how == How.OFFICE.value)
    kept.update(FileId(file) for (file,) in connection.execute(given))
    return _take(connection, adviser, sorted(met - kept))


def read_through(
    connection: Connection, adviser: RecordId, taken: Collection[FileId]
) -> list[FileId]:
    """The files of an adviser in which something lies that lies in one of the taken ones as well.

    What was said on a visit lies in the child's file too: one without the other hides nothing.
    """
    beside = aliased(FileSet)
    found = (
        select(beside.file)
        .distinct()
        .join(FileSet, FileSet.name == beside.name)
        .join(Grant, and_(Grant.file == beside.file, Grant.adviser == adviser))
        .where(FileSet.file.in_(taken), beside.file.not_in(taken))
    )
    return sorted(FileId(file) for (file,) in connection.execute(found))


def _children_of(connection: Connection, visits: ColumnElement[bool]) -> set[FileId]:
    of_child = aliased(FileSet)
    met = (
        select(of_child.file)
        .distinct()
        .join(FileSet, FileSet.name == of_child.name)
        .where(visits, of_child.file.startswith(_CHILD))
    )
    return {FileId(file) for (file,) in connection.execute(met)}


def _take(connection: Connection, adviser: RecordId, files: Collection[FileId]) -> list[FileId]:
    taken = (
        delete(Grant).where(Grant.adviser == adviser, Grant.file.in_(files)).returning(Grant.file)
    )
    gone = sorted(FileId(file) for (file,) in connection.execute(taken))
    holding.forget(connection, adviser, gone)
    return gone


def give_again(connection: Connection, adviser: RecordId, file: FileId) -> None:
    """The office gives a file: that it was taken back counts no more."""
    connection.execute(delete(Barred).where(Barred.adviser == adviser, Barred.file == file))
