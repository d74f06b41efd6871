"""In which files a change may lie, and which of its fields are the office's alone. Pure.

The office judges every change by these rules, and a laptop what it takes from a colleague's hand.
"""

from collections.abc import Iterable

from hah_desktop.domain.changes import Change
from hah_desktop.domain.fields import Merge
from hah_desktop.domain.ids import FileId, RecordId, child_file, visit_file
from hah_desktop.domain.merge import rule_of
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.catalogue import BY_KIND

_VISIT = visit_file("")
_CHILD = child_file("")
_NOBODYS: frozenset[str] = frozenset()
_OFFICES = {
    kind: frozenset(n for n, f in described(record).items() if rule_of(f) is Merge.OFFICE)
    for kind, record in BY_KIND.items()
}
"""The fields of each kind of record that only the office writes."""


_ELSEWHERE = frozenset(
    kind
    for kind, record in BY_KIND.items()
    if any(file in (_VISIT, _CHILD) for file in record(id=RecordId("any")).files())
)
"""The kinds that lie in the files of other records, which they name."""


def is_rightly_placed(change: Change) -> bool:
    """Nothing private may claim to lie in the file of everybody, nor in another visit's."""
    record_type = BY_KIND.get(change.kind)
    if record_type is not None and change.kind not in _ELSEWHERE:
        return change.files == record_type(id=change.record).files()
    return all(file.startswith((_VISIT, _CHILD)) and file[-1] != ":" for file in change.files)


def lies_in(record: Record, known: Iterable[FileId]) -> tuple[FileId, ...]:
    """Where a record lies: where it says; without a visit, in the one where it is known to lie.

    What names its visit may have been set aside by the office, and what is written later has none.
    """
    visits = [file for file in known if file.startswith(_VISIT) and file != _VISIT]
    if len(visits) != 1:
        return record.files()
    return tuple(visits[0] if file == _VISIT else file for file in record.files())


def is_placed_by_its_record(kind: str) -> bool:
    """Whether the file of such a record follows from its id; others lie where they say."""
    return kind in BY_KIND and kind not in _ELSEWHERE


def is_for_the_office(change: Change) -> bool:
    """Whether the change touches a field that only the office writes."""
    return names_the_offices(change.kind, change.edits)


def names_the_offices(kind: str, fields: Iterable[str]) -> bool:
    """Whether one of these fields of a kind of record is one that only the office writes."""
    return not _OFFICES.get(kind, _NOBODYS).isdisjoint(fields)
