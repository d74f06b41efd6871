"""A real office in a process of its own, and real laptops that are enrolled with it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hah_central.database.database import Database, in_folder
from hah_central.office import office as desk
from hah_central.office.enrolment import new_code
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.sync.client import Office as Client
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.wire.signed import write_code
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.central.trust import SECRETS, publish
from tests.faults.plain import PASSPHRASE, real_now


class Post:
    """The office's process, and its database for handing out codes without another process."""

    def __init__(self, folder: Path) -> None:
        self.process = Office(data=folder)
        self.process.start()
        self.database = Database(in_folder(folder))
        publish(self.database, real_now())

    @property
    def url(self) -> str:
        return self.process.url

    def code(self, adviser: str = "Ruth Aldous") -> str:
        with self.database.writing() as connection:
            added = desk.add_adviser(connection, adviser, "adviser", real_now())
            letters = new_code(connection, added, real_now()).letters
        return write_code(letters, SECRETS.public.fingerprint())

    def close(self) -> None:
        self.database.close()
        self.process.stop()


@dataclass
class Machine:
    """One laptop: its folder, and what is open in it."""

    laptop: Laptop
    unlocked: Unlocked
    told: list[str] = field(default_factory=list)

    def save(self, **fields: object) -> str:
        """Save a new visit of this adviser."""
        store = self.unlocked.store
        visit = Visit(
            id=RecordId(store.new_id()),
            advisers=frozenset({self.unlocked.who.adviser}),
            **fields,  # type: ignore[arg-type]  # fields of a visit
        )
        store.add(visit)
        return visit.id

    def unsent(self) -> int:
        with self.unlocked.store.reading() as connection:
            return outbox.unsent_count(connection)

    def saved(self) -> int:
        with self.unlocked.store.reading() as connection:
            return outbox.saved_count(connection)

    def visits(self) -> dict[str, Visit]:
        with self.unlocked.store.reading() as connection:
            found = [held.record for held in reading.of_kind(connection, Visit.kind)]
        return {visit.id: visit for visit in found if isinstance(visit, Visit)}

    def sync(self, url: str = "") -> Synced:
        """One sync, over another address where one is given."""
        office = self.laptop.office(self.unlocked.who)
        if url:
            office.close()
            office = Client(url, office._laptop)
        try:
            return sync(self.unlocked.store, office, lambda _p: None, lambda: False)
        finally:
            office.close()


def laptop_in(folder: Path, clock: Callable[[], dt.datetime] = real_now) -> Laptop:
    return Laptop(folder, clock, cost=FLOOR)


WRONG_CODE = write_code("A" * 12, SECRETS.public.fingerprint())


def set_up(laptop: Laptop, url: str, code: str, passphrase: str = PASSPHRASE) -> Unlocked:
    return laptop.set_up(url, code, passphrase, lambda _words: None)


def in_plain_english(fault: KnownError | None) -> bool:
    """Whether a person is told what happened, what was kept, and what to do."""
    assert fault is not None
    parts: Sequence[str] = (fault.what, fault.kept, fault.do)
    said = str(fault)
    jargon = ("Traceback", "Error", "Exception", "errno", "http", "sqlite", "HMAC", "None", "JSON")
    return all(parts) and said[0].isupper() and not any(word in said for word in jargon)
