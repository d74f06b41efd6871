"""Two at their windows, with a real office: what one keeps removed the other brings back."""

import dataclasses as dc
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.resources import code_list
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.session import Session
from hah_desktop.ui.workplace import Workplace
from tests.laptop.team import LETTER, Person, Team, attach, carry, letter
from tests.ui.kit.hands import click, stop_timers
from tests.ui.work.made import Work, workplace_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Sit = Callable[[Person], tuple[Workplace, Work]]


@pytest.fixture
def sit(qapp: QApplication, qtbot: QtBot) -> Iterator[Sit]:
    """Put somebody to work at a window over their own laptop."""
    apply(qapp, ThemeName.LIGHT)
    background = Background(qapp)

    def sits(person: Person) -> tuple[Workplace, Work]:
        unlocked, office = person.unlocked, person.laptop.office
        work = Work(Session(unlocked.store, background, code_list, unlocked.who, office), qtbot)
        workplace = workplace_of(work, qtbot)
        workplace.start("")
        work.settle()
        return workplace, work

    yield sits
    stop_timers()
    assert background.shutdown(120)


def synced(*people: Person) -> None:
    for person in (*people, *people):
        person.sync()


def told(work: Work) -> None:
    """The session hears that a sync has ended."""
    work.session.changed.emit(frozenset())
    work.session.count_unsent()
    work.settle()


def test_what_one_decided_to_keep_removed_the_other_sees_and_brings_back_for_both(
    team: Team, sit: Sit
) -> None:
    ruth, sam = team.ruth, team.sam
    record = attach(ruth, team.visit)
    ruth.sync()
    carry(ruth)
    synced(sam)
    for person, edit in ((ruth, {"removed": True}), (sam, {"what": "The broken swing"})):
        held = person.held(record)
        assert held is not None
        person.unlocked.store.save(Edited(dc.replace(held.record, **edit), held.seen))
    synced(ruth, sam)
    at_ruths, her = sit(ruth)
    at_ruths.show_decisions()
    her.settle()
    click(at_ruths.office.decide.buttons[0])
    her.settle()
    click(at_ruths.conflict.choices["removed"].buttons[0])
    click(at_ruths.conflict.decide)
    her.settle()
    assert ruth.held(record) is None
    synced(ruth, sam)
    assert sam.held(record) is None

    at_sams, his = sit(sam)
    at_sams.shell.show_page("office")
    his.settle()
    (line,) = at_sams.office.kept_removed.buttons
    assert f"Kept removed by {ruth.unlocked.who.adviser_name}" in line.accessibleDescription()
    click(line)
    his.settle()
    history = at_sams.history
    assert history.cards[0].accessibleName() == "Ruth decided: Keep it removed"
    assert {"Ruth removed it", "Sam changed “What is it?”"} <= {
        card.accessibleName() for card in history.cards
    }
    assert history.gone is not None
    assert history.gone.back is not None
    click(history.gone.back)
    his.settle()
    synced(sam, ruth)

    told(her)
    for person in (ruth, sam):
        held = person.held(record)
        assert held is not None
        assert isinstance(held.record, Attachment)
        assert (held.record.what, held.record.removed, held.open) == ("The broken swing", None, {})
    assert letter(ruth, record) == LETTER
    carry(sam)
    assert letter(sam, record) == LETTER
    at_ruths.shell.show_page("office")
    her.settle()
    assert at_ruths.office.kept_removed.isHidden()
    at_ruths._show_record(team.visit, record)
    her.settle()
    her.settle()
    assert isinstance(at_ruths.visit._middle.part, LetterPart)


def test_a_letter_of_which_only_the_file_is_here_is_one_click_from_the_foot(
    team: Team, sit: Sit
) -> None:
    record = attach(team.ruth, team.visit)
    team.ruth.sync()
    workplace, work = sit(team.ruth)
    told(work)
    foot = workplace.shell.status.standing
    assert "1 file only on this laptop" in foot.text()
    click(foot)
    work.settle()
    card = workplace.office.only_here
    assert card.isVisible()
    (name,) = card.words()
    assert name.endswith("(only its file)")
    link = workplace.focusWidget()
    assert isinstance(link, LinkButton)
    assert link.words == name
    click(link)
    work.settle()
    work.settle()
    part = workplace.visit._middle.part
    assert isinstance(part, LetterPart)
    assert part.form.record_id == record
    carry(team.ruth)
    told(work)
    workplace._show_only_here()
    work.settle()
    assert card.isHidden()
