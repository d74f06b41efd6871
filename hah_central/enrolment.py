"""How a laptop gets its place at the office: by a one-time code, which is kept as a hash only."""

import datetime as dt
import secrets
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, insert, select, update

from hah_central import audit, people
from hah_central.audit import Deed, Did
from hah_central.keys import published
from hah_central.problems import no_keys, no_recovery, wrong_code
from hah_central.rows import Adviser, Clock, EnrolCode, Laptop, Recovery
from hah_desktop.domain.changes import FIRST_PREVIOUS
from hah_desktop.domain.exchange import Enrolled, SealedRecovery
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.seals.letters import ALPHABET
from hah_desktop.sync.wire.signed import CODE_LETTERS

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


def new_code(connection: Connection, adviser: RecordId, now: dt.datetime) -> Code:
    """A code with which one laptop can be enrolled for an adviser, once, within seven days."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    laptop = LaptopId(people.new_id(now))
    row = {
        "hash": people.hashed(letters),
        "adviser": adviser,
        "expires": now + CODE_LASTS,
        "used": None,
    }
    connection.execute(insert(EnrolCode).values(**row, laptop=laptop))
    return Code(letters, laptop)


def enrol(connection: Connection, code: str, new: NewLaptop, now: dt.datetime) -> Enrolled:
    """Bind a laptop's key to the adviser whom the code was made for. Raises Problem.

    A laptop whose first answer was lost asks again with the same code and key, and gets the
    same answer.
    """
    if published(connection) is None:
        raise no_keys()
    key = people.key_of(new.public_key).public_bytes_raw().hex()
    known = _enrolled_with(connection, code, key, new.recovery.id)
    if known is not None:
        return _answer(connection, *known)
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
    laptop = found.laptop or people.new_id(now)
    row = {
        "id": laptop,
        "adviser": found.adviser,
        "name": new.name[:_MAX_NAME],
        "public_key": key,
        "last_number": 0,
        "last_hash": FIRST_PREVIOUS,
        "enrolled": now,
    }
    connection.execute(insert(Laptop).values(row))
    _keep(connection, laptop, new.recovery)
    answer = _answer(connection, laptop, found.adviser)
    audit.note(connection, Deed(answer.adviser_name, now), Did.ENROLLED, laptop=laptop)
    return answer


def _keep(connection: Connection, laptop: str, sealed: SealedRecovery) -> None:
    """Keep what the laptop sealed, in the transaction that enrols it."""
    if connection.execute(select(Recovery.id).where(Recovery.id == sealed.id)).first():
        raise no_recovery("another laptop reads out the same letters")
    connection.execute(insert(Recovery).values(laptop=laptop, **asdict(sealed)))


def _enrolled_with(
    connection: Connection, code: str, key: str, recovery: str
) -> tuple[str, str] | None:
    """The laptop and adviser of this key and secret, if this very code let it in."""
    same = (
        select(Laptop.id, Laptop.adviser)
        .join(EnrolCode, EnrolCode.adviser == Laptop.adviser)
        .join(Recovery, Recovery.laptop == Laptop.id)
        .where(EnrolCode.hash == people.hashed(code), EnrolCode.used == Laptop.enrolled)
        .where(Laptop.public_key == key, Laptop.revoked.is_(None), Recovery.id == recovery)
    )
    found = connection.execute(same).one_or_none()
    return (found.id, found.adviser) if found else None


def _answer(connection: Connection, laptop: str, adviser: str) -> Enrolled:
    name = connection.execute(select(Adviser.name).where(Adviser.id == adviser)).scalar_one()
    office, epoch = connection.execute(select(Clock.office, Clock.epoch)).one()
    return Enrolled(LaptopId(laptop), RecordId(adviser), name, office, epoch)
