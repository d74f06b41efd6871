"""The office's keys in tests, and what a laptop seals to them; always the same, to run again."""

import datetime as dt
import secrets
from dataclasses import asdict

from hah_central.database.database import Database
from hah_central.office import keys
from hah_central.people.audit import Deed
from hah_desktop.domain.exchange import SealedRecovery
from hah_desktop.seals import recovery
from hah_desktop.seals.sealing import OfficeKeys, OfficeSecrets, seal

SECRETS = OfficeSecrets(bytes(range(96)), bytes(range(32)))
SECRET = bytes(range(32, 64))
PASSPHRASE = "lantern orbit marsh kettle"


def publish(database: Database, now: dt.datetime) -> None:
    """Give an office its keys without waiting for a passphrase to be stretched."""
    with database.writing() as connection:
        keys.publish(connection, SECRETS.public, Deed("The test", now))


def sealed_for(public: OfficeKeys, id_: bytes | None = None) -> SealedRecovery:
    """A new laptop's secret, sealed for the office; all laptops have the same one."""
    id_, vault = id_ or recovery.new_id(), secrets.token_hex(16)
    sealed = seal(public.recovery, recovery.seal_info(vault, id_), SECRET)
    return SealedRecovery(id_.hex(), vault, sealed.hex())


def enrolment(code: str, key: str, name: str = "Laptop of the test") -> dict[str, object]:
    """What a laptop of the test sends to be enrolled."""
    recovery_plain = asdict(sealed_for(SECRETS.public))
    return {"code": code, "public_key": key, "laptop_name": name, "recovery": recovery_plain}
