"""Help by telephone: from what an adviser reads out to a code that is good once.

The code itself is never written down: who could read it here later could use it there.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hah_central.database.rows import Adviser, Laptop, Recovery
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.errors import KnownError
from hah_desktop.seals import recovery
from hah_desktop.seals.recovery import Purpose, Request
from hah_desktop.seals.sealing import OfficeSecrets, unseal

PURPOSES = {
    Purpose.OPEN: "to open a laptop whose passphrase is forgotten",
    Purpose.LEASE: "to work on without contact",
}


class NoHelp(KnownError):
    """No code can be given for what was read out."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who seems to be calling, and what is sealed for them: the desk makes sure it is they."""

    laptop: str
    name: str
    adviser: str
    enrolled: dt.datetime
    last_contact: dt.datetime | None
    request: Request
    vault: str
    sealed: str

    def __repr__(self) -> str:
        return f"Caller(laptop={self.laptop!r})"


def caller(connection: Connection, typed: str) -> Caller:
    """Whose laptop asks, and for what. Raises Misheard or NoHelp."""
    request = recovery.read_request(typed)
    found = connection.execute(
        select(
            Laptop.id,
            Laptop.name,
            Adviser.name.label("adviser"),
            Laptop.enrolled,
            Laptop.last_contact,
            Laptop.revoked,
            Recovery.vault,
            Recovery.sealed,
        )
        .join(Recovery, Recovery.laptop == Laptop.id)
        .join(Adviser, Adviser.id == Laptop.adviser)
        .where(Recovery.id == request.recovery_id.hex())
    ).one_or_none()
    if found is None or not request.count:
        raise NoHelp(
            "No laptop of this office has asked for this.",
            "No code was made.",
            "Have the letters read out again, and make sure the caller is one of your advisers.",
        )
    if found.revoked is not None:
        raise NoHelp(
            f"The laptop {found.name} of {found.adviser} was revoked on {found.revoked:%Y-%m-%d}.",
            "No code was made.",
            "Do not help the caller; tell whoever is responsible for the laptop.",
        )
    return Caller(
        found.id,
        found.name,
        found.adviser,
        found.enrolled,
        found.last_contact,
        request,
        found.vault,
        found.sealed,
    )


def give(connection: Connection, found: Caller, secrets: OfficeSecrets, deed: Deed) -> str:
    """The code to read out, once its giving is written down. Raises SealBroken."""
    request = found.request
    info = recovery.seal_info(found.vault, request.recovery_id)
    secret = unseal(secrets.recovery, info, bytes.fromhex(found.sealed))
    told = f"{PURPOSES[request.purpose]}, number {request.count}, for {found.adviser}"
    audit.note(connection, deed, Did.GAVE_CODE, laptop=found.laptop, detail=told)
    return recovery.code(secret, request.purpose, request.count)
