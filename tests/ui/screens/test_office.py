"""The page about the office: saved, received and undecided are three different things."""

import dataclasses as dc
import datetime as dt
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, update

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.store.exchange import carrying, outbox
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CARD, CHANGE, TAKEN_BUNDLE
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Label, Tag
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.standing import MOST_LISTED
from hah_desktop.ui.parts.sync_words import FROM_STICK
from hah_desktop.ui.parts.waiting import MOST_LISTED as MOST_LISTED_TO_DECIDE
from hah_desktop.ui.screens.office import OfficePage
from hah_desktop.ui.session import Session
from tests.store.hand import NOON, HandClock
from tests.ui.kit.hands import click, press
from tests.ui.screens.lines import OfficeLine
from tests.ui.screens.made import SIZES, Get, Show, Tear, arrives, findings, said_by

ROWAN = Place(id=RecordId("rowan"), name="Rowan House")
VISIT = Visit(id=RecordId("visit"), place="rowan", visited_on=dt.date(2026, 3, 1))


@pytest.fixture
def session(in_memory: Session) -> Session:
    return in_memory


@pytest.fixture
def page(session: Session) -> OfficePage:
    return OfficePage(session)


def opened(page: OfficePage, show: Show, qtbot: QtBot) -> OfficePage:
    show(page)
    qtbot.waitUntil(lambda: bool(page.findChildren(Tag)))
    return page


def synced(page: OfficePage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.synced):
        click(page.now)
    qtbot.waitUntil(lambda: page.problem.isVisible() or page.result.isVisible())


def wait_for_status(page: OfficePage, qtbot: QtBot, words: str) -> None:
    def is_shown() -> bool:
        return words in [tag.text() for tag in page.findChildren(Tag) if tag.isVisible()]

    qtbot.waitUntil(is_shown)


def test_what_is_only_here_is_counted_and_named(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(ROWAN, VISIT)
    opened(page, show, qtbot)
    wait_for_status(page, qtbot, "2 changes only on this laptop")
    assert page.only_here.words() == (
        "Visit to Rowan House, 1 March 2026",
        "And 1 more record, such as places",
    )


def test_what_came_by_stick_is_counted_apart_until_the_office_has_it(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(VISIT)
    with store.writing() as connection:
        connection.execute(update(CHANGE).values(number=None))
    opened(page, show, qtbot)
    said = "1 change from a colleague’s stick not yet received by the office"
    wait_for_status(page, qtbot, said)
    assert not page.only_here.isVisible(), "it is on the colleague’s laptop, too"
    assert FROM_STICK in [label.text() for label in page.state.findChildren(Label)]


def test_thousands_of_imported_places_do_not_hide_a_visit(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    places = [dc.replace(ROWAN, id=RecordId(f"a{n}")) for n in range(2000)]
    store.add(*places, VISIT)
    opened(page, show, qtbot)
    assert page.only_here.words()[0].startswith("Visit")
    assert page.only_here.words()[1] == "And 2,000 more records, such as places"


def test_only_so_many_records_are_named(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(*(dc.replace(VISIT, id=RecordId(f"v{n}")) for n in range(MOST_LISTED + 5)))
    opened(page, show, qtbot)
    assert len(page.only_here.words()[:-1]) == MOST_LISTED


def test_only_a_receipt_makes_a_change_received(
    page: OfficePage, session: Session, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(VISIT)
    opened(page, show, qtbot)
    synced(page, session, qtbot)
    wait_for_status(page, qtbot, "All received by the office 12:00")
    assert page.result.label.text().startswith("Last sync today ")
    assert "1 change sent" in page.result.label.text()


def test_an_office_that_does_not_answer_is_said_in_plain_words(
    page: OfficePage, session: Session, line: OfficeLine, store: Store, show: Show, qtbot: QtBot
) -> None:
    line.is_down = True
    store.add(VISIT)
    opened(page, show, qtbot)
    synced(page, session, qtbot)
    said = page.problem.label.text()
    assert "The office cannot be reached. Everything is saved on this laptop." in said
    wait_for_status(page, qtbot, "1 change only on this laptop")
    assert page.now.isEnabled()


def test_a_sync_can_be_stopped(
    page: OfficePage, session: Session, line: OfficeLine, store: Store, show: Show, qtbot: QtBot
) -> None:
    line.hold = threading.Event()
    store.add(VISIT)
    opened(page, show, qtbot)
    assert not page.stop.isVisible()
    click(page.now)
    assert page.progress.isVisible()
    assert not page.now.isEnabled()
    with qtbot.waitSignal(session.synced):
        click(page.stop)
    qtbot.waitUntil(page.problem.isVisible)
    assert "The sync was stopped." in page.problem.label.text()
    assert not page.stop.isVisible()


def test_the_history_tells_of_every_sync_the_newest_first(
    page: OfficePage, session: Session, line: OfficeLine, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(VISIT)
    opened(page, show, qtbot)
    synced(page, session, qtbot)
    line.is_down = True
    synced(page, session, qtbot)
    qtbot.waitUntil(lambda: page.history.table.words.rowCount() == 2)
    told = [page.history.table.words.index(row, 3).data() for row in (0, 1)]
    assert told[0].startswith("The office cannot be reached")
    assert told[1] == "All went well"


def test_a_sync_is_opened_by_keyboard_and_tells_all_that_is_remembered_of_it(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    ended = (NOON + dt.timedelta(seconds=75)).isoformat()
    run = SyncRun(NOON.isoformat(), ended, 230, 14, "", 3, 1400, agrees=True)
    run = dc.replace(run, sent_bytes=41_300, fetched_bytes=812, office="office.example")
    with store.writing() as connection:
        outbox.note_run(connection, run)
    opened(page, show, qtbot)
    qtbot.waitUntil(page.history.isVisible)
    assert not page.history.detail.isVisible()
    page.history.table.setFocus()
    page.history.table.choose_row(0)
    press(page.history.table, Qt.Key.Key_Return)
    said = [label.text() for label in page.history.detail.findChildren(Label)]
    assert dict(zip(said[::2], said[1::2], strict=True)) == {
        "Began": "today 12:00",
        "Took": "1 minute 15 seconds",
        "With": "office.example",
        "Sent": "230 changes, 41.3 kB",
        "Fetched": "14 records, 812 bytes",
        "Both sides hold the same": "Yes: 1,400 records in 3 files",
        "How it ended": "All went well.",
    }


def test_what_is_only_here_leads_to_the_record(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    store.add(VISIT, Action(id=RecordId("action"), visit="visit", what="Mend the bell"))
    opened(page, show, qtbot)
    page.show_only_here()
    qtbot.waitUntil(lambda: isinstance(page.focusWidget(), LinkButton))
    assert page.only_here.words() == ("Visit, 1 March 2026", "Action: Mend the bell")
    with qtbot.waitSignal(page.record_requested) as asked:
        click(page.only_here.findChildren(LinkButton)[1])
    assert asked.args == ["visit", "action"]


def test_a_wrong_clock_is_said_also_after_the_next_unlock(
    page: OfficePage, store: Store, clock: HandClock, show: Show, qtbot: QtBot
) -> None:
    clock.now = NOON + dt.timedelta(hours=2)
    store.met_office(NOON)
    opened(page, show, qtbot)
    assert "2 hours fast" in page.clock.label.text()
    assert page.clock.isVisible()


@pytest.mark.parametrize(("refused", "is_said"), [(2, False), (3, True)])
def test_what_came_by_hand_and_the_office_does_not_take_is_said(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot, *, refused: int, is_said: bool
) -> None:
    with store.writing() as connection:
        ada = {"adviser": "a", "name": "Ada Example", "signing": "", "sealing": ""}
        connection.execute(insert(CARD).values(laptop="l", **ada))
        one = {"id": "b", "laptop": "l", "number": 1, "taken_at": "", "changes": b""}
        connection.execute(insert(TAKEN_BUNDLE).values(refused=refused, **one))
    opened(page, show, qtbot)
    assert ("laptop of Ada Example." in page.by_hand.label.text()) == is_said
    assert page.by_hand.isVisible() == is_said
    if is_said:
        click(page.by_hand.dismiss)
        page.refresh()
        qtbot.waitUntil(lambda: not is_kept(store))
        assert not page.by_hand.isVisible()


def is_kept(store: Store) -> bool:
    with store.reading() as connection:
        return bool(carrying.never_given(connection))


def test_a_record_that_needs_a_decision_leads_to_it(
    page: OfficePage, tear: Tear, show: Show, qtbot: QtBot
) -> None:
    tear(VISIT, dc.replace(VISIT, met_by="One"), dc.replace(VISIT, met_by="Two"))
    opened(page, show, qtbot)
    with qtbot.waitSignal(page.conflict_requested) as asked:
        click(page.decide.buttons[0])
    assert asked.args == [VISIT.id]


def test_a_change_that_was_set_aside_is_shown_with_its_reason_and_words(
    page: OfficePage, store: Store, show: Show, qtbot: QtBot
) -> None:
    words = Reason.OFFICE_ONLY.value
    due = dt.date(2026, 4, 1)
    action = Action(id=RecordId("action"), visit="visit", what="Mend the bell", due=due)
    store.add(action)
    with store.writing() as connection:
        told = {"received": 1, "verdict": "set_aside", "problem": words.what}
        connection.execute(update(CHANGE).values(**told))
    opened(page, show, qtbot)

    def said() -> list[str]:
        return [label.text() for label in page.aside.findChildren(Label) if label.isVisible()]

    # Qt shows what is added to a window on show a moment later.
    qtbot.waitUntil(
        lambda: (
            said()[2:]
            == [
                "Action: Mend the bell: Only the office may change this.",
                f"{words.kept} {words.do}\nBy when: 1 April 2026\nWhat will be done: Mend the bell",
            ]
        )
    )


def test_what_is_saved_elsewhere_shows_at_once(
    page: OfficePage, session: Session, store: Store, show: Show, qtbot: QtBot
) -> None:
    opened(page, show, qtbot)
    store.add(VISIT)
    session.changed.emit(frozenset({VISIT.id}))
    wait_for_status(page, qtbot, "1 change only on this laptop")


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.HIGH_CONTRAST])
def test_nothing_is_clipped_or_nameless(
    page: OfficePage,
    session: Session,
    line: OfficeLine,
    tear: Tear,
    show: Show,
    qapp: QApplication,
    qtbot: QtBot,
    theme: ThemeName,
    width: int,
    height: int,
    scale: float,
) -> None:
    line.is_down = True
    what = "The home will share the log of the call bells every Friday with the office. " * 3
    action = Action(id=RecordId("action"), visit="visit", what=what)
    tear(action, dc.replace(action, owner="One"), dc.replace(action, owner="Two"))
    apply(qapp, theme, scale)
    opened(page, show, qtbot)
    page.window().resize(width, height)
    synced(page, session, qtbot)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []


def test_what_waits_for_a_decision_says_where_what_who_and_when(
    page: OfficePage, session: Session, tear: Tear, store: Store, show: Show, qtbot: QtBot
) -> None:
    session.start()
    store.add(ROWAN, VISIT)
    action = Action(id=RecordId("action"), visit="visit", what="Mend the bell")
    tear(action, dc.replace(action, owner="A", what="x"), dc.replace(action, owner="B", what="y"))
    opened(page, show, qtbot)
    qtbot.waitUntil(lambda: bool(page.decide.buttons))
    (button,) = page.decide.buttons
    assert button.accessibleDescription() == (
        "On the visit to Rowan House, 1 March 2026. Who will do it, What will be done. "
        "Ruth Aldous · today 12:00"
    )


def test_of_a_removal_that_waits_it_is_said_what_was_removed(
    page: OfficePage, session: Session, get: Get, store: Store, show: Show, qtbot: QtBot
) -> None:
    session.start()
    action = Action(id=RecordId("action"), visit="visit", what="Mend the bell")
    store.add(action)
    held = get("action")
    store.save(Edited(dc.replace(action, removed=True), held.seen))
    arrives(store, action, said_by("dana", 8, {"owner": "The manager"}))
    opened(page, show, qtbot)
    qtbot.waitUntil(lambda: bool(page.decide.buttons))
    (button,) = page.decide.buttons
    assert button.words == "Action: Mend the bell"
    assert button.accessibleDescription().startswith(
        "Removed by one, while another went on with it. "
    )


def test_of_very_many_that_wait_the_first_are_listed_and_the_rest_counted(
    page: OfficePage, tear: Tear, show: Show, qtbot: QtBot
) -> None:
    for number in range(MOST_LISTED_TO_DECIDE + 2):
        one = dc.replace(VISIT, id=RecordId(f"v{number:02}"))
        tear(one, dc.replace(one, met_by="A"), dc.replace(one, met_by="B"))
    opened(page, show, qtbot)
    qtbot.waitUntil(lambda: len(page.decide.buttons) == MOST_LISTED_TO_DECIDE)
    told = [label.text() for label in page.decide.findChildren(Label)]
    assert "And 2 more records" in told
