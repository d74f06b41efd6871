"""The office's own keys: made once, the public halves in the database, the private ones in files.

Laptops seal to them and obey nobody else, so they stay the same as long as a laptop is enrolled.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select

from hah_central.database.database import Database
from hah_central.database.rows import OFFICE, Laptop, OfficeKey
from hah_central.journal.journal import take_numbers
from hah_central.office import keyfiles
from hah_central.office.keyfiles import Cost, KeyFault, Kind
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.errors import KnownError
from hah_desktop.seals.sealing import OfficeKeys, OfficeSecrets

_NOT_NEEDED = bytes(32)
"""In place of the seed for orders, where only what was sealed is to be opened."""


class KeysStay(KnownError):
    """The office's keys cannot be changed, or not be kept there."""


class NoKeys(KnownError):
    """The office has made no keys yet."""


def make(
    database: Database, folder: Path, passphrase: str, deed: Deed, cost: Cost = keyfiles.DEFAULT
) -> OfficeKeys:
    """Make the office's keys: private halves into a folder, public ones into the database.

    Raises KeyFault or KeysStay, and then nothing was made.
    """
    _apart(database, folder)
    with database.reading() as connection:
        _check_may_change(connection)
    secrets = OfficeSecrets.generate()
    contents = {
        Kind.RECOVERY: keyfiles.lock(Kind.RECOVERY, secrets.recovery_seed, passphrase, cost),
        Kind.ORDERS: keyfiles.lock(Kind.ORDERS, secrets.orders_seed, passphrase, cost),
    }
    with keyfiles.written(folder, contents), database.writing() as connection:
        take_numbers(connection, 0)
        _check_may_change(connection)
        publish(connection, secrets.public, deed)
    return secrets.public


def publish(connection: Connection, public: OfficeKeys, deed: Deed) -> None:
    """Let laptops know the public halves, in place of those before."""
    connection.execute(delete(OfficeKey))
    halves = {Kind.RECOVERY: public.recovery, Kind.ORDERS: public.orders}
    rows = [
        {"kind": kind.value, "public": half.hex(), "made": deed.now}
        for kind, half in halves.items()
    ]
    connection.execute(insert(OfficeKey), rows)
    audit.note(connection, deed, Did.MADE_KEYS, detail=f"fingerprint {public.fingerprint()}")


def published(connection: Connection) -> OfficeKeys | None:
    """The public halves; None before they were made."""
    found = connection.execute(select(OfficeKey.kind, OfficeKey.public)).all()
    return OfficeKeys.from_plain(dict(found)) if found else None


def required(connection: Connection) -> OfficeKeys:
    """The public halves. Raises NoKeys before they were made."""
    found = published(connection)
    if found is None:
        raise NoKeys(
            "This office has no keys yet, so no laptop could ever be helped or revoked.",
            "Nothing was changed.",
            "Make them first, with: hah-central keys FOLDER",
        )
    return found


def orders_key(database: Database, folder: Path, passphrase: str) -> bytes:
    """The key that signs orders, out of its file. Raises KeyFault or NoKeys."""
    with database.reading() as connection:
        public = required(connection)
    seed = keyfiles.read(folder, Kind.ORDERS, passphrase)
    half = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    if half != public.orders:
        raise _other_office(folder)
    return seed


def recovery_key(database: Database, folder: Path, passphrase: str) -> OfficeSecrets:
    """What opens what laptops sealed, out of its file. Raises KeyFault or NoKeys."""
    with database.reading() as connection:
        public = required(connection)
    secrets = OfficeSecrets(keyfiles.read(folder, Kind.RECOVERY, passphrase), _NOT_NEEDED)
    if secrets.public.recovery != public.recovery:
        raise _other_office(folder)
    return secrets


def _check_may_change(connection: Connection) -> None:
    if published(connection) is None:
        return
    laptops = select(Laptop.id).where(Laptop.id != OFFICE).limit(1)
    if connection.execute(laptops).first() is not None:
        raise KeysStay(
            "This office has its keys, and laptops are enrolled with them.",
            "Nothing was changed: with other keys they could not be helped or revoked any more.",
            "Go on with the keys you have.",
        )


def _apart(database: Database, folder: Path) -> None:
    beside = database.engine.url.database if database.is_sqlite else None
    if beside and folder.resolve().is_relative_to(Path(beside).resolve().parent):
        raise KeysStay(
            "The keys may not lie with the database: who takes one would have both.",
            "Nothing was made.",
            "Name a folder elsewhere, best on a stick that is locked away.",
        )


def _other_office(folder: Path) -> KeyFault:
    return KeyFault(
        f"The keys in {folder} are not those of this office.",
        "Nothing was done.",
        "Name the folder with the keys that were made for this database.",
    )
