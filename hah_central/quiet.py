"""Files in which a batch is all that is new: its laptop need not fetch its own words again.

Where the receipts say everything that a page would say of a file, the answer names how far
somebody must have read it before; who has, has read it up to the end of the batch. A laptop that
has not, and every case that is not plain, takes the long way: the page brings it.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, func, select

from hah_central.access import Rights
from hah_central.lookups import listed
from hah_central.rows import RecordFile
from hah_central.state import RecordState
from hah_desktop.domain.ids import FileId


def plain_files(
    rights: Rights, moved: Collection[RecordState], not_plain: Iterable[RecordState]
) -> set[FileId]:
    """The files of which the receipts tell all. The adviser has them, and no record came in.

    A record that came into a file was never sent to who has only that file.
    """
    seen = {file for record in moved for file in record.files if rights.has(file)}
    came_in = (record for record in moved if record.joined and not record.new)
    spoiled = {file for records in (not_plain, came_in) for r in records for file in r.files}
    return seen - spoiled


def last_moves(connection: Connection, files: Collection[FileId]) -> dict[FileId, int]:
    """The place of the newest record in each file; 0 for none. Asked before the batch is stored."""
    if not files:
        return {}
    names = listed(connection, files).subquery()
    last = select(func.max(RecordFile.seq)).where(RecordFile.file == names.c.value)
    asked = select(names.c.value, last.scalar_subquery())
    return {FileId(name): seq or 0 for name, seq in connection.execute(asked)}
