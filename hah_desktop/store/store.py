"""The encrypted database as the rest of the program uses it: transactions, and who may ask what.

One thread owns it. Every method is one transaction; what it returns is plain and frozen.
"""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import finalize

from sqlalchemy import Connection, Engine

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.clock import TOLERATED, Clock, doubt, trusted
from hah_desktop.domain.exchange import Admission
from hah_desktop.domain.ids import RecordId, uuid7
from hah_desktop.domain.records.base import Record
from hah_desktop.store.disk.anew import check_room, write_anew
from hah_desktop.store.disk.engine import (
    TODAY,
    KeySpec,
    connect,
    form,
    is_cut,
    is_plain,
    open_engine,
    opening,
    writer,
)
from hah_desktop.store.disk.files import take_away
from hah_desktop.store.disk.hold import Hold
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.disk.rekeying import Begin, Tell, check, rekey
from hah_desktop.store.disk.turns import Turns
from hah_desktop.store.errors import (
    StoreBusy,
    StoreFull,
    StoreMissing,
    StoreUnsafe,
    cut_putting_back,
    damaged,
    in_plain_words,
    newest_missing,
)
from hah_desktop.store.journal import saving
from hah_desktop.store.journal.saving import NOTHING, Edited, Stamp
from hah_desktop.store.tables import meta, schema
from hah_desktop.store.tables.meta import ChainEnd, Identity

Chance = Callable[[int], bytes]


@dataclass(slots=True)
class Place:
    """Where a database lies, and what opens it: another key once the keys were renewed."""

    path: Path
    key: KeySpec

    def spec(self) -> bytearray:
        """The key that opens it now."""
        return self.key()


@dataclass(frozen=True, slots=True)
class Saved:
    """Which records a save changed: whoever shows one of them shows it anew."""

    records: tuple[RecordId, ...]


class Store:
    """The encrypted database of one adviser on one laptop."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        chance: Chance = os.urandom,
        *,
        place: Place | None = None,
    ) -> None:
        self._engine = engine
        self._writer = writer(engine)
        self._clock = clock
        self._chance = chance
        self._place = place
        self.chain_checked = ChainEnd()
        """How far this laptop's own chain was found whole since the database was opened."""
        self._turns = Turns()
        self.put_off = ""
        """What this version does with a database and could not do yet, in words for the person."""
        self.admission = Admission()
        """What the office let this laptop in with. It is forgotten with the open database."""
        self.capacity = Capacity()
        """How much the line to the office carried in the syncs until now."""
        self._steady: dt.datetime | None = None
        self._hold = Hold(engine, Mark(place.path) if place else None)
        # A program that ends without closing it closes it all the same.
        finalize(self, self._hold.close)

    @classmethod
    def create(cls, path: Path, key: KeySpec, clock: Clock) -> "Store":
        """Make the database. Raises FileExistsError: an old one is never written over.

        Raises StoreUnsafe or StoreFull when it cannot be made, and then nothing is left of it.
        """
        path.touch(mode=0o600, exist_ok=False)
        try:
            return cls._make(path, key, clock)
        except BaseException:
            # An empty file would be taken for a database that has been lost.
            take_away(path)
            raise

    @classmethod
    def _make(cls, path: Path, key: KeySpec, clock: Clock) -> "Store":
        place = Place(path, key)
        store = cls(open_engine(path, place.spec), clock, place=place)
        try:
            with in_plain_words():
                schema.migrate(store._writer)
            _prove_encrypted(path)
            Mark(path).make()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open(
        cls,
        path: Path,
        key: KeySpec,
        clock: Clock,
        *,
        before_upgrade: Callable[["Store"], object] | None = None,
    ) -> "Store":
        """Open the database. Raises StoreMissing, StoreDamaged, StoreTooNew, StoreFull and others.

        `before_upgrade` is called with it when an older version wrote it and migrations are about
        to run, or all of it is about to be written anew, to make a safety copy; if it raises,
        nothing is done.
        """
        _check_files(path)
        place = Place(path, key)
        store = cls(open_engine(path, place.spec), clock, place=place)
        try:
            with store.reading() as connection:
                schema.check_version(connection)
                behind = schema.revision(connection) != schema.HEAD
                is_todays = form(connection.connection.dbapi_connection) == TODAY
            Mark(path).make()
            if behind:
                if before_upgrade is not None:
                    before_upgrade(store)
                with in_plain_words():
                    schema.migrate(store._writer)
            if not is_todays:
                store._write_anew(None if behind else before_upgrade)
        except BaseException:
            store.close()
            raise
        return store

    def _write_anew(self, before: Callable[["Store"], object] | None) -> None:
        """Bring the file into the form of today; where that cannot be, the next opening does it."""
        place = self.place
        try:
            check_room(place.path)
            if before is not None:
                before(self)
            with self._hold.alone():
                write_anew(place.path, place.key)
        except StoreFull as fault:
            self.put_off = str(fault)
        except StoreBusy:
            # A second copy of the program has it open: no fault, and nothing to do about it.
            return
        finally:
            self._mark()

    @property
    def place(self) -> Place:
        """Where it lies; for what works on the files themselves."""
        if self._place is None:
            raise RuntimeError("only a store that was opened by its path knows where it lies")
        return self._place

    @property
    def folder(self) -> Path:
        """The folder that it lies in."""
        return self.place.path.parent

    def close(self) -> None:
        """Let go of the file and of every page in memory, once the last transaction has ended."""
        self.admission = Admission()
        self._hold.close()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with in_plain_words(), self._hold.using(), engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the database."""
        with self._transaction(self._engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it stands, and is on the disk, or none of it."""
        with self._turns.mine(), self._transaction(self._writer) as connection:
            yield connection

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits to write until the transaction that writes now has ended."""
        return self._turns.is_waited_for

    @contextmanager
    def alone(self) -> Iterator[Any]:
        """A connection of its own, not of the pool, for what works on the file as a whole."""
        place = self.place
        with self._hold.using(), closing(connect(place.path, place.key)) as connection, opening():
            yield connection

    def rekey(self, begin: Begin, tell: Tell) -> None:
        """Encrypt all of it anew with the key that `begin` gives. Slow; nothing can be asked then.

        Killed at any moment, it opens with exactly the old or the new key. Raises StoreBusy while
        a transaction runs or somebody else has it open, and what `rekey` and `check` raise.
        """
        place = self.place
        try:
            with self._hold.alone():
                place.key = rekey(place.path, place.key, begin, tell)
                check(place.path, place.key, tell)
        finally:
            self._mark()

    def _mark(self) -> None:
        # The first connection makes the file that the mark says is there.
        with self.reading() as connection:
            schema.revision(connection)
        Mark(self.place.path).make()

    def new_id(self) -> RecordId:
        """An id for a record that is about to be made."""
        return RecordId(uuid7(int(self._clock().timestamp() * 1000), self._chance(10)))

    def now(self) -> dt.datetime:
        """The laptop's wall clock."""
        return self._clock()

    def save(self, *edited: Edited) -> Saved:
        """Save edits: all of them or none. Raises NotAllowed, NotEnrolled or StoreFull."""
        return self.save_all(edited)

    def save_all(
        self, edited: Sequence[Edited], also: Callable[[Connection], None] | None = None
    ) -> Saved:
        """As `save`, for many; `also` writes what stands or falls with them."""
        with self.writing() as connection:
            if also is not None:
                also(connection)
            return Saved(saving.save(connection, edited, self._stamp(connection)))

    def add(self, *records: Record) -> Saved:
        """Save new records."""
        return self.save_all([Edited(record, NOTHING) for record in records])

    def identity(self) -> Identity | None:
        """Who this laptop is."""
        with self.reading() as connection:
            return meta.identity(connection)

    def keep_identity(self, who: Identity) -> None:
        """Write down who this laptop is."""
        with self.writing() as connection:
            meta.keep_identity(connection, who)

    def clock_stands(self, offset: dt.timedelta) -> bool:
        """Whether this laptop's clock was right at the last contact and has not been set since.

        `offset` is how far it was ahead then. A laptop that slept counts as one whose clock was
        set.
        """
        if self._steady is None or doubt(offset):
            return False
        return abs(self._since_start() - self._steady) <= TOLERATED

    def _since_start(self) -> dt.datetime:
        return self._clock() - dt.timedelta(seconds=time.monotonic())

    def met_office(self, office_now: dt.datetime) -> dt.timedelta:
        """Note the office's time at a contact. Returns how far this laptop's clock is ahead."""
        offset = self._clock() - office_now
        self._steady = self._since_start()
        known = {"office_now": office_now.isoformat(), "offset": offset.total_seconds()}
        with self.writing() as connection:
            meta.write(connection, "contact", known)
        return offset

    def _stamp(self, connection: Connection) -> Stamp:
        now = self._clock()
        contact = meta.read(connection, "contact")
        latest = dt.datetime.fromisoformat(contact["office_now"]) if contact else None
        offset = dt.timedelta(seconds=contact["offset"]) if contact else None
        # A clock that was right at the last contact was set since: nobody knows how far.
        off = offset if offset is not None and abs(offset) > TOLERATED else dt.timedelta()
        believed = trusted(now, latest, offset)
        return Stamp(now.isoformat(), believed, self.new_id, round(off.total_seconds()))


def _check_files(path: Path) -> None:
    """What can be seen of a database before it is opened, so that nothing of it is changed."""
    if Mark(path).was_cut_putting_back():
        raise cut_putting_back()
    if not path.is_file() or not path.stat().st_size:
        raise StoreMissing(
            "There is no database where this laptop’s should be.",
            "Nothing was made in its place.",
            "Call the office: what was received there is safe.",
        )
    if Mark(path).newest_is_missing():
        raise newest_missing()
    if is_cut(path):
        raise damaged()


def _prove_encrypted(path: Path) -> None:
    if is_plain(path):
        raise StoreUnsafe("The new database is not encrypted; it will not be used.")
