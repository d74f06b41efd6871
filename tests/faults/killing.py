"""Kills a laptop at work hundreds of times, at random moments, and looks what is left of it.

Started as `python -m tests.faults.killing FOLDER SEED KILLS FAULT`; says as JSON what it found.
Every laptop is a fork of this process, which holds no database at that moment: a kill costs some
hundredths of a second, so that a thousand fit into a test.
"""

import json
import os
import random
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.disk import engine
from hah_desktop.store.store import Store
from tests.faults.plain import RUTH, raw_key, real_now
from tests.faults.recorder import Fault, Recorder, broken
from tests.store.sound import faults

KILLS_EACH = 12
"""Kills that one database has to bear before the next one is begun."""

APART = 1000
"""Between the numbers of the records before and after a kill."""

LONGEST_S = 0.012
"""Between a promise and the kill: two or three transactions."""

MOST_PROMISES = 6


@dataclass
class Toll:
    """What a number of kills has cost."""

    kills: int = 0
    promises: int = 0
    lost: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


class Executioner:
    """One database after the other, killed again and again."""

    def __init__(self, folder: Path, seed: int, fault: Fault) -> None:
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311 - moments to kill at
        self._fault = fault
        self._template = folder / "template.db"
        self.toll = Toll()

    def kill(self, times: int) -> Toll:
        """Kill that often, or until something is lost."""
        made = Store.create(self._template, raw_key, real_now)
        made.keep_identity(RUTH)
        made.close()
        while self.toll.kills < times and not self.toll.lost:
            self._one_database(min(KILLS_EACH, times - self.toll.kills))
        return self.toll

    def _one_database(self, kills: int) -> None:
        folder = self._folder / f"{self.toll.kills}"
        folder.mkdir()
        database = folder / "records.db"
        shutil.copyfile(self._template, database)
        promises: list[str] = []
        for kill in range(kills):
            promises += self._one_kill(database, kill * APART)
            self.toll.kills += 1
            self._look(database, promises)
        self.toll.promises += len(promises)
        shutil.rmtree(folder)

    def _one_kill(self, database: Path, first: int) -> list[str]:
        """Let it work, kill it, and return what it had promised."""
        # Half of them move pages from the journal into the database all the time.
        often = self._chance.random() < 1 / 2
        listening, speaking = os.pipe()
        pid = os.fork()
        if pid == 0:
            _be_a_laptop(database, first, speaking, self._fault, often=often)
        os.close(speaking)
        said = self._listen(listening, pid)
        os.close(listening)
        return said.decode().split("\n")[:-1]

    def _listen(self, listening: int, pid: int) -> bytes:
        """Hear some promises, wait less than a moment more, kill, and hear the rest."""
        said = b""
        after = self._chance.randint(0, MOST_PROMISES)
        while said.count(b"\n") < after:
            piece = os.read(listening, 4096)
            if not piece:
                raise AssertionError("the laptop ended by itself")
            said += piece
        until = time.perf_counter() + self._chance.uniform(0, LONGEST_S)
        while (left := until - time.perf_counter()) > 0:
            if select.select([listening], [], [], left)[0]:
                said += os.read(listening, 4096)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            raise AssertionError("the laptop ended before it was killed")
        while piece := os.read(listening, 4096):
            said += piece
        return said

    def _look(self, database: Path, promises: list[str]) -> None:
        try:
            store = Store.open(database, raw_key, real_now)
        except KnownError as fault:
            self.toll.unreadable.append(str(fault))
            return
        try:
            self.toll.lost += [f"{database}: {line}" for line in broken(store, promises)]
            self.toll.unreadable += faults(store)
        finally:
            store.close()


def _be_a_laptop(database: Path, first: int, speaking: int, fault: Fault, *, often: bool) -> None:
    """Work until killed; never returns."""
    try:
        if often:
            engine.connect = _moving_pages_often(engine.connect)
        store = Store.open(database, raw_key, real_now)
        say = Recorder(store, lambda line: _write(speaking, line), fault)
        say.work(first)
    except BaseException as reason:  # noqa: BLE001 - a fork may never go back to its parent's work
        sys.stderr.write(f"{reason!r}\n")
    finally:
        os._exit(1)


def _moving_pages_often(real: Callable[..., Any]) -> Callable[..., Any]:
    """Connections that bring what is saved into the one file all the time."""

    def connect(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        made.execute("PRAGMA wal_autocheckpoint=8")
        return made

    return connect


def _write(speaking: int, line: str) -> None:
    os.write(speaking, f"{line}\n".encode())


if __name__ == "__main__":
    at = Executioner(Path(sys.argv[1]), int(sys.argv[2]), Fault(sys.argv[4]))
    sys.stdout.write(json.dumps(asdict(at.kill(int(sys.argv[3])))))
