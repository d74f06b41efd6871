"""A way in for the office, prepared before the vault it is for; keeps and sends nothing."""

import os
from dataclasses import dataclass, field

from hah_desktop.seals import recovery, sealing
from hah_desktop.seals.recovery import Purpose
from hah_desktop.seals.sealing import OfficeKeys

VAULT_ID_BYTES = 16


@dataclass(frozen=True)
class NewRecovery:
    """What a vault needs for its first code: `sealed` goes to the office and into the header.

    `vault_id` is the vault that the secret was sealed for, `code` the first code.
    """

    vault_id: str
    id: bytes
    sealed: bytes
    code: str = field(repr=False)


def new_vault_id() -> str:
    """A random name for a vault, as 32 hex digits."""
    return os.urandom(VAULT_ID_BYTES).hex()


def prepare(office: OfficeKeys, vault_id: str | None = None) -> tuple[bytes, NewRecovery]:
    """Make a secret and seal it for the office; without `vault_id` for a vault yet to be made.

    The secret is for the encrypted database and nowhere else. Raises SealBroken for keys that
    are none.
    """
    secret, recovery_id = recovery.new_secret(), recovery.new_id()
    vault = vault_id or new_vault_id()
    sealed = sealing.seal(office.recovery, recovery.seal_info(vault, recovery_id), secret)
    code = recovery.code(secret, Purpose.OPEN, 1)
    return secret, NewRecovery(vault, recovery_id, sealed, code)
