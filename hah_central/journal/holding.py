"""What each laptop holds: the files that it was given and has not dropped. The breach log.

A laptop is given a file by a page that names it, or began it itself; it has dropped one once it
asks without it. What everybody has is not listed.

What was taken back a laptop may still hold, and write in without knowing. It says itself from which
change on it knew. One that never says so, and goes on asking or writing for a day, is taken to
know: answers are lost on the way, but not for so long. What it sends after such a day was written
before it could ask, and still counts; what it writes behind that does not.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.database.bulk import insert_many
from hah_central.database.lookups import Each, rows_for
from hah_central.database.rows import Audit, Holding, Laptop
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, LaptopId, RecordId


def open_of(
    laptop: ColumnElement[str] | InstrumentedAttribute[str],
) -> Sequence[ColumnElement[bool]]:
    """Of what laptops were given, what this one has not dropped."""
    return (Holding.laptop == laptop, Holding.dropped.is_(None))


MOST = 2**62
"""Beyond every number that a change can have."""

_THERE = open_of(bindparam("laptop"))
# File by file, as the index has them: together they would be looked for in all that is held.
_UPTO = func.max(func.coalesce(Holding.known, MOST))
_HELD = Each(lambda name: select(_UPTO).where(*_THERE, Holding.file == name))

Asked = Iterator[tuple[str, int | None]]

MOST_CLAIMED = 500
"""So many files a day are noted of which a laptop says that it holds them."""

ITSELF = "the laptop itself"
_NAMED = re.compile(r"(visit|child):[0-9A-Za-z-]{1,64}")

LONG = dt.timedelta(days=1)
"""For so long a laptop may go on asking for what it is told not to be given any more, or writing
there."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What a pull or a push changes in what a laptop holds: nearly always nothing."""

    given: frozenset[FileId]
    dropped: frozenset[FileId] = frozenset()
    told: frozenset[FileId] = frozenset()
    """It asks for them, and the answer says that it is given them no more."""
    claimed: frozenset[FileId] = frozenset()
    """It asks for them, and was not known to hold them: the office was restored, or a safety copy
    was put back on it. That it says so gives it no right."""

    def __bool__(self) -> bool:
        return bool(self.given or self.dropped or self.told or self.claimed)


def held(
    connection: Connection, laptop: LaptopId, files: Collection[FileId]
) -> Mapping[FileId, int]:
    """Those of the files that a laptop was given and has not dropped.

    With each the number of its last change that may lie there, whatever was taken back meanwhile.
    """
    return read(ask(connection, laptop, files))


def ask(connection: Connection, laptop: LaptopId, files: Collection[FileId]) -> Asked:
    """Ask what `held` answers, and read it later."""
    return _HELD.rows(connection, files, laptop=laptop)


def read(asked: Asked) -> Mapping[FileId, int]:
    """What `held` answers."""
    return {FileId(file): upto for file, upto in asked if upto is not None}


def ever(connection: Connection, laptop: LaptopId, files: Collection[FileId]) -> frozenset[FileId]:
    """Those of the files that a laptop was given at any time, and may still hold something of."""
    there = select(Holding.file).where(Holding.laptop == laptop)
    return frozenset(FileId(file) for (file,) in rows_for(connection, there, Holding.file, files))


def moves(held: frozenset[FileId], had: Collection[FileId], given: Collection[FileId]) -> Moves:
    """What changes once a laptop that holds these, and says what it had, is given those. Pure."""
    here, now = frozenset(had), frozenset(given)
    claimed = here - held - now - {REFERENCE_FILE}
    return Moves(now - held - {REFERENCE_FILE}, held - here - now, (held & here) - now, claimed)


def note(connection: Connection, laptop: LaptopId, found: Moves, now: dt.datetime) -> None:
    """Write it down, before the laptop gets the answer."""
    _one_at_a_time(connection, laptop)
    new = found.given - held(connection, laptop, found.given).keys()
    if found.dropped:
        gone = update(Holding).where(*open_of(literal(laptop)), Holding.file.in_(found.dropped))
        connection.execute(gone.values(dropped=now))
    if found.told:
        _tell(connection, laptop, found.told, now)
    if found.claimed:
        _note_claimed(connection, laptop, found.claimed, now)
    begin(connection, laptop, new, now)


def begin(
    connection: Connection, laptop: LaptopId, files: Collection[FileId], now: dt.datetime
) -> None:
    """Write down that the laptop has these from now on. Nobody may have known of it before."""
    rows = [{"laptop": laptop, "file": file, "since": now} for file in sorted(files)]
    insert_many(connection, Holding, rows)


def _one_at_a_time(connection: Connection, laptop: LaptopId) -> None:
    """The same laptop may ask twice at once."""
    connection.execute(select(Laptop.id).where(Laptop.id == laptop).with_for_update())


def _note_claimed(
    connection: Connection, laptop: LaptopId, files: Collection[FileId], now: dt.datetime
) -> None:
    """Once a day: until a person agrees to what goes, it says the same with every sync."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    there = select(Audit.detail).where(Audit.laptop == laptop, Audit.what == Did.CLAIMED.value)
    known = set(connection.execute(there.where(Audit.at >= day)).scalars())
    # No more of what may be made up than a log bears.
    names = [file for file in sorted(files) if _NAMED.fullmatch(file)][:MOST_CLAIMED]
    for file in names[: max(0, MOST_CLAIMED - len(known))]:
        if file not in known:
            audit.note(connection, Deed(ITSELF, now), Did.CLAIMED, laptop=laptop, detail=file)


def claimed(connection: Connection, laptop: str) -> list[tuple[str, dt.datetime]]:
    """What a laptop said itself that it held, and when it last said so."""
    asked = select(Audit.detail, func.max(Audit.at))
    asked = asked.where(Audit.laptop == laptop, Audit.what == Did.CLAIMED.value)
    rows = connection.execute(asked.group_by(Audit.detail).order_by(Audit.detail))
    return [(file, at) for file, at in rows]


def _tell(
    connection: Connection, laptop: LaptopId, files: Collection[FileId], now: dt.datetime
) -> None:
    """The answer says that these are taken back; whoever was told so for long, knows it by now."""
    here = update(Holding).where(*open_of(literal(laptop)), Holding.file.in_(files))
    reached = select(Laptop.last_number).where(Laptop.id == laptop).scalar_subquery()
    for_long = here.where(Holding.told <= now - LONG, Holding.known.is_(None))
    connection.execute(for_long.values(known=reached))
    connection.execute(here.where(Holding.told.is_(None)).values(told=now))


def know(connection: Connection, laptop: LaptopId, since: Mapping[FileId, int]) -> None:
    """The laptop says of some files that it knew behind this change that they were taken back."""
    _one_at_a_time(connection, laptop)
    for file in held(connection, laptop, since):
        here = update(Holding).where(*open_of(literal(laptop)), Holding.file == file)
        connection.execute(here.where(Holding.known.is_(None)).values(known=since[file]))


def forget(connection: Connection, adviser: RecordId, files: Collection[FileId]) -> None:
    """The files are taken back from somebody now: whatever a laptop knew was about another time."""
    theirs = select(Laptop.id).where(Laptop.adviser == adviser)
    there = (Holding.laptop.in_(theirs), Holding.dropped.is_(None), Holding.file.in_(files))
    connection.execute(update(Holding).where(*there).values(told=None, known=None))
