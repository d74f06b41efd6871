"""One adviser's folder on this computer, and every way in. Slow: never in the interface.

It joins vault, store and office; it draws nothing.
"""

import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop import authority, leases, revoking
from hah_desktop.laptop.errors import AccessEnded, NotRenewed, NotSetUp
from hah_desktop.laptop.offers import Offer, offers, safety_copies
from hah_desktop.laptop.opening import open_with
from hah_desktop.laptop.returning import come_back
from hah_desktop.laptop.setting_up import Making, check_address
from hah_desktop.laptop.unlocked import Tell, Unlocked, next_code
from hah_desktop.seals import letters
from hah_desktop.seals.recovery import CODE_LETTERS
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.tables import events
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import sync
from hah_desktop.sync.errors import NOTHING_CHANGED, ManyRemovals, Revoked, by_hand
from hah_desktop.sync.steps import Progress
from hah_desktop.vault import signing
from hah_desktop.vault.errors import NoRecovery
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.vault import Vault, refuse_weak

SPARE_BYTES = 50_000_000
"""Less free disk than this is said at unlocking, before anything is lost."""


_TO_SET_UP = (NOTHING_CHANGED, "Check the network and the office’s address, then try again.")
_TO_SEND = (
    "What was sealed for the office is still on this laptop.",
    "Check the network and send it again, or copy it to a stick.",
)


@dataclass(frozen=True)
class RevokedState:
    """What happened, in words; `unsent_waits` while what was sealed is not with the office yet."""

    words: str
    unsent_waits: bool


@dataclass(frozen=True)
class Laptop:
    """One adviser's folder on one laptop.

    `certificate` is the file that names the office's own certificate authority; once the laptop
    is set up it keeps that itself. `cost` is what deriving the key costs, measured on this laptop
    when it is left out.
    """

    folder: Path
    clock: Clock
    certificate: Path | None = None
    cost: KdfCost | None = None

    def is_set_up(self) -> bool:
        """Whether there is a vault to unlock."""
        return Vault.exists(self.folder)

    def set_up(self, address: str, code: str, passphrase: str, tell: Tell) -> Unlocked:
        """Make vault and database, and enrol with the office for a one-time code.

        Raises Misheard for letters that nobody read out, NoAuthority, WrongOffice, or Refused for
        a code that does not count, and then nothing is left behind. If the line is cut the key
        stays, because the office may have taken it: trying again with the same code and passphrase
        goes on from there.
        """
        check_address(address)
        tell("Looking for the office")
        named = authority.read(self.certificate)
        with by_hand(*_TO_SET_UP), closing(Office(address, authority=named)) as office:
            return Making(self.folder, self.clock, self.cost, office, tell).make(
                address, code, passphrase
            )

    # The ways in

    def unlock(self, passphrase: str) -> Unlocked:
        """Open the vault and the database.

        Raises a KnownError of the vault or the store; NotSetUp, LeaseEnded, AccessEnded.
        """
        return self._within_lease(self._unlock(passphrase))

    def recovery_request(self) -> str:
        """What to read out to the office for a forgotten passphrase. Raises NoRecovery."""
        return Vault.open(self.folder).recovery_request()

    def recover(self, code: str, passphrase: str, tell: Tell) -> Unlocked:
        """Open with the office's code, and let a new passphrase open it from now on.

        The code is dead afterwards, also for who copied the header before: the keys are renewed.
        Raises WeakPassphrase, Misheard, WrongCode, TooSoon, and what unlocking raises; NotRenewed
        when the new passphrase is in force and the code is dead, and no more was done.
        """
        self._refuse_ended()
        refuse_weak(passphrase)
        vault = Vault.open(self.folder)
        tell("Opening with the office’s code")
        tries = vault.failed_tries()
        opened = vault.unlock_with_code(code)
        unlocked = open_with(self.folder, vault, opened, self.clock, vouched=True)
        self._let_in(unlocked, tries)
        with unlocked.or_locked():
            following = next_code(vault, unlocked.trust())
            if following is None:
                raise NoRecovery
            generation = vault.set_passphrase(unlocked.keys, passphrase, following, cost=self.cost)
            try:
                unlocked.header_written(generation, Happened.RECOVERED)
                leases.begin_anew(unlocked.store)
                unlocked.renew_keys(passphrase, tell)
            except KnownError as fault:
                raise NotRenewed(fault) from fault
        return unlocked

    def extend_lease(self, passphrase: str, code: str) -> Unlocked:
        """Open with the passphrase and the office's code for more time without contact.

        Raises Misheard, WrongCode, and what unlocking raises.
        """
        typed = letters.read(code, CODE_LETTERS)
        unlocked = self._unlock(passphrase)
        with unlocked.or_locked():
            agreed = unlocked.trust()
            if agreed is not None:
                leases.check_code(agreed, typed)
                leases.begin_anew(unlocked.store, agreed)
        return unlocked

    def connect(
        self,
        passphrase: str,
        tell: Callable[[Progress], None],
        stopped: Callable[[], bool],
        code: str = "",
    ) -> Unlocked:
        """Open with the passphrase once a sync with the office has gone well.

        With the `code` of an office that lost it, the laptop comes back first: see `come_back`.
        Raises what stopped either, and what unlocking raises; not what a person can go on with.
        """
        unlocked = self._unlock(passphrase)
        with unlocked.or_locked():
            with closing(self.office(unlocked.who)) as office:
                if code:
                    come_back(unlocked, office, code)
                done = sync(unlocked.store, office, tell, stopped)
            if isinstance(done.problem, Revoked):
                raise self.revoke(unlocked, done.problem, lambda _words: None)
            if done.problem is not None and not isinstance(done.problem, ManyRemovals):
                raise done.problem
        return unlocked

    def snapshots(self, passphrase: str) -> list[Offer]:
        """The good snapshots, newest first, each with what would be missing."""
        self._refuse_ended()
        opened = Vault.open(self.folder).unlock(passphrase)
        try:
            return offers(self.folder, opened.keys)
        finally:
            opened.wipe()

    def put_back(self, passphrase: str, offer: Offer, tell: Tell) -> Unlocked:
        """Let a snapshot take the place of a damaged database, which is kept beside it.

        Raises what unlocking raises: an older database lets nobody in who may not come in.
        """
        self._refuse_ended()
        vault = Vault.open(self.folder)
        tell("Checking the passphrase")
        tries = vault.failed_tries()
        opened = vault.unlock(passphrase)
        try:
            tell("Putting the safety copy in place")
            backups = safety_copies(self.folder, opened.keys)
            backups.put_back(offer.snapshot, self.folder / DATABASE, opened.keys.database_spec)
        except BaseException:
            opened.wipe()
            raise
        unlocked = open_with(self.folder, vault, opened, self.clock)
        with unlocked.or_locked(), unlocked.store.writing() as connection:
            events.note(connection, Happened.SNAPSHOT_PUT_BACK, self.clock())
        return self._within_lease(self._let_in(unlocked, tries))

    # When the office ends a laptop's access

    def revoke(self, unlocked: Unlocked, fault: Revoked, tell: Tell) -> AccessEnded:
        """Obey the office's order: seal what it has not received, then destroy every key.

        Gives what to say. Raises NotSealed on a full disk, and then nothing is destroyed.
        """
        return AccessEnded(revoking.told(revoking.revoke(unlocked, self.folder, fault.order, tell)))

    def revoked(self) -> RevokedState | None:
        """What became of this laptop if the office ended its access; None if it did not."""
        found = revoking.go_on(self.folder)
        if found is None or isinstance(found, revoking.Ordered):
            return None
        return RevokedState(revoking.told(found), unsent_waits=isinstance(found, revoking.Sealed))

    def send_revoked(self, tell: Tell) -> None:
        """Hand what was sealed to the office. Raises Unreachable, Refused, NotOurs, NoAuthority."""
        tell("Sending what was sealed to the office")
        found = revoking.state(self.folder)
        if isinstance(found, revoking.Sealed):
            named = self._authority(found.authority)
            with by_hand(*_TO_SEND), closing(Office(found.office_url, authority=named)) as office:
                revoking.send(self.folder, office)

    def copy_revoked(self, target: Path) -> None:
        """Copy what was sealed for the office, for a stick; only the office can read it."""
        revoking.copy(self.folder, target)

    # What is asked while it is open

    def office(self, who: Identity) -> Office:
        """The office, asked by this laptop in its own name. Raises NoAuthority."""
        laptop = Signed(who.laptop, lambda message: signing.sign(who.signing_key, message))
        return Office(who.office_url, laptop, authority=self._authority(who.authority))

    def warning(self) -> str:
        """What to say at unlocking about the laptop itself; empty when all is well."""
        free = shutil.disk_usage(self.folder).free
        if free >= SPARE_BYTES:
            return ""
        return f"The disk is almost full: {free // 1_000_000} MB are left. Make room soon."

    def _authority(self, kept: str | None) -> str:
        """Whom the office's certificate has to be from: what is kept, whatever a start names."""
        return authority.read(self.certificate) if kept is None else kept

    def _unlock(self, passphrase: str) -> Unlocked:
        self._refuse_ended()
        vault = Vault.open(self.folder)
        tries = vault.failed_tries()
        opened = vault.unlock(passphrase)
        return self._let_in(open_with(self.folder, vault, opened, self.clock), tries)

    def _refuse_ended(self) -> None:
        ended = self.revoked()
        if ended is not None:
            raise AccessEnded(ended.words)

    def _let_in(self, unlocked: Unlocked, tries: int) -> Unlocked:
        """What holds for every way in; `tries` were wrong before. Locks it again if it raises."""
        unlocked.cost = self.cost
        with unlocked.or_locked():
            if not unlocked.who.laptop:
                raise NotSetUp
            # The order came before, and then there was no room to seal or the power went.
            sealed = revoking.again(unlocked, self.folder, lambda _words: None)
            if sealed is not None:
                raise AccessEnded(revoking.told(sealed))
            if tries:
                with suppress(StoreFull), unlocked.store.writing() as connection:
                    events.note(
                        connection, Happened.WRONG_TRIES, self.clock(), f"{tries} wrong in a row"
                    )
            other = authority.not_followed(unlocked.who.authority, self.certificate)
            unlocked.note = " ".join(filter(None, (unlocked.note, other)))
        return unlocked

    def _within_lease(self, unlocked: Unlocked) -> Unlocked:
        """Locks it again where it raises LeaseEnded."""
        with unlocked.or_locked():
            notes = (leases.look(unlocked.store), unlocked.note)
            unlocked.note = " ".join(filter(None, notes))
        return unlocked
