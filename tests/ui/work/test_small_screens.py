"""The workspace on small screens and with large text: nothing is cut off or out of reach."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.visit import Action
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets, under_the_ring
from tests.ui.work.made import Work, workplace_of
from tests.ui.work.visiting import talk

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
