"""A laptop as it ships, with its encrypted store and the real client, at an office of a test."""

import dataclasses as dc
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, text

from hah_central.database.columns import Base
from hah_central.database.database import Database
from hah_central.database.rows import Audit, Reading
from hah_central.journal import witness
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office as Client
from hah_desktop.sync.engine import Synced, sync
from tests.central.laptop import Laptop
from tests.sync.laptops import raw_key

if TYPE_CHECKING:
    from tests.central.conftest import Desk


@dataclass
class Shipped:
    """One laptop: its store, and its line to the office."""

    name: Laptop
    store: Store
    line: Client

    def held(self, record: str) -> Held:
        """A record as it is shown; a new visit where there is none."""
        with self.store.reading() as connection:
            found = reading.get(connection, record)
        return found or Held(Visit(id=RecordId(record)), NOTHING, {})

    def edit(self, record: str, **fields: str) -> None:
        """Edit a visit as it is shown now."""
        held = self.held(record)
        self.store.save(Edited(dc.replace(held.record, **fields), held.seen))  # type: ignore[arg-type]  # fields of a visit

    def sync(self, *, allow_removals: bool = False) -> Synced:
        """One sync, noted as the program notes it."""
        return sync(
            self.store, self.line, lambda _: None, lambda: False, agreed=lambda _: allow_removals
        )

    def synced(self, *, allow_removals: bool = False) -> Synced:
        """One sync that has to go well."""
        done = self.sync(allow_removals=allow_removals)
        assert done.problem is None, done.problem
        return done

    def says(self, record: str) -> dict[str, Json]:
        """What a record shows."""
        return dict(self.held(record).seen.body)

    def unsent(self) -> int:
        """How much is only here."""
        with self.store.reading() as connection:
            return outbox.unsent_count(connection)

    def epoch(self) -> str:
        """The epoch of the office as this laptop knows it."""
        with self.store.reading() as connection:
            return meta.enrolled(connection).epoch


@dataclass
class Yard:
    """Makes laptops of one office: copies of one empty store, since making one is slow."""

    desk: "Desk"
    folder: Path
    empty: Path
    made: list[Shipped] = field(default_factory=list)

    def laptop(self, adviser: str) -> Shipped:
        """A new laptop of an adviser."""
        name = self.desk.laptop(adviser)
        path = self.folder / f"{len(self.made)}.db"
        shutil.copyfile(self.empty, path)
        store = Store.open(path, raw_key, self.desk.clock)
        who = name.enrolled
        store.keep_identity(
            Identity(
                "00", laptop=who.laptop, adviser=who.adviser, office=who.office, epoch=who.epoch
            )
        )
        return self._keep(name, store)

    def copied(self, of: Shipped) -> Shipped:
        """The same laptop twice: its database copied, with its key."""
        path = self.folder / f"{len(self.made)}.db"
        with of.store.alone() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        shutil.copyfile(of.store.place.path, path)
        return self._keep(of.name, Store.open(path, raw_key, self.desk.clock))

    def _keep(self, name: Laptop, store: Store) -> Shipped:
        signed = Signed(name.enrolled.laptop, name.key.sign)
        made = Shipped(name, store, Client(str(self.desk.client.base_url), signed))
        self.made.append(made)
        return made


Backup = dict[str, list[dict[str, Any]]]


def backup(database: Database) -> Backup:
    """All that the office has, but its audit and who read what: nobody takes any of that away."""
    only_added_to = {Audit.__tablename__, Reading.__tablename__}
    with database.reading() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
            if table.name not in only_added_to
        }


def restore(database: Database, kept: Backup) -> None:
    """Put a backup back, as somebody would who forgets to say so."""
    tables = [table for table in Base.metadata.sorted_tables if table.name in kept]
    with database.writing() as connection:
        without_its_rule(connection)
        # Who read what stays, and names laptops that are away for a moment.
        is_postgres = connection.dialect.name == "postgresql"
        on_postgres = "SET LOCAL session_replication_role = replica"
        connection.execute(text(on_postgres if is_postgres else "PRAGMA defer_foreign_keys = ON"))
        for table in reversed(tables):
            connection.execute(delete(table))
        for table in tables:
            if kept[table.name]:
                connection.execute(insert(table), kept[table.name])


def waiting(yard: Yard) -> list[witness.Waiting]:
    """What a person has to look at."""
    with yard.desk.database.reading() as connection:
        return witness.waiting(connection)


def without_its_rule(connection: Connection) -> None:
    """Let the journal be altered, as whoever owns the database can."""
    for table in ("batch", "change", "evidence", "manifest", "file_set"):
        if connection.dialect.name == "postgresql":
            drop = [f"{table}_is_only_added_to ON {table}"]
        else:
            drop = [f"{table}_no_update", f"{table}_no_delete"]
        for trigger in drop:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
