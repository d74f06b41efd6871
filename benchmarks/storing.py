"""What encryption costs: the store's own work on an encrypted file and on plain ones."""

import os
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from pathlib import Path

from benchmarks.apart import Apart, Took, in_step, running
from benchmarks.invented import STATEMENTS_OF_A_VISIT, Invention
from benchmarks.measure import Fact, Results, Samples, compared
from benchmarks.stores import ENCRYPTED, ENGINES, MakeEngine, new_store, opened
from hah_desktop.domain.records.child import Statement
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store

PART = "store"
OPEN = "open, ready for the first question"
FIRST = "read all records, first time after opening"
AGAIN = "read all records again"
SEARCH = "search words, each read back"
SAVE = "save one record"
SAVE_CPU = "save one record, the processor’s time alone"
SIZE = "size of the file, as a multiple of that of {}"
FLUSH = "flush as many bytes as a save writes, meanwhile"

REQUIRED = {FIRST: 1.15, AGAIN: 1.15, SEARCH: 1.3, SAVE: 1.10}
SIZE_REQUIRED = 1.05

BYTES_OF_A_SAVE = 16 * 4120
"""Pages that a save changes, as they lie in the file of the newest entries."""


@dataclass(frozen=True)
class Sizes:
    """How much is stored, saved and looked for, and how often all of it is repeated."""

    records: int = 10_000
    characters: int = 400
    saves: int = 300
    searches: int = 60
    rounds: int = 5


class Keeper:
    """One variant: a store in a file, and what is done with it."""

    def __init__(self, path: Path, engine: MakeEngine, sizes: Sizes) -> None:
        self._path = path
        self._engine = engine
        invention = Invention(2)
        self._words = invention.searches(sizes.searches)
        self._new: Iterator[Statement] = chain.from_iterable(
            invention.visit(STATEMENTS_OF_A_VISIT, sizes.characters) for _ in count()
        )
        self._next = next(self._new)
        self._store: Store

    def open(self) -> None:
        """Ready for the first question."""
        self._store = opened(self._path, self._engine)

    def read(self) -> None:
        """Every record."""
        with self._store.reading() as connection:
            reading.of_kind(connection, Statement.kind)

    def search(self) -> None:
        """One word after the other."""
        for word in self._words:
            with self._store.reading() as connection:
                reading.find(connection, word)

    def invent(self) -> None:
        """What is saved next: making it up is not part of saving it."""
        self._next = next(self._new)

    def save(self) -> None:
        """One record."""
        self._store.add(self._next)

    def close(self) -> None:
        """Until the next round."""
        self._store.close()


class Flusher:
    """The least that a save has to wait for: its bytes on the disk, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "flush", os.O_CREAT | os.O_WRONLY)
        self._bytes = os.urandom(BYTES_OF_A_SAVE)

    def save(self) -> None:
        """Write and wait."""
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, self._bytes)
        os.fsync(self._file)

    def invent(self) -> None:
        """Nothing is made up here."""


def fill(path: Path, engine: MakeEngine, records: Sequence[Statement]) -> None:
    """Make a store with the records that every variant holds."""
    store = new_store(path, engine)
    store.add(*records)
    store.close()


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure every engine, in turn step by step."""
    records = Invention(1).statements(sizes.records, sizes.characters)
    paths = {name: folder / f"{number}.db" for number, name in enumerate(ENGINES)}
    for name, path in paths.items():
        fill(path, ENGINES[name], records)
    variants = {name: partial(Keeper, paths[name], ENGINES[name], sizes) for name in ENGINES}
    table = Table()
    with running(variants) as keepers, running({FLUSH: partial(Flusher, folder)}) as flusher:
        for _ in range(sizes.rounds):
            for what, step in ((OPEN, "open"), (FIRST, "read"), (AGAIN, "read")):
                table.note(what, in_step(keepers, step, chance))
            table.note(SEARCH, in_step(keepers, "search", chance))
            table.note_saves([_save(keepers | flusher, chance) for _ in range(sizes.saves)])
            in_step(keepers, "close", chance)
    items = {FIRST: sizes.records, AGAIN: sizes.records, SEARCH: sizes.searches, SAVE: 1}
    flush = statistics.median(table.found[SAVE].pop(FLUSH)) * 1000
    lines = compared(PART, table.samples(), ENCRYPTED, items, REQUIRED)
    return Results(lines, [*_sizes(paths), Fact(PART, FLUSH, flush, "ms")])


@dataclass(frozen=True)
class Table:
    """Seconds by what was done, then by variant; one for each round."""

    found: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, what: str, took: Mapping[str, Took]) -> None:
        """What a round took."""
        self._note(what, {name: one.wall for name, one in took.items()})

    def note_saves(self, saves: Sequence[Mapping[str, Took]]) -> None:
        """The medians of a round with many saves."""
        for name in saves[0]:
            took = [save[name] for save in saves]
            self._note(SAVE, {name: statistics.median(one.wall for one in took)})
            if name != FLUSH:
                self._note(SAVE_CPU, {name: statistics.median(one.cpu for one in took)})

    def _note(self, what: str, seconds: Mapping[str, float]) -> None:
        for name, one in seconds.items():
            self.found.setdefault(what, {}).setdefault(name, []).append(one)

    def samples(self) -> dict[str, dict[str, Samples]]:
        """All of it, for the table of the report."""
        return {
            what: {name: Samples(tuple(took)) for name, took in variants.items()}
            for what, variants in self.found.items()
        }


def _save(variants: Mapping[str, Apart], chance: random.Random) -> Mapping[str, Took]:
    in_step(variants, "invent", chance)
    return in_step(variants, "save", chance)


def _sizes(paths: Mapping[str, Path]) -> list[Fact]:
    ours = paths[ENCRYPTED].stat().st_size
    return [
        Fact(PART, SIZE.format(name), ours / path.stat().st_size, "times", SIZE_REQUIRED)
        for name, path in paths.items()
        if name != ENCRYPTED
    ]
