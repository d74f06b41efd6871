"""Who may see what: which records and fields an edition for one reader may hold. Pure.

Words the program uses: *permission to share* is the child's ethical permission. Withdrawing it
stops future sharing; it erases nothing, and the office's own record keeps everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hah_desktop.domain.codec import field_of, from_body, to_body
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Permission

NAMED = "FULL"
UNNAMED = "ANON"
OVERRIDDEN = "OVR"
SHAREABLE = frozenset({NAMED, UNNAMED, OVERRIDDEN})
"""The answers of the code list `sharing` that let an item reach the reader they name."""

Permissions = Mapping[tuple[str, str], Permission]
"""The permission for each (item id, reader code)."""


def permissions_of(records: Iterable[Record]) -> Permissions:
    """The permissions among some records, by item and reader. Removed ones do not count.

    Where one question has two answers, the one that lets less out counts.
    """
    found: dict[tuple[str, str], Permission] = {}
    for record in records:
        if isinstance(record, Permission) and not record.removed:
            asked = (record.item, record.reader)
            found[asked] = min(found.get(asked, record), record, key=_how_much)
    return found


def _how_much(permission: Permission) -> int:
    order = (UNNAMED, NAMED, OVERRIDDEN)
    return order.index(permission.answer) if permission.answer in order else -1


@dataclass(frozen=True, slots=True)
class Cleared:
    """A record as one reader may see it, and whether the child may be named beside it."""

    record: Record
    named: bool


def cleared(record: Record, reader: Reader, permissions: Permissions) -> Cleared | None:
    """The part of a record that `reader` may see; None where nothing of it may be seen.

    The office sees everything. Any other reader sees the fields meant for it, and what came from
    a child only with the child's permission for this item and this reader. No answer means no.
    The child is named only where the child said so: sharing for safety tells what, not who.
    """
    if record.removed:
        return None
    if reader is Reader.OFFICE:
        return Cleared(record, named=True)
    named = True
    if record.by_permission:
        permission = permissions.get((record.id, reader.value))
        if permission is None or permission.answer not in SHAREABLE:
            return None
        named = permission.answer == NAMED
    body = {key: v for key, v in to_body(record).items() if _meant_for(record, key, reader)}
    return Cleared(from_body(record.kind, record.id, body), named) if body else None


def _meant_for(record: Record, key: str, reader: Reader) -> bool:
    field = field_of(record.kind, key)
    return field is not None and reader in field.readers
