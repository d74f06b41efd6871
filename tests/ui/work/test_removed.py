"""What was removed is still there: found again from a visit and from Sync, read, brought back."""

import dataclasses as dc
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import Child, Concern
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.signoff import SIGNED_OFF
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.lists import RowRole
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.removed import HIDDEN, KEPT_REMOVED, MOVED_ON, NOT_HERE
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.screens.visit.removed import RemovedPart
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.hands import click, press
from tests.ui.made_files import picture_file
from tests.ui.screens.made import SIZES, arrives, findings, said_by
from tests.ui.work.at_window import words_on
from tests.ui.work.keys import Keys
from tests.ui.work.made import Work, workplace_of

SWING = "Attachment: The swing"


@pytest.fixture
def workplace(work: Work, qtbot: QtBot) -> Workplace:
    for who, called in (("ruth", "Ruth Aldous"), ("dana", "Dana Moss")):
        work.store.add(Adviser(id=who, name=called))  # type: ignore[arg-type]  # as an id
    made = workplace_of(work, qtbot)
    made.start("")
    work.settle()
    return made


def letter(work: Work, visit: Visit, what: str = "The swing") -> Attachment:
    made = Attachment(id=work.store.new_id(), visit=visit.id, what=what, type="drawing")
    made = dc.replace(made, content="ab" * 16)
    work.store.add(made)
    return made


def remove(work: Work, record: str) -> None:
    held = work.held(record)
    work.store.save(Edited(dc.replace(held.record, removed=True), held.seen))


def stands(work: Work, record: str) -> bool:
    with work.store.reading() as connection:
        return reading.get(connection, record) is not None


def dana_went_on(work: Work, visit: Visit) -> Attachment:
    """Ruth removes a letter that Dana describes without knowing of it."""
    made = Attachment(id=work.store.new_id(), visit=visit.id)
    first = said_by("dana", 5, {"what": "The swing", "visit": visit.id, "type": "drawing"})
    arrives(work.store, made, first)
    remove(work, made.id)
    seen = {"what": (ChangeId(first.id),)}
    arrives(work.store, made, said_by("dana", 8, {"what": "The broken swing"}, replaces=seen))
    return made


def at(work: Work, workplace: Workplace, visit: Visit, step: str, key: str = "") -> None:
    workplace.open_visit(visit.id)
    workplace.visit.show_step(step)
    work.settle()
    if key:
        workplace.visit.open_entry(key)
        work.settle()


def rows(workplace: Workplace) -> list[tuple[str, str]]:
    model = workplace.visit.pane.rows.model()
    at_row = [model.index(number, 0) for number in range(model.rowCount())]
    return [(i.data(Qt.ItemDataRole.DisplayRole), i.data(RowRole.SUBTITLE)) for i in at_row]


def listed(workplace: Workplace) -> list[str]:
    part = workplace.visit._middle.part
    assert isinstance(part, RemovedPart)
    return [f"{link.words}. {link.accessibleDescription()}" for link in part.list.buttons]


def gone(workplace: Workplace) -> str:
    """What the history says of a record that was removed."""
    assert workplace.shell.current_page() is workplace.history
    card = workplace.history.gone
    assert card is not None
    return f"{card.accessibleName()} {words_on(card)}"


def bring_back(workplace: Workplace) -> None:
    card = workplace.history.gone
    assert card is not None
    assert card.back is not None
    click(card.back)


def test_a_decision_to_keep_it_removed_is_seen_and_undone_by_keys_alone(
    workplace: Workplace, work: Work
) -> None:
    made = dana_went_on(work, work.visit())
    keys = Keys(workplace, work)
    workplace.shell.next_pane(forward=True)
    keys.tap(Qt.Key.Key_F8)
    keys.tap(Qt.Key.Key_Space)
    keys.push("Keep it removed")
    keys.tap(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    work.settle()
    assert not stands(work, made.id)
    assert workplace.shell.current_page() is workplace.office
    card = workplace.office.kept_removed
    assert card.accessibleName() == KEPT_REMOVED
    assert card.isVisible()
    assert "Kept removed by Ruth Aldous" in card.buttons[0].accessibleDescription()
    keys.push("Attachment: The broken swing")
    assert "Kept removed by Ruth Aldous" in gone(workplace)
    assert HIDDEN in gone(workplace)
    assert workplace.history.cards[0].accessibleName() == "Ruth decided: Keep it removed"
    assert "Ruth removed it" in [card.accessibleName() for card in workplace.history.cards]
    keys.push("Bring it back")
    assert work.held(made.id).seen.body["what"] == "The broken swing"
    assert work.held(made.id).open == {}
    assert workplace.history.gone is None
    assert workplace.history.cards[0].accessibleName() == "Ruth brought it back"
    keys.push("Back")
    assert workplace.shell.current_page() is workplace.office
    assert workplace.office.kept_removed.isHidden()


def test_the_decision_itself_offers_to_be_undone_and_so_does_its_undoing(
    workplace: Workplace, work: Work
) -> None:
    made = dana_went_on(work, work.visit())
    workplace.conflict.show_record(made.id)
    work.settle()
    click(workplace.conflict.choices["removed"].buttons[1])
    click(workplace.conflict.decide)
    work.settle()
    workplace._show_history("office", made.id)
    work.settle()
    (again,) = workplace.history.cards[0].buttons
    assert again.words == "Undo this: remove it again"
    click(again)
    work.settle()
    assert not stands(work, made.id)
    assert "Removed by Ruth Aldous" in gone(workplace)
    (undo,) = workplace.history.cards[0].buttons
    assert undo.words == "Undo this: bring it back"
    click(undo)
    work.settle()
    assert stands(work, made.id)


def test_what_nobody_else_had_written_in_was_no_decision(workplace: Workplace, work: Work) -> None:
    made = letter(work, work.visit())
    remove(work, made.id)
    workplace.office.refresh()
    workplace._show_history("office", made.id)
    work.settle()
    assert workplace.history.cards[0].accessibleName() == "Ruth removed it"
    assert "earlier changes are at the office" not in words_on(workplace.history).lower()
    assert workplace.office.kept_removed.buttons == []


def test_a_visit_lists_what_was_removed_of_it_by_its_steps(
    workplace: Workplace, work: Work
) -> None:
    visit = work.visit()
    first, second = letter(work, visit), letter(work, visit, "From Jo")
    letter(work, visit, "It stays")
    remove(work, first.id)
    remove(work, second.id)
    at(work, workplace, visit, steps.LETTERS)
    assert rows(workplace)[-1] == ("Removed", "2 records")
    assert isinstance(workplace.visit._middle.part, LetterPart), "it is asked for, or not opened"
    at(work, workplace, visit, steps.CONCERNS)
    assert rows(workplace) == []
    at(work, workplace, visit, steps.LETTERS)
    workplace.visit.pane.rows.setFocus()
    keys = Keys(workplace, work)
    for _ in rows(workplace):
        keys.tap(Qt.Key.Key_Down)
    keys.tap(Qt.Key.Key_Return)
    said = ". Removed by Ruth Aldous · "
    assert [line.partition(said)[0] for line in listed(workplace)] == [
        "Attachment: From Jo",
        SWING,
    ]


def test_a_removed_letter_is_brought_back_by_keys_alone(workplace: Workplace, work: Work) -> None:
    visit = work.visit()
    made = letter(work, visit)
    at(work, workplace, visit, steps.LETTERS, made.id)
    keys = Keys(workplace, work)
    part = workplace.visit._middle.part
    assert isinstance(part, LetterPart)
    part.kept.remove.setFocus()
    keys.push("Remove")
    assert stands(work, made.id)
    keys.push("Remove")
    work.settle()
    # What was just removed is at hand, for whoever did not mean to.
    assert rows(workplace) == [("Removed", "1 record")]
    here = keys.here()
    assert isinstance(here, LinkButton)
    assert here.words == SWING
    keys.tap(Qt.Key.Key_Return)
    keys.push("Bring it back")
    assert stands(work, made.id)
    keys.push("Back")
    work.settle()
    assert rows(workplace)[0][0] == "The swing"
    assert len(rows(workplace)) == 1
    assert isinstance(workplace.visit._middle.part, LetterPart)


def test_its_file_is_looked_at_again_once_it_is_back(
    workplace: Workplace, work: Work, tmp_path: Path
) -> None:
    visit = work.visit()
    made = Attachment(id=work.store.new_id(), visit=visit.id, what="The swing", type="drawing")
    path = tmp_path / "swing.png"
    path.write_bytes(picture_file())
    work.session.attaching.files.keep(
        work.store,
        path,
        lambda sealed: [Edited(dc.replace(made, content=sealed.file.id), NOTHING)],
    )
    remove(work, made.id)
    work.session.start()
    work.settle()
    workplace._show_history("visit", made.id)
    work.settle()
    bring_back(workplace)
    work.settle()
    at(work, workplace, visit, steps.LETTERS, made.id)
    part = workplace.visit._middle.part
    assert isinstance(part, LetterPart)
    assert part.kept.look.isEnabled()


def test_a_letter_that_was_moved_here_and_then_removed_is_brought_back_like_any_other(
    workplace: Workplace, work: Work
) -> None:
    visit = work.visit()
    made = letter(work, visit)
    there = dc.replace(made, id=work.store.new_id(), moved=made.id)
    left = Attachment(id=made.id, visit=visit.id, removed=True, moved=there.id)
    work.store.save_all([Edited(there, NOTHING), Edited(left, work.held(made.id).seen)])
    at(work, workplace, visit, steps.LETTERS, there.id)
    part = workplace.visit._middle.part
    assert isinstance(part, LetterPart)
    for _ in range(2):
        click(part.kept.remove)
    work.settle()
    work.settle()
    assert [line.partition(".")[0] for line in listed(workplace)] == [SWING]
    workplace._show_history("visit", there.id)
    work.settle()
    assert HIDDEN in gone(workplace)
    bring_back(workplace)
    work.settle()
    assert stands(work, there.id)
    assert not stands(work, made.id)


@pytest.mark.parametrize("is_here", [True, False])
def test_of_what_was_moved_to_another_child_nothing_is_shown_or_brought_back(
    workplace: Workplace, work: Work, *, is_here: bool
) -> None:
    visit = work.visit()
    ann = Child(id=work.store.new_id(), known_as="Ann")
    concern = Concern(
        id=work.store.new_id(), visit=visit.id, child=ann.id, about="A bruise on her arm"
    )
    work.store.add(ann, concern)
    held = work.held(concern.id)
    there = dc.replace(concern, id=work.store.new_id(), child="", moved=concern.id)
    left = Concern(id=concern.id, visit=visit.id, child=ann.id, removed=True, moved=there.id)
    edits = [Edited(there, NOTHING), Edited(left, held.seen)]
    work.store.save_all(edits if is_here else edits[1:])
    at(work, workplace, visit, steps.CONCERNS)
    assert "Removed" not in [title for title, _ in rows(workplace)]
    workplace._show_history("visit", concern.id)
    work.settle()
    assert MOVED_ON in gone(workplace)
    assert "A bruise" not in words_on(workplace)
    card = workplace.history.gone
    assert workplace.history.cards == []
    assert card is not None
    assert card.back is None
    assert (NOT_HERE in gone(workplace)) is not is_here
    assert (card.follow is not None) is is_here
    if card.follow is not None:
        click(card.follow)
        work.settle()
        assert "A bruise on her arm" in words_on(workplace)


def test_after_sign_off_a_decision_is_undone_and_a_removal_is_not(
    workplace: Workplace, work: Work
) -> None:
    visit = work.visit()
    plain, torn = letter(work, visit), dana_went_on(work, visit)
    remove(work, plain.id)
    workplace.conflict.show_record(torn.id)
    work.settle()
    click(workplace.conflict.choices["removed"].buttons[0])
    click(workplace.conflict.decide)
    work.settle()
    held = work.held(visit.id)
    work.store.save(Edited(dc.replace(held.record, status=SIGNED_OFF), held.seen))  # type: ignore[call-arg]  # of a visit
    for record in (plain, torn):
        workplace._show_history("visit", record.id)
        work.settle()
        bring_back(workplace)
        work.settle()
        if record is plain:
            assert "signed off" in workplace.history.problem.label.text()
    assert (stands(work, plain.id), stands(work, torn.id)) == (False, True)


def test_a_removal_that_is_only_here_is_named_and_leads_to_where_it_is_brought_back(
    workplace: Workplace, work: Work
) -> None:
    visit = work.visit()
    made = letter(work, visit)
    remove(work, made.id)
    workplace._show_only_here()
    work.settle()
    links = workplace.office.only_here.findChildren(LinkButton)
    named = {link.words: link for link in links}
    click(named[f"{SWING} (removed)"])
    work.settle()
    work.settle()
    assert [line.partition(".")[0] for line in listed(workplace)] == [SWING]


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    workplace: Workplace, work: Work, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    visit = work.visit()
    long = "A letter from the local authority about the contact that was put off twice in January"
    made = letter(work, visit, long)
    remove(work, made.id)
    apply(qapp, ThemeName.HIGH_CONTRAST, scale)
    workplace.resize(width, height)
    at(work, workplace, visit, steps.LETTERS, steps.REMOVED)
    for _ in range(5):
        qapp.processEvents()
    assert findings(workplace) == []
    part = workplace.visit._middle.part
    assert isinstance(part, RemovedPart)
    press(part.list.buttons[0], Qt.Key.Key_Space)
    work.settle()
    for _ in range(5):
        qapp.processEvents()
    assert "Removed by Ruth Aldous" in gone(workplace)
    assert findings(workplace) == []
