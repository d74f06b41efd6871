"""Children who came from a colleague's hand, and of whom the office does not know yet.

At the office a child is first theirs who write of them first. Were that not the colleague who met
the child, what the colleague wrote would be set aside. On a visit that both have it does not
matter: whoever has a visit has the children who were met on it.
"""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.ids import FileId, RecordId, child_file, visit_file
from hah_desktop.store.tables import asking

_CHILD, _VISIT = child_file(""), visit_file("")

# Nothing but a stick brings the child's record without its file.
_NOT_KNOWN = """
SELECT 'child:' || record.id FROM record
WHERE record.id IN (SELECT value FROM json_each(?))
AND 'child:' || record.id NOT IN (SELECT file FROM cursor)
AND EXISTS (SELECT 1 FROM change
            WHERE change.record = record.id AND number IS NULL AND received IS NULL)
"""
_MET_ON = "SELECT 'visit:' || visit FROM record WHERE child = ? AND visit IS NOT NULL"


def check(connection: Connection, lie_in: Mapping[RecordId, Sequence[FileId]]) -> None:
    """Whether records may be saved that are to lie in these files. Raises NotAllowed."""
    named = {file for files in lie_in.values() for file in files if file.startswith(_CHILD)}
    if not named:
        return
    ids = json.dumps(sorted(file.removeprefix(_CHILD) for file in named))
    for (file,) in list(asking.rows(connection, _NOT_KNOWN, (ids,))):
        child = file.removeprefix(_CHILD)
        met_on = {visit for (visit,) in asking.rows(connection, _MET_ON, (child,))}
        if any(file in files and met_on.isdisjoint(files) for files in lie_in.values()):
            raise NotAllowed(
                "A colleague met this child, and the office does not know of the child yet.",
                "Nothing was saved, and your words are still on the screen.",
                "Write it in the conversation on the visit that you share, or save it once your "
                "colleague and you have synced.",
            )
