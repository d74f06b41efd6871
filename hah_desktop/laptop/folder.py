"""One adviser's folder on this computer, and every way in. Slow: never in the interface.

It joins vault, store and office; it draws nothing.
"""

import datetime as dt
import hmac
import shutil
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.lease import Lease, days_left, has_ended, passed
from hah_desktop.laptop import revoking
from hah_desktop.laptop.errors import AccessEnded, LeaseEnded, NotRenewed, NotSetUp
from hah_desktop.laptop.offers import Offer, offers, safety_copies
from hah_desktop.laptop.opening import open_with
from hah_desktop.laptop.returning import come_back
from hah_desktop.laptop.setting_up import Making, check_address
from hah_desktop.laptop.unlocked import Tell, Unlocked, next_code
from hah_desktop.seals import letters, recovery
from hah_desktop.seals.recovery import CODE_LETTERS, Purpose
from hah_desktop.store import events, meta
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.events import Happened
from hah_desktop.store.files import DATABASE
from hah_desktop.store.meta import Identity, Trust
from hah_desktop.store.store import Store
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import sync
from hah_desktop.sync.errors import ManyRemovals, Revoked
from hah_desktop.sync.steps import Progress
from hah_desktop.vault import signing
from hah_desktop.vault.errors import NoRecovery, WrongCode
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.vault import Vault, refuse_weak

SPARE_BYTES = 50_000_000
"""Less free disk than this is said at unlocking, before anything is lost."""


DAYS_TO_SAY = 5
"""So many days before a laptop asks for the office, it says so at unlocking."""

NO_HELP = (
    "This laptop was set up by an older version: the office cannot help if its passphrase is "
    "forgotten. Sync, and ask the office to set it up anew."
)


@dataclass(frozen=True)
class RevokedState:
    """What happened, in words; `unsent_waits` while what was sealed is not with the office yet."""

    words: str
    unsent_waits: bool


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

    def set_up(self, address: str, code: str, passphrase: str, tell: Tell) -> Unlocked:
        """Make vault and database, and enrol with the office for a one-time code.

        Raises Misheard for letters that nobody read out, WrongOffice, or Refused for a code that
        does not count, and then nothing is left behind. If the line is cut the key stays, because
        the office may have taken it: trying again with the same code and passphrase goes on
        from there.
        """
        check_address(address)
        tell("Looking for the office")
        with closing(Office(address, trust=self.trust)) as office:
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
                self._begin_lease(unlocked.store)
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
                wanted = letters.read(_lease_code(agreed), CODE_LETTERS)
                if not hmac.compare_digest(typed, wanted):
                    raise WrongCode
                self._begin_lease(unlocked.store, agreed)
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
        """Hand what was sealed to the office. Raises Unreachable, Refused, NotOurs."""
        tell("Sending what was sealed to the office")
        found = revoking.state(self.folder)
        if isinstance(found, revoking.Sealed):
            with closing(Office(found.office_url, trust=self.trust)) as office:
                revoking.send(self.folder, office)

    def copy_revoked(self, target: Path) -> None:
        """Copy what was sealed for the office, for a stick; only the office can read it."""
        revoking.copy(self.folder, target)

    # What is asked while it is open

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
        return unlocked

    def _within_lease(self, unlocked: Unlocked) -> Unlocked:
        """Locks it again where it raises LeaseEnded."""
        with unlocked.or_locked():
            notes = (self._look_at_lease(unlocked), unlocked.note)
            unlocked.note = " ".join(filter(None, notes))
        return unlocked

    def _look_at_lease(self, unlocked: Unlocked) -> str:
        """Look at the clock, and remember that it was looked at. Gives what to say about it.

        Raises LeaseEnded.
        """
        now = self.clock()
        with unlocked.store.reading() as connection:
            agreed = meta.trust(connection)
            lease = passed(meta.lease(connection) or Lease(now), now)
        # On a full disk the adviser is let in all the same; the next look counts this time too.
        with suppress(StoreFull), unlocked.store.writing() as connection:
            meta.keep_lease(connection, lease)
        if agreed is None:
            return NO_HELP
        if has_ended(lease, agreed.lease_days):
            raise LeaseEnded(agreed.lease_days, _lease_request(agreed))
        return _nearly_ended(days_left(lease, agreed.lease_days))

    def _begin_lease(self, store: Store, spent: Trust | None = None) -> None:
        """Begin the lease anew; with `spent`, its code has been used up."""
        now = self.clock()
        with store.writing() as connection:
            # No clock was compared: one that was slow may still be put right.
            before = passed(meta.lease(connection) or Lease(now), now)
            meta.keep_lease(connection, replace(before, used=dt.timedelta()))
            if spent is not None:
                used = replace(spent, leases_used=spent.leases_used + 1)
                meta.keep_trust(connection, used)
                events.note(connection, Happened.LEASE_EXTENDED, self.clock())


def _nearly_ended(days: int) -> str:
    if days > DAYS_TO_SAY:
        return ""
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"Sync soon: {when} this laptop stops opening without contact with the office."


def _lease_request(agreed: Trust) -> str:
    named = bytes.fromhex(agreed.recovery_id)
    return recovery.request(named, Purpose.LEASE, agreed.leases_used + 1)


def _lease_code(agreed: Trust) -> str:
    return recovery.code(bytes.fromhex(agreed.secret), Purpose.LEASE, agreed.leases_used + 1)
