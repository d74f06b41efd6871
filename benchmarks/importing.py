"""Taking in a published list of providers: looking at what it changes, then saving it."""

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import raw
from benchmarks.invented import Invention
from benchmarks.measure import Results, Sitting, compared, in_turn, stopwatch
from benchmarks.stores import ENCRYPTED, NO_KEY, MakeEngine, encrypted, new_store, without_key
from hah_desktop.domain.changes import canonical
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.places import preview
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store

PART = "import"
WHOLE = "take in a list, from the file to the disk"
PREVIEW = "look at what a list would change"
SAVE = "save its places and inspections"
REPEAT = "look at the same list again"
BARE_CSV = "csv.reader alone"
BARE_INSERT = "bare insert of the same changes, encrypted"
KINDS = (Place.kind, Inspection.kind)


@dataclass(frozen=True)
class Sizes:
    """How long the list is, and how often it is taken in."""

    rows: int = 5_600
    rounds: int = 5


class Taker:
    """One engine; each round takes the list into a new store."""

    def __init__(self, folder: Path, engine: MakeEngine, path: Path) -> None:
        self._folder = folder
        self._engine = engine
        self._path = path
        self._round = 0
        folder.mkdir()

    def new_store(self) -> Store:
        """A store that holds nothing yet."""
        self._round += 1
        return new_store(self._folder / f"{self._round}.db", self._engine)

    def sit(self) -> Mapping[str, float]:
        """One round."""
        took: dict[str, float] = {}
        store = self.new_store()
        with stopwatch(took, PREVIEW):
            found = preview(self._path, _known(store))
        with stopwatch(took, SAVE):
            store.add(*found.records)
        with stopwatch(took, REPEAT):
            preview(self._path, _known(store))
        took[WHOLE] = took[PREVIEW] + took[SAVE]
        store.close()
        return took

    def changes(self) -> list[raw.Row]:
        """What saving the list writes into the journal, for the bare insert."""
        store = self.new_store()
        store.add(*preview(self._path, {}).records)
        with store.reading() as connection:
            written = outbox.unsent(connection, 1_000_000)
        store.close()
        return [raw.Row(c.id, c.number, c.record, canonical(c).decode()) for c in written]


def _known(store: Store) -> dict[RecordId, dict[str, Json]]:
    with store.reading() as connection:
        found = reading.bodies(connection, KINDS)
    return {RecordId(record): body for record, body in found.items()}


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure both engines, and what the least would be."""
    path = folder / "list.csv"
    Invention(1).published_list(path, sizes.rows)
    ours = Taker(folder / "encrypted", encrypted, path)
    rows = ours.changes()
    sittings: dict[str, Sitting] = {
        ENCRYPTED: ours.sit,
        NO_KEY: Taker(folder / "plain", without_key, path).sit,
        BARE_CSV: lambda: _read_bare(path),
        BARE_INSERT: lambda: {SAVE: raw.insert_encrypted(folder / "bare.db", rows)},
    }
    found = in_turn(sittings, sizes.rounds, chance)
    items = {WHOLE: sizes.rows, PREVIEW: sizes.rows, SAVE: len(rows), REPEAT: sizes.rows}
    return Results(compared(PART, found, ENCRYPTED, items))


def _read_bare(path: Path) -> Mapping[str, float]:
    took: dict[str, float] = {}
    with stopwatch(took, PREVIEW), path.open(encoding="utf-8", newline="") as file:
        list(csv.reader(file))
    return took
