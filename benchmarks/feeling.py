"""What a person at the laptop feels of a sync: pauses of the interface, and how long a save takes.

How long a pause is depends on what else this machine does: so it stands beside the same work in
the same session without a sync, a moment before.
"""

import random
import statistics
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.measure import Fact, Results
from benchmarks.starting import PASSPHRASE
from benchmarks.stores import clock
from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.resources import code_list
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.sync.engine import Synced
from hah_desktop.ui.background import Background
from hah_desktop.ui.garbage import Garbage
from hah_desktop.ui.session import Session
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office

PART = "feeling"
WHAT = "The home will share the log of the call bells every Friday with the office. " * 3
HEARTBEAT_MS = 5
BETWEEN_SAVES_MS = 150
PAUSE_MS = 100.0
SAVE_MS = 50.0
LAST_WAIT_S = 60.0


@dataclass(frozen=True)
class Sizes:
    """How many changes are synced, and how long the person works before that."""

    changes: int = 5_000
    alone_ms: int = 3_000


@dataclass
class Felt:
    """In milliseconds."""

    pauses: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)

    def facts(self, when: str, most: tuple[float | None, float | None]) -> list[Fact]:
        """The figures that a person would notice, and what they may be."""
        facts = [Fact(PART, f"{when}: longest pause", max(self.pauses, default=0), "ms", most[0])]
        if self.saves:
            middle, slowest = statistics.median(self.saves), max(self.saves)
            facts.append(Fact(PART, f"{when}: a save, median", middle, "ms", most[1]))
            facts.append(Fact(PART, f"{when}: a save, slowest", slowest, "ms"))
        return facts


class Person(QObject):
    """Saves again and again, and feels each pause of the interface's thread."""

    def __init__(self, session: Session, visit: str) -> None:
        super().__init__()
        self._session = session
        self._visit = visit
        self._felt = Felt()
        self._last = perf_counter()
        self._heart = QTimer(self, interval=HEARTBEAT_MS)
        self._heart.timeout.connect(self._beat)
        self._hand = QTimer(self, interval=BETWEEN_SAVES_MS, singleShot=True)
        self._hand.timeout.connect(self._save)

    def works(self, until: Callable[[QEventLoop], object]) -> Felt:
        """Work until the loop is told to end, and say what was felt."""
        self._felt = Felt()
        self._last = perf_counter()
        for timer in (self._heart, self._hand):
            timer.start()
        loop = QEventLoop()
        until(loop)
        loop.exec()
        for timer in (self._heart, self._hand):
            timer.stop()
        return self._felt

    def _beat(self) -> None:
        now = perf_counter()
        self._felt.pauses.append((now - self._last) * 1000)
        self._last = now

    def _save(self) -> None:
        began, felt = perf_counter(), self._felt
        record = self._session.store.new_id()
        action = Action(id=record, visit=self._visit, what="Mend the call bell")

        def saved(_saved: object) -> None:
            felt.saves.append((perf_counter() - began) * 1000)
            self._hand.start()

        self._session.save([Edited(action, NOTHING)], saved)


def run(folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure a person at work alone, and then during a sync."""
    app = QApplication.instance() or QApplication([PART])
    background = Background(app)
    with Office.running(data=folder / "office") as office:
        laptop = Laptop(folder / "laptop", clock, cost=FLOOR)
        code = office.enrol("Invented Adviser")
        unlocked = laptop.set_up(office.url, code, PASSPHRASE, lambda _: None)
        session = Session(unlocked.store, background, code_list, unlocked.who, laptop.office)
        with closing(session):
            visit = _fill(unlocked.store, sizes.changes, frozenset({unlocked.who.adviser}))
            results = _felt(session, visit, sizes)
        background.shutdown(LAST_WAIT_S)
        unlocked.lock()
    return results


def _fill(store: Store, changes: int, advisers: frozenset[str]) -> str:
    visit = Visit(id=store.new_id(), met_by="T. Lark", advisers=advisers)
    said = (Action(id=store.new_id(), visit=visit.id, what=WHAT) for _ in range(changes))
    store.add(visit, *said)
    return visit.id


def _felt(session: Session, visit: str, sizes: Sizes) -> Results:
    person = Person(session, visit)
    garbage = Garbage(person)
    garbage.start()
    alone = person.works(lambda loop: QTimer.singleShot(sizes.alone_ms, loop.quit))
    ended: list[Synced] = []

    def sync(loop: QEventLoop) -> None:
        session.synced.connect(ended.append)
        session.synced.connect(lambda _done: loop.quit())
        session.sync()

    during = person.works(sync)
    garbage.stop()
    if ended[0].problem:
        raise ended[0].problem
    facts = alone.facts("alone", (None, None))
    return Results(facts=facts + during.facts("during a sync", (PAUSE_MS, SAVE_MS)))
