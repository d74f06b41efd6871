"""How long an adviser waits after the passphrase, beyond what deriving the key costs on purpose."""

import random
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.invented import Invention
from benchmarks.measure import Fact, Results, Sitting, compared, in_turn
from benchmarks.stores import clock
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.opening import DATABASE
from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from hah_desktop.vault.kdf import DEFAULT, SALT_BYTES, KdfCost, key_from
from hah_desktop.vault.vault import Vault

PART = "unlock"
UNLOCK = "unlock, ready for the first question"
OURS = "the program"
KEY = "deriving the key alone"
BEYOND = "unlock: time beyond deriving the key"
BEYOND_REQUIRED = 0.15
PASSPHRASE = "copper lantern under seven quiet hills"  # noqa: S105 - of invented laptops


@dataclass(frozen=True)
class Sizes:
    """What is stored, what deriving costs, and how often all of it is repeated."""

    records: int = 10_000
    cost: KdfCost = DEFAULT
    rounds: int = 9


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure one laptop's folder."""
    place = folder / "laptop"
    _, keys = Vault.create(place, PASSPHRASE, cost=sizes.cost, now=clock())
    store = Store.create(place / DATABASE, keys.database_spec, clock)
    store.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="adviser-one"))
    store.add(*Invention(1).statements(sizes.records, 400))
    store.close()
    keys.wipe()
    laptop = Laptop(place, clock)
    sittings: dict[str, Sitting] = {
        OURS: lambda: _unlock(laptop),
        KEY: lambda: _derive(sizes.cost),
    }
    found = in_turn(sittings, sizes.rounds, chance)
    pairs = zip(found[UNLOCK][OURS].seconds, found[UNLOCK][KEY].seconds, strict=True)
    beyond = statistics.median(ours - key for ours, key in pairs)
    return Results(
        compared(PART, found, OURS, {}), [Fact(PART, BEYOND, beyond, "s", BEYOND_REQUIRED)]
    )


def _unlock(laptop: Laptop) -> Mapping[str, float]:
    started = perf_counter()
    unlocked = laptop.unlock(PASSPHRASE)
    took = perf_counter() - started
    unlocked.lock()
    return {UNLOCK: took}


def _derive(cost: KdfCost) -> Mapping[str, float]:
    started = perf_counter()
    with key_from(PASSPHRASE, bytes(SALT_BYTES), cost):
        return {UNLOCK: perf_counter() - started}
