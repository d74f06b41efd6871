"""Laptops with real stores that sync with a real office over a line that keeps all it carries."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import select

from hah_desktop.domain.clock import Clock
from hah_desktop.domain.records.base import Record
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import seen
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.sync import colleagues, files, readers
from hah_desktop.sync.asking import Laptop as Asking
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.retelling import tell_again
from hah_desktop.sync.wire import packing
from tests.central.conftest import Desk

Heard = list[bytes]


def raw_key() -> bytearray:
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")


class Tapped(httpx.BaseTransport):
    """A line that keeps what the office answered: its headers, and its words as they are read."""

    def __init__(self, heard: Heard) -> None:
        self._line = httpx.HTTPTransport()
        self._heard = heard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._line.handle_request(request)
        raw = b"".join(answer.iter_raw())
        is_packed = answer.headers.get("Content-Encoding", "identity") != "identity"
        said = packing.unpacked(raw) if is_packed else raw
        self._heard += [repr(answer.headers.raw).encode(), said]
        stream = httpx.ByteStream(raw)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)

    def close(self) -> None:
        self._line.close()


@dataclass
class Traveller:
    """One adviser's laptop: its store, and all that the office ever said to it."""

    desk: Desk
    store: Store
    who: Identity
    sign: Callable[[bytes], bytes]
    heard: Heard = field(default_factory=list)

    @property
    def name(self) -> str:
        """Which laptop it is."""
        return self.who.laptop

    def sync(self, *, allow_removals: bool = True) -> Synced:
        """One sync; what is heard by it is in `heard`."""
        self.heard.clear()
        with closing(self._office()) as office:
            return self._sync(office, allow_removals=allow_removals)

    def sync_wholly(self) -> Synced:
        """One sync and all that the program asks for behind it, letters and pictures too."""
        self.heard.clear()
        with closing(self._office()) as office:
            done = self._sync(office, allow_removals=True)
            for problem in (
                tell_again(self.store, office),
                colleagues.meet(self.store, office),
                readers.tell(self.store, office),
                files.carry(self.store, self.kept, office, lambda _: None, lambda: False).problem,
            ):
                assert problem is None, problem
        return done

    def _office(self) -> Office:
        asking = Asking(self.who.laptop, self.sign)
        return Office(str(self.desk.client.base_url), asking, transport=Tapped(self.heard))

    def _sync(self, office: Office, *, allow_removals: bool) -> Synced:
        return sync(
            self.store, office, lambda _: None, lambda: False, agreed=lambda _: allow_removals
        )

    @property
    def kept(self) -> Attachments:
        """The letters and pictures that are here."""
        return Attachments(self.store.folder)

    def opens(self, *records: str) -> None:
        """Open records, which the office and their authors are told."""
        with self.store.writing() as connection:
            seen.note_all(connection, records, self.store.now())

    def changes(self) -> dict[str, str]:
        """The changes that are here, by id, as they are kept."""
        with self.store.reading() as connection:
            rows = connection.execute(select(CHANGE.c.id, CHANGE.c.content))
            return {row.id: row.content for row in rows}

    def save(self, *records: Record) -> None:
        """Save records, new ones or such as were read here."""
        with self.store.reading() as connection:
            held = [reading.get(connection, record.id) for record in records]
        self.store.save(
            *(
                Edited(record, one.seen) if one else Edited(record)
                for record, one in zip(records, held, strict=True)
            )
        )

    def held(self, record: str) -> Record | None:
        """A record as it is here."""
        with self.store.reading() as connection:
            found = reading.get(connection, record)
        return found.record if found else None


def travel(desk: Desk, folder: Path, adviser: str, clock: Clock) -> Traveller:
    """A new laptop of an adviser."""
    laptop = desk.laptop(adviser)
    enrolled = laptop.enrolled
    # Of its own: what was sealed lies beside the database.
    own = folder / enrolled.laptop
    own.mkdir()
    store = Store.create(own / "laptop.db", raw_key, clock)
    who = Identity(
        laptop.key.private_bytes_raw().hex(),
        laptop=enrolled.laptop,
        adviser=enrolled.adviser,
        adviser_name=enrolled.adviser_name,
        office=enrolled.office,
        epoch=enrolled.epoch,
    )
    store.keep_identity(who)
    return Traveller(desk, store, who, laptop.key.sign)
