"""The ways in: each slot holds the vault key, wrapped by something a person has."""

import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from hah_desktop.vault import canonical, kdf
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KEY_BYTES, KeyHolder

FORMAT = 1
ID_BYTES = 8
NONCE_BYTES = 12
WRAPPED_BYTES = KEY_BYTES + 16


@dataclass(frozen=True)
class PassphraseSlot:
    """The vault key under a passphrase; `id` is 16 hex digits, new for every wrap."""

    kind: ClassVar[Literal["passphrase"]] = "passphrase"

    id: str
    cost: KdfCost
    salt: bytes
    nonce: bytes
    wrapped: bytes


def seal(keys: KeyHolder, vault_id: str, passphrase: str, cost: KdfCost) -> PassphraseSlot:
    """Wrap the vault key for `passphrase`; slow. Raises TooLittleMemory, VaultLocked."""
    slot_id = os.urandom(ID_BYTES).hex()
    # A salt is used for one wrap only, so each wrapping key seals exactly one message.
    salt = os.urandom(kdf.SALT_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    with kdf.key_from(passphrase, salt, cost) as kek:
        wrapped = keys.wrap(kek, nonce, _context(vault_id, slot_id, cost))
    return PassphraseSlot(slot_id, cost, salt, nonce, wrapped)


def unseal(slot: PassphraseSlot, vault_id: str, passphrase: str, database_salt: bytes) -> KeyHolder:
    """Open the slot; slow. Raises WrongPassphrase, TooLittleMemory."""
    with kdf.key_from(passphrase, slot.salt, slot.cost) as kek:
        return KeyHolder.unwrap(
            slot.wrapped, kek, slot.nonce, _context(vault_id, slot.id, slot.cost), database_salt
        )


def _context(vault_id: str, slot_id: str, cost: KdfCost) -> bytes:
    """Everything a wrap is bound to, so that no slot opens in another place or more cheaply."""
    return canonical.encode(
        {
            "format": FORMAT,
            "kind": PassphraseSlot.kind,
            "lanes": cost.lanes,
            "memory_kib": cost.memory_kib,
            "passes": cost.passes,
            "slot": slot_id,
            "vault": vault_id,
        }
    )
