"""While thousands of changes go to a real office and come back, the interface and a save wait not.

How long a pause is depends on what else this machine does: so it is held against the same work in
the same window without a sync, a moment before.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.resources import code_list
from hah_desktop.store import outbox
from hah_desktop.store.saving import NOTHING, Edited
from hah_desktop.sync.engine import Synced
from hah_desktop.ui.background import Background
from hah_desktop.ui.garbage import Garbage
from hah_desktop.ui.session import Session
from hah_desktop.vault.kdf import FLOOR
from tests.faults.plain import real_now
from tests.ui.screens.made import PASSPHRASE

CHANGES = 5_000
PAUSE_MS = 100
SAVE_MS = 50
HEARTBEAT_MS = 5
BETWEEN_SAVES_MS = 150
CONTROL_MS = 1500


@dataclass
class Felt:
    """What a person would have felt, in milliseconds."""

    pauses: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"longest pause {max(self.pauses):.0f} ms; {len(self.saves)} saves, "
            f"median {median(self.saves):.1f} ms, slowest {max(self.saves):.0f} ms"
        )


class Person(QObject):
    """Saves again and again, and feels each pause of the interface's thread."""

    def __init__(self, session: Session, visit: str) -> None:
        super().__init__()
        self._session = session
        self._visit = visit
        self._felt = Felt()
        self._last = time.perf_counter()
        self._heart = QTimer(self, interval=HEARTBEAT_MS)
        self._heart.timeout.connect(self._beat)
        self._hand = QTimer(self, interval=BETWEEN_SAVES_MS, singleShot=True)
        self._hand.timeout.connect(self._save)

    def works(self, until: Callable[[], None]) -> Felt:
        """Work until that has come, and say what was felt."""
        self._felt = Felt()
        self._last = time.perf_counter()
        for timer in (self._heart, self._hand):
            timer.start()
        until()
        for timer in (self._heart, self._hand):
            timer.stop()
        return self._felt

    def _beat(self) -> None:
        now = time.perf_counter()
        self._felt.pauses.append((now - self._last) * 1000)
        self._last = now

    def _save(self) -> None:
        began, felt = time.perf_counter(), self._felt
        record = self._session.store.new_id()
        action = Action(id=record, visit=self._visit, what="Mend the call bell")

        def saved(_saved: object) -> None:
            felt.saves.append((time.perf_counter() - began) * 1000)
            self._hand.start()

        self._session.save([Edited(action, NOTHING)], saved)


@pytest.fixture
def unlocked(ready: Path, tmp_path: Path) -> Iterator[Unlocked]:
    shutil.copytree(ready, tmp_path / "laptop")
    made = Laptop(tmp_path / "laptop", real_now, cost=FLOOR).unlock(PASSPHRASE)
    yield made
    made.lock()


def test_neither_the_interface_nor_a_save_waits_for_a_sync_of_thousands(
    unlocked: Unlocked, background: Background, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    store = unlocked.store
    laptop = Laptop(unlocked.folder, real_now, cost=FLOOR)
    session = Session(store, background, code_list, unlocked.who, laptop.office)
    what = "The home will share the log of the call bells every Friday with the office. " * 3
    visit = Visit(id=store.new_id(), met_by="T. Lark", advisers=frozenset({unlocked.who.adviser}))
    said = (Action(id=store.new_id(), visit=visit.id, what=what) for _ in range(CHANGES))
    store.add(visit, *said)
    person = Person(session, visit.id)
    garbage = Garbage(person)
    garbage.start()
    alone = person.works(lambda: qtbot.wait(CONTROL_MS))
    ended: list[Synced] = []
    session.synced.connect(ended.append)

    def sync() -> None:
        session.sync()
        qtbot.waitUntil(lambda: bool(ended), timeout=120_000)

    during = person.works(sync)
    garbage.stop()
    assert ended[0].problem is None
    assert ended[0].run.sent >= CHANGES
    qtbot.waitUntil(lambda: len(during.saves) > 0)
    with capsys.disabled():
        print(f"\n  alone: {alone}\n  during a sync of {CHANGES}: {during}")  # noqa: T201 - a figure
    assert max(during.pauses) < PAUSE_MS + 2 * max(alone.pauses)
    assert median(during.saves) < SAVE_MS + 2 * median(alone.saves)
    with store.reading() as connection:
        assert outbox.saved_count(connection) >= CHANGES + len(during.saves)
