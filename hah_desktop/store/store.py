"""The encrypted database as the rest of the program uses it: transactions, and who may ask what.

One thread owns it. Every method is one transaction; what it returns is plain and frozen.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from hah_desktop.domain.clock import Clock, trusted
from hah_desktop.domain.ids import RecordId, uuid7
from hah_desktop.domain.records.base import Record
from hah_desktop.store import meta, saving, schema
from hah_desktop.store.engine import KeySpec, is_cut, is_plain, open_engine, writer
from hah_desktop.store.errors import StoreMissing, StoreUnsafe, damaged, in_plain_words
from hah_desktop.store.meta import Identity
from hah_desktop.store.saving import NOTHING, Edited, Stamp

Chance = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Saved:
    """Which records a save changed: whoever shows one of them shows it anew."""

    records: tuple[RecordId, ...]


class Store:
    """The encrypted database of one adviser on one laptop."""

    def __init__(self, engine: Engine, clock: Clock, chance: Chance = os.urandom) -> None:
        self._engine = engine
        self._writer = writer(engine)
        self._clock = clock
        self._chance = chance

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
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            raise

    @classmethod
    def _make(cls, path: Path, key: KeySpec, clock: Clock) -> "Store":
        store = cls(open_engine(path, key), clock)
        try:
            with in_plain_words():
                schema.migrate(store._writer)
            _prove_encrypted(path)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open(cls, path: Path, key: KeySpec, clock: Clock) -> "Store":
        """Open the database. Raises StoreMissing, StoreDamaged, StoreTooNew or StoreUnsafe."""
        if not path.is_file() or not path.stat().st_size:
            raise StoreMissing(
                "There is no database where this laptop’s should be.",
                "Nothing was made in its place.",
                "Call the office: what was received there is safe.",
            )
        if is_cut(path):
            raise damaged()
        store = cls(open_engine(path, key), clock)
        try:
            with store.reading() as connection:
                schema.check_version(connection)
                behind = schema.revision(connection) != schema.HEAD
            if behind:
                with in_plain_words():
                    schema.migrate(store._writer)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file and of every page in memory."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the database."""
        with in_plain_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it stands, and is on the disk, or none of it."""
        with in_plain_words(), self._writer.begin() as connection:
            yield connection

    def new_id(self) -> RecordId:
        """An id for a record that is about to be made."""
        return RecordId(uuid7(int(self._clock().timestamp() * 1000), self._chance(10)))

    def now(self) -> dt.datetime:
        """The laptop's wall clock."""
        return self._clock()

    def save(self, *edited: Edited) -> Saved:
        """Save edits: all of them or none. Raises NotAllowed, NotEnrolled or StoreFull."""
        return self.save_all(edited)

    def save_all(self, edited: Sequence[Edited]) -> Saved:
        """As `save`, for many."""
        with self.writing() as connection:
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

    def met_office(self, office_now: dt.datetime) -> dt.timedelta:
        """Note the office's time at a contact. Returns how far this laptop's clock is ahead."""
        offset = self._clock() - office_now
        known = {"office_now": office_now.isoformat(), "offset": offset.total_seconds()}
        with self.writing() as connection:
            meta.write(connection, "contact", known)
        return offset

    def _stamp(self, connection: Connection) -> Stamp:
        now = self._clock()
        contact = meta.read(connection, "contact")
        latest = dt.datetime.fromisoformat(contact["office_now"]) if contact else None
        offset = dt.timedelta(seconds=contact["offset"]) if contact else None
        return Stamp(now.isoformat(), trusted(now, latest, offset), self.new_id)


def _prove_encrypted(path: Path) -> None:
    if is_plain(path):
        raise StoreUnsafe("The new database is not encrypted; it will not be used.")
