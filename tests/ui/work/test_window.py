"""The one window: in, locked, in again, and nothing lost or left open on the way."""

import threading
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from hah_desktop.app import make_window, now
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.tables.meta import Identity
from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.dates import DateEdit
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.sync.hanging import Looks, answering, says_nothing
from tests.ui.kit.hands import press, type_words
from tests.ui.stores import RUTH
from tests.ui.work.at_window import PASSPHRASE, HandSeconds, User, make_folder, words_on
from tests.ui.work.made import question

LONG = "\n".join(f"Line {n} of what we saw there." for n in range(30))


def kept(laptop: Laptop, visit: str) -> Draft | None:
    """The draft of a visit as the folder holds it once the window is gone."""
    unlocked = laptop.unlock(PASSPHRASE)
    try:
        with unlocked.store.reading() as connection:
            return drafts.get(connection, visit)
    finally:
        unlocked.lock()


def test_a_first_run_leads_from_the_code_to_work(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    with Office.running(data=tmp_path / "office") as office:
        window = make_window(qapp, Laptop(tmp_path / "laptop", now, cost=FLOOR))
        user = User(window, qtbot)
        user.show()
        screen = window.door.enrol_screen
        for line, words in (
            (screen.address_line, office.url),
            (screen.code_line, office.enrol("Ruth Aldous")),
            (screen.first, PASSPHRASE),
            (screen.second, PASSPHRASE),
        ):
            line.setFocus()
            type_words(line, words)
        with qtbot.waitSignal(window.unlocked, timeout=30_000):
            press(screen.second, Qt.Key.Key_Return)
        assert window.session is not None
        assert window.session.who.adviser_name == "Ruth Aldous"
        user.lock()
        assert window.currentWidget() is window.unlock_screen
        user.unlock()
        user.close()
        window.deleteLater()


def test_a_wrong_passphrase_keeps_the_door_shut_and_says_so(user: User, qtbot: QtBot) -> None:
    screen = user.window.unlock_screen
    type_words(screen.passphrase, "another one entirely here")
    press(screen.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not unlock" in screen.field.problem.text(), timeout=20_000)
    assert user.window.currentWidget() is screen
    assert QApplication.focusWidget() is screen.passphrase


def test_ctrl_l_locks_at_once(user: User, qtbot: QtBot) -> None:
    user.unlock()
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        press(user.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert user.window.currentWidget() is user.window.unlock_screen
    assert user.window.session is None
    assert QApplication.focusWidget() is user.window.unlock_screen.passphrase


def test_nobody_at_the_keys_for_five_minutes_locks(user: User, qtbot: QtBot) -> None:
    seconds = user.window.idle._wall = HandSeconds()
    user.unlock()
    for _ in range(14):
        seconds.now += 20
        user.window.idle.tick()
    assert user.window.session is not None
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        seconds.now += 20
        user.window.idle.tick()


def test_a_laptop_that_slept_is_locked_when_it_wakes(user: User, qtbot: QtBot) -> None:
    seconds = user.window.idle._wall = HandSeconds()
    user.unlock()
    seconds.now += 45
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        user.window.idle.tick()


def test_the_time_left_is_said_in_whole_minutes_and_never_more_than_there_are(user: User) -> None:
    user.window.idle._wall = HandSeconds()
    user.unlock()
    user.window.idle.tick()
    assert "Locks in 5 min" in words_on(user.window)


def test_unlocking_leads_back_to_the_very_word(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    area = user.area()
    area.setFocus()
    area.setPlainText(LONG)
    cursor = area.textCursor()
    cursor.setPosition(77)
    area.setTextCursor(cursor)
    work.settle()
    assert user.window.workplace is not None
    before = user.window.workplace.visit.place()
    user.lock()
    work = user.unlock()
    assert user.window.workplace is not None
    after = user.window.workplace.visit
    work.settle()
    assert user.area().toPlainText() == LONG
    assert QApplication.focusWidget() is user.area()
    assert user.area().textCursor().position() == 77
    user.qtbot.waitUntil(lambda: after.place() == before)


def test_unlocking_leads_back_to_where_the_page_was_scrolled(user: User) -> None:
    work = user.unlock()
    user.begin(work, "exit")
    assert user.window.workplace is not None
    middle = user.window.workplace.visit._middle
    scroller = middle.currentWidget()
    assert isinstance(scroller, Scroller)
    user.qtbot.waitUntil(lambda: scroller.verticalScrollBar().maximum() > 40)
    middle.go_back_to({"scroll": 37})
    user.qtbot.waitUntil(lambda: middle.place()["scroll"] == 37)
    user.lock()
    user.unlock()
    assert user.window.workplace is not None
    again = user.window.workplace.visit._middle
    user.qtbot.waitUntil(lambda: again.place()["scroll"] == 37)


def test_the_title_of_the_window_is_always_the_programs_name(user: User) -> None:
    titles: list[str] = []
    user.window.windowTitleChanged.connect(titles.append)
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("Kai M. said it is loud.")
    work.settle()
    user.lock()
    assert {user.window.windowTitle(), *titles} == {PRODUCT}
    assert all(w.windowTitle() in ("", PRODUCT) for w in QApplication.topLevelWidgets())


def test_no_other_window_flashes_up_while_unlocking(user: User) -> None:
    flashed: list[object] = []
    user.window.everywhere.appeared.connect(flashed.append)
    user.unlock()
    assert flashed == []
    assert QApplication.activeWindow() is user.window


def test_locking_empties_the_clipboard(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("Kai M. said it is loud.")
    user.area().selectAll()
    user.area().copy()
    assert QApplication.clipboard().text()
    user.lock()
    assert not QApplication.clipboard().text()


def test_a_calendar_that_is_folded_out_does_not_stay_before_the_locked_window(user: User) -> None:
    work = user.unlock()
    user.begin(work, "arrival")
    day = question(user.window, "Day of arrival").control
    assert isinstance(day, DateEdit)
    day.open_calendar()
    user.lock()
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [user.window]


def test_closing_while_typing_keeps_the_draft(user: User, laptop: Laptop) -> None:
    work = user.unlock()
    visit = user.begin(work)
    type_words(user.area(), "Calm until")
    user.close()
    draft = kept(laptop, visit)
    assert draft is not None
    assert draft.body["impression"] == "Calm until"


def test_closing_twice_in_a_hurry_keeps_the_draft(user: User, laptop: Laptop) -> None:
    work = user.unlock()
    visit = user.begin(work)
    type_words(user.area(), "Calm until")
    user.window.close()
    user.window.close()
    user.close()
    draft = kept(laptop, visit)
    assert draft is not None
    assert draft.body["impression"] == "Calm until"


def test_closing_right_after_locking_keeps_the_draft(user: User, laptop: Laptop) -> None:
    work = user.unlock()
    visit = user.begin(work)
    type_words(user.area(), "Calm until")
    user.window.lock()
    user.close()
    draft = kept(laptop, visit)
    assert draft is not None
    assert draft.body["impression"] == "Calm until"


def test_locking_in_the_middle_of_everything_disturbs_nobody(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    type_words(user.area(), "Calm")
    assert user.window.workplace is not None
    for page in (user.window.workplace.visits, user.window.workplace.places):
        page.refresh()
    user.window.workplace.visit.save()
    user.window.workplace.visit.refresh()
    user.lock()
    user.unlock()
    assert user.area().toPlainText() == "Calm"


def test_locking_while_something_slow_is_under_way_disturbs_nobody(
    user: User, qtbot: QtBot
) -> None:
    user.unlock()
    session = user.window.session
    assert session is not None
    told: list[object] = []
    ended = threading.Event()

    def slow() -> str:
        assert ended.wait(120)
        return "drawn"

    def fails() -> str:
        slow()
        raise StoreFull("The disk of this laptop is full.")

    for signal in (session.trouble, session.synced, session.changed):
        signal.connect(told.append)
    session.run_slow(slow, told.append)
    session.run_slow(fails, told.append, told.append)
    session.sync()
    session.keep(lambda _connection: None, session.while_open(told.append))
    user.window.lock()
    ended.set()
    qtbot.waitUntil(lambda: not user.window._background._running, timeout=20_000)
    assert not told


def test_locking_and_closing_wait_for_no_office_that_does_not_answer(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    with answering(says_nothing) as call:
        make_folder(tmp_path / "laptop", replace(RUTH, office_url=call.url))
        window = make_window(qapp, Laptop(tmp_path / "laptop", now, cost=FLOOR))
        user = User(window, qtbot)
        user.show()
        user.unlock()
        assert window.session is not None
        window.session.sync()
        qtbot.waitUntil(call.hangs.is_set)
        assert window.session.is_syncing
        user.close()
        assert looks.count == 0
        assert not window._background._running
        assert looks.nobody_hangs()
        window.deleteLater()


def test_what_could_not_be_kept_on_a_full_disk_is_there_after_the_next_unlock(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("word " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    user.lock()
    assert "full" in words_on(user.window)
    user.unlock()
    assert user.area().toPlainText().startswith("word")


def test_what_could_not_be_kept_waits_for_its_author_and_nobody_else(
    user: User, qtbot: QtBot, tmp_path: Path
) -> None:
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("word " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    door = user.window.door
    mine = door.laptop
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        user.window.lock()
        # Locking waits for what is under way: somebody else may be at the door before it ends.
        door.laptop = replace(mine, folder=tmp_path / "somebody else")
    assert list(user.window._unkept) == [mine.folder]
    door.laptop = mine
    user.unlock()
    assert user.area().toPlainText().startswith("word")


def test_a_full_disk_is_said_before_the_window_closes_with_unkept_words(
    user: User, qtbot: QtBot
) -> None:
    work = user.unlock()
    user.begin(work)
    user.area().setPlainText("word " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    with qtbot.waitSignal(user.window.locked, timeout=20_000):
        user.window.close()
    qtbot.waitUntil(lambda: "full" in words_on(user.window))
    assert user.window.isVisible()
    user.close()


def test_a_laptop_whose_setting_up_was_cut_leads_to_the_code_again(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path / "cut", Identity("11" * 32))
    window = make_window(qapp, Laptop(tmp_path / "cut", now, cost=FLOOR))
    user = User(window, qtbot)
    user.show()
    type_words(window.unlock_screen.passphrase, PASSPHRASE)
    press(window.unlock_screen.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.currentWidget() is window.door.enrol_screen, timeout=20_000)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert window.door.enrol_screen.isAncestorOf(focused)
    assert "not finished" in " ".join(b.text() for b in window.door.enrol_screen.summary.buttons)
    user.close()
    window.deleteLater()


def no_room(connection: object, *_: object) -> None:
    """Let the database grow no further: the disk is full."""
    connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]  # the driver's own


class Circle:
    """A circle of garbage that notes in which thread it died."""

    def __init__(self, died_in: list[int]) -> None:
        self.me = self
        self._died_in = died_in

    def __del__(self) -> None:
        self._died_in.append(threading.get_ident())


def test_garbage_dies_in_the_interfaces_thread_and_in_no_other(user: User, qtbot: QtBot) -> None:
    work = user.unlock()
    died_in: list[int] = []
    made: list[int] = []

    def litter() -> int:
        return len([Circle(died_in) for _ in range(20_000)])

    work.session.run_slow(litter, made.append)
    qtbot.waitUntil(lambda: len(died_in) == 20_000, timeout=20_000)
    assert set(died_in) == {threading.get_ident()}


def test_nothing_of_the_unlocked_screens_is_left_once_the_program_is_locked(user: User) -> None:
    work = user.unlock()
    user.begin(work)
    assert user.window.workplace is not None
    # This one, and not whatever a test before may have left.
    left = weakref.ref(user.window.workplace)
    user.lock()
    del work
    user.window._garbage.collect()
    assert left() is None
