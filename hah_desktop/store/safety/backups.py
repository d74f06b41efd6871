"""Safety copies of the database on the same laptop: encrypted, verified, the newest three kept.

Each is a database of its own, `records-000001.db`, with a key and a salt of its own. One that
could not be opened and read whole never counts, and an older one goes only when a newer is good.
"""

import datetime as dt
import json
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.disk.engine import (
    PLAIN_HEADER,
    SALT_BYTES,
    KeySpec,
    connect,
    connect_to_look,
    faults,
    is_cut,
    is_plain,
    opening,
    salt_of,
)
from hah_desktop.store.disk.files import MOVED_ASIDE, sync_file, take_away
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.disk.whole import copy, facts
from hah_desktop.store.errors import StoreDamaged, StoreFull, StoreUnsafe, damaged
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events, schema
from hah_desktop.store.tables.events import Happened
from hah_desktop.vault.files import sync_folder

FOLDER = "backups"
"""Their folder, beside the database: what is half made there is nobody else's."""

KEPT = 3
EVERY = dt.timedelta(days=1)
SPARE_BYTES = 20_000_000
"""How much of the disk a safety copy leaves for the day's work."""

_NAME = re.compile(r"records-(\d{6,})\.db")
_UNFINISHED = ".new"
_READING = ("temp_store=MEMORY", "cache_size=-16000")

SnapshotSpec = Callable[[bytes], bytearray]
"""Gives the key of a safety copy for its salt, as `engine.KeySpec` gives the database's."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A safety copy. `number` is this laptop's newest change in it, `changes` are everybody's."""

    path: Path
    made_at: dt.datetime
    number: int
    changes: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What a safety copy lacks that the damaged database had; None where that cannot be read.

    `received` of the `changes` had reached the office, which gives them back at the next sync.
    `exact` is False when the newest entries of the damaged database are gone as well.
    """

    changes: int | None
    received: int | None
    exact: bool = True

    def words(self) -> str:
        """What would be missing, for the person who has to decide."""
        if self.changes is None or self.received is None:
            return "What was saved after this copy cannot be counted any more."
        if not self.changes and self.exact:
            return "Nothing was saved on this laptop after this copy."
        rest = self.changes - self.received
        least = "" if self.exact else "at least "
        return (
            f"After this copy {least}{_saves(self.changes)} on this laptop: {self.received} reached"
            f" the office and come back with the next sync, {least}{rest} would be lost."
        )


class Backups:
    """The safety copies of one database, in a folder of their own."""

    def __init__(self, folder: Path, spec: SnapshotSpec) -> None:
        self._folder = folder
        self._spec = spec

    def due(self, now: dt.datetime) -> bool:
        """Whether a day has passed since the newest; also when the clock was turned back."""
        newest = self.newest()
        return newest is None or abs(now - newest.made_at) >= EVERY

    def newest(self) -> Snapshot | None:
        """The newest one that opens. Quick: its pages are not looked at."""
        return next((found for path in self._paths() if (found := self._read(path))), None)

    def kept(self) -> list[Snapshot]:
        """Those that open, newest first. Quick: their pages are not looked at."""
        return [found for path in self._paths() if (found := self._read(path))]

    def good(self) -> list[Snapshot]:
        """Those that are whole, newest first. Slow: every page is read."""
        found = [self._read(path) for path in self._paths()]
        return [snapshot for snapshot in found if snapshot and self._is_whole(snapshot)]

    def make(self, store: Store) -> Snapshot:
        """Make one more, and let the oldest go. Raises StoreFull, StoreDamaged, StoreUnsafe.

        Whatever is raised, the safety copies from before are all still there.
        """
        try:
            self._prepare(store.place.path)
            unfinished = self._folder / f"{self._next_name()}{_UNFINISHED}"
            try:
                made = self._write(store, unfinished)
                if not self._is_whole(made):
                    raise damaged()
                sync_file(unfinished)
                path = unfinished.with_name(unfinished.name.removesuffix(_UNFINISHED))
                unfinished.replace(path)
            finally:
                take_away(unfinished)
            sync_folder(self._folder)
            for old in self._paths()[KEPT:]:
                take_away(old)
        except (OSError, StoreFull) as fault:
            raise _no_room() from fault
        _note(store, made)
        return Snapshot(path, made.made_at, made.number, made.changes)

    def put_back(self, snapshot: Snapshot, path: Path, key: KeySpec) -> None:
        """Put a copy of it in the place of the database at `path`, with the database's own key.

        The database has to be closed. It is moved aside, never deleted. Killed at any moment, the
        old one or the new one stands there, or opening says that it was cut, and it can be done
        again. Raises StoreFull or StoreDamaged, and then nothing was moved.
        """
        unfinished = path.with_name(f"{path.name}.fresh{_UNFINISHED}")
        try:
            take_away(unfinished)
            _check_room(path.parent, snapshot.path.stat().st_size)
            with self._open(snapshot.path) as source:
                copy(source, unfinished, key)
            with closing(connect(unfinished, key, _READING)) as fresh, opening():
                if faults(fresh) or facts(fresh) != (snapshot.number, snapshot.changes):
                    raise damaged()
            sync_file(unfinished)
            unfinished.replace(Mark(path).fresh)
            sync_folder(path.parent)
            _take_the_place(path)
        except (OSError, StoreFull) as fault:
            raise _no_room() from fault
        finally:
            take_away(unfinished)

    def missing(self, snapshot: Snapshot, database: Path, key: KeySpec) -> Missing:
        """What would be missing, as far as the damaged database can still be read."""
        after = (
            "SELECT count(*), count(CASE WHEN received IS NOT NULL OR number <= "
            "(SELECT max(last) FROM received) THEN 1 END) FROM change WHERE number > ?"
        )
        try:
            with closing(connect_to_look(database, key)) as connection, opening():
                saved, received = connection.execute(after, (snapshot.number,)).fetchone()
                end = connection.execute("SELECT value FROM meta WHERE key = 'chain'").fetchone()
        except (KnownError, OSError):
            return Missing(None, None)
        last = json.loads(end[0])["number"] if end else 0
        if saved != max(0, last - snapshot.number):
            return Missing(None, None)
        return Missing(saved, received, exact=not Mark(database).newest_is_missing())

    def remove_all(self) -> None:
        """Take every safety copy away: after the keys were renewed nobody can open them."""
        for path in self._paths():
            take_away(path)
        self._sweep()
        sync_folder(self._folder)

    def _paths(self) -> list[Path]:
        found = [(int(match[1]), path) for path in self._all() if (match := _name(path))]
        return [path for _, path in sorted(found, reverse=True)]

    def _all(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    def _next_name(self) -> str:
        newest = next(iter(self._paths()), None)
        match = _name(newest) if newest else None
        return f"records-{int(match[1]) + 1 if match else 1:06}.db"

    def _prepare(self, database: Path) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        newest = Mark(database).newest
        size = database.stat().st_size + (newest.stat().st_size if newest.is_file() else 0)
        _check_room(self._folder, size)

    def _sweep(self) -> None:
        """Take away what a kill left unfinished."""
        for path in self._all():
            if _UNFINISHED in path.suffixes or f"{_UNFINISHED}-" in path.name:
                path.unlink(missing_ok=True)

    def _write(self, store: Store, path: Path) -> Snapshot:
        salt = secrets.token_bytes(SALT_BYTES)
        while salt == PLAIN_HEADER:
            salt = secrets.token_bytes(SALT_BYTES)
        made_at = store.now()
        with store.alone() as source:
            # One state throughout: others save on beside it, and the copy does not begin again.
            source.execute("BEGIN")
            number, changes = facts(source)
            about: dict[str, str | int] = {
                "made_at": made_at.isoformat(),
                "number": number,
                "changes": changes,
            }
            copy(source, path, lambda: self._spec(salt), about)
        return Snapshot(path, made_at, number, changes)

    def _open(self, path: Path) -> Any:
        salt = salt_of(path)
        return closing(connect(path, lambda: self._spec(salt), _READING, how="mode=ro"))

    def _read(self, path: Path) -> Snapshot | None:
        """What a safety copy says of itself; None for one that does not open."""
        try:
            if is_cut(path) or is_plain(path):
                return None
            with self._open(path) as connection, opening():
                row = connection.execute("SELECT value FROM meta WHERE key = 'snapshot'").fetchone()
            about = json.loads(row[0])
            made_at = dt.datetime.fromisoformat(about["made_at"])
            return Snapshot(path, made_at, about["number"], about["changes"])
        except (KnownError, OSError, TypeError):
            return None

    def _is_whole(self, snapshot: Snapshot) -> bool:
        if is_plain(snapshot.path):
            raise StoreUnsafe("A safety copy was not encrypted; it will not be used.")
        try:
            with self._open(snapshot.path) as connection, opening():
                whole = not faults(connection)
                return whole and facts(connection) == (snapshot.number, snapshot.changes)
        except StoreDamaged:
            return False


def _take_the_place(path: Path) -> None:
    """Move the database aside and the fresh copy in its place; see `Mark` for what a kill leaves.

    The newest entries go first: they would be read into whatever stands there.
    """
    mark = Mark(path)
    mark.putting_back()
    aside = _aside(path)
    for suffix in ("-wal", "-shm", ""):
        old, new = Path(f"{path}{suffix}"), Path(f"{aside}{suffix}")
        if old.exists():
            old.replace(new)
    sync_folder(path.parent)
    mark.fresh.replace(path)
    sync_folder(path.parent)
    mark.lift()


def _aside(path: Path) -> Path:
    number = 1
    while any(
        Path(f"{path}{MOVED_ASIDE}{number}{suffix}").exists() and Path(f"{path}{suffix}").exists()
        for suffix in ("", "-wal", "-shm")
    ):
        number += 1
    return Path(f"{path}{MOVED_ASIDE}{number}")


def _name(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name)


def _check_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise _no_room()


def _no_room() -> StoreFull:
    return StoreFull(
        "The disk of this laptop is too full for a safety copy.",
        "The database and the safety copies from before are all kept.",
        "Make room on the disk; the program tries again by itself.",
    )


def _saves(count: int) -> str:
    return "1 change was saved" if count == 1 else f"{count:,} changes were saved"


def _note(store: Store, made: Snapshot) -> None:
    with store.writing() as connection:
        # Before a migration the table may not be there yet.
        if schema.revision(connection) == schema.HEAD:
            events.note(connection, Happened.SNAPSHOT_MADE, made.made_at)
