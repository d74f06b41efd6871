"""What this laptop told a restored office of others' changes, aside of the records.

From the records it went when it was told. The office may be restored once more, to before that: so
it is kept until the office says that it needs it no more, and told again where it is lacking.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import sqlite

from hah_desktop.domain.exchange import Witness
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.spelling import read
from hah_desktop.store.exchange import witness
from hah_desktop.store.tables.many import in_chunks
from hah_desktop.store.tables.rows import TOLD


def keep(connection: Connection, changes: Sequence[ChangeId]) -> None:
    """Keep what these changes say, as it was told."""
    put = sqlite.insert(TOLD).on_conflict_do_nothing()
    for part in witness.words(connection, changes):
        rows = [{"id": item.change, "words": json.dumps(asdict(item))} for item in part]
        connection.execute(put, rows)


def newest(connection: Connection, most: int) -> list[ChangeId]:
    """What was told last: an office that still has this has all that it was told before."""
    told = select(TOLD.c.id).order_by(TOLD.c.number.desc()).limit(most)
    return list(map(ChangeId, connection.execute(told).scalars()))


def every(connection: Connection) -> list[ChangeId]:
    """All of it, in the order in which it was told."""
    told = select(TOLD.c.id).order_by(TOLD.c.number)
    return list(map(ChangeId, connection.execute(told).scalars()))


def words(connection: Connection, changes: Sequence[ChangeId]) -> Iterator[list[Witness]]:
    """What was told of these, in parts that can be sent at once."""
    for ids in in_chunks(changes):
        found = select(TOLD.c.words).where(TOLD.c.id.in_(ids)).order_by(TOLD.c.number)
        said = connection.execute(found).scalars()
        yield from witness.parted((len(each), _witness(each)) for each in said)


def _witness(spelled: str) -> Witness:
    said = read(spelled)
    return Witness(**{**said, "files": tuple(said["files"])})


def forget(connection: Connection, changes: Collection[ChangeId]) -> None:
    """The office has these again, or a person there has closed them."""
    for ids in in_chunks(changes):
        connection.execute(delete(TOLD).where(TOLD.c.id.in_(ids)))
