"""The workspace of a visit: nothing typed is lost between its parts, and its rules hold."""

import dataclasses as dc

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.child import (
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Action, Area
from hah_desktop.domain.signoff import DECLINED
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Heading, Label
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.screens.visit.permissions import PermissionRow
from tests.store.hand import HandClock
from tests.ui.kit.hands import click, press, type_words
from tests.ui.work.made import Work, button, on_show, question
from tests.ui.work.visiting import fill, go, paste, push, talk, text_of


def test_what_is_typed_in_two_parts_of_the_visit_is_there_in_both(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "arrival")
    fill(page, "Who met us", "T. Lark")
    page.open_entry("impression")
    work.settle()
    fill(page, "General impression", "Calm")
    page.open_entry("arrival")
    work.settle()
    assert text_of(page, "Who met us") == "T. Lark"
    push(work, page, "Save and continue")
    body = work.held(visit.id).seen.body
    assert (body["met_by"], body["impression"]) == ("T. Lark", "Calm")


def test_saving_goes_on_to_the_next_row_and_then_to_the_next_step(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "impression")
    fill(page, "General impression", "Calm")
    push(work, page, "Save and continue")
    fill(page, "Who we spoke to before leaving", "T. Lark")
    push(work, page, "Save and continue")
    assert button(page, "Add a conversation").isVisible()
    body = work.held(visit.id).seen.body
    assert (body["impression"], body["exit_with"]) == ("Calm", "T. Lark")
    assert not work.held(visit.id).open


def test_the_child_stands_apart_from_the_place_beside_the_work(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    glance = page._glance
    shown = [h.text() for h in glance.findChildren(Heading) if not h.isHidden()]
    assert shown == ["Kai M. at a glance", "The place at a glance"]
    go(work, page, visit.id, steps.RECORD, "arrival")
    shown = [h.text() for h in glance.findChildren(Heading) if not h.isHidden()]
    assert shown == ["The place at a glance"]


def test_a_concern_of_which_nothing_is_written_yet_says_so_beside_the_work(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    of = talk(work, visit)
    work.store.add(Concern(id=work.store.new_id(), visit=visit.id, child=of.child))
    go(work, page, visit.id, steps.TALKS, of.id)
    shown = [label.text() for label in page._glance.rows.findChildren(Label)]
    assert shown == ["Open concern", "Not written down yet"]


def test_saving_an_unreadable_answer_stays_and_says_so(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "arrival")
    fill(page, "Time of arrival", "25:05")
    push(work, page, "Save and continue")
    assert text_of(page, "Time of arrival") == "25:05"
    on_show(page, LinkButton, lambda b: "24-hour clock" in b.text())


def test_a_save_that_fails_does_not_leave_the_part(
    work: Work, page: VisitPage, qtbot: QtBot
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "impression")
    paste(question(page, "General impression").control, "word " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    with qtbot.waitSignal(work.session.trouble, timeout=10_000) as told:
        click(button(page, "Save and continue"))
    assert told.args is not None
    assert "full" in str(told.args[0])
    work.settle()
    assert text_of(page, "General impression").startswith("word")
    event.remove(work.store._engine, "checkout", no_room)
    event.listen(work.store._engine, "checkout", room_again)
    push(work, page, "Save and continue")
    assert str(work.held(visit.id).seen.body["impression"]).startswith("word")


def test_what_could_not_be_kept_comes_back_when_its_row_is_opened_again(
    work: Work, page: VisitPage, qtbot: QtBot
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "impression")
    paste(question(page, "General impression").control, "word " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    with qtbot.waitSignal(work.session.trouble, timeout=10_000):
        page.open_entry("arrival")
    work.settle()
    page.open_entry("impression")
    work.settle()
    assert text_of(page, "General impression").startswith("word")
    event.remove(work.store._engine, "checkout", no_room)


def test_a_new_area_becomes_a_row_when_it_is_saved(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD)
    push(work, page, "Add an area")
    fill(page, "Part of the place", "Bedrooms or cells")
    fill(page, "What we saw", "Two bells did not light up.")
    page.save()
    work.settle()
    with work.store.reading() as connection:
        areas = [h.record for h in reading.of_kind(connection, Area.kind)]
    assert [a.title() for a in areas] == ["bedrooms"]


@pytest.mark.parametrize(
    ("step", "add", "asked", "kind"),
    [
        (steps.CONCERNS, "Add a concern", "What the concern is", Concern.kind),
        (steps.ACTIONS, "Add an action", "What will be done", Action.kind),
    ],
)
def test_what_is_added_is_saved_once(
    work: Work, page: VisitPage, step: str, add: str, asked: str, kind: str
) -> None:
    visit = work.visit()
    go(work, page, visit.id, step)
    push(work, page, add)
    fill(page, asked, "Look at the call bell log")
    page.save()
    page.save()
    work.settle()
    with work.store.reading() as connection:
        found = reading.of_kind(connection, kind)
    assert [held.record.title() for held in found] == ["Look at the call bell log"]
    assert not found[0].open


def test_a_concern_that_was_only_begun_is_open_again_where_the_author_was(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, "What the concern is", "Nobody answers the bell")
    place = page.place()
    page.flush()
    work.settle()
    page.open_visit(visit.id, place)
    work.settle()
    assert text_of(page, "What the concern is") == "Nobody answers the bell"
    focused = QApplication.focusWidget()
    assert focused is question(page, "What the concern is").control


def test_a_conversation_that_was_not_begun_yet_leaves_no_empty_page_behind(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.TALKS)
    push(work, page, "Add a conversation")
    page.open_visit(visit.id, page.place())
    work.settle()
    on_show(page, QPushButton, lambda b: b.text() == "Add a conversation")


def test_a_conversation_begins_with_a_child_and_shows_its_form(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.TALKS)
    push(work, page, "Add a conversation")
    fill(page, "What the child likes to be called", "Kai M.")
    push(work, page, "Start conversation")
    part = page.talk_part()
    assert part is not None
    assert part.heading.text() == "Conversation with Kai M."


def test_words_that_are_added_stand_as_a_statement_that_nobody_can_edit(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    fill(page, "Words", "It is loud at night.")
    push(work, page, "Add these words")
    part = page.talk_part()
    assert part is not None
    assert [card.words for card in part.cards()] == ["It is loud at night."]
    on_show(part.cards()[0], Label, lambda label: label.text() == "It is loud at night.")
    assert text_of(page, "Words") == ""


def test_words_without_their_kind_are_not_added_and_stay(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "Words", "It is loud at night.")
    push(work, page, "Add these words")
    assert text_of(page, "Words") == "It is loud at night."
    on_show(page, LinkButton, lambda b: "what kind" in b.text())


def test_words_that_were_typed_but_not_added_are_there_again(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "Words", "It is loud at")
    page.show_step(steps.ACTIONS)
    work.settle()
    go(work, page, visit.id, steps.TALKS, of.id)
    assert text_of(page, "Words") == "It is loud at"


def test_words_typed_while_others_are_added_are_not_taken_away(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    fill(page, "Words", "It is loud.")
    part = page.talk_part()
    assert part is not None
    part.add_words.click()
    type_words(part.words.field("text").control, "And cold.")
    work.settle()
    assert text_of(page, "Words") == "And cold."
    assert [card.words for card in part.cards()] == ["It is loud."]


def test_words_that_could_not_be_added_stay_on_the_screen(
    work: Work, page: VisitPage, qtbot: QtBot
) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    part = page.talk_part()
    assert part is not None
    paste(part.words.field("text").control, "loud " * 8_000)
    event.listen(work.store._engine, "checkout", no_room)
    with qtbot.waitSignal(work.session.trouble, timeout=10_000):
        part.add_words.click()
    work.settle()
    assert text_of(page, "Words").startswith("loud")
    event.remove(work.store._engine, "checkout", no_room)
    event.listen(work.store._engine, "checkout", room_again)
    push(work, page, "Add these words")
    assert text_of(page, "Words") == ""
    assert part.cards()[0].words.startswith("loud")


def test_what_is_typed_about_the_child_is_there_again(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "Age", "15")
    page.show_step(steps.ACTIONS)
    work.settle()
    go(work, page, visit.id, steps.TALKS, of.id)
    assert text_of(page, "Age") == "15"


def said(work: Work, page: VisitPage) -> tuple[Statement, PermissionRow]:
    """A statement on the screen, and the question whether the place may see it."""
    visit = work.visit()
    of = talk(work, visit)
    statement = Statement(
        id=work.store.new_id(),
        visit=visit.id,
        child=of.child,
        conversation=of.id,
        type="own_words",
        text="It is loud.",
    )
    work.store.add(statement)
    go(work, page, visit.id, steps.TALKS, of.id)
    part = page.talk_part()
    assert part is not None
    return statement, part.cards()[0].permissions.rows[0]


def answer(row: PermissionRow, key: str) -> None:
    row.answer.setCurrentIndex(row.answer.findData(key))
    row.answer.activated.emit(row.answer.currentIndex())


def permission(work: Work, statement: Statement) -> Permission:
    found = work.held(permission_id(statement.id, "place"))
    assert isinstance(found.record, Permission)
    assert not found.open
    return found.record


def test_a_childs_answer_about_sharing_is_saved_at_once(work: Work, page: VisitPage) -> None:
    statement, row = said(work, page)
    answer(row, "ANON")
    work.settle()
    assert permission(work, statement).answer == "ANON"


def test_two_answers_in_quick_succession_are_one_mind_and_no_conflict(
    work: Work, page: VisitPage
) -> None:
    statement, row = said(work, page)
    answer(row, "FULL")
    answer(row, "NO")
    work.settle()
    work.settle()
    assert permission(work, statement).answer == "NO"
    assert row.answer.value() == "NO"


def test_passing_over_an_answer_with_the_arrow_keys_does_not_give_it(
    work: Work, page: VisitPage
) -> None:
    statement, row = said(work, page)
    row.answer.setFocus()
    press(row.answer, Qt.Key.Key_Down)
    work.settle()
    with work.store.reading() as connection:
        assert reading.get(connection, permission_id(statement.id, "place")) is None
    row.answer.hidePopup()


def test_an_override_asks_for_its_reason(work: Work, page: VisitPage) -> None:
    statement, row = said(work, page)
    answer(row, "OVR")
    work.settle()
    assert row.reason.isVisibleTo(page)
    row.reason.setFocus()
    type_words(row.reason, "He may be hurt tonight")
    press(row.reason, Qt.Key.Key_Return)
    work.settle()
    assert permission(work, statement).reason == "He may be hurt tonight"


def test_a_child_who_declines_is_a_result(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    push(work, page, "Mark as declined")
    declined = work.held(of.id).record
    assert isinstance(declined, Conversation)
    assert declined.status == DECLINED


def test_starting_a_visit_saves_the_plan_and_opens_the_record(
    work: Work, page: VisitPage, clock: HandClock
) -> None:
    visit = work.visit(status="planned", visited_on=None)
    go(work, page, visit.id, steps.PLAN)
    fill(page, "What we want to find out", "Are the bells answered?")
    push(work, page, "Start the visit")
    held = work.held(visit.id)
    assert held.seen.body["purpose"] == "Are the bells answered?"
    assert held.seen.body["visited_on"] == clock.now.date().isoformat()
    assert text_of(page, "Who met us") == ""
    assert not held.open


def test_a_change_that_arrives_is_shown_but_not_over_what_is_being_typed(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.RECORD, "arrival")
    fill(page, "Who met us", "T. Lark")
    seen = work.held(visit.id)
    other = dc.replace(seen.record, met_by="D. Moss")  # type: ignore[call-arg]  # a visit
    work.store.save(Edited(other, seen.seen))
    work.session.changed.emit(frozenset({RecordId(visit.id)}))
    work.settle()
    assert text_of(page, "Who met us") == "T. Lark"
    push(work, page, "Save and continue")
    assert {s.value for s in work.held(visit.id).open["met_by"]} == {"T. Lark", "D. Moss"}


class Watcher(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QWidget] = []

    def eventFilter(self, watched: QObject, happened: QEvent) -> bool:  # noqa: N802 - Qt's name
        if (
            happened.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
        ):
            self.seen.append(watched)
        return False


def test_no_part_of_the_workspace_flashes_up_as_a_window_of_its_own(
    work: Work, page: VisitPage, qapp: QApplication
) -> None:
    statement, _ = said(work, page)
    watcher = Watcher()
    qapp.installEventFilter(watcher)
    for step, _words in steps.STEPS:
        go(work, page, statement.visit, step)
        page.add_new()
        work.settle()
    qapp.removeEventFilter(watcher)
    assert not watcher.seen


def no_room(connection: object, *_: object) -> None:
    """Let the database grow no further: the disk is full."""
    connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]  # the driver's own


def room_again(connection: object, *_: object) -> None:
    """Somebody has made room on the disk."""
    connection.execute("PRAGMA max_page_count=1000000")  # type: ignore[attr-defined]  # as above
