"""Who may see and write which file. Rights follow from the records, in the same transaction.

A *file* is what access is given to: a visit's, a child's, and the reference file of everybody.
"""

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, exists, insert, literal, select
from sqlalchemy.orm import aliased

from hah_central.lookups import rows_for
from hah_central.rows import Adviser, Grant, RecordFile
from hah_central.state import RecordState
from hah_desktop.domain.changes import Change
from hah_desktop.domain.codec import MEMBER
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, child_file, visit_file
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


@dataclass(slots=True)
class Rights:
    """What one adviser may write, while a batch is worked in. `adviser` None is the office."""

    adviser: RecordId | None
    holders: defaultdict[FileId, set[RecordId]]
    gained: dict[tuple[RecordId, FileId], How] = field(default_factory=dict)

    def refusal(self, change: Change, record: RecordState | None) -> str:
        """Why the change is set aside; empty when it is in order."""
        if not is_rightly_placed(change):
            return "This change names a file that its record cannot lie in."
        if record is not None and record.kind != change.kind:
            return "This change is about another kind of record than the one the office holds."
        if self.adviser is None:
            return ""
        if is_for_the_office(change):
            return "Only the office may change this."
        if not self._may_write(change, record):
            return "This adviser has not been given the visit or child that this belongs to."
        return ""

    def accept(self, change: Change) -> None:
        """Take in what follows from an accepted change: who gets which file by it."""
        for file in change.files:
            if self.adviser and file != REFERENCE_FILE and not self.holders[file]:
                self.give(self.adviser, file, How.FIRST)
        if change.kind == Visit.kind:
            for name, edit in change.edits.items():
                if name.startswith(_NAMED) and edit.value is True:
                    named = RecordId(name.removeprefix(_NAMED))
                    self.give(named, visit_file(change.record), How.NAMED)

    def give(self, adviser: RecordId, file: FileId, how: How) -> None:
        """Give somebody a file, once."""
        if adviser not in self.holders[file]:
            self.holders[file].add(adviser)
            self.gained[adviser, file] = how

    def may_see(self, record: RecordState) -> bool:
        """Whether the record lies in a file that the adviser has."""
        return self.adviser is None or any(map(self._has, record.files))

    def _may_write(self, change: Change, record: RecordState | None) -> bool:
        # Who has a child from another visit may add to it. But a child's file opens to everybody
        # with the visit that names it, so nobody names a child that they do not have.
        children = [file for file in change.files if file.startswith(_CHILD)]
        known = record is None or not record.files or any(map(self._has, record.files))
        return known and any(map(self._has, change.files)) and all(map(self._has, children))

    def _has(self, file: FileId) -> bool:
        if file == REFERENCE_FILE:
            return True
        holders = self.holders[file]
        return not holders or self.adviser in holders


def load(connection: Connection, adviser: RecordId | None, files: Collection[FileId]) -> Rights:
    """The rights that matter for these files."""
    holders: defaultdict[FileId, set[RecordId]] = defaultdict(set)
    for person, file in rows_for(connection, select(Grant.adviser, Grant.file), Grant.file, files):
        holders[FileId(file)].add(RecordId(person))
    return Rights(adviser, holders)


def store(connection: Connection, rights: Rights, records: Iterable[RecordState], seq: int) -> None:
    """Write down who gained what. The records' files have been written before."""
    people = {adviser for adviser, _ in rights.gained}
    real = {i for (i,) in rows_for(connection, select(Adviser.id), Adviser.id, people)}
    given = [
        {"adviser": adviser, "file": file, "seq": seq, "how": how.value}
        for (adviser, file), how in rights.gained.items()
        if adviser in real
    ]
    if given:
        connection.execute(insert(Grant), given)
    visits = {file for _, file in rights.gained if file.startswith(_VISIT)}
    visits.update(_visits_with_new_children(rights, records))
    if visits:
        _give_children(connection, visits, seq)


def _visits_with_new_children(rights: Rights, records: Iterable[RecordState]) -> Iterator[FileId]:
    for record in records:
        visits = [file for file in record.files if file.startswith(_VISIT)]
        children = [file for file in record.files if file.startswith(_CHILD)]
        for visit in visits:
            if any(rights.holders[visit] - rights.holders[child] for child in children):
                yield visit


def _give_children(connection: Connection, visits: Collection[FileId], seq: int) -> None:
    """Give everybody with one of the visits the children who were met on it."""
    of_visit, of_child = aliased(RecordFile), aliased(RecordFile)
    had = aliased(Grant)
    missing = (
        select(Grant.adviser, of_child.file, literal(seq), literal(How.VISIT.value))
        .distinct()
        .select_from(of_visit)
        .join(of_child, and_(of_child.record == of_visit.record, of_child.file.startswith(_CHILD)))
        .join(Grant, Grant.file == of_visit.file)
        .where(of_visit.file.in_(visits))
        .where(~exists().where(had.adviser == Grant.adviser, had.file == of_child.file))
    )
    columns = [Grant.adviser, Grant.file, Grant.seq, Grant.how]
    connection.execute(insert(Grant).from_select(columns, missing))


def files_of(connection: Connection, adviser: RecordId) -> set[FileId]:
    """Every file that an adviser may see."""
    given = connection.execute(select(Grant.file).where(Grant.adviser == adviser))
    return {REFERENCE_FILE, *(FileId(file) for (file,) in given)}
