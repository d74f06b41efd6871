"""A concern and an action say which child they are about, before they are first saved."""

import dataclasses as dc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import RecordId, child_file
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import (
    Child,
    Concern,
    Conversation,
    Permission,
    permission_id,
)
from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.journal import reading, saving
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.labels import Heading, Label
from hah_desktop.ui.parts import past
from hah_desktop.ui.parts.differences import MarkedText
from hah_desktop.ui.parts.sides import IT_MOVED
from hah_desktop.ui.screens.conflict import ConflictPage
from hah_desktop.ui.screens.history import HistoryPage
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.move_offer import (
    ANOTHER,
    ANSWERED,
    LEAVE,
    MOVE,
    NO_CHILD,
    NOT_THEIRS,
    THEIRS,
    UNDO,
)
from hah_desktop.ui.screens.visit.move_offer import ASKED as WHOM
from hah_desktop.ui.screens.visit.move_offer import MISSING as WHOM_MISSING
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.screens.visit.whose import ASKED, MISSING, MOVED_AWAY
from tests.ui.screens.made import arrives, said_by
from tests.ui.work.made import Work, button, on_show, question
from tests.ui.work.visiting import fill, go, push, talk, text_of

ADDED = [
    pytest.param(steps.CONCERNS, "Add a concern", "What the concern is", Concern, id="concern"),
    pytest.param(steps.ACTIONS, "Add an action", "What will be done", Action, id="action"),
]


def kept(work: Work, kind: str) -> list[Record]:
    with work.store.reading() as connection:
        return [held.record for held in reading.of_kind(connection, kind)]


@pytest.mark.parametrize(("step", "add", "asked", "kind"), ADDED)
def test_what_is_added_is_about_the_child_who_was_chosen(
    work: Work, page: VisitPage, step: str, add: str, asked: str, kind: type[Record]
) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, step)
    push(work, page, add)
    fill(page, ASKED, "Kai M.")
    fill(page, asked, "Look at the call bell log")
    page.save()
    work.settle()
    (saved,) = kept(work, kind.kind)
    assert getattr(saved, "child") == child  # noqa: B009 - of a concern as of an action
    assert on_show(page, Label, lambda label: label.text() == "Kai M.") is not None


def test_a_concern_about_a_child_lies_in_the_childs_file(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, ASKED, "Kai M.")
    page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert child_file(child) in saved.files()


def test_nothing_is_saved_before_somebody_says_whose_it_is(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    talk(work, visit)
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, "What the concern is", "Nobody answers the bell")
    assert not page.save()
    work.settle()
    assert kept(work, Concern.kind) == []
    assert question(page, ASKED).problem.text() == MISSING
    fill(page, ASKED, NO_CHILD)
    assert page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert isinstance(saved, Concern)
    assert saved.child == ""


def test_the_keyboard_begins_at_that_question(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    talk(work, visit)
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    assert QApplication.focusWidget() is question(page, ASKED).control


def test_the_child_is_kept_with_a_draft(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, ASKED, "Kai M.")
    place = page.place()
    page.flush()
    work.settle()
    page.open_visit(visit.id, place)
    work.settle()
    assert page.save()
    work.settle()
    (saved,) = kept(work, Concern.kind)
    assert isinstance(saved, Concern)
    assert saved.child == child


def test_where_no_child_was_met_nothing_is_asked(work: Work, page: VisitPage) -> None:
    visit = work.visit()
    go(work, page, visit.id, steps.CONCERNS)
    push(work, page, "Add a concern")
    fill(page, "What the concern is", "The bells are broken")
    assert page.save()
    work.settle()
    assert len(kept(work, Concern.kind)) == 1


# Moving it to the right child


def two_met(work: Work, visit: Visit) -> tuple[str, str]:
    """Ben and Kai were both spoken to."""
    ben = Child(id=work.store.new_id(), known_as="Ben T.")
    work.store.add(ben, Conversation(id=work.store.new_id(), visit=visit.id, child=ben.id))
    return ben.id, talk(work, visit).child


def about_ben(work: Work, page: VisitPage, kind: type[Concern | Action]) -> tuple[Record, str, str]:
    """Something about Ben that is about Kai, open on the screen."""
    visit = work.visit()
    ben, kai = two_met(work, visit)
    words = {"about": "Nobody answers"} if kind is Concern else {"what": "Look at the log"}
    record = kind(id=work.store.new_id(), visit=visit.id, child=ben, **words)  # type: ignore[arg-type]  # fields of either
    work.store.add(record)
    go(work, page, visit.id, steps.CONCERNS if kind is Concern else steps.ACTIONS, record.id)
    return record, ben, kai


def move(work: Work, page: VisitPage, whom: str, answered: str = "") -> None:
    push(work, page, ANOTHER)
    fill(page, WHOM, whom)
    if answered:
        fill(page, ANSWERED, answered)
    push(work, page, MOVE)


def ids(work: Work, kind: str) -> dict[str, str]:
    return {one.id: getattr(one, "child") for one in kept(work, kind)}  # noqa: B009 - of both


@pytest.mark.parametrize(
    ("whom", "is_kai"), [pytest.param("Kai M.", True), pytest.param(NO_CHILD, False)]
)
def test_a_concern_about_the_wrong_child_leaves_nothing_with_them(
    work: Work, page: VisitPage, whom: str, *, is_kai: bool
) -> None:
    record, ben, kai = about_ben(work, page, Concern)
    move(work, page, whom)
    ((new, child),) = ids(work, Concern.kind).items()
    assert (new == record.id, child) == (False, kai if is_kai else "")
    with work.store.reading() as connection:
        left = reading.seen(connection, [record.id])[record.id].body
    where = {"visit": getattr(record, "visit"), "child": ben}  # noqa: B009 - of both
    assert left == {**where, "removed": True, "moved": new}
    assert page.place()["key"] == new
    assert text_of(page, "What the concern is") == "Nobody answers"


def test_an_action_only_says_another_child(work: Work, page: VisitPage) -> None:
    record, _, kai = about_ben(work, page, Action)
    move(work, page, "Kai M.")
    assert ids(work, Action.kind) == {record.id: kai}


def test_the_answers_about_the_wrong_child_do_not_go_with_it(work: Work, page: VisitPage) -> None:
    record, ben, _ = about_ben(work, page, Action)
    allows(work, record, ben)
    page.refresh()
    work.settle()
    move(work, page, "Kai M.", NOT_THEIRS)
    assert record.id not in ids(work, Action.kind)
    assert kept(work, Permission.kind) == []


def allows(work: Work, record: Record, child: str) -> None:
    key = RecordId(permission_id(record.id, Reader.PLACE.value))
    visit = str(getattr(record, "visit"))  # noqa: B009 - of both
    said = Permission(id=key, visit=visit, child=child, item=record.id, reader=Reader.PLACE.value)
    work.store.add(dc.replace(said, answer="yes", reason="Ben said so"))


def test_what_is_typed_and_not_saved_goes_with_it(work: Work, page: VisitPage) -> None:
    record, _, _ = about_ben(work, page, Concern)
    fill(page, "What the concern is", "Nobody answers the bell at night")
    move(work, page, "Kai M.")
    (moved,) = kept(work, Concern.kind)
    assert isinstance(moved, Concern)
    assert moved.about == "Nobody answers the bell at night"
    assert work.draft(record.id) is None
    assert work.draft(moved.id) is None


@pytest.mark.parametrize("kind", [Concern, Action])
def test_a_move_is_undone_with_one_press(
    work: Work, page: VisitPage, kind: type[Concern | Action]
) -> None:
    record, ben, _ = about_ben(work, page, kind)
    allows(work, record, ben)
    page.refresh()
    work.settle()
    before = kept(work, kind.kind) + kept(work, Permission.kind)
    move(work, page, "Kai M.", THEIRS.format(child="Kai M."))
    assert QApplication.focusWidget() is button(page, UNDO)
    push(work, page, UNDO)
    assert kept(work, kind.kind) + kept(work, Permission.kind) == before
    assert page.place()["key"] == record.id
    assert work.draft(record.id) is None


def test_what_joined_a_childs_file_leaves_it_when_the_move_is_undone(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    talk(work, visit)
    record = Concern(id=work.store.new_id(), visit=visit.id, about="The bells are broken")
    work.store.add(record)
    go(work, page, visit.id, steps.CONCERNS, record.id)
    move(work, page, "Kai M.")
    assert record.id in ids(work, Concern.kind)
    push(work, page, UNDO)
    ((new, child),) = ids(work, Concern.kind).items()
    assert (new == record.id, child) == (False, "")


def test_nothing_is_undone_over_what_was_written_since(work: Work, page: VisitPage) -> None:
    about_ben(work, page, Concern)
    move(work, page, "Kai M.")
    (moved,) = kept(work, Concern.kind)
    work.edited_elsewhere(
        moved.id,
        lambda held: Edited(dc.replace(held.record, about="All night"), held.seen),  # type: ignore[call-arg]  # of a concern
    )
    page.refresh()
    work.settle()
    assert not shown(page, UNDO)


def test_typing_on_takes_the_offer_to_undo_away(work: Work, page: VisitPage) -> None:
    about_ben(work, page, Concern)
    move(work, page, "Kai M.")
    fill(page, "What the concern is", "All night")
    assert not shown(page, UNDO)


def test_whoever_leaves_it_as_it_is_changes_nothing(work: Work, page: VisitPage) -> None:
    record, ben, _ = about_ben(work, page, Concern)
    push(work, page, ANOTHER)
    push(work, page, MOVE)
    assert question(page, WHOM).problem.text() == WHOM_MISSING
    assert QApplication.focusWidget() is question(page, WHOM).control
    push(work, page, LEAVE)
    assert ids(work, Concern.kind) == {record.id: ben}
    assert QApplication.focusWidget() is button(page, ANOTHER)


def test_after_sign_off_nothing_is_moved(work: Work, page: VisitPage) -> None:
    visit = work.visit(status="signed_off")
    ben = Child(id=work.store.new_id(), known_as="Ben T.")
    work.store.save_all([])
    record = Concern(id=work.store.new_id(), visit=visit.id, child=ben.id)
    arrives(work.store, ben, said_by("sam", 5, {"known_as": "Ben T."}))
    arrives(
        work.store,
        record,
        said_by("sam", 6, {"visit": visit.id, "child": ben.id, "about": "Nobody answers"}),
    )
    go(work, page, visit.id, steps.CONCERNS, record.id)
    assert on_show(page, Label, lambda label: label.text() == "Ben T.") is not None
    assert not shown(page, ANOTHER)


def test_it_is_moved_by_keyboard_alone(work: Work, page: VisitPage) -> None:
    _, _, kai = about_ben(work, page, Concern)
    button(page, ANOTHER).setFocus()
    press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is question(page, WHOM).control
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is button(page, MOVE)
    press(Qt.Key.Key_Return)
    work.settle()
    assert list(ids(work, Concern.kind).values()) == [kai]
    assert QApplication.focusWidget() is button(page, UNDO)


def test_what_does_not_read_as_an_answer_is_put_right_before_it_is_moved(
    work: Work, page: VisitPage
) -> None:
    record, ben, kai = about_ben(work, page, Action)
    fill(page, "By when", "soon")
    move(work, page, "Kai M.")
    assert ids(work, Action.kind) == {record.id: ben}
    assert question(page, "By when").problem.text()
    fill(page, "By when", "1 April 2026")
    push(work, page, MOVE)
    assert ids(work, Action.kind) == {record.id: kai}


def press(key: Qt.Key) -> None:
    here = QApplication.focusWidget()
    assert here is not None
    QTest.keyClick(here, key)


def test_a_full_disk_leaves_it_where_it_was_with_all_that_is_typed(
    work: Work, page: VisitPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, ben, _ = about_ben(work, page, Concern)
    fill(page, "What the concern is", "All night")
    with monkeypatch.context() as patch:
        patch.setattr(saving, "save", refuses)
        move(work, page, "Kai M.")
    assert ids(work, Concern.kind) == {record.id: ben}
    assert text_of(page, "What the concern is") == "All night"
    assert question(page, "What the concern is").control.isEnabled()
    assert QApplication.focusWidget() is button(page, MOVE)
    push(work, page, MOVE)
    (moved,) = kept(work, Concern.kind)
    assert getattr(moved, "about") == "All night"  # noqa: B009 - of a concern


def refuses(*_: object) -> None:
    raise StoreFull("The disk is full.", "Nothing was saved.", "Make room on it.")


def test_the_history_tells_of_it_in_both_places(work: Work, page: VisitPage) -> None:
    about_ben(work, page, Concern)
    move(work, page, "Kai M.")
    (moved,) = kept(work, Concern.kind)
    history = HistoryPage(work.session)
    work.qtbot.addWidget(history)
    with work.qtbot.waitSignal(history.shown):
        history.show_record(moved.id)
    said = [heading.text() for heading in history.findChildren(Heading)]
    assert [words.partition(" ")[2] for words in said if " it " in words or "wrote" in words] == [
        past.MOVED_AWAY,
        past.MOVED_HERE,
        "wrote this down",
    ]


def test_what_a_colleague_wrote_meanwhile_is_told_where_it_was_and_where_it_is_decided(
    work: Work, page: VisitPage
) -> None:
    record, _, _ = about_ben(work, page, Concern)
    before = work.held(record.id)
    move(work, page, "Kai M.")
    said = said_by(
        "sam", 9, {"about": "Not by day"}, replaces={"about": before.seen.heads["about"]}
    )
    arrives(work.store, record, said)
    page.open_entry(record.id)
    page.refresh()
    work.settle()
    page.open_entry(record.id)
    work.settle()
    assert on_show(page, Label, lambda label: label.text() == MOVED_AWAY.value) is not None
    assert not shown(page, ANOTHER)
    deciding = ConflictPage(work.session)
    work.qtbot.addWidget(deciding)
    deciding.show_record(record.id)
    work.qtbot.waitUntil(deciding.is_shown)
    assert IT_MOVED in [side.accessibleName() for side in deciding.findChildren(MarkedText)]


def shown(page: VisitPage, words: str) -> bool:
    return any(
        one.isVisibleTo(page.window()) and words in (one.text(), one.accessibleName())
        for one in page.findChildren(QPushButton)
    )
