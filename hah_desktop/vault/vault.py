"""The vault of one laptop: made once, opened with a passphrase or a code, its keys changed.

Every method that takes a passphrase or a code is slow on purpose and belongs off the
interface thread.
"""

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Self

from hah_desktop.seals import recovery as codes
from hah_desktop.vault import copies, files, kdf, opening, rotation, slots
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.errors import (
    NoRecovery,
    RotationUnfinished,
    VaultExists,
    VaultNotSaved,
    VaultRolledBack,
    WeakPassphrase,
)
from hah_desktop.vault.files import HEADER_NAME, SECOND_NAME
from hah_desktop.vault.header import Header, SealedHeader
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import SALT_BYTES, KeyHolder
from hah_desktop.vault.opening import Found, Way
from hah_desktop.vault.passphrase import problems
from hah_desktop.vault.recovering import NewRecovery, new_vault_id
from hah_desktop.vault.slots import RecoverySlot, Slot
from hah_desktop.vault.throttle import Throttle

__all__ = ["HEADER_NAME", "SECOND_NAME", "TRIES_NAME", "Opened", "Vault", "check_generation"]

TRIES_NAME = "vault.tries"


@dataclass
class Opened:
    """What opening gives; the caller wipes the keys.

    `pending` holds the next keys when a change of keys was cut off: the database opens with one
    of the two, and then `finish_rotation` or `drop_rotation` ends it.
    """

    keys: KeyHolder
    pending: KeyHolder | None
    generation: int

    def wipe(self) -> None:
        """Forget the keys."""
        self.keys.wipe()
        if self.pending:
            self.pending.wipe()


def check_generation(opened: Opened, known: int) -> None:
    """Raises VaultRolledBack when the database, which has it in `known`, saw a later header."""
    if opened.generation < known:
        raise VaultRolledBack


class Vault:
    """The header and the count of tries in one folder; holds no key and no passphrase."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self._folder = folder
        self._clocks = clocks
        self._throttle = Throttle(folder / TRIES_NAME, clocks)
        # Whoever changes the header has read it seconds before: of two at once, the one that
        # writes last would undo what the other wrote, and with it a key that is in force.
        self._changing = Lock()

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether the folder holds a vault, whole or not."""
        return any(os.path.lexists(folder / name) for name in copies.NAMES)

    @classmethod
    def create(
        cls,
        folder: Path,
        passphrase: str,
        *,
        recovery: NewRecovery | None = None,
        cost: KdfCost | None = None,
        now: datetime,
        clocks: Clocks | None = None,
    ) -> tuple[Self, KeyHolder]:
        """Make a vault, with a fresh random key, in `folder`; never over another one.

        `now` carries its time zone; without `cost` the laptop is measured; without `recovery`
        a forgotten passphrase cannot be mended.
        Raises WeakPassphrase, VaultExists, VaultNotSaved, TooLittleMemory.
        """
        refuse_weak(passphrase)
        if cls.exists(folder):
            raise VaultExists
        _make_folder(folder)
        vault = cls(folder, clocks or Clocks())
        salt = os.urandom(SALT_BYTES)
        keys = KeyHolder.new(salt)
        try:
            vault_id = recovery.vault_id if recovery else new_vault_id()
            ways_in: tuple[Slot, ...] = (slots.seal(keys, vault_id, passphrase, vault._cost(cost)),)
            if recovery:
                ways_in = (*ways_in, _first_code(keys, recovery))
            copies.create(folder, Header(vault_id, 1, now, salt, ways_in), keys)
        except BaseException:
            keys.wipe()
            raise
        # The record lies on the disk from now on, so that counting needs no free space.
        vault._throttle.reset()
        return vault, keys

    @classmethod
    def open(cls, folder: Path, *, clocks: Clocks | None = None) -> Self:
        """Find the vault in `folder`; it stays locked.

        Raises VaultMissing, VaultUnreadable, VaultDamaged, VaultTooNew.
        """
        vault = cls(folder, clocks or Clocks())
        vault._newest()
        return vault

    @property
    def vault_id(self) -> str:
        """The vault's random name, not proved until it was opened; raises as `open`."""
        return self._newest().header.vault_id

    @property
    def generation(self) -> int:
        """How often the header was written, not proved until opened; raises as `open`."""
        return self._newest().header.generation

    @property
    def has_recovery(self) -> bool:
        """Whether a code from the office can open it; raises as `open`."""
        return self._newest().header.recovery is not None

    @property
    def recovery_count(self) -> int:
        """The number of the code that opens it; raises NoRecovery, and as `open`."""
        return _recovery(self._newest().header).count

    def recovery_request(self) -> str:
        """What to read out to the office to get that code; raises NoRecovery, and as `open`."""
        slot = _recovery(self._newest().header)
        return codes.request(slot.recovery_id, codes.Purpose.OPEN, slot.count)

    def failed_tries(self) -> int:
        """Count the wrong tries since the last right one; opening it clears the count."""
        return self._throttle.failures()

    def seconds_left(self) -> float:
        """Tell how long the next try has to wait; 0 when it may begin."""
        return self._throttle.seconds_left()

    def unlock(self, passphrase: str) -> Opened:
        """Give the keys; slow.

        Raises WrongPassphrase, TooSoon, TooLittleMemory, and as `open` does.
        """
        return _opened(self._try(opening.by_passphrase(passphrase)))

    def unlock_with_code(self, code: str) -> Opened:
        """Give the keys for a code; it stays good until `set_passphrase`, in case that is cut.

        Raises Misheard, which costs no try, NoRecovery, WrongCode, and as `unlock` does.
        """
        data = slots.code_letters(code)
        if not any(one.header.recovery for one in copies.read(self._folder).whole):
            raise NoRecovery
        return _opened(self._try(opening.by_code(data)))

    def set_passphrase(
        self, keys: KeyHolder, passphrase: str, next_code: str, *, cost: KdfCost | None = None
    ) -> int:
        """Let `passphrase` alone open it, and the next code; the code that was used is dead; slow.

        Gives the new generation. Raises WeakPassphrase, NoRecovery, RotationUnfinished,
        VaultDamaged, VaultNotSaved.
        """
        refuse_weak(passphrase)
        with self._changing:
            before = self._settled(keys)
            by_code = slots.next_code(keys, before.vault_id, _recovery(before), next_code)
            by_passphrase = slots.seal(keys, before.vault_id, passphrase, self._cost(cost))
            return self._write_slots(before, keys, (by_passphrase, by_code))

    def change_passphrase(self, old: str, new: str, *, cost: KdfCost | None = None) -> int:
        """Replace the slot that `old` opens by one for `new`, and nothing else; slow.

        Gives the new generation. Raises WeakPassphrase, RotationUnfinished, VaultNotSaved (then
        `old` still opens it), and as `unlock` does.
        """
        refuse_weak(new)
        with self._changing, self._opened_by(old) as found:
            before = _without_rotation(found.header)
            fresh = slots.seal(found.keys, before.vault_id, new, self._cost(cost))
            kept = tuple(fresh if slot is found.slot else slot for slot in before.slots)
            return self._write_slots(before, found.keys, kept)

    def begin_rotation(
        self,
        keys: KeyHolder,
        passphrase: str,
        next_code: str | None,
        *,
        cost: KdfCost | None = None,
    ) -> KeyHolder:
        """Write the next keys beside the ones in force and give them; slow.

        `next_code` is None only where `has_recovery` is not so. Raises RotationUnfinished,
        VaultNotSaved when both copies could not be written, and as `unlock` does.
        """
        with self._changing:
            self._settled(keys)
            with self._opened_by(passphrase) as found:
                before = _without_rotation(found.header)
                after, new_keys = rotation.begin(
                    before, found.keys, passphrase, next_code, self._cost(cost)
                )
                try:
                    # The database is about to get a key that only the header knows.
                    copies.replace_both(self._folder, after, found.keys)
                except BaseException:
                    new_keys.wipe()
                    raise
            return new_keys

    def finish_rotation(self, new_keys: KeyHolder) -> int:
        """Keep the new keys alone, once the database has them; twice does no harm.

        Gives the new generation. Raises VaultDamaged, VaultNotSaved.
        """
        with self._changing:
            newest = self._newest()
            if newest.is_proved_by(new_keys):
                return _without_rotation(newest.header).generation
            after = rotation.finish(newest.header, new_keys)
            copies.replace(self._folder, after, new_keys)
            return after.generation

    def drop_rotation(self, keys: KeyHolder) -> int:
        """Forget the new keys, when the database still has the old ones; twice does no harm.

        Gives the new generation. Raises VaultDamaged, VaultNotSaved.
        """
        with self._changing:
            before = self._proved(keys)
            if before.pending is None:
                return before.generation
            return self._write_slots(dataclasses.replace(before, pending=None), keys, before.slots)

    def _try(self, way: Way) -> Found:
        found = copies.read(self._folder)
        self._throttle.begin_try()
        opened = opening.open_newest(found.whole, way)
        self._throttle.reset()
        copies.mend(found, opened.sealed)
        return opened

    @contextmanager
    def _opened_by(self, passphrase: str) -> Iterator[Found]:
        found = self._try(opening.by_passphrase(passphrase))
        try:
            yield found
        finally:
            found.wipe()

    def _write_slots(self, before: Header, keys: KeyHolder, ways_in: tuple[Slot, ...]) -> int:
        after = dataclasses.replace(before, generation=before.generation + 1, slots=ways_in)
        copies.replace(self._folder, after, keys)
        return after.generation

    def _newest(self) -> SealedHeader:
        return copies.read(self._folder).newest

    def _proved(self, keys: KeyHolder) -> Header:
        newest = self._newest()
        newest.prove(keys)
        return newest.header

    def _settled(self, keys: KeyHolder) -> Header:
        return _without_rotation(self._proved(keys))

    def _cost(self, cost: KdfCost | None) -> KdfCost:
        # Never from the header: what somebody wrote there must not weaken a new wrap.
        return cost or kdf.calibrate(self._clocks.steady)


def _opened(found: Found) -> Opened:
    return Opened(found.keys, found.pending, found.header.generation)


def _recovery(header: Header) -> RecoverySlot:
    if header.recovery is None:
        raise NoRecovery
    return header.recovery


def _without_rotation(header: Header) -> Header:
    if header.pending:
        raise RotationUnfinished
    return header


def _first_code(keys: KeyHolder, recovery: NewRecovery) -> RecoverySlot:
    empty = RecoverySlot.fresh(recovery.id, 1, recovery.sealed)
    return slots.seal_code(keys, recovery.vault_id, recovery.code, empty)


def refuse_weak(passphrase: str) -> None:
    found = problems(passphrase)
    if found:
        raise WeakPassphrase(found)


def _make_folder(folder: Path) -> None:
    try:
        files.make_folder(folder)
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
