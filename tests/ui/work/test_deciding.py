"""Deciding between versions at the real workplace, from the list to the save, by keys alone."""

import dataclasses as dc
import datetime as dt
import random
from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QRadioButton
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.reference import Adviser, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.parts.halfway import name_of
from hah_desktop.ui.screens.conflict import MORE_SIDES
from hah_desktop.ui.screens.visit.steps import SUMMARY
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.hands import press, type_words
from tests.ui.screens.made import arrives, said_by
from tests.ui.work.at_window import User, words_on
from tests.ui.work.keys import Keys
from tests.ui.work.made import Work, on_show, workplace_of

LONG = 2000
TODAY = dt.date(2026, 3, 2)


def note(seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - a text to make again
    words = [f"word{chance.randrange(300)}" for _ in range(LONG)]
    return " ".join(f"{word}." if n % 12 == 11 else word for n, word in enumerate(words))


def clash(work: Work, ours: str, theirs: Sequence[str], name: str = "impression") -> Visit:
    """A visit of which one answer was changed here and by others, unseen."""
    for who, called in (("ruth", "Ruth Aldous"), ("sam", "Sam Hughes"), ("dana", "Dana Moss")):
        work.store.add(Adviser(id=who, name=called))  # type: ignore[arg-type]  # as an id
    visit = work.visit()
    first = said_by("sam", 5, {name: "As it was at first."})
    arrives(work.store, visit, first)
    held = work.held(visit.id)
    edited = dc.replace(held.record, **{name: ours})  # type: ignore[arg-type]  # a field of a visit
    work.store.save(Edited(edited, held.seen))
    seen = {name: (ChangeId(first.id),)}
    people = ("sam", "dana", "sam")
    sides = [
        said_by(people[number], 6 + number, {name: words}, replaces=seen)
        for number, words in enumerate(theirs)
    ]
    arrives(work.store, visit, *sides)
    return visit


@pytest.fixture
def workplace(work: Work, qtbot: QtBot) -> Workplace:
    made = workplace_of(work, qtbot)
    made.start("")
    work.settle()
    return made


def open_first(workplace: Workplace, work: Work) -> Keys:
    """By one key to the list, and into its first line."""
    keys = Keys(workplace, work)
    workplace.shell.next_pane(forward=True)
    keys.tap(Qt.Key.Key_F8)
    assert isinstance(keys.here(), LinkButton)
    assert "Ruth Aldous" in keys.here().accessibleDescription()
    keys.tap(Qt.Key.Key_Space)
    assert isinstance(keys.here(), QRadioButton)
    return keys


@pytest.mark.parametrize("others", [1, 2])
def test_a_long_note_is_decided_by_keys_alone(
    workplace: Workplace, work: Work, others: int
) -> None:
    ours = note(1)
    theirs = [ours.replace("word7 ", f"word seven of {n} ") for n in range(others)]
    visit = clash(work, ours, theirs)
    keys = open_first(workplace, work)
    press(keys.here(), Qt.Key.Key_Space)
    for _ in range(others):
        press(keys.here(), Qt.Key.Key_Right)
    keys.tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    held = work.held(visit.id)
    assert held.open == {}
    assert held.seen.body["impression"] == theirs[-1]
    assert keys.here().isVisible()


def test_what_keeps_a_visit_from_being_signed_off_leads_to_the_decision(
    workplace: Workplace, work: Work
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    workplace.open_visit(visit.id)
    workplace.visit.show_step(SUMMARY)
    work.settle()
    on_show(workplace, LinkButton, lambda link: "two versions" in link.words).click()
    work.settle()
    assert workplace.shell.current_page() is workplace.conflict
    assert list(workplace.conflict.choices) == ["impression"]
    assert isinstance(Keys(workplace, work).here(), QRadioButton)


def test_a_third_text_is_written_into_what_both_said(workplace: Workplace, work: Work) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    keys = open_first(workplace, work)
    press(keys.here(), Qt.Key.Key_Space)
    for _ in range(3):
        press(keys.here(), Qt.Key.Key_Right)
    keys.tap(Qt.Key.Key_Tab)
    assert isinstance(keys.here(), QPlainTextEdit)
    type_words(keys.here(), " Both of us heard it.")
    keys.tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert work.held(visit.id).seen.body["impression"] == (
        "Loud at night.\n\nCalm. Both of us heard it."
    )


@pytest.mark.parametrize("name", ["impression", "met_by"])
def test_the_arrow_keys_go_round_the_ways_to_decide_and_stay_there(
    workplace: Workplace, work: Work, name: str
) -> None:
    clash(work, "Calm.", ["Loud at night."], name)
    keys = open_first(workplace, work)
    ways = workplace.conflict.choices[name].buttons
    press(keys.here(), Qt.Key.Key_Space)
    for number in range(1, 2 * len(ways)):
        press(keys.here(), Qt.Key.Key_Down)
        assert keys.here() is ways[number % len(ways)]
        assert ways[number % len(ways)].isChecked()
    press(keys.here(), Qt.Key.Key_Space)
    text = keys.here()
    assert isinstance(text, QPlainTextEdit | QLineEdit)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        for _ in range(40):
            press(keys.here(), key)
    assert keys.here() is text


def test_what_it_said_before_is_shown_on_demand(workplace: Workplace, work: Work) -> None:
    clash(work, "Calm.", ["Loud at night."])
    keys = open_first(workplace, work)
    assert "As it was at first." not in words_on(workplace)
    keys.push("General impression: Show what it said before")
    assert "As it was at first." in words_on(workplace)
    keys.push("General impression: Hide what it said before")
    assert "As it was at first." not in words_on(workplace)


def test_the_page_scrolls_while_the_keyboard_stays_on_a_side(
    workplace: Workplace, work: Work
) -> None:
    clash(work, note(1), [note(2)])
    keys = open_first(workplace, work)
    before = keys.here().mapToGlobal(keys.here().rect().topLeft()).y()
    press(keys.here(), Qt.Key.Key_PageDown)
    assert keys.here().mapToGlobal(keys.here().rect().topLeft()).y() < before


def test_where_nothing_waits_the_key_says_so_and_the_focus_is_not_lost(
    workplace: Workplace, work: Work
) -> None:
    keys = Keys(workplace, work)
    workplace.shell.next_pane(forward=True)
    keys.tap(Qt.Key.Key_F8)
    assert keys.here() is workplace.office.now


def begin(workplace: Workplace, work: Work, words: str) -> None:
    """Choose to write something else, and type the beginning of it."""
    keys = open_first(workplace, work)
    press(keys.here(), Qt.Key.Key_Space)
    for _ in range(3):
        press(keys.here(), Qt.Key.Key_Right)
    press(keys.here(), Qt.Key.Key_Space)
    type_words(keys.here(), words)


def typed(workplace: Workplace) -> str:
    (area,) = workplace.conflict.choices["impression"].findChildren(QPlainTextEdit)
    return area.toPlainText() if area.isVisible() else ""


def test_a_decision_that_was_left_for_later_goes_on_where_it_was(
    workplace: Workplace, work: Work
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    begin(workplace, work, " Half a")
    Keys(workplace, work).push("Decide later")
    keys = Keys(workplace, work)
    keys.tap(Qt.Key.Key_Space)
    assert typed(workplace).endswith(" Half a")
    assert work.draft(visit.id) is None
    Keys(workplace, work).tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert work.draft(name_of(visit.id)) is None


def test_a_half_made_decision_is_kept_without_leaving_it(
    workplace: Workplace, work: Work, qtbot: QtBot
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    begin(workplace, work, " Half a")
    qtbot.waitUntil(lambda: " Half a" in kept(work, visit))


def test_what_is_typed_after_a_decision_was_kept_is_kept_too(
    workplace: Workplace, work: Work, qtbot: QtBot
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    begin(workplace, work, " Half a")
    qtbot.waitUntil(lambda: " Half a" in kept(work, visit))
    keys = Keys(workplace, work)
    type_words(keys.here(), " sentence")
    keys.push("Decide later")
    assert " Half a sentence" in kept(work, visit)


def kept(work: Work, visit: Visit) -> str:
    """What is kept of the decision about the impression; nothing while none is."""
    draft = work.draft(name_of(visit.id))
    return draft.raw["impression"] if draft else ""


def test_a_new_side_asks_to_look_again_and_keeps_what_was_typed(
    workplace: Workplace, work: Work
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    begin(workplace, work, " Half a")
    Keys(workplace, work).push("Decide later")
    arrives(
        work.store,
        visit,
        said_by("sam", 6, {"impression": "Loud at night."}),
        said_by("dana", 8, {"impression": "Cold."}),
    )
    Keys(workplace, work).tap(Qt.Key.Key_Space)
    assert workplace.conflict.news.label.text() == MORE_SIDES
    choice = workplace.conflict.choices["impression"]
    assert not choice.is_begun()
    assert choice.half().value == "Loud at night.\n\nCalm. Half a"


def test_a_half_made_decision_is_there_after_unlocking(user: User) -> None:
    work = user.unlock()
    visit = clash(work, "Calm.", ["Loud at night."])
    assert user.window.workplace is not None
    begin(user.window.workplace, work, " Half a")
    user.lock()
    work = user.unlock()
    assert user.window.workplace is not None
    workplace = user.window.workplace
    workplace.shell.next_pane(forward=True)
    Keys(workplace, work).tap(Qt.Key.Key_F8)
    Keys(workplace, work).tap(Qt.Key.Key_Space)
    assert typed(workplace).endswith(" Half a")
    with work.store.reading() as connection:
        assert drafts.get(connection, name_of(visit.id)) is not None
        assert reading.undecided(connection)


def test_the_past_of_what_is_open_is_one_action_away_and_leads_back(
    workplace: Workplace, work: Work
) -> None:
    clash(work, "Calm.", ["Loud at night."])
    keys = open_first(workplace, work)
    keys.push("History")
    assert workplace.shell.current_page() is workplace.history
    assert "sam wrote this down" in words_on(workplace)
    keys.push("Back")
    assert workplace.shell.current_page() is workplace.conflict
    assert keys.here().isVisible()


def test_the_past_of_a_place_is_one_action_away_and_leads_back(
    workplace: Workplace, work: Work, qtbot: QtBot
) -> None:
    work.store.add(Place(id=RecordId("fern"), name="Fern House", listed_on=TODAY))
    work.session.changed.emit(frozenset())
    workplace.shell.show_page("places")
    qtbot.waitUntil(workplace.places.history_button.isEnabled)
    Keys(workplace, work).push("History of this place")
    assert workplace.shell.current_page() is workplace.history
    assert workplace.history.header.title.text() == "History: Place: Fern House"
    Keys(workplace, work).push("Back")
    assert workplace.shell.current_page() is workplace.places


def test_the_past_of_a_visit_is_one_action_away_from_its_workspace(
    workplace: Workplace, work: Work
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    workplace.open_visit(visit.id)
    work.settle()
    workplace.shell.next_pane(forward=True)
    Keys(workplace, work).push("History")
    assert workplace.history.header.title.text().startswith("History: Visit")
    Keys(workplace, work).push("Back")
    assert workplace.shell.current_page() is workplace.visit


def test_every_page_says_how_much_waits_for_a_decision(workplace: Workplace, work: Work) -> None:
    named = workplace.shell.rail.item("office").accessibleName
    assert "waiting" not in named()
    clash(work, "Calm.", ["Loud at night."])
    work.session.changed.emit(frozenset())
    work.settle()
    assert named() == "Sync, 1 waiting"
    keys = open_first(workplace, work)
    press(keys.here(), Qt.Key.Key_Space)
    keys.tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "waiting" not in named()
