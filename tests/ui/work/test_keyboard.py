"""The work of a visit by the keyboard alone, and the focus that never gets lost on the way."""

import dataclasses as dc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.lists import RecordTable, RowList
from hah_desktop.ui.kit.stepper import Stepper
from hah_desktop.ui.workplace import IMPORT, VISITS, Workplace
from tests.ui.work.at_window import User, here
from tests.ui.work.keys import Keys
from tests.ui.work.made import Work, workplace_of


@pytest.fixture
def workplace(work: Work, qtbot: QtBot) -> Workplace:
    """Everything that an adviser works with, with one place in the list."""
    work.store.add(Place(id=work.store.new_id(), name="Larkspur House", place_type="CH", urn="1"))
    made = workplace_of(work, qtbot)
    made.start("")
    work.settle()
    return made


def test_a_visit_is_planned_started_and_recorded_without_a_mouse(
    workplace: Workplace, work: Work
) -> None:
    keys = Keys(workplace, work)
    workplace.shell.next_pane(forward=True)
    keys.push("Choose a place")
    keys.to(lambda w: isinstance(w, RecordTable), "the list of places")
    keys.tap(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    keys.push("Plan a visit")
    keys.answer("What we want to find out", "Are the bells answered?")
    keys.push("Start the visit")
    keys.answer("Time of arrival", "0950")
    keys.answer("Who met us", "T. Lark")
    keys.tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with work.store.reading() as connection:
        [visit] = [h.record for h in reading.of_kind(connection, Visit.kind)]
    assert isinstance(visit, Visit)
    assert (visit.purpose, visit.met_by) == ("Are the bells answered?", "T. Lark")
    assert f"{visit.arrived_at:%H:%M}" == "09:50"
    keys.to(lambda w: isinstance(w, Stepper), "the steps")
    keys.tap(Qt.Key.Key_Right)
    keys.push("Add a conversation")
    keys.answer("What the child likes to be called", "Kai M.")
    keys.tap(Qt.Key.Key_Return)
    keys.to_named("What kind of statement is this?")
    keys.tap(Qt.Key.Key_S)
    keys.answer("Words", "It is loud at night.")
    keys.push("Add these words")
    with work.store.reading() as connection:
        [said] = [h.record for h in reading.of_kind(connection, Statement.kind)]
    assert isinstance(said, Statement)
    assert (said.type, said.text) == ("own_words", "It is loud at night.")


def test_after_unlocking_the_keyboard_is_on_the_page_and_not_on_the_rail(user: User) -> None:
    user.unlock()
    assert user.window.workplace is not None
    assert user.window.workplace.visits.isAncestorOf(here())


def test_the_focus_is_somewhere_after_every_save(workplace: Workplace, work: Work) -> None:
    visit = work.visit()
    keys = Keys(workplace, work)
    workplace.open_visit(visit.id)
    work.settle()
    workplace.shell.next_pane(forward=True)
    for _ in range(4):
        keys.push("Save and continue")
        assert workplace.visit.isAncestorOf(keys.here()), "where the work goes on, not on the rail"
    assert keys.here().isEnabled()


def test_a_visit_can_be_planned_from_the_list_of_visits(workplace: Workplace, work: Work) -> None:
    work.visit()
    work.session.changed.emit(frozenset())
    work.settle()
    workplace.shell.next_pane(forward=True)
    keys = Keys(workplace, work)
    keys.push("Plan a visit")
    assert workplace.shell.current_page() is workplace.places
    assert keys.here() is workplace.places.filters.search


def test_a_list_that_was_emptied_says_so_again(workplace: Workplace, work: Work) -> None:
    visit = work.visit()
    work.session.changed.emit(frozenset())
    work.settle()
    assert workplace.visits.rows.isVisible()
    removed = dc.replace(visit, removed=True)
    work.store.save(Edited(removed, work.held(visit.id).seen))
    work.session.changed.emit(frozenset())
    work.settle()
    assert not workplace.visits.rows.isVisible()
    assert workplace.visits.empty is not None
    assert workplace.visits.empty.isVisible()


def test_a_list_keeps_its_place_when_something_arrives(workplace: Workplace, work: Work) -> None:
    for _ in range(3):
        work.visit()
    workplace.visits.refresh()
    work.settle()
    keys = Keys(workplace, work)
    workplace.shell.next_pane(forward=True)
    keys.to(lambda w: isinstance(w, RowList), "the list of visits")
    keys.tap(Qt.Key.Key_Down)
    keys.tap(Qt.Key.Key_Down)
    before = workplace.visits.rows.currentIndex().row()
    work.session.changed.emit(frozenset())
    work.settle()
    assert workplace.visits.rows.currentIndex().row() == before
    assert keys.here() is workplace.visits.rows


@pytest.mark.parametrize("width", [1366, 683])
def test_where_there_is_nothing_yet_one_button_says_what_to_do(
    work: Work, qtbot: QtBot, width: int
) -> None:
    workplace = Workplace(work.session, lambda _preferences: None)
    qtbot.addWidget(workplace)
    workplace.resize(1100, 768)
    with qtbot.waitExposed(workplace):
        workplace.show()
    workplace.start("")
    work.settle()
    # Another width lays the buttons out anew.
    workplace.resize(width, 768)
    for page, act in ((VISITS, "Choose a place"), (IMPORT, "Choose a file")):
        workplace.shell.show_page(page)
        work.settle()
        shown = [b for b in workplace.findChildren(QPushButton) if b.isVisible()]
        acts = [b.text() for b in shown if isinstance(b, PrimaryButton | SecondaryButton)]
        assert acts == [act]
