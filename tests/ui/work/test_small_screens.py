"""The workspace on small screens and with large text: nothing is cut off or out of reach."""

import dataclasses as dc

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.child import Concern, Permission, Statement, permission_id
from hah_desktop.domain.records.visit import Action
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.move_offer import (
    ANOTHER,
    ANSWERED,
    ASKED,
    MOVE,
    NAME,
    NEW_CHILD,
    NOT_THEIRS,
    REST,
    REST_GOES,
)
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets, under_the_ring
from tests.ui.work.made import Work, workplace_of
from tests.ui.work.visiting import fill, push, talk

SIZES = [
    (1366, 768, 1.0),
    (1280, 800, 1.0),
    (1366, 768, 2.0),
    (683, 384, 1.0),
    (683, 384, 2.0),
]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]} at {size[2]:.0%}")
def workplace(
    request: pytest.FixtureRequest, work: Work, qtbot: QtBot, qapp: QApplication
) -> Workplace:
    """Everything that an adviser works with, on a screen of that size."""
    width, height, scale = request.param
    apply(qapp, ThemeName.LIGHT, scale)
    return workplace_of(work, qtbot, width, height)


def findings(workplace: Workplace) -> list[str]:
    """What a person who reads large text, or only hears it, would stumble over."""
    return (
        clipped(workplace)
        + beyond_reach(workplace)
        + nameless(workplace.shell)
        + small_targets(workplace)
        + under_the_ring(workplace)
    )


def findings_in(card: QWidget) -> list[str]:
    """The same, of one card."""
    return clipped(card) + nameless(card) + small_targets(card) + under_the_ring(card)


def recorded(work: Work) -> str:
    """A visit on which there is something in every step."""
    visit = work.visit(met_by="T. Lark, deputy manager", impression="Calm")
    of = talk(work, visit)
    said = Statement(
        id=work.store.new_id(),
        visit=visit.id,
        child=of.child,
        conversation=of.id,
        type="own_words",
        text="I like my key worker, she listens. But at night nobody comes when you ring.",
    )
    todo = Action(
        id=work.store.new_id(),
        visit=visit.id,
        what="Ask for the call bell log of the last four weeks",
        owner="Ruth Aldous",
        status="open",
    )
    work.store.add(said, todo)
    return visit.id


def test_nothing_of_a_visit_is_cut_off_or_out_of_reach(workplace: Workplace, work: Work) -> None:
    workplace.open_visit(recorded(work))
    work.settle()
    found = {}
    for step, _ in steps.STEPS:
        workplace.visit.show_step(step)
        work.settle()
        for show in (workplace.visit.show_list, workplace.visit.show_form):
            show()
            work.settle()
            found[step, show.__name__] = findings(workplace)
    assert {key: words for key, words in found.items() if words} == {}


def test_moving_a_conversation_is_not_cut_off_or_out_of_reach(
    workplace: Workplace, work: Work
) -> None:
    visit = recorded(work)
    workplace.open_visit(visit)
    work.settle()
    page = workplace.visit
    page.show_step(steps.TALKS)
    page.show_form()
    work.settle()
    bundle = page.bundle
    assert bundle is not None
    (talked,) = bundle.talks()
    (said,) = bundle.said_in(talked.id)
    asked = Permission(id=RecordId(permission_id(said.id, "place")), visit=visit, item=said.id)
    concern = Concern(id=work.store.new_id(), visit=visit, child=talked.child)
    work.store.add(dc.replace(asked, child=talked.child, answer="FULL"), concern)
    page.refresh()
    work.settle()
    push(work, page, ANOTHER)
    fill(page, ASKED, NEW_CHILD)
    fill(page, REST, REST_GOES)
    # What is asked further has its place before the problem beside it needs one.
    work.settle()
    push(work, page, MOVE)
    work.settle()
    part = page.talk_part()
    assert part is not None
    assert part.whose is not None
    found = {"asked": findings_in(part.whose)}
    fill(page, NAME, "Lee W.")
    fill(page, ANSWERED, NOT_THEIRS)
    push(work, page, MOVE)
    work.settle()
    found["moved"] = findings_in(part.whose)
    assert found == {"asked": [], "moved": []}


def test_what_is_said_to_be_saved_leaves_the_buttons_whole(
    workplace: Workplace, work: Work
) -> None:
    visit = recorded(work)
    workplace.open_visit(visit)
    work.settle()
    found = {}
    for step in (steps.TALKS, steps.LETTERS, steps.ACTIONS):
        workplace.visit.show_step(step)
        work.settle()
        workplace.visit.show_form()
        for say in ("Saved on this laptop at 15:45", "Draft kept on this laptop at 15:45"):
            work.session.saved.emit(say)
            work.settle()
            found[step, say] = findings(workplace)
    assert {key: words for key, words in found.items() if words} == {}


def test_a_conversation_that_was_saved_leaves_the_buttons_whole(
    workplace: Workplace, work: Work
) -> None:
    workplace.open_visit(recorded(work))
    work.settle()
    page = workplace.visit
    page.show_step(steps.TALKS)
    page.show_form()
    work.settle()
    fill(page, "End time", "15:45")
    push(work, page, "Save and continue")
    page.show_step(steps.TALKS)
    page.show_form()
    work.settle()
    assert findings(workplace) == []


def test_what_is_begun_is_not_cut_off_or_out_of_reach(workplace: Workplace, work: Work) -> None:
    workplace.open_visit(recorded(work))
    work.settle()
    found = {}
    for step in (steps.RECORD, steps.TALKS, steps.LETTERS, steps.CONCERNS, steps.ACTIONS):
        workplace.visit.show_step(step)
        work.settle()
        workplace.visit.add_new()
        work.settle()
        found[step] = findings(workplace)
    assert {key: words for key, words in found.items() if words} == {}


def test_a_long_word_of_trouble_is_not_cut_off(workplace: Workplace, work: Work) -> None:
    workplace.open_visit(recorded(work))
    work.settle()
    workplace.visit.show_step(steps.RECORD)
    work.settle()
    workplace.visit.show_form()
    workplace.bulletin.say(
        "The disk of this laptop is full, so this was not saved. Everything saved before is "
        "kept, and your words are still on the screen. Make room on the disk, then save again."
    )
    work.settle()
    assert findings(workplace) == []
