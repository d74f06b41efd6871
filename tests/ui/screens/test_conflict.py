"""Deciding between two versions: both are shown, nothing is chosen for the person, one stands."""

import dataclasses as dc
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Action, Area, Visit
from hah_desktop.resources import code_list
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited, Seen
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.ui.kit.inputs import ChoiceBox, TextLine
from hah_desktop.ui.kit.labels import Label
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.decision import KEEP_BOTH, WRITE
from hah_desktop.ui.parts.sides import Tongue, decided, torn_fields
from hah_desktop.ui.screens.conflict import ConflictPage
from hah_desktop.ui.session import Session
from tests.store.hand import NOON, HandClock
from tests.ui.kit.hands import click, press
from tests.ui.screens.made import SIZES, Get, Show, Tear, arrives, findings, said_by
from tests.ui.stores import RUTH

DANA = dc.replace(RUTH, adviser="dana", adviser_name="Dana Moss")
VISIT = RecordId("visit")


def visit(**fields: Any) -> Visit:
    return dc.replace(Visit(id=VISIT, place="fern", status="started"), **fields)


@pytest.fixture
def two_advisers(store: Store, session: Session, qtbot: QtBot) -> None:
    store.add(
        Adviser(id=RecordId("ruth"), name="Ruth Aldous"),
        Adviser(id=RecordId("dana"), name="Dana Moss"),
    )
    session.start()
    qtbot.waitUntil(lambda: len(session.code_list("adviser").codes) == 2)


@pytest.fixture
def tear_apart(store: Store, get: Get, clock: HandClock, two_advisers: None) -> Tear:
    """The first edit is Ruth's, the second is Dana's."""
    assert two_advisers is None

    def torn(first: Record, one: Record, other: Record) -> None:
        store.add(first)
        seen = get(first.id).seen
        clock.now += dt.timedelta(minutes=1)
        store.save(Edited(one, seen))
        clock.now += dt.timedelta(minutes=1)
        store.keep_identity(DANA)
        store.save(Edited(other, seen))
        store.keep_identity(RUTH)

    return torn


@pytest.fixture
def page(session: Session, show: Show) -> ConflictPage:
    made = ConflictPage(session)
    show(made)
    return made


def opened(page: ConflictPage, qtbot: QtBot, record: str = VISIT) -> ConflictPage:
    page.show_record(record)
    qtbot.waitUntil(lambda: page.is_shown() and all(c.isVisible() for c in page.choices.values()))
    return page


def choose(page: ConflictPage, name: str, words: str) -> None:
    button = next(b for b in page.choices[name].buttons if b.text().startswith(words))
    button.click()


def save(page: ConflictPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.done):
        click(page.decide)


def texts(page: ConflictPage) -> list[str]:
    return [label.text() for label in page.findChildren(Label) if label.isVisible()]


def test_both_sides_are_shown_in_words_with_who_and_when(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    first = visit(planned_for=dt.date(2026, 3, 1))
    tear_apart(
        first,
        visit(planned_for=dt.date(2026, 3, 28)),
        visit(planned_for=dt.date(2026, 4, 4)),
    )
    opened(page, qtbot)
    spoken = [b.accessibleDescription() for b in page.choices["planned_for"].buttons[:2]]
    assert spoken == ["28 March 2026", "4 April 2026"]
    said = [words for words in texts(page) if "·" in words]
    assert [words.partition(" ·")[0] for words in said] == ["Ruth Aldous", "Dana Moss"]


def test_a_time_by_a_wrong_clock_is_said_to_be_one(
    page: ConflictPage, store: Store, clock: HandClock, tear_apart: Tear, qtbot: QtBot
) -> None:
    store.met_office(clock.now - dt.timedelta(hours=3))
    tear_apart(visit(), visit(met_by="the manager"), visit(met_by="the deputy"))
    opened(page, qtbot)
    said = [words for words in texts(page) if "\N{MIDDLE DOT}" in words]
    doubt = "by a clock not to be trusted: about 3 hours fast"
    assert [words.partition(", ")[2] for words in said] == [doubt] * 2


def test_codes_are_shown_by_their_labels(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(entry="refused"), visit(entry="delayed"))
    opened(page, qtbot)
    labels = {code_list("entry").label(code) for code in ("refused", "delayed")}
    assert {b.accessibleDescription() for b in page.choices["entry"].buttons[:2]} == labels


def test_buttons_name_the_field_and_the_side(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="the manager"), visit(met_by="the deputy"))
    opened(page, qtbot)
    names = [button.accessibleName() for button in page.choices["met_by"].buttons]
    assert names[:2] == ["Who met us: Keep yours", "Who met us: Keep Dana’s"]


def test_two_versions_of_ones_own_have_different_buttons(
    page: ConflictPage, tear: Tear, qtbot: QtBot
) -> None:
    tear(visit(), visit(met_by="the manager"), visit(met_by="the deputy"))
    opened(page, qtbot)
    names = [button.accessibleName() for button in page.choices["met_by"].buttons]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("keep", "stands"), [("Keep yours", "One"), ("Keep Dana’s", "Two")])
def test_whichever_side_is_kept_the_record_is_whole_again(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot, keep: str, stands: str
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    choose(page, "met_by", keep)
    save(page, qtbot)
    held = get(VISIT)
    assert (held.record, held.open) == (visit(met_by=stands), {})


@pytest.mark.parametrize(("keep", "stands"), [("Keep yours", ""), ("Keep Dana’s", "Two")])
def test_a_side_that_was_emptied_can_be_kept_too(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot, keep: str, stands: str
) -> None:
    tear_apart(visit(met_by="Old"), visit(), visit(met_by="Two"))
    opened(page, qtbot)
    choose(page, "met_by", keep)
    save(page, qtbot)
    held = get(VISIT)
    assert (held.record, held.open) == (visit(met_by=stands), {})


def test_both_texts_can_be_kept_one_after_the_other(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(impression="Calm."), visit(impression="Loud at night."))
    opened(page, qtbot)
    choose(page, "impression", KEEP_BOTH)
    save(page, qtbot)
    assert get(VISIT).record == visit(impression="Calm.\n\nLoud at night.")


def test_of_words_that_were_said_none_can_be_dropped(
    page: ConflictPage, store: Store, get: Get, qtbot: QtBot
) -> None:
    said = Statement(id=RecordId("said"), visit=VISIT, child="child", type="own_words")
    store.add(dc.replace(said, text="Loud."))
    arrives(store, said, said_by("dana", 9, {"text": "Loud at night."}))
    opened(page, qtbot, "said")
    (only,) = page.choices["text"].buttons
    assert only.text() == KEEP_BOTH
    choose(page, "text", KEEP_BOTH)
    save(page, qtbot)
    assert get("said").record == dc.replace(said, text="Loud at night.\n\nLoud.")
    assert get("said").open == {}


def test_something_else_can_be_written_instead(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot
) -> None:
    tear_apart(
        Area(id=RecordId("area"), visit=VISIT, area="kitchen"),
        Area(id=RecordId("area"), visit=VISIT, area="reception"),
        Area(id=RecordId("area"), visit=VISIT, area="bedrooms"),
    )
    opened(page, qtbot, "area")
    choose(page, "area", WRITE)
    (box,) = page.choices["area"].findChildren(ChoiceBox)
    box.set_value("bathrooms")
    save(page, qtbot)
    held = get("area")
    assert (held.seen.body["area"], held.open) == ("bathrooms", {})


def test_nothing_is_saved_until_every_field_is_decided(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One", exit_with="A"), visit(met_by="Two", exit_with="B"))
    opened(page, qtbot)
    choose(page, "met_by", "Keep yours")
    click(page.decide)
    assert [b.words for b in page.summary.buttons] == [
        "Who we spoke to before leaving: choose what to keep"
    ]
    assert set(get(VISIT).open) == {"met_by", "exit_with"}


def test_the_line_in_the_summary_leads_to_the_field(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    click(page.decide)
    click(page.summary.buttons[0])
    assert page.choices["met_by"].buttons[0].hasFocus()


def test_writing_nothing_decides_nothing(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    choose(page, "met_by", WRITE)
    box = next(iter(page.choices["met_by"].findChildren(TextLine)))
    assert box.value() == "One; Two"
    box.clear()
    assert page.choices["met_by"].missing() == "write what shall stand"


def test_deciding_works_by_keyboard_alone(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    first, second, *_ = page.choices["met_by"].buttons
    first.setFocus()
    press(first, Qt.Key.Key_Space)
    press(first, Qt.Key.Key_Right)
    assert second.isChecked()
    page.decide.setFocus()
    with qtbot.waitSignal(page.done):
        press(page.decide, Qt.Key.Key_Space)
    assert get(VISIT).record == visit(met_by="Two")


def test_saving_goes_on_to_the_next_record(
    page: ConflictPage, tear_apart: Tear, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    action = Action(id=RecordId("action"), visit=VISIT, what="Mend the bell")
    tear_apart(action, dc.replace(action, owner="A"), dc.replace(action, owner="B"))
    opened(page, qtbot)
    assert page.decide.words == "Save decision and go to next"
    choose(page, "met_by", "Keep yours")
    click(page.decide)
    qtbot.waitUntil(lambda: "owner" in page.choices)
    assert page.header.title.text() == "Action: Mend the bell was changed in two places"
    assert page.decide.words == "Save decision"


def test_decide_later_changes_nothing(
    page: ConflictPage, tear_apart: Tear, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    choose(page, "met_by", "Keep yours")
    with qtbot.waitSignal(page.done):
        click(page.later)
    assert "met_by" in get(VISIT).open


def test_a_side_that_arrives_while_deciding_is_not_replaced(
    page: ConflictPage, tear_apart: Tear, store: Store, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    before = get(VISIT).seen
    opened(page, qtbot)
    choose(page, "met_by", "Keep yours")
    store.save(Edited(visit(met_by="Three"), Seen(before.body, {})))
    save(page, qtbot)
    assert {head.value for head in get(VISIT).open["met_by"]} == {"One", "Three"}


def test_two_versions_in_a_signed_off_visit_can_still_be_decided(
    page: ConflictPage, tear_apart: Tear, store: Store, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    held = get(VISIT)
    store.save(Edited(visit(met_by="One", status="signed_off"), held.seen))
    opened(page, qtbot)
    choose(page, "met_by", "Keep yours")
    save(page, qtbot)
    assert "met_by" not in get(VISIT).open


def test_what_cannot_be_saved_is_said_and_both_sides_stay(
    page: ConflictPage, tear_apart: Tear, store: Store, get: Get, qtbot: QtBot
) -> None:
    tear_apart(visit(), visit(met_by="One"), visit(met_by="Two"))
    opened(page, qtbot)
    store.keep_identity(Identity("00" * 32))
    choose(page, "met_by", "Keep yours")
    click(page.decide)
    qtbot.waitUntil(page.problem.isVisible)
    assert "not enrolled" in page.problem.label.text()
    assert page.decide.isEnabled()
    assert "met_by" in get(VISIT).open


def test_a_record_that_is_whole_needs_no_decision(
    page: ConflictPage, store: Store, qtbot: QtBot
) -> None:
    store.add(visit())
    with qtbot.waitSignal(page.done):
        page.show_record(VISIT)


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
@pytest.mark.parametrize("theme", [ThemeName.DARK, ThemeName.HIGH_CONTRAST])
def test_nothing_is_clipped_or_nameless(
    page: ConflictPage,
    tear_apart: Tear,
    qapp: QApplication,
    qtbot: QtBot,
    theme: ThemeName,
    width: int,
    height: int,
    scale: float,
) -> None:
    long = "They said that the bell by the bed had not worked since the second week of January. "
    tear_apart(
        visit(),
        visit(impression=long * 3, planned_for=NOON.date()),
        visit(impression=long * 2, planned_for=dt.date(2026, 4, 4)),
    )
    apply(qapp, theme, scale)
    page.window().resize(width, height)
    opened(page, qtbot)
    choose(page, "impression", WRITE)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []


VALUES: st.SearchStrategy[Json] = st.sampled_from([None, "One", "Two", "Three"])


@given(st.lists(VALUES, min_size=2, max_size=4, unique=True), VALUES)
def test_a_decision_is_always_a_change(values: list[Json], choice: Json) -> None:
    heads = tuple(
        Head(ChangeId(str(number)), value, "ruth", NOON.isoformat())
        for number, value in enumerate(values)
    )
    body = {"met_by": next(value for value in values if value is not None)}
    held = Held(visit(), Seen(body), {"met_by": heads})
    edit = decided(held, {"met_by": choice})
    assert edit.seen.body.get("met_by") != choice


def test_a_value_out_of_form_is_shown_as_it_stands() -> None:
    heads = tuple(
        Head(ChangeId(value), value, "ruth", NOON.isoformat()) for value in ("soon", "2026-03-04")
    )
    held = Held(visit(), Seen(), {"planned_for": heads})
    tongue = Tongue(codes=code_list_or_none, names={}, reader="ruth", now=NOON)
    (torn,) = torn_fields(held, tongue)
    assert [side.words for side in torn.sides] == ["soon", "4 March 2026"]


def code_list_or_none(name: str) -> Any:
    return code_list("role" if name == "adviser" else name)


def test_a_record_that_was_removed_while_somebody_went_on_with_it_is_told_in_words(
    page: ConflictPage, store: Store, get: Get, two_advisers: None, qtbot: QtBot
) -> None:
    assert two_advisers is None
    action = Action(id=RecordId("action"), visit=VISIT, what="Mend the bell")
    arrives(store, action, said_by("dana", 5, {"what": "Mend the bell", "visit": VISIT}))
    held = get("action")
    store.save(Edited(dc.replace(held.record, removed=True), held.seen))
    edit = said_by("dana", 8, {"owner": "The manager"})
    arrives(store, action, edit)
    opened(page, qtbot, "action")
    buttons = page.choices["removed"].buttons
    assert [button.text() for button in buttons] == ["Keep it removed", "Keep it"]
    assert [button.accessibleDescription() for button in buttons] == [
        "Removed it",
        "Went on with it, without knowing that it was removed\nWho will do it: The manager",
    ]
    buttons[1].click()
    save(page, qtbot)
    held = get("action")
    assert (held.record.removed, held.open) == (None, {})
    assert held.seen.body["owner"] == "The manager"
