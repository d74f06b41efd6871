"""Sets a laptop up: vault, database, enrolment; whatever cuts it, it can be tried again."""

import datetime as dt
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import SealedRecovery
from hah_desktop.domain.lease import begun
from hah_desktop.laptop.opening import MAKING, open_with
from hah_desktop.laptop.unlocked import Tell, Unlocked
from hah_desktop.seals import recovery, sealing
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, meta
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.meta import Identity, Trust
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused, WrongOffice
from hah_desktop.sync.wire.signed import read_code
from hah_desktop.vault import recovering, signing
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import HEADER_NAME, SECOND_NAME, TRIES_NAME, Opened, Vault

_SAFE = re.compile(r"https://\S|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?$")
"""Without https only to a service on this very computer, as the demonstration has one."""

_MOVED = (DATABASE, TRIES_NAME, SECOND_NAME, HEADER_NAME)
"""The first header last: it is what tells that the laptop holds a vault."""


@dataclass(frozen=True)
class Making:
    """One try at setting up one folder with one office."""

    folder: Path
    clock: Clock
    cost: KdfCost | None
    office: Office
    tell: Tell

    def make(self, address: str, code: str, passphrase: str) -> Unlocked:
        """Go through with it. Raises as `Laptop.set_up` says."""
        one_time, keys, ahead = self._check(code)
        self.tell("Making the encrypted database")
        fresh = not Vault.exists(self.folder) and not self._was_cut_while_moving()
        unlocked = self._fresh(passphrase, keys) if fresh else self._again(passphrase)
        try:
            self.tell("Enrolling with the office")
            # A contact as any other: what is saved before the first sync is marked by it too.
            unlocked.store.met_office(self.clock() - ahead)
            return self._enrol(unlocked, keys, address, one_time)
        except BaseException as fault:
            unlocked.lock()
            if fresh and isinstance(fault, Refused):
                self._take_away()
            raise

    def _check(self, code: str) -> tuple[str, OfficeKeys, dt.timedelta]:
        """The one-time code and the office's keys, if the letters say that they belong together.

        With them goes how far this laptop's clock is ahead of the office's.
        Whoever answers in the office's place cannot have these keys, and so never learns the code.
        """
        one_time, fingerprint = read_code(code)
        office_now = dt.datetime.fromisoformat(self.office.hello().now)
        ahead = self.clock() - office_now
        keys = self.office.keys()
        if keys.fingerprint() != fingerprint:
            raise WrongOffice
        return one_time, keys, ahead

    def _fresh(self, passphrase: str, keys: OfficeKeys) -> Unlocked:
        if (self.folder / DATABASE).exists():
            raise KnownError(
                "There is a database here, but not the vault that opens it.",
                "Nothing was changed.",
                "Call the office before you do anything else.",
            )
        # Made beside its place and moved there when it is whole: a power cut leaves no half of it.
        shutil.rmtree(self._making, ignore_errors=True)
        secret, way_in = recovering.prepare(keys)
        agreed = Trust(*pinned(keys), way_in.id.hex(), secret.hex())
        _, vault_key = Vault.create(
            self._making, passphrase, recovery=way_in, cost=self.cost, now=self.clock()
        )
        try:
            _make_database(self._making / DATABASE, vault_key, self.clock, agreed)
            self._move_into_place()
            vault = Vault.open(self.folder)
            opened = Opened(vault_key, None, vault.generation)
            return open_with(self.folder, vault, opened, self.clock)
        except BaseException:
            vault_key.wipe()
            shutil.rmtree(self._making, ignore_errors=True)
            self._take_away()
            raise

    @property
    def _making(self) -> Path:
        return self.folder / MAKING

    def _was_cut_while_moving(self) -> bool:
        """Whether the power went between two moves; then the rest is moved now."""
        cut = (self._making / HEADER_NAME).exists() and (self.folder / DATABASE).exists()
        if cut:
            self._move_into_place()
        return cut

    def _move_into_place(self) -> None:
        for name in _MOVED:
            if (self._making / name).exists():
                (self._making / name).replace(self.folder / name)
        shutil.rmtree(self._making, ignore_errors=True)

    def _take_away(self) -> None:
        """Take away what was made here a moment ago, and nothing else that lies in the folder."""
        for name in (*_MOVED, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _again(self, passphrase: str) -> Unlocked:
        vault = Vault.open(self.folder)
        unlocked = open_with(self.folder, vault, vault.unlock(passphrase), self.clock)
        if unlocked.who.laptop:
            unlocked.lock()
            raise KnownError(
                "This laptop is already set up.", "Nothing was changed.", "Unlock it instead."
            )
        return unlocked

    def _enrol(self, unlocked: Unlocked, keys: OfficeKeys, address: str, code: str) -> Unlocked:
        agreed = unlocked.trust()
        if agreed is None or pinned(keys) != (agreed.recovery_key, agreed.orders_key):
            raise WrongOffice
        public = signing.public_key(unlocked.who.signing_key)
        sealed = sealed_recovery(unlocked, agreed)
        answer = self.office.enrol(code, public, self.folder.name, sealed)
        who = replace(
            unlocked.who,
            office_url=address,
            laptop=answer.laptop,
            adviser=answer.adviser,
            adviser_name=answer.adviser_name,
            office=answer.office,
            epoch=answer.epoch,
            authority=self.office.authority,
        )
        with unlocked.store.writing() as connection:
            meta.keep_identity(connection, who)
            meta.keep_lease(connection, begun(self.clock(), meta.clock_offset(connection)))
            events.note(connection, Happened.SET_UP, self.clock())
        unlocked.who, unlocked.cost = who, self.cost
        return unlocked


def check_address(address: str) -> None:
    """A code and a key go to the office alone, and nobody on the way may read or change them."""
    if not _SAFE.match(address):
        raise KnownError(
            "The office’s address has to begin with https://.",
            "Nothing was sent and nothing was changed.",
            "Type it as it stands in the office’s letter.",
        )


def pinned(keys: OfficeKeys) -> tuple[str, str]:
    """The office's two keys as a laptop keeps them, in hex."""
    return keys.recovery.hex(), keys.orders.hex()


def sealed_recovery(unlocked: Unlocked, agreed: Trust) -> SealedRecovery:
    """The secret that one-use codes come from, sealed for the office alone."""
    named, vault_id = bytes.fromhex(agreed.recovery_id), unlocked.vault.vault_id
    sealed = sealing.seal(
        bytes.fromhex(agreed.recovery_key),
        recovery.seal_info(vault_id, named),
        bytes.fromhex(agreed.secret),
    )
    return SealedRecovery(agreed.recovery_id, vault_id, sealed.hex())


def _make_database(path: Path, keys: KeyHolder, clock: Clock, agreed: Trust) -> None:
    store = Store.create(path, keys.database_spec, clock)
    try:
        with store.writing() as connection:
            meta.keep_identity(connection, Identity(signing.new_key()))
            meta.keep_trust(connection, agreed)
    finally:
        store.close()
