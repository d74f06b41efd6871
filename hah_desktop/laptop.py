"""This laptop's folder: setting it up, unlocking and locking it. Slow: never in the interface.

It joins vault, store and office; it draws nothing.
"""

import shutil
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused
from hah_desktop.vault import signing
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import Vault

DATABASE = "records.db"

SPARE_BYTES = 50_000_000
"""Less free disk than this is said at unlocking, before anything is lost."""

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
        keys = Vault.open(self.folder).unlock(passphrase)
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
        store = Store.open(self.folder / DATABASE, keys.database_spec, self.clock)
        who = store.identity()
        return Unlocked(store, keys, who or Identity(""))

    def set_up(self, address: str, code: str, passphrase: str, tell: Tell) -> Unlocked:
        """Make vault and database, and enrol with the office for a one-time code.

        Raises Refused for a wrong code, and then nothing is left behind. If the line is cut the
        key stays, because the office may have taken it: trying again with the same code and
        passphrase goes on from there.
        """
        tell("Looking for the office")
        office = Office(address, trust=self.trust)
        try:
            office.hello()
            tell("Making the encrypted database")
            fresh = not self.is_set_up()
            unlocked = self._make(passphrase) if fresh else self._again(passphrase)
            try:
                tell("Enrolling with the office")
                return self._enrol(unlocked, office, address, code)
            except BaseException as fault:
                unlocked.lock()
                if fresh and isinstance(fault, Refused):
                    shutil.rmtree(self.folder)
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
        _, keys = Vault.create(self.folder, passphrase, cost=self.cost, now=self.clock())
        store = Store.create(self.folder / DATABASE, keys.database_spec, self.clock)
        who = Identity(signing.new_key())
        store.keep_identity(who)
        return Unlocked(store, keys, who)

    def _again(self, passphrase: str) -> Unlocked:
        return self._open(Vault.open(self.folder).unlock(passphrase))

    def _enrol(self, unlocked: Unlocked, office: Office, address: str, code: str) -> Unlocked:
        key = unlocked.who.signing_key
        name = self.folder.name
        answer = office.enrol(code, signing.public_key(key), name)
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
