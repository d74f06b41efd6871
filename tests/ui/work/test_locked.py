"""Once locked, nothing is left: no screen, no words of a record, no key; and no name in a title."""

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, FunctionType, ModuleType

import pytest
import sqlalchemy
from PySide6.QtCore import QObject
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Reader
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.disk import engine
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.screens.import_places import ImportPage, State
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.workplace import IMPORT
from hah_desktop.vault.keys import Purpose
from hah_desktop.vault.vault import Vault
from tests.ui.kit.hands import click, type_words
from tests.ui.work.at_window import PASSPHRASE, User
from tests.ui.work.made import question

# Backwards, because Python keeps the lines of a failing test's file.
SOUGHT, NOTED, OTHER = "trebmiaK"[::-1], "reltsihT"[::-1], "renetuoT"[::-1]
"""The first two are each sought in all of the program: the other tests are about somebody else."""


def sentence(name: str) -> str:
    return f"{name} said that nobody comes at night"


@pytest.fixture(autouse=True)
def compiles_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled statement keeps the words it was first asked with; the tests share theirs."""
    monkeypatch.setattr(engine, "create_engine", sqlalchemy.create_engine)


def reachable() -> Iterator[str | bytes | bytearray]:
    """Every piece of text that some object of this program still holds."""
    # What was there before the first test is among them too.
    gc.unfreeze()
    for thing in gc.get_objects():
        if isinstance(thing, FrameType | FunctionType | ModuleType):
            continue
        held = gc.get_referents(thing)
        # The collector forgets rows and mappings of plain values, and they hold words like others.
        while held:
            one = held.pop()
            if isinstance(one, str | bytes | bytearray):
                yield one
            elif isinstance(one, tuple | dict) and not gc.is_tracked(one):
                held += gc.get_referents(one)


def holding(planted: str) -> int:
    as_bytes = planted.encode()
    # What this test itself has written down stands in its own constants.
    mine = (planted, as_bytes)
    return sum(
        planted in held if isinstance(held, str) else as_bytes in held
        for held in reachable()
        if not any(held is one for one in mine)
    )


def full(user: User, name: str = OTHER) -> str:
    """A visit with the planted words saved, drafted, searched, drawn and read as text."""
    work = user.unlock()
    visit = user.begin(work)
    type_words(user.area(), sentence(name))
    workplace = user.window.workplace
    assert workplace is not None
    workplace.visit.save()
    work.settle()
    user.begin(work)
    type_words(user.area(), f"{sentence(name)}, again")
    work.settle()
    workplace._show_paper(visit, Reader.OFFICE)
    user.qtbot.waitUntil(workplace.paper.is_drawn, timeout=30_000)
    click(workplace.paper.read)
    user.qtbot.waitUntil(lambda: sentence(name) in workplace.paper.text.words())
    return visit


def test_no_words_of_a_record_are_reachable_once_locked(user: User) -> None:
    full(user, SOUGHT)
    assert holding(SOUGHT) > 0
    user.lock()
    user.window._garbage.collect()
    assert holding(SOUGHT) == 0


def refused(user: User, notes: Path) -> None:
    """Somebody chose a file of notes where a published list was meant."""
    user.unlock()
    workplace = user.window.workplace
    assert workplace is not None
    page = workplace.shell._pages[IMPORT]
    assert isinstance(page, ImportPage)
    page.open_file(notes)
    user.qtbot.waitUntil(lambda: page.state is State.FAILED)


def test_no_words_of_a_file_that_was_no_list_are_reachable_once_locked(
    user: User, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.csv"
    notes.write_text(f"Child,What was said\n{NOTED} Y.,{sentence(NOTED)}\n", encoding="utf-8")
    refused(user, notes)
    user.lock()
    user.window._garbage.collect()
    assert holding(NOTED) == 0


def test_no_screen_no_database_and_no_key_is_reachable_once_locked(user: User) -> None:
    full(user)
    window = user.window
    assert window.session is not None
    assert window.workplace is not None
    assert window._open is not None
    pages = window.workplace.shell._pages.values()
    open_things = (window.session, window.session.store, window.workplace, *pages)
    left = [weakref.ref(thing) for thing in open_things]
    holder = weakref.ref(window._open.keys)
    del pages, open_things
    user.lock()
    assert [ref() for ref in left if ref() is not None] == []
    keys = holder()
    # The holder may outlive its keys, as long as it holds none.
    if keys is not None:
        with pytest.raises(KnownError):
            keys.working_key(Purpose.DATABASE)


LOCKS = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from hah_desktop.app import make_window, now
from hah_desktop.laptop.folder import Laptop
from hah_desktop.vault.kdf import FLOOR

app = QApplication([])
window = make_window(app, Laptop(Path(sys.argv[1]), now, cost=FLOOR))
window.show()
line = window.unlock_screen.passphrase
loop = QEventLoop()
window.unlocked.connect(loop.quit)
window.locked.connect(loop.quit)
QTest.keyClicks(line, sys.stdin.readline().strip())
QTest.keyClick(line, Qt.Key.Key_Return)
loop.exec()
if sys.argv[2] == "lock":
    window.lock()
    loop.exec()
print("ready", flush=True)
sys.stdin.readline()
import os
os._exit(0)
"""


def times_in_memory(pid: int, secrets: dict[str, bytes]) -> dict[str, int]:
    found = dict.fromkeys(secrets, 0)
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            start, end = (int(part, 16) for part in span.split("-"))
            if not rights.startswith("rw"):
                continue
            try:
                piece = os.pread(memory.fileno(), end - start, start)
            except OSError:
                continue  # a page the system keeps to itself
            for name, secret in secrets.items():
                found[name] += piece.count(secret)
    return found


def keys_of(folder: Path) -> dict[str, bytes]:
    keys = Vault.open(folder).unlock(PASSPHRASE).keys
    try:
        return {
            "vault key": bytes(keys._key()),
            "database key": bytes(keys.working_key(Purpose.DATABASE)),
            "database key in hex": bytes(keys.working_key(Purpose.DATABASE)).hex().encode(),
        }
    finally:
        keys.wipe()


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="only Linux shows a program's memory as a file"
)
@pytest.mark.parametrize(("act", "copies"), [("stay", 1), ("lock", 0)], ids=["open", "locked"])
def test_the_memory_of_the_locked_program_holds_no_key(
    laptop: Laptop, act: str, copies: int
) -> None:
    command = [sys.executable, "-c", LOCKS, str(laptop.folder), act]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env=environment,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{PASSPHRASE}\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        secrets = keys_of(laptop.folder)
        found = times_in_memory(child.pid, secrets)
        child.communicate("\n")
    assert found == dict.fromkeys(secrets, 0) | {"vault key": copies}


class Titles(QObject):
    """Everything that a task bar, a switcher of windows or a notification could show."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.seen: set[str] = set()
        user.window.everywhere.appeared.connect(self._note)

    def _note(self, front: QWidget) -> None:
        self.seen |= {front.windowTitle(), front.windowFilePath(), front.windowIconText()}

    def look(self) -> None:
        for front in QApplication.topLevelWidgets():
            self._note(front)


ALLOWED = {"", PRODUCT, "Save a copy that is not encrypted", "Choose a published list", "Print"}


def test_no_title_of_any_window_ever_shows_a_name(user: User) -> None:
    titles = Titles(user)
    visit = full(user)
    titles.look()
    workplace = user.window.workplace
    assert workplace is not None
    for key in workplace.shell._pages:
        workplace.shell.show_page(key)
        user.work()
        titles.look()
    workplace.open_visit(visit)
    user.work()
    for step, _ in steps.STEPS:
        workplace.visit.show_step(step)
        user.work()
        titles.look()
    workplace.visit.show_step(steps.RECORD)
    user.work()
    workplace.visit.open_entry("arrival")
    user.work()
    day = question(user.window, "Day of arrival").control
    assert isinstance(day, DateEdit)
    day.open_calendar()
    titles.look()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
    workplace.shell.show_page("paper")
    paper = workplace.paper
    click(paper.print_button)
    click(paper.save_button)
    click(paper.save_button)
    workplace.import_places.choose_file()
    titles.look()
    opened = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    for kind in (QPrintDialog, QFileDialog):
        assert any(isinstance(w, kind) for w in opened)
    user.window.covering.put()
    titles.look()
    user.window.covering.take_away()
    user.lock()
    titles.look()
    assert titles.seen <= ALLOWED
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog | QMenu)]
