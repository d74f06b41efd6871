"""Carries a sync out: the encrypted store on one side, the office on the other."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.clock import doubt
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import (
    Accepted,
    Admission,
    Compared,
    OwnChange,
    Page,
    PulledRow,
    Reached,
    Told,
    Witness,
    changes_told,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.lease import begun
from hah_desktop.domain.removals import Agreed, Removals, nobody_agreed
from hah_desktop.seals.orders import REVOKE, SignedOrder, for_laptop
from hah_desktop.store.attachments import travelling
from hah_desktop.store.exchange import chain, digests, outbox, retelling, withdrawing, witness
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.exchange.receipts import in_parts
from hah_desktop.store.looks import Looks
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, meta
from hah_desktop.store.tables.events import Happened
from hah_desktop.store.tables.meta import ChainEnd, Identity
from hah_desktop.sync.errors import Differs, ManyRemovals
from hah_desktop.sync.foretold import Foretold
from hah_desktop.sync.line import Moved
from hah_desktop.sync.steps import Doing, OfficePort, Progress, Stopped, Tell, exchange

T = TypeVar("T")

Turn = Callable[[Doing, Callable[[], int]], None]
"""Told what is done now, and what counts the changes that there are to send."""


_AT_ONCE = 100
"""The most changes or records in one transaction: whoever saves meanwhile waits for it."""


_PART = 250
"""So many records of a page are taken before it is seen whether somebody waits."""

_MOST = 1000
"""The most records in one transaction: its commit is the longest that somebody waits."""

_RECEIPTS_AT_ONCE = 250
"""So many receipts are taken before it is seen whether somebody waits: they write less."""


def _parts(whole: Sequence[T], most: int = _AT_ONCE) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), most):
        yield whole[start : start + most]


class StoreBox:
    """The store as a sync sees it. No call leaves half of what belongs together."""

    def __init__(self, store: Store, turn: Turn = lambda _doing, _count: None) -> None:
        self._store = store
        self._turn = turn
        self._looks = Looks(store)
        self._told: Page | None = None
        self.clock_offset = dt.timedelta()
        self.result: Compared | None = None

    def at_once(self) -> AbstractContextManager[None]:
        """All that is asked within is asked in one transaction; nothing is written in it."""
        return self._looks.at_once()

    def office(self) -> tuple[str, str]:
        """The office's id and epoch as this laptop knows them."""
        with self._looks.reading() as connection:
            who = meta.enrolled(connection)
        return who.office, who.epoch

    def unsent(self, most: int, behind: int = 0) -> list[Spelled]:
        """The oldest changes without a receipt, as they are kept, behind so many of them."""
        with self._looks.reading() as connection:
            self._turn(Doing.SENDING, partial(outbox.unsent_count, connection))
            return outbox.unsent_spelled(connection, most, behind)

    def behind(self, batch: Sequence[Spelled]) -> tuple[Mapping[FileId, int], bool] | None:
        """How far this laptop has read, and whether these are the last of the unsent.

        If they are, these are the cursors that there are once the office has heard of them. None
        while something is to be read from its start.
        """
        with self._looks.reading() as connection:
            if witness.is_due(connection):
                return None
            here = outbox.cursors(connection)
            if not here or not all(here.values()):
                return None
            if outbox.unsent_spelled(connection, 1, len(batch)):
                return here, False
            return {**dict.fromkeys(withdrawing.unsent_in(connection), 0), **here}, True

    def take_receipts(
        self, told: Told, accepted: Accepted | None = None, rest: Foretold | None = None
    ) -> int:
        """Mark as received what the office has; with the last part, files may have been read."""
        with self._looks.reading() as connection:
            parts = deque(in_parts(connection, told, _RECEIPTS_AT_ONCE) or [[]])
        taken = 0
        others: list[ChangeId] = []
        while parts:
            with self._store.writing() as connection:
                is_first = True
                while parts and (is_first or not self._store.is_waited_for):
                    is_first, part = False, outbox.take_part(connection, parts.popleft())
                    withdrawing.note_told(connection, part)
                    taken += part.count
                    others += [receipt.id for receipt in part.others]
                if not parts and accepted is not None and taken == changes_told(told):
                    outbox.move_cursors(connection, accepted, others)
                    if rest is not None:
                        outbox.move_on(connection, rest.cursors, rest.moved)
                # What was written is worked out anew while its pages are here to be written.
                digests.renew(connection, _MOST)
        return taken

    def cursors(self) -> dict[FileId, int]:
        """How far each file has been read."""
        with self._looks.reading() as connection:
            self._turn(Doing.FETCHING, partial(outbox.unsent_count, connection))
            return outbox.cursors(connection)

    def take_page(self, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
        """Take a page of a pull, and remove what lies in none of its files.

        The cursors move with its last part: cut before, the page comes once more. Many records
        in one transaction cost half of what they do apart, so it ends early only for somebody.
        """
        parts = deque(_parts(rows, _PART))
        wanted: list[RecordId] = []
        is_whole = False
        while not is_whole:
            with self._store.writing() as connection:
                taken = 0
                while parts and taken < _MOST and not (taken and self._store.is_waited_for):
                    some = parts.popleft()
                    taken += len(some)
                    witness.note_gone(connection, some)
                    wanted += outbox.take_page(connection, replace(page, files={}), some)
                    witness.known_again(connection, (c.id for row in some for c in row.changes))
                if is_whole := not parts:
                    outbox.take_page(connection, page, [])
                    withdrawing.remove(connection, page.files, self._store.now())
        self._told = page
        return wanted

    def removals(self, page: Page) -> Removals:
        """What taking the page would remove."""
        with self._looks.reading() as connection:
            return withdrawing.removals(connection, page.files)

    def going(self, page: Page) -> Sequence[ChangeId]:
        """The changes that the office named of what it would remove."""
        with self._looks.reading() as connection:
            return witness.heads_of(connection, withdrawing.going(connection, page.files))

    def note_known(self, page: Page) -> None:
        """A person is asked about what the page no longer gives, and so knows it."""
        with self._store.writing() as connection:
            withdrawing.note_known(connection, page.files)

    def known(self) -> Mapping[FileId, int]:
        """What is here and known to be no longer given, with the last change made before."""
        with self._looks.reading() as connection:
            return withdrawing.known(connection)

    def compared(self) -> Sequence[FileId] | None:
        """Hold what is here against what the newest page says, if its office says anything."""
        told = self._told
        if told is None or not (told.digests or told.whole):
            return ()
        while not self._held_against(told):
            with self._store.writing() as connection:
                digests.renew(connection, _AT_ONCE)
        return self.result.differing if self.result else None

    def _held_against(self, told: Page) -> bool:
        """Whether what is here was worked out since it was last written, and so could be held."""
        with self._looks.reading() as connection:
            self._turn(Doing.COMPARING, partial(outbox.unsent_count, connection))
            if digests.is_stale(connection):
                return False
            if told.whole:
                self.result = digests.compare_whole(connection, told.files, told.whole)
            else:
                self.result = digests.compare(connection, told.digests)
            return True

    def read_again(self, files: Sequence[FileId]) -> None:
        """Ask for all of these files with the next pull."""
        with self._store.writing() as connection:
            digests.read_again(connection, files)

    def is_behind(self, reached: Reached) -> bool:
        """Whether the office has less of this laptop's changes than it gave receipts for."""
        with self._looks.reading() as connection:
            return chain.is_behind(connection, reached)

    def owes_witness(self, *, anew: bool) -> bool:
        """Whether the office was restored and not asked yet what it lost; or once more."""
        with self._looks.reading() as connection:
            return witness.is_due(connection, anew=anew)

    def heads(self, after: int, *, every: bool) -> tuple[int, Sequence[ChangeId]]:
        """Where to go on, and the changes that the next records name; at the end, no further."""
        with self._looks.reading() as connection:
            return witness.heads(connection, after, every=every)

    def words(self, changes: Sequence[ChangeId]) -> Sequence[Sequence[Witness]]:
        """What these changes say, as far as it is known here, in parts to be sent at once."""
        with self._looks.reading() as connection:
            return list(witness.words(connection, changes))

    def remember(self, changes: Sequence[ChangeId]) -> None:
        """Keep what the office was told: it may be restored to before, and need it again."""
        with self._store.writing() as connection:
            retelling.keep(connection, changes)

    def lose(self, changes: Sequence[ChangeId]) -> None:
        """The office does not know these, and has been told what they say."""
        with self._store.writing() as connection:
            witness.lose(connection, changes)

    def gave_witness(self) -> None:
        """The office has been asked about all that is here."""
        with self._store.writing() as connection:
            witness.given(connection)

    def lost(self) -> Removals | None:
        """What would go from this laptop with what the office has lost; None if that is nothing."""
        with self._looks.reading() as connection:
            return witness.removals(connection)

    def drop_lost(self) -> None:
        """What the office has lost leaves the heads of the records here."""
        with self._store.writing() as connection:
            witness.drop(connection)

    def start_again(self, epoch: str) -> None:
        """Offer every change again, read from the start."""
        with self._store.writing() as connection:
            outbox.start_again(connection, epoch)

    def met_office(self, office_now: dt.datetime) -> None:
        """Compare clocks."""
        self.clock_offset = self._store.met_office(office_now)

    def compare(self, reached: Reached) -> int | None:
        """Check this laptop's own chain, then compare it with the office's."""
        return self._stands(reached)[0]

    def is_whole(self, reached: Reached) -> bool:
        """Whether they agree, and the office has all changes that it gave receipts for."""
        after, is_behind = self._stands(reached)
        return after is None and not is_behind

    def _stands(self, reached: Reached) -> tuple[int | None, bool]:
        with self._looks.reading() as connection:
            # From the start once after each opening: it takes as long as reading all that is here.
            self._store.chain_checked = chain.check_chain(connection, self._store.chain_checked)
            after = chain.missing_after(connection, reached)
            is_behind = chain.is_behind(connection, reached)
            is_past = chain.is_past(connection, reached)
        if after is None and is_past:
            with self._store.writing() as connection:
                chain.forget_put_back(connection)
        return after, is_behind

    def take_own(self, own: Sequence[OwnChange], reached: Reached) -> None:
        """Take back changes of this laptop itself."""
        with self._store.writing() as connection:
            chain.take_own(connection, own, reached, self._store.now())
        self._store.chain_checked = ChainEnd()

    def take_orders(self, orders: Sequence[SignedOrder]) -> SignedOrder | None:
        """Keep new rules; give back the order that ends this laptop's access, if it came."""
        with self._store.writing() as connection:
            agreed, who = meta.trust(connection), meta.enrolled(connection)
            if agreed is None:
                return None
            key = bytes.fromhex(agreed.orders_key)
            for order, signed in for_laptop(orders, key, who.office, who.laptop, agreed.order):
                if order.kind == REVOKE:
                    return signed
                agreed = replace(
                    agreed,
                    order=order.number,
                    lease_days=order.lease_days,
                    lock_minutes=order.lock_minutes,
                )
                meta.keep_trust(connection, agreed)
                told = f"{order.lease_days} days, {order.lock_minutes} minutes"
                events.note(connection, Happened.RULES_CHANGED, self._store.now(), told)
        return None


@dataclass(frozen=True, slots=True)
class Synced:
    """How a sync ended. `problem` says what stopped it; `clock` what is wrong with the clock."""

    run: SyncRun
    problem: KnownError | None
    clock: str

    @property
    def met(self) -> bool:
        """Whether the office was there and knew this laptop, whatever is left to be settled."""
        return _met(self.problem)


def _met(problem: KnownError | None) -> bool:
    return problem is None or isinstance(problem, Differs | ManyRemovals)


@runtime_checkable
class Resumable(Protocol):
    """An office that can be asked without signing in anew, while its token holds."""

    @property
    def admission(self) -> Admission:
        """What it lets this laptop in with."""
        ...

    def resume(self, admission: Admission) -> bool:
        """Go on with what it was let in with, if it was."""
        ...


@runtime_checkable
class Forgetful(Protocol):
    """An office that says which attachments it had and has lost."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """Their hashes."""
        ...


@runtime_checkable
class Vouched(Protocol):
    """An office whose certificate is of an authority."""

    @property
    def authority(self) -> str:
        """Which; empty for the public ones."""
        ...


class _Telling:
    """What is told of a sync under way: how far it is, and what it is doing."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.latest = Progress()

    def note(self, progress: Progress) -> None:
        """It is so far."""
        self._say(replace(self.latest, sent=progress.sent, received=progress.received))

    def turn(self, doing: Doing, count: Callable[[], int]) -> None:
        """It turns to something else; `count` says how much there is to send."""
        if doing is self.latest.doing:
            return
        to_send = self.latest.to_send
        if doing is Doing.SENDING:
            to_send = self.latest.sent + count()
        self._say(replace(self.latest, doing=doing, to_send=to_send))

    def _say(self, progress: Progress) -> None:
        self.latest = progress
        self._tell(progress)


def sync(
    store: Store,
    office: OfficePort,
    tell: Tell,
    stopped: Stopped,
    *,
    agreed: Agreed = nobody_agreed,
) -> Synced:
    """Send, fetch, and note in the history how it went. Faults that people know are returned.

    Where a person `agreed` to it, it also goes on where the office takes much off this laptop.
    """
    telling = _Telling(tell)
    box = StoreBox(store, telling.turn)
    started = store.now().isoformat()
    problem: KnownError | None = None
    with store.reading() as connection:
        box.clock_offset = meta.clock_offset(connection)
        ahead = round(box.clock_offset.total_seconds())
        office.waiting(outbox.unsent_count(connection), ahead)
    # A clock that is wrong, or was set, is told by meeting: the short way knows no time.
    stands = store.clock_stands(box.clock_offset)
    met = stands and isinstance(office, Resumable) and office.resume(store.admission)
    try:
        exchange(
            office,
            box,
            telling.note,
            stopped,
            agreed=agreed,
            met=met,
            capacity=store.capacity,
        )
    except KnownError as fault:
        problem = fault
    store.admission = office.admission if isinstance(office, Resumable) else Admission()
    ended, done = store.now().isoformat(), telling.latest
    run = _noted(
        SyncRun(started, ended, done.sent, done.received, str(problem or "")), box.result, office
    )
    try:
        with store.writing() as connection:
            run = replace(run, office=_address(meta.identity(connection)))
            outbox.note_run(connection, run)
            if isinstance(office, Forgetful) and office.lacks:
                travelling.note_lacking(connection, office.lacks)
            if _met(problem):
                # Its time without contact begins anew.
                meta.keep_lease(connection, begun(store.now(), box.clock_offset))
                if isinstance(office, Vouched):
                    meta.pin_authority(connection, office.authority)
    except KnownError as fault:
        # A full disk: what stopped the sync is worth more than that it is not in the history.
        problem = problem or fault
    return Synced(run, problem, doubt(box.clock_offset))


def _address(who: Identity | None) -> str:
    return who.office_url.partition("://")[2].rstrip("/") if who else ""


def _noted(run: SyncRun, compared: Compared | None, office: OfficePort) -> SyncRun:
    # A line that counts tells what it moved; others, such as one in memory, move no bytes.
    moved = getattr(office, "moved", None)
    if isinstance(moved, Moved):
        run = replace(run, sent_bytes=moved.sent, fetched_bytes=moved.fetched)
    if compared is None:
        return run
    return replace(
        run,
        compared_files=compared.files,
        compared_records=compared.records,
        agrees=not compared.differing,
    )
