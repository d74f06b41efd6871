"""The page of a record's past: told in words, and a decision undone from there."""

import dataclasses as dc

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.base import described
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.ui.kit.labels import Heading, Label
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.differences import MarkedText
from hah_desktop.ui.parts.past import AT_THE_OFFICE
from hah_desktop.ui.parts.sides import decided
from hah_desktop.ui.screens.history import AT_ONCE, HistoryPage
from hah_desktop.ui.session import Session
from tests.ui.kit.hands import click
from tests.ui.screens.made import SIZES, Get, Show, arrives, findings, said_by

VISIT = Visit(id=RecordId("visit"), status="started")


@pytest.fixture
def page(session: Session, store: Store, show: Show, qtbot: QtBot) -> HistoryPage:
    for who, called in (("ruth", "Ruth Aldous"), ("sam", "Sam Hughes"), ("dana", "Dana Moss")):
        store.add(Adviser(id=RecordId(who), name=called))
    session.start()
    qtbot.waitUntil(lambda: len(session.code_list("adviser").codes) == 3)
    made = HistoryPage(session)
    show(made)
    return made


def opened(page: HistoryPage, qtbot: QtBot, record: str = "visit") -> HistoryPage:
    with qtbot.waitSignal(page.shown):
        page.show_record(record)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in page.cards))
    return page


def clashed(store: Store, get: Get, ours: str, theirs: str) -> None:
    """Ruth and Sam have changed one answer unseen."""
    store.add(VISIT)
    first = said_by("sam", 5, {"impression": "Quiet."})
    arrives(store, VISIT, first)
    held = get("visit")
    assert isinstance(held.record, Visit)
    store.save(Edited(dc.replace(held.record, impression=ours), held.seen))
    seen = {"impression": (ChangeId(first.id),)}
    arrives(store, VISIT, said_by("sam", 6, {"impression": theirs}, replaces=seen))


def titles(page: HistoryPage) -> list[str]:
    return [card.findChildren(Heading)[0].text() for card in page.cards]


def words(page: HistoryPage) -> str:
    labels = [label for label in page.findChildren(Label) if label.isVisible()]
    return " | ".join(label.text() for label in labels)


def texts(page: HistoryPage) -> list[str]:
    return [text.accessibleName() for text in page.cards[0].findChildren(MarkedText)]


def test_every_change_says_who_changed_what_from_what_to_what(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    clashed(store, get, "Quiet, then loud.", "Quiet all day.")
    opened(page, qtbot)
    assert titles(page) == [
        "Ruth changed “General impression”",
        "Ruth wrote this down",
        "Sam changed “General impression”",
        "Sam wrote this down",
    ]
    assert texts(page) == ["Quiet.", "Quiet, then loud."]
    assert "not yet received by the office" in words(page)
    assert "Before, Sam Hughes · today 11:30" in words(page)


def test_the_answers_of_a_change_stand_in_the_order_of_the_form(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    store.add(VISIT)
    held = get("visit")
    assert isinstance(held.record, Visit)
    wrote = dc.replace(
        held.record,
        status="written_up",
        impression="Quiet.",
        met_by="S. Wren",
        purpose="To meet the wing",
    )
    store.save(Edited(wrote, held.seen))
    opened(page, qtbot)
    named = ("impression", "met_by", "purpose")
    asked = [name for section in Visit.sections for name in section.fields]
    labels = [described(Visit)[name].label for name in asked if name in named]
    told = [label.text() for label in page.cards[0].findChildren(Label)]
    assert [text for text in told if text in labels] == labels
    assert titles(page)[0] == f"Ruth changed “{labels[0]}” and 3 more"


def test_a_decision_is_named_as_one_and_can_be_undone_from_here(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    clashed(store, get, "Loud.", "Calm.")
    store.save(decided(get("visit"), {"impression": "Loud."}))
    opened(page, qtbot)
    assert titles(page)[0] == "Ruth decided between Sam’s and Ruth’s words"
    (undo,) = page.cards[0].buttons
    assert undo.accessibleName() == "General impression: Undo this decision: put Sam’s back"
    with qtbot.waitSignal(page.shown):
        click(undo)
    assert get("visit").seen.body["impression"] == "Calm."
    assert titles(page)[0] == "Ruth changed “General impression”"
    assert titles(page)[1] == "Ruth decided between Sam’s and Ruth’s words"
    assert [card.buttons for card in page.cards] == [[]] * len(page.cards)


def test_a_third_text_can_be_undone_towards_either_side(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    clashed(store, get, "Loud.", "Calm.")
    store.save(decided(get("visit"), {"impression": "Both."}))
    opened(page, qtbot)
    assert [button.words for button in page.cards[0].buttons] == [
        "Undo this decision: put Sam’s back",
        "Undo this decision: put Ruth’s back",
    ]


def test_what_changed_meanwhile_is_not_replaced_by_undoing(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    clashed(store, get, "Loud.", "Calm.")
    store.save(decided(get("visit"), {"impression": "Loud."}))
    opened(page, qtbot)
    held = get("visit")
    assert isinstance(held.record, Visit)
    store.save(Edited(dc.replace(held.record, impression="Loud at night."), held.seen))
    click(page.cards[0].buttons[0])
    qtbot.waitUntil(lambda: len(get("visit").open) == 1)
    sides = {side.value for side in get("visit").open["impression"]}
    assert sides == {"Calm.", "Loud at night."}


def test_joined_words_that_were_said_are_not_undone(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    said = Statement(id=RecordId("said"), visit="visit", child="child", type="own_words")
    store.add(dc.replace(said, text="Loud."))
    arrives(store, said, said_by("dana", 9, {"text": "Loud at night."}))
    store.save(decided(get("said"), {"text": "Loud.\n\nLoud at night."}))
    opened(page, qtbot, "said")
    assert titles(page)[0].startswith("Ruth decided between")
    assert page.cards[0].buttons == []


def test_where_only_heads_are_here_it_says_where_the_rest_is(
    page: HistoryPage, store: Store, qtbot: QtBot
) -> None:
    seen = {"met_by": (ChangeId("a"), ChangeId("b"))}
    arrives(store, VISIT, said_by("sam", 7, {"met_by": "the manager"}, replaces=seen))
    opened(page, qtbot)
    assert titles(page) == ["Sam decided between 2 versions"]
    assert AT_THE_OFFICE in words(page)


def test_an_old_record_shows_the_newest_changes_first_and_the_rest_on_demand(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    store.add(VISIT)
    for number in range(AT_ONCE + 3):
        held = get("visit")
        assert isinstance(held.record, Visit)
        store.save(Edited(dc.replace(held.record, children_present=number), held.seen))
    opened(page, qtbot)
    assert len(page.cards) == AT_ONCE
    assert page.more is not None
    assert page.more.words == "Show 4 earlier changes"
    with qtbot.waitSignal(page.shown):
        click(page.more)
    assert len(page.cards) == AT_ONCE + 4


def test_a_long_text_is_shown_whole_on_demand(
    page: HistoryPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    clashed(store, get, "Loud. " * 200, "Calm.")
    opened(page, qtbot)
    assert texts(page) == ["Quiet."]
    (whole,) = page.cards[0].whole
    click(whole)
    assert texts(page)[-1] == ("Loud. " * 200).rstrip()


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    page: HistoryPage,
    store: Store,
    get: Get,
    qapp: QApplication,
    qtbot: QtBot,
    width: int,
    height: int,
    scale: float,
) -> None:
    long = "They said that the bell by the bed had not worked since the second week of January. "
    clashed(store, get, long * 3, long)
    store.save(decided(get("visit"), {"impression": long * 2}))
    apply(qapp, ThemeName.HIGH_CONTRAST, scale)
    page.window().resize(width, height)
    opened(page, qtbot)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []
