"""How a laptop gets its place at the office: by a one-time code, which is kept as a hash only."""

import datetime as dt
import secrets
from dataclasses import asdict, dataclass, field
from typing import TypeVarTuple

from sqlalchemy import Connection, Select, insert, select, update

from hah_central.database.rows import Adviser, Clock, EnrolCode, Laptop, Recovery, ReturnCode
from hah_central.journal import records
from hah_central.journal.journal import take_numbers
from hah_central.office import office
from hah_central.office.keys import published
from hah_central.people import audit, naming, people
from hah_central.people.audit import Deed, Did
from hah_central.problems import (
    another_adviser,
    known_laptop,
    no_keys,
    no_recovery,
    wrong_code,
)
from hah_desktop.domain.changes import FIRST_PREVIOUS
from hah_desktop.domain.exchange import Enrolled, SealedRecovery
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.domain.records.reference import Adviser as AdviserRecord
from hah_desktop.seals.letters import ALPHABET
from hah_desktop.sync.wire.signed import CODE_LETTERS

Columns = TypeVarTuple("Columns")

CODE_LASTS = dt.timedelta(days=7)
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class NewLaptop:
    """What a laptop says of itself when it is enrolled."""

    public_key: str
    name: str
    recovery: SealedRecovery


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code's twelve letters, and what the laptop that uses it will be called."""

    letters: str = field(repr=False)
    laptop: LaptopId


@dataclass(frozen=True, slots=True)
class Place:
    """What a laptop is called at the office, and whose it is."""

    laptop: LaptopId
    adviser: RecordId


def new_code(connection: Connection, adviser: RecordId, now: dt.datetime) -> Code:
    """A code with which one laptop can be enrolled for an adviser, once, within seven days."""
    letters, laptop = _letters(), LaptopId(people.new_id(now))
    row = {"hash": people.hashed(letters), "adviser": adviser, "laptop": laptop}
    connection.execute(insert(EnrolCode).values(**row, expires=now + CODE_LASTS, used=None))
    return Code(letters, laptop)


def enrol(connection: Connection, code: str, new: NewLaptop, now: dt.datetime) -> Enrolled:
    """Bind a laptop's key to the adviser whom the code was made for. Raises Problem.

    A laptop whose first answer was lost asks again with the same code and key, and gets the
    same answer.
    """
    _check_keys(connection)
    known = _enrolled_with(connection, code, new)
    if known is not None:
        return _answer(connection, known)
    spent = (
        update(EnrolCode)
        .where(EnrolCode.hash == people.hashed(code))
        .where(EnrolCode.used.is_(None), EnrolCode.expires > now)
        .values(used=now)
        .returning(EnrolCode.adviser, EnrolCode.laptop)
    )
    found = connection.execute(spent).one_or_none()
    if found is None:
        raise wrong_code()
    laptop = LaptopId(found.laptop or people.new_id(now))
    return _give(connection, Place(laptop, RecordId(found.adviser)), new, Did.ENROLLED, now)


def new_return_code(connection: Connection, name: str, role: str | None, now: dt.datetime) -> str:
    """The letters of a code with which one laptop of an adviser's that is lost here comes back.

    It is good once, within seven days. Where the adviser is lost too, they come back with it, by
    this name and in this role. Raises NoName.
    """
    letters = _letters()
    row = {
        "hash": people.hashed(letters),
        "name": naming.checked_name(name),
        "role": naming.USUAL if role is None else naming.checked_role(role),
    }
    connection.execute(insert(ReturnCode).values(**row, expires=now + CODE_LASTS))
    return letters


def let_back(
    connection: Connection, code: str, laptop: NewLaptop, was: Place, now: dt.datetime
) -> Enrolled:
    """Give a laptop the place again that it had before the office was put back. Raises Problem.

    What it sent before it offers again by itself. One whose first answer was lost asks again with
    the same code and key, and gets the same answer.
    """
    _check_keys(connection)
    # One after the other: no two may bring the same laptop, or the same adviser.
    take_numbers(connection, 0)
    asked = select(
        ReturnCode.name, ReturnCode.role, ReturnCode.expires, ReturnCode.used, ReturnCode.laptop
    )
    mine = ReturnCode.hash == people.hashed(code)
    found = connection.execute(asked.where(mine)).one_or_none()
    if found is None:
        raise wrong_code()
    if found.laptop == was.laptop and _is_in(connection, laptop, was):
        return _answer(connection, was)
    if found.used is not None or found.expires <= now:
        raise wrong_code()
    if connection.execute(select(Laptop.id).where(Laptop.id == was.laptop)).first():
        raise known_laptop()
    _find_again(connection, was.adviser, found.name, found.role, now)
    connection.execute(update(ReturnCode).where(mine).values(used=now, laptop=was.laptop))
    return _give(connection, was, laptop, Did.LET_BACK, now)


def _find_again(
    connection: Connection, adviser: RecordId, name: str, role: str, now: dt.datetime
) -> None:
    """The adviser as the laptop knows them, made again where they are lost too. Raises Problem."""
    named = office.find_adviser(connection, name)
    if named == adviser:
        return
    known = connection.execute(select(Adviser.id).where(Adviser.id == adviser)).first()
    record = records.shown(connection, [adviser]).get(adviser)
    if named or known or (record is not None and record.kind != AdviserRecord.kind):
        raise another_adviser()
    office.add_adviser(connection, name, role, now, brought=adviser)


def _letters() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def _check_keys(connection: Connection) -> None:
    if published(connection) is None:
        raise no_keys()


def _give(
    connection: Connection, place: Place, laptop: NewLaptop, did: Did, now: dt.datetime
) -> Enrolled:
    """Write it down among the laptops, with what it sealed for the office."""
    row = {
        "id": place.laptop,
        "adviser": place.adviser,
        "name": laptop.name[:_MAX_NAME],
        "public_key": _key(laptop),
        "last_number": 0,
        "last_hash": FIRST_PREVIOUS,
        "enrolled": now,
    }
    connection.execute(insert(Laptop).values(row))
    sealed = laptop.recovery
    if connection.execute(select(Recovery.id).where(Recovery.id == sealed.id)).first():
        raise no_recovery("another laptop reads out the same letters")
    connection.execute(insert(Recovery).values(laptop=place.laptop, **asdict(sealed)))
    answer = _answer(connection, place)
    audit.note(connection, Deed(answer.adviser_name, now), did, laptop=place.laptop)
    return answer


def _key(laptop: NewLaptop) -> str:
    """Its key, spelled in one way. Raises Problem."""
    return people.key_of(laptop.public_key).public_bytes_raw().hex()


def _enrolled_with(connection: Connection, code: str, laptop: NewLaptop) -> Place | None:
    """The place that this very code gave to this key and secret, if it did."""
    same = (
        select(Laptop.id, Laptop.adviser)
        .join(EnrolCode, EnrolCode.adviser == Laptop.adviser)
        .where(EnrolCode.hash == people.hashed(code), EnrolCode.used == Laptop.enrolled)
    )
    found = connection.execute(_of(same, laptop)).one_or_none()
    return Place(LaptopId(found.id), RecordId(found.adviser)) if found else None


def _is_in(connection: Connection, laptop: NewLaptop, place: Place) -> bool:
    """Whether this key and secret have this place."""
    there = select(Laptop.id).where(Laptop.id == place.laptop, Laptop.adviser == place.adviser)
    return connection.execute(_of(there, laptop)).first() is not None


def _of(asked: Select[*Columns], laptop: NewLaptop) -> Select[*Columns]:
    return asked.join(Recovery, Recovery.laptop == Laptop.id).where(
        Laptop.public_key == _key(laptop),
        Laptop.revoked.is_(None),
        Recovery.id == laptop.recovery.id,
    )


def _answer(connection: Connection, place: Place) -> Enrolled:
    name = office.name_of(connection, place.adviser)
    id_, epoch = connection.execute(select(Clock.office, Clock.epoch)).one()
    return Enrolled(place.laptop, place.adviser, name, id_, epoch)
