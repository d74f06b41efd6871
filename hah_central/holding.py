"""What each laptop holds: the files that it was given and has not dropped. The breach log.

A laptop is given a file by a page that names it, or began it itself; it has dropped one once it
asks without it.
What everybody has is not listed.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.bulk import insert_many
from hah_central.lookups import Each, rows_for
from hah_central.rows import Holding, Laptop
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, LaptopId


def open_of(
    laptop: ColumnElement[str] | InstrumentedAttribute[str],
) -> Sequence[ColumnElement[bool]]:
    """Of what laptops were given, what this one has not dropped."""
    return (Holding.laptop == laptop, Holding.dropped.is_(None))


_THERE = open_of(bindparam("laptop"))
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


def moves(held: frozenset[FileId], had: Collection[FileId], given: Collection[FileId]) -> Moves:
    """What changes once a laptop that holds these, and says what it had, is given those. Pure."""
    return Moves(frozenset(given) - held - {REFERENCE_FILE}, held - frozenset(had) - set(given))


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
