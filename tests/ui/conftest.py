"""What the tests of windows share: a screen, real parts under every page, and a fresh look."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from hah_desktop.resources import code_list
from hah_desktop.store.store import Store
from hah_desktop.ui.background import Background
from hah_desktop.ui.everywhere import Everywhere
from hah_desktop.ui.garbage import collect_what_is_due
from hah_desktop.ui.idle import Idle
from hah_desktop.ui.kit.look import Look
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.session import Session
from tests.store.hand import HandClock, raw_key
from tests.ui.kit.hands import stop_timers
from tests.ui.stores import RUTH, far_office

HERE = Path(__file__).parent

# Before Qt starts. Qt's own offscreen screen is 800 by 800; windows are tested on 1366 by 768.
if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={HERE / 'screen.json'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the warnings pass in which the offscreen platform says what it cannot do."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[Look]:
    """Yield the light look at 100 %; tests may switch it, and need not switch it back."""
    # As in the program garbage is collected between events, never in the midst of one: a widget
    # that dies while Qt walks over all of them takes the process with it.
    gc.disable()
    # What the test before has closed would go on to see every event, and be drawn anew too.
    for watching in (*qapp.findChildren(Idle), *qapp.findChildren(Everywhere)):
        watching.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = qapp.findChild(Look)
    if left is None or (left.theme, left.scale) != (ThemeName.LIGHT, 1.0):
        left = apply(qapp, ThemeName.LIGHT)
    yield left
    collect_what_is_due()
    gc.enable()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encrypted store to copy: making one is slow."""
    path = tmp_path_factory.mktemp("ui") / "empty.db"
    made = Store.create(path, raw_key, HandClock())
    made.keep_identity(RUTH)
    made.close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_store: Path, clock: HandClock) -> Iterator[Store]:
    path = tmp_path / "records.db"
    shutil.copyfile(empty_store, path)
    opened = Store.open(path, raw_key, clock)
    yield opened
    opened.close()


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    made = Background(qapp)
    yield made
    stop_timers()
    assert made.shutdown(120)


@pytest.fixture
def session(store: Store, background: Background) -> Session:
    return Session(store, background, code_list, RUTH, far_office)
