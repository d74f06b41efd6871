"""A concern and an action say which child they are about, before they are first saved."""

import pytest
from PySide6.QtWidgets import QApplication

from hah_desktop.domain.ids import child_file
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Concern
from hah_desktop.domain.records.visit import Action
from hah_desktop.store.journal import reading
from hah_desktop.ui.kit.labels import Label
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.screens.visit.whose import ASKED, MISSING, NO_CHILD
from tests.ui.work.made import Work, on_show, question
from tests.ui.work.visiting import fill, go, push, talk

ADDED = [
    pytest.param(steps.CONCERNS, "Add a concern", "What the concern is", Concern, id="concern"),
    pytest.param(steps.ACTIONS, "Add an action", "What will be done", Action, id="action"),
]


def kept(work: Work, kind: str) -> list[Record]:
    with work.store.reading() as connection:
        return [held.record for held in reading.of_kind(connection, kind)]


@pytest.mark.parametrize(("step", "add", "asked", "kind"), ADDED)
def test_what_is_added_is_about_the_child_who_was_chosen(
    work: Work, page: VisitPage, step: str, add: str, asked: str, kind: type[Record]
) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, step)
    push(work, page, add)
    fill(page, ASKED, "Kai M.")
    fill(page, asked, "Look at the call bell log")
    page.save()
    work.settle()
    (saved,) = kept(work, kind.kind)
    assert getattr(saved, "child") == child  # noqa: B009 - of a concern as of an action
    assert on_show(page, Label, lambda label: label.text() == "Kai M.") is not None


def test_a_concern_about_a_child_lies_in_the_childs_file(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, ASKED, "Kai M.")
    page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert child_file(child) in saved.files()


def test_nothing_is_saved_before_somebody_says_whose_it_is(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    talk(work, visit)
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, "What the concern is", "Nobody answers the bell")
    assert not page.save()
    work.settle()
    assert kept(work, Concern.kind) == []
    assert question(page, ASKED).problem.text() == MISSING
    fill(page, ASKED, NO_CHILD)
    assert page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert isinstance(saved, Concern)
    assert saved.child == ""


def test_the_keyboard_begins_at_that_question(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    talk(work, visit)
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    assert QApplication.focusWidget() is question(page, ASKED).control


def test_the_child_is_kept_with_a_draft(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, ASKED, "Kai M.")
    place = page.place()
    page.flush()
    work.settle()
    page.open_visit(visit.id, place)
    work.settle()
    assert page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert isinstance(saved, Concern)
    assert saved.child == child


def test_where_no_child_was_met_nothing_is_asked(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, "What the concern is", "The bells are broken")
    assert page.save()
    work.settle()
    assert len(kept(work, Concern.kind)) == 1
