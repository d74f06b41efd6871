"""How long an adviser waits after the passphrase, beyond what deriving the key costs on purpose."""

import random
import statistics
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.invented import Invention
from benchmarks.measure import Fact, Results, Samples, compared
from benchmarks.stores import clock
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.vault import kdf
from hah_desktop.vault.kdf import DEFAULT, KdfCost
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


def run(folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure one laptop's folder."""
    place = folder / "laptop"
    _, keys = Vault.create(place, PASSPHRASE, cost=sizes.cost, now=clock())
    store = Store.create(place / DATABASE, keys.database_spec, clock)
    store.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="adviser-one"))
    store.add(*Invention(1).statements(sizes.records, 400))
    store.close()
    keys.wipe()
    laptop = Laptop(place, clock)
    took = [_unlock(laptop) for _ in range(sizes.rounds + 1)][1:]
    whole, deriving = zip(*took, strict=True)
    beyond = statistics.median(ours - key for ours, key in took)
    found = {UNLOCK: {OURS: Samples(whole), KEY: Samples(deriving)}}
    facts = [Fact(PART, BEYOND, beyond, "s", BEYOND_REQUIRED)]
    return Results(compared(PART, found, OURS, {}), facts)


def _unlock(laptop: Laptop) -> tuple[float, float]:
    """Seconds of one unlocking, and what of it was deriving the key.

    Two separate runs would differ by more than what is looked for.
    """
    deriving: list[float] = []
    real = kdf._derive_into  # noqa: SLF001 - the only place where the deriving is alone

    def timed(key: bytearray, *given: Any) -> None:
        started = perf_counter()
        real(key, *given)
        deriving.append(perf_counter() - started)

    vars(kdf)["_derive_into"] = timed
    try:
        started = perf_counter()
        unlocked = laptop.unlock(PASSPHRASE)
        took = perf_counter() - started
    finally:
        vars(kdf)["_derive_into"] = real
    unlocked.lock()
    return took, sum(deriving)
