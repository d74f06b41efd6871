"""The office's keys and each laptop's own, and what is sealed to them: for their owner alone.

HPKE (RFC 9180) in base mode, with the hybrid ML-KEM-768 + X25519: who records a sealed thing
today needs both a broken lattice and a broken curve to read it. Nothing here is kept on disk.
"""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from hah_desktop.seals import letters
from hah_desktop.seals.errors import SealBroken

ORDERS_BYTES = 32
FINGERPRINT_LETTERS = 12
OVERHEAD = 1136
"""How much longer a sealed thing is than what is in it."""

_LATTICE_BYTES = 1184
_CURVE_BYTES = 32
RECOVERY_BYTES = _LATTICE_BYTES + _CURVE_BYTES
_LATTICE_SEED_BYTES = 64
_SEED_BYTES = _LATTICE_SEED_BYTES + _CURVE_BYTES
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_FINGERPRINT_LABEL = b"help-at-hand office keys 1\n"


@dataclass(frozen=True)
class OfficeKeys:
    """The public halves: `recovery` to seal to, `orders` (Ed25519) to check orders with."""

    recovery: bytes
    orders: bytes

    def __post_init__(self) -> None:
        if (len(self.recovery), len(self.orders)) != (RECOVERY_BYTES, ORDERS_BYTES):
            raise ValueError("a recovery key is 1216 bytes and a key for orders 32")

    def fingerprint(self) -> str:
        """Twelve letters that nobody else's keys have: read out with the enrolment code."""
        digest = hashlib.sha256(_FINGERPRINT_LABEL + self.recovery + self.orders).digest()
        return letters.of_bytes(digest, FINGERPRINT_LETTERS)

    def to_plain(self) -> dict[str, str]:
        """Both keys in hex."""
        return {"recovery": self.recovery.hex(), "orders": self.orders.hex()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Read what `to_plain` gave; raises SealBroken."""
        recovery = _octets(plain, "recovery", RECOVERY_BYTES)
        return cls(recovery, _octets(plain, "orders", ORDERS_BYTES))


@dataclass(frozen=True)
class SealingKey:
    """A private key, as the seed it is made from: it alone opens what was sealed to its public."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _SEED_BYTES:
            raise ValueError("the seed of a key to seal to is 96 bytes")

    @classmethod
    def generate(cls) -> Self:
        """A fresh random key."""
        return cls(os.urandom(_SEED_BYTES))

    @property
    def public(self) -> bytes:
        """What may be shown to everybody, and is sealed to: 1216 bytes."""
        lattice, curve = _private_halves(self)
        return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


@dataclass(frozen=True)
class OfficeSecrets:
    """The private halves, as the seeds they are made from; they never leave the office."""

    recovery_seed: bytes = field(repr=False)
    orders_seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if (len(self.recovery_seed), len(self.orders_seed)) != (_SEED_BYTES, ORDERS_BYTES):
            raise ValueError("the seed of a recovery key is 96 bytes and of a key for orders 32")

    @property
    def recovery(self) -> SealingKey:
        """The key that opens what laptops seal for the office."""
        return SealingKey(self.recovery_seed)

    @classmethod
    def generate(cls) -> Self:
        """Fresh random keys."""
        return cls(os.urandom(_SEED_BYTES), os.urandom(ORDERS_BYTES))

    @property
    def public(self) -> OfficeKeys:
        """What may be shown to everybody."""
        orders = Ed25519PrivateKey.from_private_bytes(self.orders_seed).public_key()
        return OfficeKeys(self.recovery.public, orders.public_bytes_raw())

    def to_plain(self) -> dict[str, str]:
        """Both seeds in hex."""
        return {"recovery": self.recovery_seed.hex(), "orders": self.orders_seed.hex()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Read what `to_plain` gave; raises SealBroken."""
        recovery_seed = _octets(plain, "recovery", _SEED_BYTES)
        return cls(recovery_seed, _octets(plain, "orders", ORDERS_BYTES))


def seal(public: bytes, info: bytes, secret: bytes) -> bytes:
    """Seal `secret` so that only the owner of the key reads it, and only for `info`.

    Raises SealBroken when `public` is no key.
    """
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE_BYTES])
        curve = X25519PublicKey.from_public_bytes(public[_LATTICE_BYTES:])
        return _SUITE.encrypt(secret, MLKEM768X25519PublicKey(lattice, curve), info)
    except ValueError:
        raise SealBroken from None


def unseal(key: SealingKey, info: bytes, sealed: bytes) -> bytes:
    """Open what was sealed to this key and for this `info`; raises SealBroken."""
    # The library cannot write the hybrid private key down: it is made from its halves each time.
    private = MLKEM768X25519PrivateKey(*_private_halves(key))
    try:
        return _SUITE.decrypt(sealed, private, info)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def _private_halves(key: SealingKey) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    lattice = MLKEM768PrivateKey.from_seed_bytes(key.seed[:_LATTICE_SEED_BYTES])
    curve = X25519PrivateKey.from_private_bytes(key.seed[_LATTICE_SEED_BYTES:])
    return lattice, curve


def _octets(plain: Mapping[str, object], name: str, length: int) -> bytes:
    value = plain.get(name)
    with suppress(ValueError):
        found = bytes.fromhex(value) if isinstance(value, str) else b""
        if len(found) == length:
            return found
    raise SealBroken
