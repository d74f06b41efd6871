"""At a visit it is said how far it has come: by the whole, by row and by what is open."""

import datetime as dt

from PySide6.QtWidgets import QApplication
from sqlalchemy import update

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Action
from hah_desktop.store import outbox
from hah_desktop.store.outbox import SyncRun
from hah_desktop.store.rows import CHANGE
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Tag
from hah_desktop.ui.kit.lists import RowRole
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.page import VisitPage
from tests.ui.kit.hands import click
from tests.ui.work.at_window import User
from tests.ui.work.made import NOON, Work


def received(work: Work) -> None:
    """The office has it all since five past two."""
    ended = NOON + dt.timedelta(hours=2, minutes=5)
    with work.store.writing() as connection:
        connection.execute(update(CHANGE).values(received=1))
        outbox.note_run(connection, SyncRun(NOON.isoformat(), ended.isoformat(), 3, 0))
    work.session.changed.emit(frozenset())
    work.settle()


def tags(page: VisitPage) -> list[str]:
    return [tag.text() for tag in page.header.findChildren(Tag) if not tag.isHidden()]


def test_a_visit_says_what_of_it_is_only_here_and_when_all_is_received(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    action = Action(id=RecordId("action"), visit=visit.id, what="Mend the bell")
    work.store.add(action)
    page.open_visit(visit.id)
    page.show_step(steps.ACTIONS)
    work.settle()
    page.open_entry("action")
    work.settle()
    assert "2 changes only on this laptop" in tags(page)
    model = page.pane.rows.model()
    assert "Saved on this laptop" in str(model.index(0, 0).data(RowRole.SUBTITLE))
    assert page._part is not None
    assert page._part.state.words.text() == "Saved on this laptop"
    received(work)
    assert "All received by the office 14:05" in tags(page)
    assert "Saved on" not in str(model.index(0, 0).data(RowRole.SUBTITLE))
    assert page._part.state.words.text() == "Received by the office"


def test_what_is_only_being_typed_is_not_said_to_be_saved(work: Work, page: VisitPage) -> None:
    page.open_visit(work.visit().id)
    page.show_step(steps.ACTIONS)
    work.settle()
    page.add_new()
    assert page._part is not None
    assert page._part.state.isHidden()


def test_one_click_leads_from_the_foot_of_the_window_to_the_record(user: User) -> None:
    work = user.unlock()
    work.visit()
    work.session.count_unsent()
    work.settle()
    workplace = user.window.workplace
    assert workplace is not None
    standing = workplace.shell.status.standing
    assert "only on this laptop" in standing.text()
    click(standing)
    work.settle()
    assert workplace.shell.current_page() is workplace.office
    line = workplace.office.only_here.findChildren(LinkButton)[0]
    assert QApplication.focusWidget() is line
    click(line)
    work.settle()
    assert workplace.shell.current_page() is workplace.visit
