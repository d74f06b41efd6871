"""Signing off a visit: what is missing leads to its field, and afterwards only additions."""

import dataclasses as dc

from PySide6.QtWidgets import QApplication

from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.domain.signoff import SIGNED_OFF
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.page import VisitPage
from tests.store.hand import NOON
from tests.ui.work.made import Work, button, on_show, question
from tests.ui.work.visiting import READY, fill, go, push, talk, text_of


def test_each_missing_answer_leads_to_its_field(work: Work, page: VisitPage) -> None:
    visit = work.visit(**{**READY, "met_by": ""})
    go(work, page, visit.id, steps.SUMMARY)
    on_show(page, LinkButton, lambda b: "Who met us" in b.text()).click()
    work.settle()
    assert QApplication.focusWidget() is question(page, "Who met us").control


def test_the_keyboard_begins_at_what_is_missing(work: Work, page: VisitPage) -> None:
    visit = work.visit(**{**READY, "met_by": ""})
    go(work, page, visit.id, steps.RECORD, "arrival")
    question(page, "Who met us").control.setFocus()
    page.show_step(steps.SUMMARY)
    work.settle()
    focused = QApplication.focusWidget()
    assert isinstance(focused, LinkButton)
    assert "Who met us" in focused.words


def test_the_keyboard_stays_at_what_is_missing_when_something_comes(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit(**{**READY, "met_by": "", "left_at": None, "entry": ""})
    go(work, page, visit.id, steps.SUMMARY)
    for come, stays in (("met_by", "Time we left"), ("left_at", "Time we left")):
        on_show(page, LinkButton, lambda b: "Time we left" in b.words).setFocus()
        other = dc.replace(work.held(visit.id).record, **{come: READY[come]})  # type: ignore[arg-type]  # fields of a visit
        work.edited_elsewhere(visit.id, lambda held, now=other: Edited(now, held.seen))  # type: ignore[misc]  # bound at once
        page.refresh()
        work.settle()
        focused = QApplication.focusWidget()
        assert isinstance(focused, LinkButton)
        assert (stays in focused.words) == (come == "met_by")


def test_each_answer_with_two_versions_is_named(work: Work, page: VisitPage) -> None:
    visit = work.visit(**READY)
    seen = work.held(visit.id).seen
    for by, purpose in (("T. Lark", "Bells"), ("M. Wren", "Nights")):
        work.store.save(Edited(dc.replace(visit, met_by=by, purpose=purpose), seen))
    go(work, page, visit.id, steps.SUMMARY)
    said = [link.words for link in page.findChildren(LinkButton) if link.isVisible()]
    for answer in ("Who met us", "What we want to find out"):
        assert f"Visit: two versions of “{answer}” stand. Choose one." in said


def test_what_is_typed_but_not_saved_keeps_a_visit_from_being_signed_off(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit(**READY)
    go(work, page, visit.id, steps.RECORD, "impression")
    fill(page, "General impression", "Calm")
    page.show_step(steps.SUMMARY)
    work.settle()
    assert not button(page, "Sign off this visit").isEnabled()
    on_show(page, LinkButton, lambda b: "not saved" in b.text()).click()
    work.settle()
    assert text_of(page, "General impression") == "Calm"


def test_what_is_typed_about_a_child_but_not_saved_leads_to_the_conversation(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit(**READY)
    of = talk(work, visit)
    go(work, page, visit.id, steps.TALKS, of.id)
    fill(page, "Age", "15")
    page.show_step(steps.SUMMARY)
    work.settle()
    on_show(page, LinkButton, lambda b: "not saved" in b.text()).click()
    work.settle()
    assert text_of(page, "Age") == "15"


def signed_off(work: Work, page: VisitPage) -> Visit:
    visit = work.visit(**READY)
    action = Action(
        id=work.store.new_id(),
        visit=visit.id,
        what="Send the log",
        owner="T. Lark",
        due=NOON.date(),
        status="open",
    )
    work.store.add(action)
    go(work, page, visit.id, steps.SUMMARY)
    push(work, page, "Sign off this visit")
    return visit


def test_a_complete_visit_is_signed_off_and_then_cannot_be_typed_in(
    work: Work, page: VisitPage
) -> None:
    visit = signed_off(work, page)
    assert work.held(visit.id).seen.body["status"] == SIGNED_OFF
    go(work, page, visit.id, steps.RECORD, "arrival")
    fill(page, "Who met us", "Somebody else")
    assert text_of(page, "Who met us") == READY["met_by"]


def test_pressing_sign_off_twice_signs_off_once(work: Work, page: VisitPage) -> None:
    visit = work.visit(**READY)
    go(work, page, visit.id, steps.SUMMARY)
    told: list[object] = []
    work.session.trouble.connect(told.append)
    sign = button(page, "Sign off this visit")
    sign.click()
    sign.click()
    work.settle()
    assert not told
    assert not work.held(visit.id).open


def test_something_can_be_added_to_a_signed_off_visit(work: Work, page: VisitPage) -> None:
    visit = signed_off(work, page)
    go(work, page, visit.id, steps.SUMMARY)
    push(work, page, "Add an addendum")
    fill(page, "What is added", "The manager called back.")
    fill(page, "Why it was not in the record", "It came later.")
    page.save()
    work.settle()
    with work.store.reading() as connection:
        added = [h.record.title() for h in reading.of_kind(connection, "addendum")]
    assert added == ["The manager called back."]


def test_an_action_of_a_signed_off_visit_can_still_be_ticked_off(
    work: Work, page: VisitPage
) -> None:
    visit = signed_off(work, page)
    go(work, page, visit.id, steps.ACTIONS)
    assert question(page, "How it stands").control.isEnabled()
    fill(page, "What will be done", "Nothing")
    assert text_of(page, "What will be done") == "Send the log"
