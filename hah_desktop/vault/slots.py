"""The ways in: each slot holds the vault key, wrapped by something a person has."""

import dataclasses
import hashlib
import os
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, TypeAlias, TypeVar

from hah_desktop.seals import letters, recovery
from hah_desktop.vault import canonical, kdf
from hah_desktop.vault.canonical import Plain
from hah_desktop.vault.errors import VaultTooNew, WrongCode, WrongPassphrase
from hah_desktop.vault.kdf import FLOOR, KdfCost
from hah_desktop.vault.keys import KEY_BYTES, KeyHolder

FORMAT = 1
"""The format of a slot by itself: a slot of an older header opens in a newer one."""

ID_BYTES = 8
NONCE_BYTES = 12
WRAPPED_BYTES = KEY_BYTES + 16

# A code has 120 random bits: what is dear to derive protects words that people choose.
CODE_COST = FLOOR


@dataclass(frozen=True)
class PassphraseSlot:
    """The vault key under a passphrase; `id` is 16 hex digits, new for every wrap."""

    kind: ClassVar[Literal["passphrase"]] = "passphrase"

    id: str
    cost: KdfCost
    salt: bytes
    nonce: bytes
    wrapped: bytes

    @classmethod
    def fresh(cls, cost: KdfCost) -> Self:
        """A slot that nothing was wrapped for yet."""
        return cls(*_fresh(cost))

    def context(self, vault_id: str) -> bytes:
        """Everything the wrap is bound to: no slot opens in another place or more cheaply."""
        return canonical.encode(_context(self, vault_id))

    def to_plain(self) -> dict[str, Plain]:
        """The slot as it stands in the header."""
        return _to_plain(self)


@dataclass(frozen=True)
class RecoverySlot:
    """The vault key under the `count`-th code that the office can read out.

    `sealed` is the secret that all codes are derived from, sealed for the office; `recovery_id`
    is the name by which the office finds it.
    """

    kind: ClassVar[Literal["recovery"]] = "recovery"

    id: str
    cost: KdfCost
    salt: bytes
    nonce: bytes
    wrapped: bytes
    recovery_id: bytes
    count: int
    sealed: bytes

    @classmethod
    def fresh(cls, recovery_id: bytes, count: int, sealed: bytes) -> Self:
        """A slot that nothing was wrapped for yet."""
        return cls(*_fresh(CODE_COST), recovery_id, count, sealed)

    def context(self, vault_id: str) -> bytes:
        """Everything the wrap is bound to, with whose code it is and which."""
        return canonical.encode(
            {
                **_context(self, vault_id),
                "count": self.count,
                "recovery": self.recovery_id.hex(),
                "sealed": hashlib.sha256(self.sealed).hexdigest(),
            }
        )

    def to_plain(self) -> dict[str, Plain]:
        """The slot as it stands in the header."""
        more: dict[str, Plain] = {
            "count": self.count,
            "recovery": self.recovery_id.hex(),
            "sealed": self.sealed.hex(),
        }
        return {**_to_plain(self), **more}


Slot: TypeAlias = PassphraseSlot | RecoverySlot
_AnySlot = TypeVar("_AnySlot", PassphraseSlot, RecoverySlot)


def seal(keys: KeyHolder, vault_id: str, passphrase: str, cost: KdfCost) -> PassphraseSlot:
    """Wrap the vault key for `passphrase`; slow. Raises TooLittleMemory, VaultLocked."""
    return _wrap(PassphraseSlot.fresh(cost), keys, vault_id, passphrase)


def seal_code(keys: KeyHolder, vault_id: str, code: str, empty: RecoverySlot) -> RecoverySlot:
    """Wrap the vault key for a code in the slot; raises TooLittleMemory, VaultLocked, Misheard."""
    return _wrap(empty, keys, vault_id, code_letters(code))


def next_code(keys: KeyHolder, vault_id: str, slot: RecoverySlot, code: str) -> RecoverySlot:
    """The slot for the code after; then the one before is dead. Raises as `seal_code` does."""
    empty = RecoverySlot.fresh(slot.recovery_id, slot.count + 1, slot.sealed)
    return seal_code(keys, vault_id, code, empty)


def unseal(slot: PassphraseSlot, vault_id: str, passphrase: str, database_salt: bytes) -> KeyHolder:
    """Open the slot; slow. Raises WrongPassphrase, TooLittleMemory."""
    return _unwrap(slot, vault_id, passphrase, database_salt)


def unseal_code(slot: RecoverySlot, vault_id: str, data: str, database_salt: bytes) -> KeyHolder:
    """Open the slot with what `code_letters` gave. Raises WrongCode, TooLittleMemory."""
    try:
        return _unwrap(slot, vault_id, data, database_salt)
    except WrongPassphrase:
        raise WrongCode from None


def code_letters(code: str) -> str:
    """The letters of a code that say something, however it was typed; raises Misheard."""
    return letters.read(code, recovery.CODE_LETTERS)


def from_plain(slot: dict[str, object]) -> Slot:
    """Read what `to_plain` gave; raises ValueError, and VaultTooNew for an unknown kind."""
    match canonical.text(slot, "kind"):
        case PassphraseSlot.kind:
            return PassphraseSlot(*_common(slot))
        case RecoverySlot.kind:
            return RecoverySlot(
                *_common(slot),
                recovery_id=canonical.octets(slot, "recovery", recovery.ID_BYTES),
                count=canonical.number(slot, "count"),
                sealed=canonical.octets(slot, "sealed", recovery.SEALED_BYTES),
            )
        case _:
            raise VaultTooNew  # a way in that this version does not know, and may not drop


def _fresh(cost: KdfCost) -> tuple[str, KdfCost, bytes, bytes, bytes]:
    # A salt is used for one wrap only, so each wrapping key seals exactly one message.
    salt, nonce = os.urandom(kdf.SALT_BYTES), os.urandom(NONCE_BYTES)
    return os.urandom(ID_BYTES).hex(), cost, salt, nonce, b""


def _wrap(empty: _AnySlot, keys: KeyHolder, vault_id: str, secret: str) -> _AnySlot:
    with kdf.key_from(secret, empty.salt, empty.cost) as kek:
        wrapped = keys.wrap(kek, empty.nonce, empty.context(vault_id))
    return dataclasses.replace(empty, wrapped=wrapped)


def _unwrap(slot: Slot, vault_id: str, secret: str, database_salt: bytes) -> KeyHolder:
    context = slot.context(vault_id)
    with kdf.key_from(secret, slot.salt, slot.cost) as kek:
        return KeyHolder.unwrap(slot.wrapped, kek, slot.nonce, context, database_salt)


def _context(slot: Slot, vault_id: str) -> dict[str, Plain]:
    return {
        "format": FORMAT,
        "kind": slot.kind,
        "lanes": slot.cost.lanes,
        "memory_kib": slot.cost.memory_kib,
        "passes": slot.cost.passes,
        "slot": slot.id,
        "vault": vault_id,
    }


def _to_plain(slot: Slot) -> dict[str, Plain]:
    return {
        "id": slot.id,
        "kind": slot.kind,
        "lanes": slot.cost.lanes,
        "memory_kib": slot.cost.memory_kib,
        "nonce": slot.nonce.hex(),
        "passes": slot.cost.passes,
        "salt": slot.salt.hex(),
        "wrapped": slot.wrapped.hex(),
    }


def _common(slot: dict[str, object]) -> tuple[str, KdfCost, bytes, bytes, bytes]:
    cost = KdfCost(
        canonical.number(slot, "memory_kib"),
        canonical.number(slot, "passes"),
        canonical.number(slot, "lanes"),
    )
    return (
        canonical.octets(slot, "id", ID_BYTES).hex(),
        cost,
        canonical.octets(slot, "salt", kdf.SALT_BYTES),
        canonical.octets(slot, "nonce", NONCE_BYTES),
        canonical.octets(slot, "wrapped", WRAPPED_BYTES),
    )
