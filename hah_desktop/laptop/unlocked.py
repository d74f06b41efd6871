"""An unlocked laptop: the open database, and what its adviser may do to passphrase and keys.

Everything here is slow and belongs off the interface thread.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.offers import Damage, offers, safety_copies
from hah_desktop.seals import recovery
from hah_desktop.seals.recovery import Purpose
from hah_desktop.store.disk.engine import KeySpec
from hah_desktop.store.disk.rekeying import opens
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.safety import health
from hah_desktop.store.safety.backups import Backups, Snapshot
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, meta
from hah_desktop.store.tables.events import Event, Happened
from hah_desktop.store.tables.meta import Identity, Trust
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import Vault

Tell = Callable[[str], None]


@dataclass
class Unlocked:
    """The open database, and the keys that have to be wiped when it is closed."""

    folder: Path
    vault: Vault
    store: Store
    keys: KeyHolder
    who: Identity
    cost: KdfCost | None = None
    """What deriving a new wrap costs; measured on this laptop when it is left out."""
    note: str = ""
    """What its adviser should be told at unlocking."""

    @property
    def backups(self) -> Backups:
        """The snapshots of this database, under the keys of now."""
        return safety_copies(self.folder, self.keys)

    def lock(self) -> None:
        """Close the database and drop the keys. Doing it twice does no harm."""
        self.store.close()
        self.keys.wipe()

    @contextmanager
    def or_locked(self) -> Iterator["Unlocked"]:
        """Lock it again when what follows is not done."""
        try:
            yield self
        except BaseException:
            self.lock()
            raise

    def trust(self) -> Trust | None:
        """What was agreed with the office."""
        with self.store.reading() as connection:
            return meta.trust(connection)

    def change_passphrase(self, old: str, new: str) -> None:
        """Let `new` open this laptop instead of `old`; nothing is encrypted anew.

        Raises WeakPassphrase, WrongPassphrase, TooSoon or VaultNotSaved: then `old` still does.
        """
        self.header_written(
            self.vault.change_passphrase(old, new, cost=self.cost), Happened.PASSPHRASE_CHANGED
        )

    def renew_keys(self, passphrase: str, tell: Tell) -> None:
        """Encrypt the database with new keys, for when somebody may have copied the old ones.

        Cut at any point, the next unlocking finds the old or the new keys and the same records.
        Raises WrongPassphrase, TooSoon, VaultNotSaved or what the store raises.
        """
        self._change_keys(passphrase, tell)
        # The old keys open the old snapshots, and are taken to be in somebody else's hands. Cut
        # here, the next unlocking does it: so before the header says that the renewal has ended.
        self.backups.remove_all()
        self.header_written(self.vault.finish_rotation(self.keys), Happened.KEYS_RENEWED)
        tell("Making a safety copy under the new keys")
        self.make_snapshot()

    def _change_keys(self, passphrase: str, tell: Tell) -> None:
        """Give the database the next keys; where that does not come about, forget them again."""
        old, following = self.keys, next_code(self.vault, self.trust())
        begun: list[KeyHolder] = []

        def begin() -> KeySpec:
            tell("Checking the passphrase")
            begun.append(self.vault.begin_rotation(old, passphrase, following, cost=self.cost))
            return begun[0].database_spec

        try:
            self.store.rekey(begin, tell)
        except BaseException:
            for new in begun:
                new.wipe()
                self._drop_rotation()
            raise
        (self.keys,) = begun
        old.wipe()

    def _drop_rotation(self) -> None:
        # Where it cannot be told which keys are in force both stay, and the next unlocking tells.
        with suppress(KnownError):
            if opens(self.store.place.path, self.keys.database_spec):
                self.vault.drop_rotation(self.keys)

    def header_written(self, generation: int, happened: Happened) -> None:
        """Note in the database what was done, and the generation below which a header is old."""
        with self.store.writing() as connection:
            meta.keep_vault_generation(connection, generation)
            events.note(connection, happened, self.store.now())

    def make_snapshot(self) -> Snapshot:
        """Make a safety copy now. Raises StoreDamaged or StoreFull; older copies are kept."""
        return self.backups.make(self.store)

    def care(self) -> Damage | None:
        """Look the whole database over, and make the day's safety copy: right after unlocking.

        Gives the damage that was found, and what there is to put in its place. Raises StoreFull
        where there is no room for a copy.
        """
        try:
            health.check(self.store)
        except StoreDamaged as fault:
            with suppress(KnownError), self.store.writing() as connection:
                events.note(connection, Happened.DAMAGE_FOUND, self.store.now())
            return Damage(fault, offers(self.folder, self.keys))
        if self.backups.due(self.store.now()):
            self.make_snapshot()
        return None

    def events(self) -> list[Event]:
        """What happened on this laptop, newest first."""
        with self.store.reading() as connection:
            return events.events(connection)


def next_code(vault: Vault, trust: Trust | None) -> str | None:
    """The code that opens this laptop after the one of now; None where no office knows any."""
    if trust is None or not vault.has_recovery:
        return None
    secret = bytes.fromhex(trust.secret)
    return recovery.code(secret, Purpose.OPEN, vault.recovery_count + 1)
