"""Kills programs at work, at random moments, and says what each of them left behind.

Started by tests as `python -m tests.store.killer WHAT FOLDER ROUNDS SEED`. It forks, so it has to
be a process of its own, without threads; each round takes a fraction of what a start takes.
"""

import json
import os
import random
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk import rekeying
from hah_desktop.store.disk.engine import _PRAGMAS, TODAY, connect, form_of
from hah_desktop.store.disk.rekeying import opens
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.journal import reading
from hah_desktop.store.safety import health
from hah_desktop.store.safety.backups import Backups
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from tests.store.hand import HandClock, copy_key, new_key, raw_key
from tests.store.older import in_the_earlier_form
from tests.store.sound import faults

VISITS = 60


KEYS = {"old": raw_key, "new": new_key}


def make(path: Path) -> None:
    """A database of some size."""
    with closing(Store.create(path, raw_key, HandClock())) as store:
        store.keep_identity(Identity("00", laptop="laptop-one", adviser="ruth"))
        store.add(
            *(Visit(id=RecordId(f"v{n}"), impression=f"Note {n}. " * 400) for n in range(VISITS))
        )


def wrong(store: Store, least: int = VISITS) -> list[str]:
    """What is wrong in a database that was in use when the power went."""
    try:
        # Also brings the newest entries into the one file: what is there is of an older key.
        health.check(store)
    except StoreDamaged:
        return ["damaged"]
    with store.reading() as connection:
        held = {str(h.record.id): h.record for h in reading.of_kind(connection, "visit")}
    lost = [
        f"v{n} is lost"
        for n in range(least)
        if getattr(held.get(f"v{n}"), "impression", "") != f"Note {n}. " * 400
    ]
    return [*lost, *faults(store)]


def killed(work: Callable[[], None], after: float) -> bool:
    """Do it in a process that is killed after so many seconds. Returns whether it was too late."""
    done, end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.close(end)
    # The pipe ends when the work does.
    finished = bool(select.select([done], [], [], after)[0])
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(done)
    return finished


def in_time(work: Callable[[], None], chance: random.Random, longest: list[float]) -> bool:
    """As `killed`, at a moment by chance; what is always too late is tried earlier."""
    finished = killed(work, chance.uniform(0, longest[0]))
    longest[0] *= 0.97 if finished else 1.02
    return finished


def rekeys(folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """Renew the keys, back and forth, and be killed."""
    path, found, longest = folder / "records.db", Counter[str](), [0.4]
    make(path)
    now, other = "old", "new"
    for _ in range(rounds):

        def work() -> None:
            store = Store.open(path, KEYS[now], HandClock())  # noqa: B023 - it runs in this round
            store.rekey(lambda: KEYS[other], lambda _: None)  # noqa: B023 - it runs in this round

        in_time(work, chance, longest)
        fitting = [name for name, key in KEYS.items() if opens(path, key)]
        if fitting not in (["old"], ["new"]):
            found["both or neither key opens it"] += 1
            return found
        found["changed" if fitting == [other] else "as before"] += 1
        with closing(Store.open(path, KEYS[fitting[0]], HandClock())) as store:
            found.update(wrong(store))
        if found["damaged"]:
            return found
        now, other = fitting[0], "old" if fitting == ["new"] else "new"
    return found


def careless_rekeys(folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """The same without a journal, which has to be found out."""
    careless = tuple(p for p in _PRAGMAS if not p.startswith("journal"))

    def connected(path: Path, key: Callable[[], bytearray]) -> object:
        return connect(path, key, (*careless, "journal_mode=DELETE", "journal_mode=OFF"))

    vars(rekeying)["connect"] = connected
    return rekeys(folder, rounds, chance)


def backups(folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """Make safety copies, and be killed, while somebody saves."""
    path, found, longest = folder / "records.db", Counter[str](), [0.4]
    make(path)
    kept = Backups(folder / "backups", copy_key)
    with closing(Store.open(path, raw_key, HandClock())) as store:
        made = [kept.make(store) for _ in range(2)]
    for _ in range(rounds):

        def work() -> None:
            store = Store.open(path, raw_key, HandClock())
            store.add(Visit(id=store.new_id(), impression="Calm. " * 200))
            kept.make(store)

        in_time(work, chance, longest)
        good = kept.good()
        named = sorted(file.name for file in (folder / "backups").glob("records-*.db"))
        found["made" if good[0] != made[0] else "not made"] += 1
        found["unfinished"] += bool(list((folder / "backups").glob("*.new*")))
        found["a copy that is not whole stands among the good"] += len(named) != len(good)
        found["an older one is gone too early"] += len(good) < len(made)
        made = good[:3]
    with closing(Store.open(path, raw_key, HandClock())) as store:
        found.update(wrong(store))
    return found


def writes_anew(folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """Write a database of the earlier form anew, and be killed, while entries wait beside it."""
    path, found, longest = folder / "records.db", Counter[str](), [0.4]
    make(path)
    in_the_earlier_form(path)
    before = path.read_bytes()
    for _ in range(rounds):
        for file in folder.iterdir():
            file.unlink()
        path.write_bytes(before)

        def work() -> None:
            Store.open(path, raw_key, HandClock())

        in_time(work, chance, longest)
        try:
            form = form_of(path, raw_key)
            with closing(Store.open(path, raw_key, HandClock())) as store:
                found.update(wrong(store))
        except StoreDamaged:
            found["damaged"] += 1
            return found
        found["changed" if form == TODAY else "as before"] += 1
        found["something is left beside it"] += len(list(folder.iterdir())) - 1
    return +found


WORK = {
    "rekeys": rekeys,
    "careless_rekeys": careless_rekeys,
    "backups": backups,
    "writes_anew": writes_anew,
}


if __name__ == "__main__":
    what, place, rounds, seed = sys.argv[1:]
    by_chance = random.Random(int(seed))  # noqa: S311 - moments to kill at
    sys.stdout.write(json.dumps(WORK[what](Path(place), int(rounds), by_chance)))
