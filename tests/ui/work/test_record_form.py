"""A form over a record: keeps every key, shows what is wrong, overwrites nobody."""

import dataclasses as dc

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.child import Statement
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.forms.record_form import KEEP_AFTER_MS, RecordForm
from tests.store.hand import HandClock
from tests.ui.kit.hands import type_words
from tests.ui.work.made import ARRIVAL, IMPRESSION, Work, area_of, line_of


class CountingTimer(QTimer):
    """Counts how often it was begun, or begun anew."""

    begun = 0

    def start(self, *given: int) -> None:
        self.begun += 1
        super().start(*given)


def test_what_is_typed_without_a_pause_is_kept_within_a_second(qtbot: QtBot, work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id, IMPRESSION)
    area = area_of(form, "impression")
    form._timer.deleteLater()
    form._timer = timer = CountingTimer(form, singleShot=True, interval=KEEP_AFTER_MS)
    timer.timeout.connect(form.flush)
    kept: list[str] = []
    work.session.saved.connect(kept.append)
    for _ in range(100):
        type_words(area, "a")
    # It runs from the first key, and no other key puts it off.
    assert timer.begun == 1
    assert timer.interval() < 1000
    qtbot.waitUntil(lambda: bool(kept))
    draft = work.draft(visit.id)
    assert draft is not None
    assert draft.body["impression"] == "a" * 100


def test_an_unreadable_time_comes_back_as_it_was_typed(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    type_words(line_of(form, "arrived_at"), "25:05")
    form.flush()
    work.settle()
    again = work.form(visit.id)
    assert line_of(again, "arrived_at").text() == "25:05"
    assert again.has_draft


def test_saving_an_unreadable_time_leads_to_it_and_saves_nothing(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    type_words(line_of(form, "arrived_at"), "25:05")
    assert not form.save()
    assert QApplication.focusWidget() is form.problems
    form.problems.buttons[0].click()
    assert QApplication.focusWidget() is line_of(form, "arrived_at")
    assert "24-hour clock" in form.field("arrived_at").problem.text()
    work.settle()
    assert "arrived_at" not in work.held(visit.id).seen.body
    assert line_of(form, "arrived_at").text() == "25:05"


def test_a_change_that_arrives_while_typing_stays_beside_what_is_typed(work: Work) -> None:
    visit = work.visit(met_by="Nobody yet")
    form = work.form(visit.id)
    line_of(form, "met_by").selectAll()
    type_words(line_of(form, "met_by"), "T. Lark")
    work.edited_elsewhere(visit.id, lambda h: _met_by(h, "D. Moss"))
    form.show_held(work.held(visit.id), None)
    assert line_of(form, "met_by").text() == "T. Lark"
    form.flush()
    work.settle()
    form.show_held(work.held(visit.id), work.draft(visit.id))
    assert line_of(form, "met_by").text() == "T. Lark"
    form.save()
    work.settle()
    sides = {head.value for head in work.held(visit.id).open["met_by"]}
    assert sides == {"T. Lark", "D. Moss"}


def test_a_change_that_arrives_in_another_field_is_not_undone_by_saving(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    type_words(line_of(form, "met_by"), "T. Lark")
    work.edited_elsewhere(visit.id, lambda h: _impression(h, "Calm"))
    form.save()
    work.settle()
    body = work.held(visit.id).seen.body
    assert (body["met_by"], body["impression"]) == ("T. Lark", "Calm")


def test_an_idle_form_shows_what_arrives(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    work.edited_elsewhere(visit.id, lambda h: _met_by(h, "D. Moss"))
    form.show_held(work.held(visit.id), None)
    assert line_of(form, "met_by").text() == "D. Moss"


def test_typing_on_while_a_save_is_under_way_is_no_conflict_with_oneself(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    type_words(line_of(form, "met_by"), "T. Lark")
    form.save()
    type_words(line_of(form, "met_by"), ", deputy")
    work.settle()
    form.show_held(work.held(visit.id), work.draft(visit.id))
    form.flush()
    work.settle()
    form.show_held(work.held(visit.id), work.draft(visit.id))
    assert line_of(form, "met_by").text() == "T. Lark, deputy"
    form.save()
    work.settle()
    held = work.held(visit.id)
    assert held.seen.body["met_by"] == "T. Lark, deputy"
    assert not held.open


def test_what_was_read_before_a_draft_was_kept_does_not_wipe_it_from_the_screen(
    work: Work,
) -> None:
    visit = work.visit()
    form = work.form(visit.id)
    before = work.held(visit.id)
    type_words(line_of(form, "met_by"), "T. Lark")
    form.flush()
    form.show_held(before, None)
    assert line_of(form, "met_by").text() == "T. Lark"


def test_the_cursor_stays_where_it_is_when_the_form_is_shown_anew(work: Work) -> None:
    visit = work.visit()
    form = work.form(visit.id, IMPRESSION)
    area = area_of(form, "impression")
    type_words(area, "Warm and calm")
    cursor = area.textCursor()
    cursor.setPosition(4)
    area.setTextCursor(cursor)
    form.flush()
    work.settle()
    form.show_held(work.held(visit.id), work.draft(visit.id))
    assert area.textCursor().position() == 4


def test_a_save_that_fails_keeps_what_is_typed_and_can_be_tried_again(
    qtbot: QtBot, work: Work
) -> None:
    visit = work.visit()
    form = work.form(visit.id, IMPRESSION)
    area_of(form, "impression").setPlainText("word " * 8_000)
    told: list[KnownError] = []
    work.session.trouble.connect(told.append)
    engine = work.store._engine
    with_no_room = "PRAGMA max_page_count=1"

    def full(connection: object, *_: object) -> None:
        connection.execute(with_no_room)  # type: ignore[attr-defined]  # the driver's own

    event.listen(engine, "checkout", full)
    assert form.save()
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert isinstance(told[0], StoreFull)
    assert form.has_draft
    form.show_held(work.held(visit.id), None)
    assert area_of(form, "impression").toPlainText().startswith("word")
    event.remove(engine, "checkout", full)
    event.listen(engine, "checkout", _roomy)
    assert form.save()
    work.settle()
    assert str(work.held(visit.id).seen.body["impression"]).startswith("word")


def test_a_draft_that_could_not_be_kept_is_tried_again_on_the_next_flush(
    qtbot: QtBot, work: Work
) -> None:
    visit = work.visit()
    form = work.form(visit.id, IMPRESSION)
    told: list[KnownError] = []
    work.session.trouble.connect(told.append)
    area_of(form, "impression").setPlainText("word " * 8_000)
    engine = work.store._engine

    def full(connection: object, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]  # as above

    event.listen(engine, "checkout", full)
    form.flush()
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    event.remove(engine, "checkout", full)
    event.listen(engine, "checkout", _roomy)
    form.flush()
    work.settle()
    assert work.draft(visit.id) is not None


def test_a_form_that_is_gone_when_its_save_is_done_stops_nothing(work: Work) -> None:
    visit = work.visit()
    form = RecordForm(work.session, type(visit), (ARRIVAL,))
    form.load(work.held(visit.id), None)
    type_words(line_of(form, "met_by"), "T. Lark")
    changed: list[object] = []
    work.session.changed.connect(changed.append)
    form.save()
    form.deleteLater()
    work.settle()
    assert changed == [frozenset({visit.id})]


def test_an_unreadable_answer_of_another_form_of_the_record_outlives_a_save(work: Work) -> None:
    visit = work.visit()
    arrival = work.form(visit.id)
    type_words(line_of(arrival, "arrived_at"), "25:05")
    arrival.flush()
    work.settle()
    impression = work.form(visit.id, IMPRESSION)
    area_of(impression, "impression").setPlainText("Calm")
    impression.flush()
    work.settle()
    impression.save()
    work.settle()
    again = work.form(visit.id)
    assert line_of(again, "arrived_at").text() == "25:05"
    held = work.held(visit.id)
    assert held.seen.body["impression"] == "Calm"
    again.load(held, work.draft(visit.id))
    line_of(again, "arrived_at").clear()
    type_words(line_of(again, "arrived_at"), "0905")
    again.save()
    work.settle()
    assert not work.held(visit.id).open
    assert work.held(visit.id).seen.body["arrived_at"] == "09:05:00"


def test_words_that_were_saved_once_cannot_be_typed_over(work: Work) -> None:
    visit = work.visit()
    said = Statement(id=work.store.new_id(), visit=visit.id, type="own_words", text="It is loud.")
    work.store.save(Edited(said, NOTHING))
    form = RecordForm(work.session, Statement, Statement.sections)
    work.qtbot.addWidget(form)
    form.load(work.held(said.id), None)
    type_words(area_of(form, "text"), "Never mind.")
    assert area_of(form, "text").toPlainText() == "It is loud."


def test_nothing_is_typed_into_a_record_of_a_signed_off_visit(work: Work) -> None:
    visit = work.visit(met_by="T. Lark")
    form = work.form(visit.id)
    form.set_signed_off(True)
    type_words(line_of(form, "met_by"), "x")
    assert line_of(form, "met_by").text() == "T. Lark"
    assert not form.field("entry").control.isEnabled()


def test_the_words_of_a_signed_off_visit_can_still_be_reached_by_the_keyboard(work: Work) -> None:
    visit = work.visit(impression="Calm")
    form = work.form(visit.id, IMPRESSION)
    form.set_signed_off(True)
    area_of(form, "impression").setFocus()
    assert QApplication.focusWidget() is area_of(form, "impression")


@pytest.mark.parametrize("typed", ["12 Marhc", "31/2/2026"])
def test_an_unreadable_date_comes_back_as_it_was_typed(
    work: Work, clock: HandClock, typed: str
) -> None:
    visit = work.visit(visited_on=None)
    section = type(visit).sections[1]
    form = work.form(visit.id, section)
    type_words(form.field("visited_on").control.line, typed)  # type: ignore[attr-defined]  # a date
    form.flush()
    work.settle()
    clock.now = clock.now.replace(hour=13)
    again = work.form(visit.id, section)
    assert again.field("visited_on").control.line.text() == typed  # type: ignore[attr-defined]  # as above


def _roomy(connection: object, *_: object) -> None:
    connection.execute("PRAGMA max_page_count=1000000")  # type: ignore[attr-defined]  # the driver's own


def _met_by(held: Held, name: str) -> Edited:
    return Edited(dc.replace(held.record, met_by=name), held.seen)  # type: ignore[call-arg]  # a visit


def _impression(held: Held, words: str) -> Edited:
    return Edited(dc.replace(held.record, impression=words), held.seen)  # type: ignore[call-arg]  # a visit
