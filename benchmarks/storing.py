"""What encryption costs: the store's own work on an encrypted file and on plain ones."""

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.invented import Invention
from benchmarks.measure import Results, compared, in_turn, stopwatch
from benchmarks.stores import ENCRYPTED, ENGINES, MakeEngine, new_store, opened
from hah_desktop.domain.records.child import Statement
from hah_desktop.store import reading
from hah_desktop.store.store import Store

PART = "store"
OPEN = "open, ready for the first question"
FIRST = "read all records, first time after opening"
AGAIN = "read all records again"
SEARCH = "search words, each read back"
SAVE = "save one record"


@dataclass(frozen=True)
class Sizes:
    """How much is stored, saved and looked for, and how often all of it is repeated."""

    records: int = 10_000
    characters: int = 400
    saves: int = 300
    searches: int = 60
    rounds: int = 5


@dataclass(frozen=True)
class Keeper:
    """One variant: a store in a file, and what is done with it in each round."""

    path: Path
    engine: MakeEngine
    invention: Invention
    sizes: Sizes

    def fill(self, records: Sequence[Statement]) -> None:
        """Make the store, with the records that every variant holds."""
        store = new_store(self.path, self.engine)
        store.add(*records)
        store.close()

    def sit(self) -> Mapping[str, float]:
        """One round."""
        took: dict[str, float] = {}
        with stopwatch(took, OPEN):
            store = opened(self.path, self.engine)
        for what in (FIRST, AGAIN):
            with stopwatch(took, what):
                _read(store)
        with stopwatch(took, SEARCH):
            self._search(store)
        took[SAVE] = statistics.median(self._saves(store))
        store.close()
        return took

    def _search(self, store: Store) -> None:
        for word in self.invention.searches(self.sizes.searches):
            with store.reading() as connection:
                reading.find(connection, word)

    def _saves(self, store: Store) -> list[float]:
        took = []
        for record in self.invention.statements(self.sizes.saves, self.sizes.characters):
            started = perf_counter()
            store.add(record)
            took.append(perf_counter() - started)
        return took


def _read(store: Store) -> None:
    with store.reading() as connection:
        reading.of_kind(connection, Statement.kind)


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure every engine."""
    records = Invention(1).statements(sizes.records, sizes.characters)
    keepers = {
        name: Keeper(folder / f"{number}.db", engine, Invention(2), sizes)
        for number, (name, engine) in enumerate(ENGINES.items())
    }
    for keeper in keepers.values():
        keeper.fill(records)
    found = in_turn({name: k.sit for name, k in keepers.items()}, sizes.rounds, chance)
    items = {FIRST: sizes.records, AGAIN: sizes.records, SEARCH: sizes.searches, SAVE: 1}
    return Results(compared(PART, found, ENCRYPTED, items))
