"""Real parts for every screen: encrypted store, background, session, window."""

import dataclasses as dc
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.base import Record
from hah_desktop.laptop.folder import Laptop
from hah_desktop.resources import code_list
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Office as Client
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.faults.plain import real_now
from tests.house import deriving, forking
from tests.sync.office import MemoryOffice
from tests.ui.screens.lines import OfficeLine
from tests.ui.screens.made import PASSPHRASE, Get, Show, Tear
from tests.ui.stores import RUTH

derive_once = deriving.derive_once
load_once = forking.load_once
salt_alike = deriving.salt_alike


@pytest.fixture
def line() -> OfficeLine:
    return OfficeLine(MemoryOffice(), RUTH.laptop)


@pytest.fixture
def in_memory(store: Store, background: Background, line: OfficeLine) -> Session:
    """A session with an office in memory."""
    who = dc.replace(RUTH, office=line.office.id, epoch=line.office.epoch)
    store.keep_identity(who)
    # The session asks for the client of the network; this line is used like one.
    return Session(store, background, code_list, who, lambda _who: cast("Client", line))


def _hang_up(page: Page) -> None:
    """Let nothing that was asked before be answered to a page that is gone."""
    session = getattr(page, "_session", None)
    if isinstance(session, Session):
        session.close()


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def put(page: Page, width: int = 1366, height: int = 768) -> Shell:
        shell = Shell()
        qtbot.addWidget(shell, before_close_func=lambda _shell: _hang_up(page))
        shell.resize(width, height)
        shell.add_page("page", "house", "Page", page)
        with qtbot.waitExposed(shell):
            shell.show()
        shell.activateWindow()
        return shell

    return put


@pytest.fixture
def get(store: Store) -> Get:
    def one(record: str) -> Held:
        with store.reading() as connection:
            found = reading.get(connection, record)
        assert found is not None
        return found

    return one


@pytest.fixture
def tear(store: Store, get: Get) -> Tear:
    def torn(first: Record, one: Record, other: Record) -> None:
        store.add(first)
        seen = get(first.id).seen
        store.save(Edited(one, seen))
        store.save(Edited(other, seen))

    return torn


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A real office for the screens that speak to one."""
    with Office.running(data=tmp_path_factory.mktemp("office") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def ready(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a laptop that is set up, with a safety copy, to copy: making one is slow."""
    folder = tmp_path_factory.mktemp("ready") / "laptop"
    unlocked = Laptop(folder, real_now, cost=FLOOR).set_up(
        office.url, office.enrol("Ruth Aldous"), PASSPHRASE, lambda _words: None
    )
    unlocked.make_snapshot()
    unlocked.lock()
    return folder
