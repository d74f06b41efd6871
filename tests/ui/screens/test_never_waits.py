"""While thousands of changes go to a real office and come back, the interface and a save wait not.

How long that takes is measured in benchmarks/feeling.py. Here is why it cannot take long: the
interface asks the database nothing, no transaction holds more than a part of what is synced, and
none is open while the office is asked.
"""

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection, event

from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.resources import code_list
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.line import Line
from hah_desktop.ui.background import Background
from hah_desktop.ui.session import Session
from hah_desktop.vault.kdf import FLOOR
from tests.faults.plain import real_now
from tests.ui.screens.made import PASSPHRASE

CHANGES = 3_000
SAVES = 12
MOST_ROWS = 1_500
"""Of any transaction. A hundred changes are two hundred rows; the last of a part that was sent also
adds them all, a thousand at most, to what is compared with the office."""
PATIENCE_S = 120.0


class Watch:
    """Which thread asks the database, and how many rows one transaction of another changes."""

    def __init__(self, store: Store) -> None:
        self.asked: Counter[int] = Counter()
        self.rows: list[int] = []
        self._before = 0
        for engine in {store._engine, store._writer}:
            event.listen(engine, "before_cursor_execute", self._ask)
        event.listen(store._writer, "begin", self._begin)
        event.listen(store._writer, "commit", self._commit)

    def _ask(self, *_of_the_question: object) -> None:
        self.asked[threading.get_ident()] += 1

    def _begin(self, connection: Connection) -> None:
        self._before = _changed(connection)

    def _commit(self, connection: Connection) -> None:
        self.rows.append(_changed(connection) - self._before)


def _changed(connection: Connection) -> int:
    """How many rows this connection has changed since it was opened."""
    raw: Any = connection.connection.dbapi_connection
    return int(raw.total_changes)


class Person(QObject):
    """Saves once whenever an answer is waited for, and the office answers once that is saved."""

    _asked = Signal()

    def __init__(self, session: Session, visit: str) -> None:
        super().__init__()
        self.saved = 0
        self._session = session
        self._visit = visit
        self._landed = threading.Event()
        self._asked.connect(self._save)

    def before(self, wait: Callable[..., Any]) -> Callable[..., Any]:
        """Wait only when a save has come through."""

        def waiting(*given: Any, **named: Any) -> Any:
            if self.saved < SAVES:
                self._landed.clear()
                self._asked.emit()
                assert self._landed.wait(PATIENCE_S), "a save waits for the office"
            return wait(*given, **named)

        return waiting

    def _save(self) -> None:
        action = Action(
            id=self._session.store.new_id(), visit=self._visit, what="Mend the call bell"
        )
        self._session.save([Edited(action, NOTHING)], self._note)

    def _note(self, _saved: object) -> None:
        self.saved += 1
        self._landed.set()


@pytest.fixture
def unlocked(ready: Path, tmp_path: Path) -> Iterator[Unlocked]:
    shutil.copytree(ready, tmp_path / "laptop")
    made = Laptop(tmp_path / "laptop", real_now, cost=FLOOR).unlock(PASSPHRASE)
    yield made
    made.lock()


def test_neither_the_interface_nor_a_save_waits_for_a_sync_of_thousands(
    unlocked: Unlocked, background: Background, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = unlocked.store
    laptop = Laptop(unlocked.folder, real_now, cost=FLOOR)
    session = Session(store, background, code_list, unlocked.who, laptop.office)
    what = "The home will share the log of the call bells every Friday with the office. " * 3
    visit = Visit(id=store.new_id(), met_by="T. Lark", advisers=frozenset({unlocked.who.adviser}))
    said = (Action(id=store.new_id(), visit=visit.id, what=what) for _ in range(CHANGES))
    store.add(visit, *said)
    person = Person(session, visit.id)
    monkeypatch.setattr(Line, "answer", person.before(Line.answer))
    ended: list[Synced] = []
    session.synced.connect(ended.append)
    watch = Watch(store)
    session.sync()
    qtbot.waitUntil(lambda: bool(ended))
    assert ended[0].problem is None
    assert ended[0].run.sent >= CHANGES
    assert person.saved == SAVES
    assert threading.get_ident() not in watch.asked

    assert max(watch.rows) < MOST_ROWS
    with store.reading() as connection:
        assert outbox.saved_count(connection) >= CHANGES + SAVES
