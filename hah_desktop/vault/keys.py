"""The one holder of the vault key: it lends working keys and forgets everything when wiped."""

import secrets
from enum import Enum
from threading import Lock
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from hah_desktop.vault.errors import VaultLocked, WrongPassphrase

KEY_BYTES = 32
SALT_BYTES = 16
_HEX = b"0123456789abcdef"


class Purpose(Enum):
    """What a working key is for; the label goes into its derivation and may never change."""

    DATABASE = b"help-at-hand vault 1: database"
    HEADER = b"help-at-hand vault 1: header"
    BACKUP = b"help-at-hand vault 1: backup"
    ROTATION = b"help-at-hand vault 1: rotation"


def wipe(secret: bytearray) -> None:
    """Overwrite `secret` with zeros where it lies in memory."""
    secret[:] = bytes(len(secret))


class KeyHolder:
    """Holds the vault key in one bytearray; after `wipe` every use raises VaultLocked."""

    def __init__(self, vault_key: bytearray, database_salt: bytes) -> None:
        """Take `vault_key` over: it is not copied, and `wipe` zeroes it."""
        if len(vault_key) != KEY_BYTES or len(database_salt) != SALT_BYTES:
            raise ValueError("a vault key is 32 bytes and a database salt 16")
        self._vault_key = vault_key
        self._database_salt = database_salt
        self._wiped = False
        # Locking comes from another thread than the one that opens connections,
        # and a key derived from a half-wiped one would look like a damaged database.
        self._one_at_a_time = Lock()

    @classmethod
    def new(cls, database_salt: bytes) -> Self:
        """Make a holder of a fresh random vault key."""
        vault_key = bytearray(KEY_BYTES)
        for place in range(KEY_BYTES):
            # One byte a call, so that no freed `bytes` object ever held the whole key.
            vault_key[place] = secrets.token_bytes(1)[0]
        return cls(vault_key, database_salt)

    @classmethod
    def unwrap(
        cls, wrapped: bytes, kek: bytearray, nonce: bytes, context: bytes, database_salt: bytes
    ) -> Self:
        """Open a wrapped vault key; raises WrongPassphrase when key or context do not fit."""
        vault_key = bytearray(KEY_BYTES)
        try:
            AESGCM(kek).decrypt_into(nonce, wrapped, context, vault_key)
        except InvalidTag:
            raise WrongPassphrase from None
        return cls(vault_key, database_salt)

    @property
    def wiped(self) -> bool:
        """Whether the keys are gone."""
        return self._wiped

    def wrap(self, kek: bytearray, nonce: bytes, context: bytes) -> bytes:
        """Seal the vault key under `kek`, bound to `context`; raises VaultLocked."""
        with self._one_at_a_time:
            return AESGCM(kek).encrypt(nonce, self._key(), context)

    def working_key(self, purpose: Purpose) -> bytearray:
        """Derive the 32-byte key for one purpose; the caller wipes it. Raises VaultLocked."""
        key = bytearray(KEY_BYTES)
        with self._one_at_a_time:
            _expand_into(key, self._key(), purpose.value)
        return key

    def database_spec(self) -> bytearray:
        """Give the database's raw key and salt as x'…' for SQLCipher.

        The caller wipes it. Raises VaultLocked.
        """
        return self._spec(Purpose.DATABASE, self._database_salt)

    def backup_spec(self, salt: bytes) -> bytearray:
        """Give the raw key of the backups with the salt of one of them, as `database_spec`."""
        return self._spec(Purpose.BACKUP, salt)

    def wipe(self) -> None:
        """Zero the vault key; doing it again does nothing."""
        with self._one_at_a_time:
            self._wiped = True
            wipe(self._vault_key)

    def _spec(self, purpose: Purpose, salt: bytes) -> bytearray:
        key = self.working_key(purpose)
        try:
            return _raw_key_spec(key, salt)
        finally:
            wipe(key)

    def _key(self) -> bytearray:
        if self._wiped:
            raise VaultLocked
        return self._vault_key


def _expand_into(key: bytearray, vault_key: bytearray, label: bytes) -> None:
    # This is HKDF-Expand with the label and three zero bytes as its info: one block of it is
    # HMAC(key, info + 01), and one round of PBKDF2 is HMAC(key, label + 00000001). HKDFExpand
    # itself leaves the working key behind in a freed `bytes`; this writes only where it is told.
    PBKDF2HMAC(SHA256(), KEY_BYTES, label, iterations=1).derive_into(vault_key, key)


def _raw_key_spec(key: bytearray, salt: bytes) -> bytearray:
    # SQLCipher takes a raw key of any other length silently as a passphrase; and
    # `.hex()` would leave the key in a string that cannot be wiped.
    if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
        raise ValueError("SQLCipher's raw key is 32 bytes and its salt 16")
    spec = bytearray(2 + 2 * (KEY_BYTES + SALT_BYTES) + 1)
    spec[:2] = b"x'"
    _write_hex(spec, 2, key)
    _write_hex(spec, 2 + 2 * KEY_BYTES, salt)
    spec[-1:] = b"'"
    return spec


def _write_hex(into: bytearray, start: int, data: bytes | bytearray) -> None:
    for place, byte in enumerate(data):
        into[start + 2 * place] = _HEX[byte >> 4]
        into[start + 2 * place + 1] = _HEX[byte & 0xF]
