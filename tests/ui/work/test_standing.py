"""At a visit it is said how far it has come: by the whole, by row and by what is open."""

import dataclasses as dc
import datetime as dt

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import update

from hah_desktop.domain.days import in_words
from hah_desktop.domain.exchange import Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Action
from hah_desktop.store.exchange import outbox, seen
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Tag
from hah_desktop.ui.kit.lists import RowRole
from hah_desktop.ui.parts.state_line import DUE_ICON
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.page import VisitPage
from tests.store.hand import NOON
from tests.store.others import arrives
from tests.ui.kit.hands import click
from tests.ui.work.at_window import User
from tests.ui.work.made import Work
from tests.ui.work.visiting import talk


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


def by_somebody_else(work: Work, record: str) -> None:
    """Somebody else wrote something in a record, which the office has sent."""
    arrives(work.store, record, 9)


def opened(work: Work) -> set[str]:
    """The records that were noted as opened here."""
    with work.store.reading() as connection:
        noted = [each.record for each in seen.untold(connection, 99)]
    assert len(noted) == len(set(noted)), "once a day for each newest change"
    return set(noted)


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
    row = model.index(0, 0)
    assert row.data(RowRole.SUBTITLE) == "No date yet · nobody yet", "what tells it apart, first"
    assert row.data(RowRole.MARK) == DUE_ICON
    assert str(row.data(Qt.ItemDataRole.AccessibleTextRole)).endswith(", Saved on this laptop")
    assert str(row.data(Qt.ItemDataRole.ToolTipRole)).endswith("\nSaved on this laptop")
    assert page._middle.part is not None
    assert page._middle.part.state.words.text() == "Saved on this laptop"
    received(work)
    assert "All received by the office 14:05" in tags(page)
    assert not model.index(0, 0).data(RowRole.MARK)
    assert "Saved on" not in str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert page._middle.part.state.words.text() == "Received by the office"


def test_a_visit_says_who_else_has_seen_it_as_it_was_sent(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    work.store.add(Adviser(id=RecordId("amadi"), name="Ruth Amadi"))
    page.open_visit(visit.id)
    received(work)
    assert not [words for words in tags(page) if words.startswith("Seen")]
    with work.store.writing() as connection:
        seen.take(connection, (), 1, [Seen(visit.id, RecordId("amadi"), 1, NOON.isoformat())])
    work.session.changed.emit(frozenset())
    work.settle()
    (said,) = [words for words in tags(page) if words.startswith("Seen")]
    assert said == f"Seen by Ruth Amadi on {in_words(NOON.date())}"


def test_what_is_only_being_typed_is_not_said_to_be_saved(work: Work, page: VisitPage) -> None:
    page.open_visit(work.visit().id)
    page.show_step(steps.ACTIONS)
    work.settle()
    page.add_new()
    assert page._middle.part is not None
    assert page._middle.part.state.isHidden()


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


def test_opening_a_visit_with_words_of_somebody_else_is_noted(user: User) -> None:
    work = user.unlock()
    visit = work.visit()
    by_somebody_else(work, visit.id)
    workplace = user.window.workplace
    assert workplace is not None
    for _ in range(2):
        workplace.open_visit(visit.id)
        work.settle()
    assert opened(work) == {visit.id}


def test_opening_a_conversation_is_noted_with_the_child_and_what_was_said(user: User) -> None:
    work = user.unlock()
    talked = talk(work, work.visit())
    said = Statement(id=RecordId("said"), visit=talked.visit, child=talked.child)
    work.store.add(dc.replace(said, conversation=talked.id, text="I like the garden."))
    action = Action(id=RecordId("action"), visit=talked.visit, what="Mend the bell")
    work.store.add(action)
    together = {talked.id, talked.child, said.id}
    for record in (*together, action.id):
        by_somebody_else(work, record)
    workplace = user.window.workplace
    assert workplace is not None
    workplace.open_visit(talked.visit)
    work.settle()
    assert opened(work) == set(), "the visit alone is open, and it is one’s own"
    workplace.visit.show_step(steps.TALKS)
    work.settle()
    assert opened(work) == together
    workplace.visit.show_step(steps.ACTIONS)
    work.settle()
    assert opened(work) == {*together, action.id}


def test_what_is_refreshed_while_it_is_open_is_not_opened_again(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    work.store.add(Action(id=RecordId("action"), visit=visit.id, what="Mend the bell"))
    read: list[list[str]] = []
    page.read.connect(read.append)
    page.open_visit(visit.id)
    page.show_step(steps.ACTIONS)
    work.settle()
    work.session.changed.emit(frozenset())
    work.settle()
    assert read == [[visit.id], ["action"]]


def test_it_is_said_of_what_is_open_who_has_seen_it(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    work.store.add(Adviser(id=RecordId("amadi"), name="Ruth Amadi"))
    work.store.add(Action(id=RecordId("action"), visit=visit.id, what="Mend the bell"))
    page.open_visit(visit.id)
    page.show_step(steps.ACTIONS)
    received(work)
    told = Seen(RecordId("action"), RecordId("amadi"), 1, NOON.isoformat())
    with work.store.writing() as connection:
        seen.take(connection, (), 1, [told])
    work.session.changed.emit(frozenset())
    work.settle()
    assert page._middle.part is not None
    words = page._middle.part.state.words.text()
    assert words == f"Received by the office · Seen by Ruth Amadi on {in_words(NOON.date())}"
