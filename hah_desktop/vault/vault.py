"""The vault of one laptop: made once, unlocked with a passphrase, the passphrase changed.

Every method that takes a passphrase is slow on purpose and belongs off the interface thread.
"""

import dataclasses
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from hah_desktop.vault import files, header, kdf, slots
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.errors import (
    VaultDamaged,
    VaultExists,
    VaultNotSaved,
    WeakPassphrase,
    WrongPassphrase,
)
from hah_desktop.vault.header import Header, SealedHeader
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import SALT_BYTES, KeyHolder
from hah_desktop.vault.passphrase import problems
from hah_desktop.vault.slots import PassphraseSlot
from hah_desktop.vault.throttle import Throttle

HEADER_NAME = "vault.header"
TRIES_NAME = "vault.tries"


class Vault:
    """The header and the count of tries in one folder; holds no key and no passphrase."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self._header = folder / HEADER_NAME
        self._clocks = clocks
        self._throttle = Throttle(folder / TRIES_NAME, clocks)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether the folder holds a vault, whole or not."""
        return os.path.lexists(folder / HEADER_NAME)

    @classmethod
    def create(
        cls,
        folder: Path,
        passphrase: str,
        *,
        cost: KdfCost | None = None,
        now: datetime,
        clocks: Clocks | None = None,
    ) -> tuple[Self, KeyHolder]:
        """Make a vault, with a fresh random key, in `folder`; never over another one.

        `now` carries its time zone; without `cost` the laptop is measured.
        Raises WeakPassphrase, VaultExists, VaultNotSaved, TooLittleMemory.
        """
        _refuse_weak(passphrase)
        if cls.exists(folder):
            raise VaultExists
        _make_folder(folder)
        vault = cls(folder, clocks or Clocks())
        salt = os.urandom(SALT_BYTES)
        keys = KeyHolder.new(salt)
        try:
            vault._write_first(keys, salt, passphrase, vault._cost(cost), now)
        except BaseException:
            keys.wipe()
            raise
        return vault, keys

    @classmethod
    def open(cls, folder: Path, *, clocks: Clocks | None = None) -> Self:
        """Find the vault in `folder`; it stays locked.

        Raises VaultMissing, VaultUnreadable, VaultDamaged, VaultTooNew.
        """
        vault = cls(folder, clocks or Clocks())
        vault._read()
        return vault

    @property
    def vault_id(self) -> str:
        """The vault's random name, not proved until it was unlocked; raises as `open`."""
        return self._read().header.vault_id

    @property
    def generation(self) -> int:
        """How often the header was written, not proved until unlocked; raises as `open`."""
        return self._read().header.generation

    def failed_tries(self) -> int:
        """Count the wrong tries since the last right one; `unlock` clears the count."""
        return self._throttle.failures()

    def seconds_left(self) -> float:
        """Tell how long the next try has to wait; 0 when it may begin."""
        return self._throttle.seconds_left()

    def unlock(self, passphrase: str) -> KeyHolder:
        """Give the keys; slow.

        Raises WrongPassphrase, TooSoon, TooLittleMemory, and as `open` does.
        """
        _, _, keys = self._unlock(passphrase)
        return keys

    def change_passphrase(self, old: str, new: str, *, cost: KdfCost | None = None) -> None:
        """Replace the slot that `old` opens by one for `new`, and nothing else; slow.

        Raises WeakPassphrase, VaultNotSaved (then `old` still opens it), and as `unlock` does.
        """
        _refuse_weak(new)
        before, opened, keys = self._unlock(old)
        try:
            fresh = slots.seal(keys, before.vault_id, new, self._cost(cost))
            kept = tuple(fresh if slot is opened else slot for slot in before.slots)
            after = dataclasses.replace(before, generation=before.generation + 1, slots=kept)
            header.replace(self._header, after, keys)
        finally:
            keys.wipe()

    def _write_first(
        self, keys: KeyHolder, salt: bytes, passphrase: str, cost: KdfCost, now: datetime
    ) -> None:
        vault_id = os.urandom(header.VAULT_ID_BYTES).hex()
        slot = slots.seal(keys, vault_id, passphrase, cost)
        header.create(self._header, Header(vault_id, 1, now, salt, (slot,)), keys)
        # The record lies on the disk from now on, so that counting needs no free space.
        self._throttle.reset()

    def _unlock(self, passphrase: str) -> tuple[Header, PassphraseSlot, KeyHolder]:
        sealed = self._read()
        self._throttle.begin_try()
        slot, keys = _open_one(sealed.header, passphrase)
        try:
            sealed.prove(keys)
        except VaultDamaged:
            keys.wipe()
            raise
        self._throttle.reset()
        return sealed.header, slot, keys

    def _read(self) -> SealedHeader:
        return header.read(self._header)

    def _cost(self, cost: KdfCost | None) -> KdfCost:
        # Never from the header: what somebody wrote there must not weaken a new wrap.
        return cost or kdf.calibrate(self._clocks.steady)


def _open_one(sealed: Header, passphrase: str) -> tuple[PassphraseSlot, KeyHolder]:
    for slot in sealed.slots:
        with suppress(WrongPassphrase):
            return slot, slots.unseal(slot, sealed.vault_id, passphrase, sealed.database_salt)
    raise WrongPassphrase


def _refuse_weak(passphrase: str) -> None:
    found = problems(passphrase)
    if found:
        raise WeakPassphrase(found)


def _make_folder(folder: Path) -> None:
    try:
        files.make_folder(folder)
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
