"""Files in which a batch is all that is new: its laptop need not fetch its own words again.

Where the receipts say everything that a page would say of a file, the answer names how far
somebody must have read it before; who has, has read it up to the end of the batch. A laptop that
has not, and every case that is not plain, takes the long way: the page brings it.
"""

from collections.abc import Collection, Iterable

from hah_central.journal.access import Rights
from hah_central.journal.state import RecordState
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


def last_moves(rights: Rights, files: Collection[FileId]) -> dict[FileId, int]:
    """The place of the newest record in each file before the batch; 0 for none."""
    return {file: rights.last.get(file, 0) for file in files}
