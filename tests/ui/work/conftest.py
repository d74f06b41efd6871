"""Real parts under every form and page: encrypted store, background, session, window."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.app import make_window, now
from hah_desktop.laptop.folder import Laptop
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell
from hah_desktop.vault.kdf import FLOOR
from tests.house import deriving, forking
from tests.ui.stores import RUTH
from tests.ui.work.at_window import User, make_folder
from tests.ui.work.made import Work

derive_once = deriving.derive_once
load_once = forking.load_once
salt_alike = deriving.salt_alike


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
