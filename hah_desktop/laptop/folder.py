"""This laptop's folder: setting it up, unlocking and locking it. Slow: never in the interface.

It joins vault, store and office; it draws nothing.
"""

import re
import shutil
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import SealedRecovery
from hah_desktop.seals import recovery
from hah_desktop.seals.sealing import OfficeKeys, seal
from hah_desktop.store import meta
from hah_desktop.store.meta import Identity, Trust
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused, WrongOffice
from hah_desktop.sync.wire import read_code
from hah_desktop.vault import signing
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import HEADER_NAME, SECOND_NAME, TRIES_NAME, Vault

DATABASE = "records.db"

SPARE_BYTES = 50_000_000
"""Less free disk than this is said at unlocking, before anything is lost."""

_SAFE = re.compile(r"https://\S|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?$")
"""Without https only to a service on this very computer, as the demonstration has one."""

Tell = Callable[[str], None]


class NotSetUp(KnownError):
    """The folder holds a vault, but the office has not given the laptop a name yet."""


@dataclass(frozen=True)
class Unlocked:
    """The open database, and the keys that have to be wiped when it is closed."""

    store: Store
    keys: KeyHolder
    who: Identity

    def lock(self) -> None:
        """Close the database and drop the keys. Doing it twice does no harm."""
        self.store.close()
        self.keys.wipe()


@dataclass(frozen=True)
class Laptop:
    """One adviser's folder on one laptop.

    `trust` is the certificate authority of the office; `cost` is what deriving the key costs,
    measured on this laptop when it is left out.
    """

    folder: Path
    clock: Clock
    trust: ssl.SSLContext | None = None
    cost: KdfCost | None = None

    def is_set_up(self) -> bool:
        """Whether there is a vault to unlock."""
        return Vault.exists(self.folder)

    def unlock(self, passphrase: str) -> Unlocked:
        """Open the vault and the database. Raises a KnownError of the vault or the store."""
        keys = Vault.open(self.folder).unlock(passphrase).keys
        try:
            unlocked = self._open(keys)
        except BaseException:
            keys.wipe()
            raise
        if not unlocked.who.laptop:
            unlocked.lock()
            raise NotSetUp(
                "Setting up this laptop was not finished.",
                "",
                "Enter the office’s code and the same passphrase again.",
            )
        return unlocked

    def _open(self, keys: KeyHolder) -> Unlocked:
        # What a power cut left there while it was moved opens with the first passphrase for ever.
        shutil.rmtree(self._making, ignore_errors=True)
        store = Store.open(self.folder / DATABASE, keys.database_spec, self.clock)
        who = store.identity()
        return Unlocked(store, keys, who or Identity(""))

    def set_up(self, address: str, code: str, passphrase: str, tell: Tell) -> Unlocked:
        """Make vault and database, and enrol with the office for a one-time code.

        Raises Refused for a wrong code, and then nothing is left behind. If the line is cut the
        key stays, because the office may have taken it: trying again with the same code and
        passphrase goes on from there.
        """
        _check_address(address)
        one_time, fingerprint = read_code(code)
        tell("Looking for the office")
        office = Office(address, trust=self.trust)
        try:
            office.hello()
            pinned = proved_keys(office, fingerprint)
            tell("Making the encrypted database")
            fresh = not self.is_set_up() and not self._was_cut_while_moving()
            unlocked = self._make(passphrase) if fresh else self._again(passphrase)
            try:
                tell("Enrolling with the office")
                return self._enrol(unlocked, office, address, one_time, pinned)
            except BaseException as fault:
                unlocked.lock()
                if fresh and isinstance(fault, Refused):
                    self._take_away()
                raise
        finally:
            office.close()

    def _make(self, passphrase: str) -> Unlocked:
        if (self.folder / DATABASE).exists():
            raise KnownError(
                "There is a database here, but not the vault that opens it.",
                "Nothing was changed.",
                "Call the office before you do anything else.",
            )
        # Made beside its place and moved there when it is whole: a power cut leaves no half of it.
        shutil.rmtree(self._making, ignore_errors=True)
        _, keys = Vault.create(self._making, passphrase, cost=self.cost, now=self.clock())
        try:
            _make_database(self._making / DATABASE, keys, self.clock)
            self._move_into_place()
            return self._open(keys)
        except BaseException:
            keys.wipe()
            shutil.rmtree(self._making, ignore_errors=True)
            self._take_away()
            raise

    @property
    def _making(self) -> Path:
        return self.folder / ".setting-up"

    def _was_cut_while_moving(self) -> bool:
        """Whether the power went between two moves; then the rest is moved now."""
        cut = (self._making / HEADER_NAME).exists() and (self.folder / DATABASE).exists()
        if cut:
            self._move_into_place()
        return cut

    def _move_into_place(self) -> None:
        # The header last: it is what tells that the laptop holds a vault.
        for name in (DATABASE, TRIES_NAME, SECOND_NAME, HEADER_NAME):
            if (self._making / name).exists():
                (self._making / name).replace(self.folder / name)
        shutil.rmtree(self._making, ignore_errors=True)

    def _take_away(self) -> None:
        """Take away what was made here a moment ago, and nothing else that lies in the folder."""
        database = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
        for name in (HEADER_NAME, SECOND_NAME, TRIES_NAME, *database):
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _again(self, passphrase: str) -> Unlocked:
        keys = Vault.open(self.folder).unlock(passphrase).keys
        try:
            unlocked = self._open(keys)
        except BaseException:
            keys.wipe()
            raise
        if unlocked.who.laptop:
            unlocked.lock()
            raise KnownError(
                "This laptop is already set up.", "Nothing was changed.", "Unlock it instead."
            )
        return unlocked

    def _enrol(
        self, unlocked: Unlocked, office: Office, address: str, one_time: str, pinned: OfficeKeys
    ) -> Unlocked:
        key = unlocked.who.signing_key
        name = self.folder.name
        sealed = sealed_recovery(unlocked.store, pinned, Vault.open(self.folder).vault_id)
        answer = office.enrol(one_time, signing.public_key(key), name, sealed)
        who = replace(
            unlocked.who,
            office_url=address,
            laptop=answer.laptop,
            adviser=answer.adviser,
            adviser_name=answer.adviser_name,
            office=answer.office,
            epoch=answer.epoch,
        )
        unlocked.store.keep_identity(who)
        return replace(unlocked, who=who)

    def office(self, who: Identity) -> Office:
        """The office, asked by this laptop in its own name."""
        laptop = Signed(who.laptop, lambda message: signing.sign(who.signing_key, message))
        return Office(who.office_url, laptop, trust=self.trust)

    def warning(self) -> str:
        """What to say at unlocking about the laptop itself; empty when all is well."""
        free = shutil.disk_usage(self.folder).free
        if free >= SPARE_BYTES:
            return ""
        return f"The disk is almost full: {free // 1_000_000} MB are left. Make room soon."


def proved_keys(office: Office, fingerprint: str) -> OfficeKeys:
    """The office's keys, if they are those that the code names. Raises WrongOffice."""
    keys = office.keys()
    if keys.fingerprint() != fingerprint:
        raise WrongOffice
    return keys


def sealed_recovery(store: Store, pinned: OfficeKeys, vault_id: str) -> SealedRecovery:
    """Pin the office's keys, and seal for it the secret that one-use codes come from.

    The secret is kept before it is sent: whoever tries again sends the same one.
    """
    with store.writing() as connection:
        agreed = meta.trust(connection)
        if agreed is None:
            keys = pinned.to_plain()
            id_, secret = recovery.new_id().hex(), recovery.new_secret().hex()
            agreed = Trust(keys["recovery"], keys["orders"], id_, secret)
            meta.keep_trust(connection, agreed)
    info = recovery.seal_info(vault_id, bytes.fromhex(agreed.recovery_id))
    sealed = seal(bytes.fromhex(agreed.recovery_key), info, bytes.fromhex(agreed.secret))
    return SealedRecovery(agreed.recovery_id, vault_id, sealed.hex())


def _make_database(path: Path, keys: KeyHolder, clock: Clock) -> None:
    store = Store.create(path, keys.database_spec, clock)
    try:
        store.keep_identity(Identity(signing.new_key()))
    finally:
        store.close()


def _check_address(address: str) -> None:
    """A code and a key go to the office alone, and nobody on the way may read or change them."""
    if not _SAFE.match(address):
        raise KnownError(
            "The office’s address has to begin with https://.",
            "Nothing was sent and nothing was changed.",
            "Type it as it stands in the office’s letter.",
        )
