"""Laptops with real encrypted stores, and lines and boxes that are cut at any call."""

import dataclasses as dc
import datetime as dt
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import (
    Accepted,
    Hello,
    OwnChange,
    Page,
    PulledRow,
    Reached,
    Told,
    Witness,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.removals import Removals
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity, Trust
from hah_desktop.store.tables.rows import METADATA
from hah_desktop.sync.box import Box
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.errors import unreachable
from hah_desktop.sync.foretold import Foretold
from hah_desktop.sync.pages import Pulled
from hah_desktop.sync.steps import OfficePort, Progress, exchange
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.sync.office import NOON, Line, MemoryOffice
from tests.sync.questions import AtOnce, InTurn, begun

T = TypeVar("T")
Fields = str | int | frozenset[str]


def raw_key() -> bytearray:
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")


class Laptop:
    """One laptop: its store, and what its person does."""

    def __init__(self, name: str, store: Store, office: MemoryOffice) -> None:
        self.name = name
        self.store = store
        self.box = StoreBox(store)
        self.line = Line(office, name)
        store.keep_identity(
            Identity("00", laptop=name, adviser=f"of-{name}", office=office.id, epoch=office.epoch)
        )

    def trusts(self, orders_key: bytes) -> None:
        """Pin the key that the office signs its orders with."""
        with self.store.writing() as connection:
            meta.keep_trust(connection, Trust("", orders_key.hex(), "", ""))

    def trust(self) -> Trust | None:
        """What the laptop agreed on with the office, and the rules it works by."""
        with self.store.reading() as connection:
            return meta.trust(connection)

    def held(self, record: str) -> Held:
        """A record as it is shown here; a new visit where there is none yet."""
        with self.store.reading() as connection:
            found = reading.get(connection, record)
        return found or Held(Visit(id=RecordId(record)), Edited(Visit(id=RecordId(""))).seen, {})

    def save(self, held: Held, **fields: Fields) -> None:
        """Save an edit of a record as it was shown when the edit began."""
        self.store.save(Edited(dc.replace(held.record, **fields), held.seen))  # type: ignore[arg-type]  # fields of a visit

    def edit(self, record: str, **fields: Fields) -> None:
        """Edit a record as it is shown now."""
        self.save(self.held(record), **fields)

    def sync(
        self,
        line: OfficePort | None = None,
        box: Box | None = None,
        *,
        allow_removals: bool = False,
    ) -> Progress:
        """One sync."""
        return exchange(
            line or self.line,
            box or self.box,
            lambda _: None,
            lambda: False,
            agreed=lambda _: allow_removals,
        )

    def unsent(self) -> int:
        """How many changes the office has not confirmed."""
        with self.store.reading() as connection:
            return outbox.unsent_count(connection)

    def everything(self) -> list[object]:
        """Every row of the database."""
        with self.store.reading() as connection:
            return [
                tuple(row)
                for table in METADATA.sorted_tables
                for row in connection.execute(select(table))
            ]

    def shown(self) -> dict[str, tuple[dict[str, Json], dict[str, list[Json]]]]:
        """What every visit says here, and the sides of what is undecided."""
        with self.store.reading() as connection:
            visits = reading.of_kind(connection, "visit")
        return {
            held.record.id: (
                dict(held.seen.body),
                {name: [side.value for side in sides] for name, sides in held.open.items()},
            )
            for held in visits
        }


class Laptops:
    """Makes laptops in a folder: copies of one empty encrypted store, since making one is slow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._stores: list[Store] = []
        Store.create(folder / "empty.db", raw_key, lambda: NOON).close()

    def make(
        self,
        office: MemoryOffice,
        name: str = "laptop-one",
        *,
        clock: Callable[[], dt.datetime] = lambda: NOON,
        seed: int = 0,
    ) -> Laptop:
        """A new laptop of the office."""
        self._made += 1
        path = self._folder / f"{self._made}.db"
        shutil.copyfile(self._folder / "empty.db", path)
        store = Store.open(path, raw_key, clock)
        store._chance = random.Random(f"{seed} {name}").randbytes  # noqa: S311 - a history to run again
        self._stores.append(store)
        return Laptop(name, store, office)

    def reopen(self, path: Path, clock: Callable[[], dt.datetime]) -> Store:
        """Open a laptop's database again."""
        self._stores.append(Store.open(path, raw_key, clock))
        return self._stores[-1]

    def close(self) -> None:
        """Close every store that was made."""
        while self._stores:
            self._stores.pop().close()


class Cut:
    """Stops the call of one number, before or after it has had its effect."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._at = at
        self._after = after
        self.calls = 0

    def __call__(self, act: Callable[[], T]) -> T:
        self.calls += 1
        if self.calls != self._at:
            return act()
        if self._after:
            act()
        raise unreachable()


class Chance:
    """Stops calls by chance, before or after their effect, and makes others twice."""

    def __init__(self, chance: random.Random, how_often: float) -> None:
        self._chance = chance
        self._how_often = how_often

    def __call__(self, act: Callable[[], T]) -> T:
        fault = self._chance.random() / self._how_often if self._how_often else 1
        if fault < 1 / 3:
            raise unreachable()
        if fault < 2 / 3:
            act()
            raise unreachable()
        if fault < 1:
            act()
        return act()


class BadLine:
    """A line to the office with faults."""

    def __init__(self, line: OfficePort, fault: Cut | Chance) -> None:
        self._line = line
        self._fault = fault

    def hello(self) -> Hello:
        return self._fault(self._line.hello)

    def challenge(self) -> Sequence[SignedOrder]:
        return self._fault(self._line.challenge)

    def sign_in(self, office: str) -> Reached:
        return self._fault(lambda: self._line.sign_in(office))

    def own(self, after: int, most: int) -> Sequence[OwnChange]:
        return self._fault(lambda: self._line.own(after, most))

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> InTurn[tuple[Accepted, Told]]:
        def push() -> tuple[Accepted, Told]:
            return self._line.pack(epoch, changes, behind, knows).answer()

        return InTurn(lambda: self._fault(push))

    def push_opaque(
        self, epoch: str, change: Spelled, knows: Mapping[FileId, int]
    ) -> tuple[Accepted, Told]:
        return self._fault(lambda: self._line.push_opaque(epoch, change, knows))

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> AtOnce[Pulled]:
        def pull() -> Pulled:
            return self._line.begin_pull(epoch, cursors, want, brief=brief, most=most).answer()

        return begun(lambda: self._fault(pull))

    def waiting(self, count: int, ahead: int) -> None:
        self._line.waiting(count, ahead)

    def differing(self, files: Sequence[FileId]) -> None:
        self._line.differing(files)

    def unknown(self, changes: Sequence[ChangeId]) -> Sequence[ChangeId]:
        return self._fault(lambda: self._line.unknown(changes))

    def witness(self, items: Sequence[Witness]) -> int:
        return self._fault(lambda: self._line.witness(items))


class BadBox:
    """A laptop that stops dead around a transaction, as in a power cut; it reads without fault."""

    def __init__(self, box: Box, fault: Cut | Chance) -> None:
        self._box = box
        self._fault = fault

    def at_once(self) -> AbstractContextManager[None]:
        return self._box.at_once()

    def office(self) -> tuple[str, str]:
        return self._box.office()

    def unsent(self, most: int, behind: int = 0) -> list[Spelled]:
        return self._box.unsent(most, behind)

    def cursors(self) -> dict[FileId, int]:
        return self._box.cursors()

    def behind(self, batch: Sequence[Spelled]) -> tuple[Mapping[FileId, int], bool] | None:
        return self._box.behind(batch)

    def note_known(self, page: Page) -> None:
        self._fault(lambda: self._box.note_known(page))

    def known(self) -> Mapping[FileId, int]:
        return self._box.known()

    def take_receipts(
        self, receipts: Told, accepted: Accepted | None = None, rest: Foretold | None = None
    ) -> int:
        return self._fault(lambda: self._box.take_receipts(receipts, accepted, rest))

    def take_page(self, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
        return self._fault(lambda: self._box.take_page(page, rows))

    def compared(self) -> Sequence[FileId] | None:
        return self._fault(self._box.compared)

    def read_again(self, files: Sequence[FileId]) -> None:
        self._fault(lambda: self._box.read_again(files))

    def is_behind(self, reached: Reached) -> bool:
        return self._box.is_behind(reached)

    def owes_witness(self, *, anew: bool) -> bool:
        return self._box.owes_witness(anew=anew)

    def heads(self, after: int, *, every: bool) -> tuple[int, Sequence[ChangeId]]:
        return self._box.heads(after, every=every)

    def words(self, changes: Sequence[ChangeId]) -> Sequence[Sequence[Witness]]:
        return self._box.words(changes)

    def remember(self, changes: Sequence[ChangeId]) -> None:
        self._fault(lambda: self._box.remember(changes))

    def lose(self, changes: Sequence[ChangeId]) -> None:
        self._fault(lambda: self._box.lose(changes))

    def gave_witness(self) -> None:
        self._fault(self._box.gave_witness)

    def lost(self) -> Removals | None:
        return self._box.lost()

    def drop_lost(self) -> None:
        self._fault(self._box.drop_lost)

    def removals(self, page: Page) -> Removals:
        return self._box.removals(page)

    def going(self, page: Page) -> Sequence[ChangeId]:
        return self._box.going(page)

    def start_again(self, epoch: str) -> None:
        self._fault(lambda: self._box.start_again(epoch))

    def met_office(self, office_now: dt.datetime) -> None:
        self._fault(lambda: self._box.met_office(office_now))

    def is_whole(self, reached: Reached) -> bool:
        return self._fault(lambda: self._box.is_whole(reached))

    def compare(self, reached: Reached) -> int | None:
        return self._box.compare(reached)

    def take_own(self, own: Sequence[OwnChange], reached: Reached) -> None:
        self._fault(lambda: self._box.take_own(own, reached))

    def take_orders(self, orders: Sequence[SignedOrder]) -> SignedOrder | None:
        return self._fault(lambda: self._box.take_orders(orders))
