"""Real parts under every form and page: encrypted store, background, session, window."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.app import make_window, now
from hah_desktop.laptop.folder import Laptop
from hah_desktop.resources import code_list
from hah_desktop.store.store import Store
from hah_desktop.ui.background import Background
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell
from hah_desktop.vault.kdf import FLOOR
from tests.house import deriving
from tests.ui.kit.hands import stop_timers
from tests.ui.work.at_window import User, make_folder
from tests.ui.work.made import RUTH, HandClock, Work, far_office, raw_key

derive_once = deriving.derive_once


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encrypted store to copy: making one is slow."""
    path = tmp_path_factory.mktemp("work") / "empty.db"
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
    assert made.shutdown(30)


@pytest.fixture
def session(store: Store, background: Background) -> Session:
    return Session(store, background, code_list, RUTH, far_office)


@pytest.fixture
def work(session: Session, qtbot: QtBot) -> Work:
    return Work(session, qtbot)


@pytest.fixture
def page(work: Work, qtbot: QtBot) -> VisitPage:
    """The workspace in the window's frame."""
    made = VisitPage(work.session)
    shell = Shell()
    qtbot.addWidget(shell)
    shell.resize(1366, 768)
    shell.add_page("visit", "house", "Visit", made)
    with qtbot.waitExposed(shell):
        shell.show()
    shell.activateWindow()
    return made


@pytest.fixture(scope="session")
def ready_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a laptop that is set up, to copy: making a vault is slow."""
    folder = tmp_path_factory.mktemp("ready") / "laptop"
    make_folder(folder, RUTH)
    return folder


@pytest.fixture
def laptop(ready_folder: Path, tmp_path: Path) -> Laptop:
    shutil.copytree(ready_folder, tmp_path / "laptop")
    return Laptop(tmp_path / "laptop", now, cost=FLOOR)


@pytest.fixture
def user(qapp: QApplication, qtbot: QtBot, laptop: Laptop) -> Iterator[User]:
    window = make_window(qapp, laptop)
    made = User(window, qtbot)
    made.show()
    yield made
    # As a person would: the second time even where something could not be kept.
    while window.isVisible():
        made.window.close()
        qapp.processEvents()
    window.deleteLater()
