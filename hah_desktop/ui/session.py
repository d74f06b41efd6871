"""The unlocked program: the store's lane, the office, and what has just changed.

Screens ask here and nowhere else. Nothing in this module waits: every question to the database or
the office is answered later, in the interface's own thread.
"""

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from hah_desktop.domain.codes import ADVISERS, Code, CodeList, Codes
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.removals import Agreed, nobody_agreed
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import waiting
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.exchange.waiting import NOTHING_DUE, Due
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Saved, Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.steps import Progress
from hah_desktop.ui.attaching import Attaching
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.carrying import Carrying
from hah_desktop.ui.syncing import Syncing

T = TypeVar("T")

MakeOffice = Callable[[Identity], Office]


class Session(QObject):
    """One adviser at work, from unlocking to locking."""

    changed = Signal(object)
    """The ids of records that were saved here or arrived from the office."""
    unsent = Signal(int)
    saved = Signal(str)
    """What was just kept, in words for the line at the foot of the window."""
    trouble = Signal(object)
    """A KnownError that no screen has asked to handle itself."""
    asked = Signal(bool)
    """A sync begins; whether it does so by itself."""
    syncing = Signal(object)
    synced = Signal(object)

    def __init__(
        self,
        store: Store,
        background: Background,
        codes: Codes,
        who: Identity,
        make_office: MakeOffice,
    ) -> None:
        super().__init__()
        self.store = store
        self.who = who
        self._background = background
        self._codes = codes
        self._advisers = CodeList(ADVISERS, ())
        self._syncing = Syncing(store, background, lambda: make_office(who))
        self._unkept: dict[str, Draft] = {}
        self._closed = False
        self.last_well = ""
        """When the last sync ended in which everything went well."""
        self.due = NOTHING_DUE
        """What the office does not have, or use, of what is saved here."""
        self.files_only_here = 0
        """How many letters and pictures the office has not received."""
        self.attaching = Attaching(self, background, Attachments(store.folder))
        self.carrying = Carrying(store, background, self.attaching.files, lambda: make_office(who))

    def start(self) -> None:
        """Read what every screen needs."""
        self._read_advisers()
        self.count_unsent()
        self.attaching.sweep(self.trouble.emit)

    def code_list(self, name: str) -> CodeList:
        """A code list by name; the office's advisers are one too."""
        return self._advisers if name == ADVISERS else self._codes(name)

    def read(self, query: Callable[[Transaction], T], done: Callable[[T], None]) -> None:
        """Ask the database; `done` gets the answer in the interface's thread."""

        def ask() -> T:
            with self.store.reading() as connection:
                return query(connection)

        self._background.run(Lane.STORE, ask, self.while_open(done), self._failed)

    def while_open(self, done: Callable[[T], None]) -> Callable[[T], None]:
        """The screen that asked is gone once the program is locked: it is told nothing then."""

        def answer(found: T) -> None:
            if not self._closed:
                done(found)

        return answer

    @property
    def unkept(self) -> Mapping[str, Draft]:
        """The drafts by record that are not in the database yet, such as on a full disk."""
        return self._unkept

    def close(self) -> None:
        """The program is being locked: no screen is told anything any more."""
        self._closed = True
        self.stop_sync()
        self.attaching.stop()
        self.carrying.close()

    def save(
        self,
        edited: Sequence[Edited],
        done: Callable[[Saved], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
        also: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Save edits in one transaction, with what `also` writes; tell everybody what changed."""
        before = {e.record.id: self._unkept.get(e.record.id) for e in edited if not e.keeps_draft}

        def finish(saved: Saved) -> None:
            for record, draft in before.items():
                self._forget(record, draft)
            if self._closed:
                return
            self.saved.emit(f"Saved on this laptop at {clock_words(self.store.now())}")
            self.count_unsent()
            if done:
                done(saved)
            self.changed.emit(frozenset(saved.records))

        self._background.run(
            Lane.STORE, lambda: self.store.save_all(edited, also), finish, self.failed_as(failed)
        )

    def keep_draft(self, draft: Draft, failed: Callable[[KnownError], None] | None = None) -> None:
        """Keep what is being typed."""

        def keep() -> None:
            with self.store.writing() as connection:
                drafts.keep(connection, draft)

        self._unkept[draft.record] = draft

        def kept(_none: None) -> None:
            self._forget(draft.record, draft)
            self.saved.emit(f"Draft kept on this laptop at {clock_words(self.store.now())}")

        self._background.run(Lane.STORE, keep, kept, self.failed_as(failed))

    def _forget(self, record: str, draft: Draft | None) -> None:
        """This draft is in the database now, or has become a change; a newer one is not."""
        if draft is not None and self._unkept.get(record) is draft:
            del self._unkept[record]

    def keep_unreadable(self, draft: Draft) -> None:
        """Keep what does not read as an answer yet, over the record as it was just saved."""
        self.keep(lambda connection: _keep_over(connection, draft))

    def discard_draft(self, record: str, done: Callable[[None], None]) -> None:
        """Throw a draft away, because its author said so."""
        self.keep(lambda connection: drafts.discard(connection, record), self.while_open(done))

    def keep_place(self, place: Mapping[str, str | int]) -> None:
        """Remember where the author was, for after the next unlock."""
        self.keep(lambda connection: meta.write(connection, "place", place))

    def keep_preferences(self, plain: Mapping[str, str | int]) -> None:
        """Remember how the program looks."""
        self.keep(lambda connection: meta.write(connection, "preferences", plain))

    def keep(
        self, work: Callable[[Transaction], None], done: Callable[[None], None] | None = None
    ) -> None:
        """Write something small; hardly anybody waits for it."""

        def write() -> None:
            with self.store.writing() as connection:
                work(connection)

        self._background.run(Lane.STORE, write, done or _nothing, self._failed)

    def read_place(self, done: Callable[[Mapping[str, str | int] | None], None]) -> None:
        """Where the author was when the program was locked."""
        self.read(lambda connection: meta.read(connection, "place"), done)

    def run_slow(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Do something long that does not touch the database, such as drawing pages."""
        self._background.run(Lane.SLOW, work, self.while_open(done), self.failed_as(failed))

    def count_unsent(self) -> None:
        """Tell how many changes of this laptop are only here."""
        self.read(_waiting, self._counted)

    def _counted(self, found: tuple[Due, int, str]) -> None:
        self.due, self.files_only_here, self.last_well = found
        self.unsent.emit(self.due.own)

    def sync(self, *, by_itself: bool = False, agreed: Agreed = nobody_agreed) -> None:
        """Send and fetch; what is `agreed` to while a sync is under way goes with the next one."""
        if self.is_syncing or self._closed:
            self._syncing.agree(agreed)
            return
        tell = self.while_open(self.syncing.emit)
        self._syncing.start(tell, self._synced, self._sync_failed, agreed=agreed)
        self.asked.emit(by_itself)
        self.syncing.emit(Progress())

    @property
    def is_syncing(self) -> bool:
        """Whether a sync is under way."""
        return self._syncing.is_under_way

    def stop_sync(self) -> None:
        """Stop a sync that is under way, at once; what was done until then stands."""
        self._syncing.stop()

    def look_for_office(self, done: Callable[[bool], None]) -> None:
        """Ask whether the office is there; nobody is shown anything of it."""
        self._syncing.look(self.while_open(done), self._failed)

    def _synced(self, result: Synced) -> None:
        if self._closed:
            return
        self.count_unsent()
        self._read_advisers()
        self.synced.emit(result)
        self.changed.emit(frozenset())

    def _sync_failed(self, fault: BaseException) -> None:
        self._failed(fault)
        if isinstance(fault, KnownError) and not self._closed:
            now = self.store.now().isoformat()
            self.synced.emit(Synced(SyncRun(now, now, 0, 0, str(fault)), fault, ""))

    def _read_advisers(self) -> None:
        self.read(lambda connection: reading.of_kind(connection, Adviser.kind), self._know_advisers)

    def _know_advisers(self, held: list[reading.Held]) -> None:
        people = [one.record for one in held if isinstance(one.record, Adviser)]
        listed = {str(person.id): person.name for person in people}
        # Before the first sync the list is empty, but the adviser at work is known by name.
        listed.setdefault(self.who.adviser, self.who.adviser_name)
        codes = (Code(key, name) for key, name in sorted(listed.items(), key=lambda i: i[1]))
        self._advisers = CodeList(ADVISERS, tuple(codes))

    def _failed(self, fault: BaseException) -> None:
        if self._closed and isinstance(fault, KnownError | CancelledError):
            return
        if not isinstance(fault, KnownError):
            raise fault
        self.trouble.emit(fault)

    def failed_as(
        self, failed: Callable[[KnownError], None] | None
    ) -> Callable[[BaseException], None]:
        """Who is told of a fault: `failed` while the program is open, else whoever listens."""

        def handle(fault: BaseException) -> None:
            if failed is not None and isinstance(fault, KnownError) and not self._closed:
                failed(fault)
            else:
                self._failed(fault)

        return handle


def clock_words(now: dt.datetime) -> str:
    """A time of day as the person reads it off the wall."""
    return f"{now.astimezone():%H:%M}"


def _keep_over(connection: Transaction, draft: Draft) -> None:
    held = reading.get(connection, draft.record)
    if held is not None:
        drafts.keep(connection, dc.replace(draft, body=held.seen.body, seen=held.seen))


def _waiting(connection: Transaction) -> tuple[Due, int, str]:
    files = travelling.only_here_count(connection)
    return waiting.of_all(connection), files, waiting.last_well(connection)


def _nothing(_none: None) -> None:
    """What is done when nothing has to be done."""
