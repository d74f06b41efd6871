"""What each laptop holds: the files that it was given and has not dropped. The breach log.

A laptop is given a file by a page that names it, or began it itself; it has dropped one once it
asks without it.
What everybody has is not listed.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from hah_central.bulk import insert_many
from hah_central.lookups import Each, rows_for
from hah_central.questions import Question
from hah_central.rows import Holding, Laptop
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, LaptopId

_THERE = (Holding.laptop == bindparam("laptop"), Holding.dropped.is_(None))
_ALL = Question(select(Holding.file).where(*_THERE))
# File by file, as the index has them: together they would be looked for in all that is held.
_HELD = Each(lambda name: select(func.max(Holding.id)).where(*_THERE, Holding.file == name))

Asked = Iterator[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Moves:
    """What a pull or a push changes in what a laptop holds: nearly always nothing."""

    given: frozenset[FileId]
    dropped: frozenset[FileId] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.given or self.dropped)


def all_of(connection: Connection, laptop: LaptopId) -> frozenset[FileId]:
    """All files that a laptop was given and has not dropped, but what everybody has."""
    return frozenset(FileId(file) for (file,) in _ALL.ask(connection, laptop=laptop))


def held(connection: Connection, laptop: LaptopId, files: Collection[FileId]) -> frozenset[FileId]:
    """Those of the files that a laptop was given and has not dropped."""
    return read(ask(connection, laptop, files))


def ask(connection: Connection, laptop: LaptopId, files: Collection[FileId]) -> Asked:
    """Ask what `held` answers, and read it later."""
    return _HELD.rows(connection, files, laptop=laptop)


def read(asked: Asked) -> frozenset[FileId]:
    """Those of the files that were asked for which the laptop was given and has not dropped."""
    return frozenset(FileId(file) for file, since in asked if since is not None)


def ever(connection: Connection, laptop: LaptopId, files: Collection[FileId]) -> frozenset[FileId]:
    """Those of the files that a laptop was given at any time, and may still hold something of."""
    there = select(Holding.file).where(Holding.laptop == laptop)
    return frozenset(FileId(file) for (file,) in rows_for(connection, there, Holding.file, files))


def moves(
    connection: Connection, laptop: LaptopId, had: Collection[FileId], given: Collection[FileId]
) -> Moves:
    """What changes once the laptop, which says what it had, gets an answer with these files."""
    open_ = all_of(connection, laptop)
    return Moves(frozenset(given) - open_ - {REFERENCE_FILE}, open_ - frozenset(had) - set(given))


def note(connection: Connection, laptop: LaptopId, found: Moves, now: dt.datetime) -> None:
    """Write it down, before the laptop gets the answer."""
    # One answer at a time: the same laptop may ask twice at once.
    connection.execute(select(Laptop.id).where(Laptop.id == laptop).with_for_update())
    new = found.given - held(connection, laptop, found.given)
    if found.dropped:
        gone = update(Holding).where(Holding.laptop == laptop, Holding.dropped.is_(None))
        connection.execute(gone.where(Holding.file.in_(found.dropped)).values(dropped=now))
    if new:
        rows = [{"laptop": laptop, "file": file, "since": now} for file in sorted(new)]
        insert_many(connection, Holding, rows)
