"""A decision that a colleague made while it was being made here: what was begun is found again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import drafts
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.halfway import name_of
from hah_desktop.ui.parts.overtaken import IS_REMOVED, NOT_HERE
from hah_desktop.ui.screens.overtaken import USE
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.hands import press, type_words
from tests.ui.screens.made import SIZES, arrives, findings, said_by
from tests.ui.work.at_window import words_on
from tests.ui.work.keys import Keys
from tests.ui.work.made import Work
from tests.ui.work.test_deciding import clash, open_first, workplace

MINE = "Loud at night.\n\nCalm. Half a"
THEIRS = "Loud at night, calm by day."
HERE = workplace


def left_for_later(workplace: Workplace, work: Work) -> Visit:
    """A visit of which the impression was begun to be decided, in words of one's own."""
    visit = clash(work, "Calm.", ["Loud at night."])
    keys = open_first(workplace, work)
    for _ in range(3):
        press(keys.here(), Qt.Key.Key_Right)
    press(keys.here(), Qt.Key.Key_Space)
    type_words(keys.here(), " Half a")
    keys.push("Decide later")
    return visit


def is_decided(work: Work, visit: Visit, **more: Json) -> None:
    """A colleague decides, and it comes with a sync."""
    sides = work.held(visit.id).seen.heads["impression"]
    decision = said_by(
        "dana", 20, {"impression": THEIRS, **more}, replaces={"impression": tuple(sides)}
    )
    with work.store.writing() as connection:
        # The office has what was written here, or nobody could have decided about it.
        mine = update(CHANGE).where(CHANGE.c.number.is_not(None))
        connection.execute(mine.values(received=15))
    arrives(work.store, visit, decision)
    work.session.changed.emit(frozenset({visit.id}))
    work.settle()


def found_again(workplace: Workplace, work: Work) -> Keys:
    """By the key that leads to decisions."""
    keys = Keys(workplace, work)
    keys.tap(Qt.Key.Key_F8)
    assert isinstance(keys.here(), LinkButton)
    keys.tap(Qt.Key.Key_Space)
    assert workplace.shell.current_page() is workplace.overtaken
    return keys


def draft(work: Work, visit: Visit) -> drafts.Draft | None:
    return work.draft(name_of(visit.id))


def test_what_was_begun_is_counted_listed_and_shown_beside_what_stands(
    workplace: Workplace, work: Work
) -> None:
    visit = left_for_later(workplace, work)
    is_decided(work, visit)
    assert workplace.shell.rail.item("office").accessibleName().startswith("Sync, 1 waiting")
    keys = found_again(workplace, work)
    assert workplace.overtaken.header.title.text().endswith("was decided meanwhile")
    (card,) = workplace.overtaken.cards.values()
    assert keys.here() is card.words
    assert card.words.value() == MINE
    assert card.words.isReadOnly()
    assert THEIRS in words_on(workplace)
    assert "dana \N{MIDDLE DOT} today" in words_on(workplace)
    keys.push("Keep it for later")
    assert draft(work, visit) is not None


def test_what_was_begun_can_be_put_in_the_place_of_what_stands(
    workplace: Workplace, work: Work
) -> None:
    visit = left_for_later(workplace, work)
    is_decided(work, visit)
    keys = found_again(workplace, work)
    keys.push(f"General impression: {USE}")
    held = work.held(visit.id)
    assert (held.seen.body["impression"], held.open) == (MINE, {})
    assert draft(work, visit) is None
    assert workplace.shell.current_page() is workplace.office
    assert "waiting" not in workplace.shell.rail.item("office").accessibleName()


def test_it_goes_only_where_the_person_says_so_twice(workplace: Workplace, work: Work) -> None:
    visit = left_for_later(workplace, work)
    is_decided(work, visit)
    keys = found_again(workplace, work)
    keys.push("Discard what you had begun")
    assert draft(work, visit) is not None
    keys.push("Yes, discard it")
    assert draft(work, visit) is None
    assert work.held(visit.id).seen.body["impression"] == THEIRS
    assert workplace.shell.current_page() is workplace.office


def test_it_is_there_also_where_the_record_was_removed_or_is_gone(
    workplace: Workplace, work: Work
) -> None:
    visit = left_for_later(workplace, work)
    is_decided(work, visit, removed=True)
    found_again(workplace, work)
    (card,) = workplace.overtaken.cards.values()
    assert card.words.value() == MINE
    assert not card.use.isVisible()
    assert IS_REMOVED in words_on(workplace)
    with work.store.alone() as connection:
        connection.execute("DELETE FROM change")
        connection.execute("DELETE FROM record WHERE id = ?", (visit.id,))
    workplace.overtaken.refresh()
    work.settle()
    (card,) = workplace.overtaken.cards.values()
    assert card.words.value() == MINE
    assert NOT_HERE in words_on(workplace)


def test_what_a_choice_was_is_shown_where_nothing_was_written(
    workplace: Workplace, work: Work
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    keys = open_first(workplace, work)
    press(keys.here(), Qt.Key.Key_Space)
    keys.push("Decide later")
    is_decided(work, visit)
    found_again(workplace, work)
    (card,) = workplace.overtaken.cards.values()
    assert card.words.value() == "Calm."


def test_of_several_answers_what_was_begun_of_the_others_outlives_a_decision(
    workplace: Workplace, work: Work, qtbot: QtBot
) -> None:
    visit = clash(work, "Calm.", ["Loud at night."])
    first = said_by("sam", 9, {"met_by": "the manager"})
    arrives(work.store, visit, first, said_by("dana", 10, {"met_by": "the deputy"}))
    work.session.changed.emit(frozenset({visit.id}))
    work.settle()
    open_first(workplace, work)
    page = workplace.conflict
    impression = page.choices["impression"]
    impression.buttons[-1].click()
    assert impression.other is not None
    type_words(impression.other.control, " Half a")
    page.choices["met_by"].buttons[0].click()
    Keys(workplace, work).push("Decide later")
    is_decided(work, visit)

    Keys(workplace, work).tap(Qt.Key.Key_F8)
    Keys(workplace, work).tap(Qt.Key.Key_Space)
    assert workplace.shell.current_page() is page
    assert list(page.choices) == ["met_by"]
    page.choices["met_by"].buttons[1].click()
    qtbot.waitUntil(lambda: not page._dirty)
    Keys(workplace, work).tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    assert work.held(visit.id).open == {}
    found_again(workplace, work)
    assert [card.words.value() for card in workplace.overtaken.cards.values()] == [MINE]


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.HIGH_CONTRAST])
def test_nothing_is_clipped_or_nameless(
    workplace: Workplace,
    work: Work,
    qapp: QApplication,
    theme: ThemeName,
    width: int,
    height: int,
    scale: float,
) -> None:
    visit = left_for_later(workplace, work)
    is_decided(work, visit)
    apply(qapp, theme, scale)
    workplace.resize(width, height)
    found_again(workplace, work)
    for _ in range(5):
        qapp.processEvents()
    assert findings(workplace) == []
