"""A conversation, or a letter, that was with the wrong child is moved to the right one."""

import dataclasses as dc
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from hah_desktop.documents.editions import edition
from hah_desktop.documents.pdf import render
from hah_desktop.domain import moving
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import RecordId, child_file
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import (
    Child,
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.signoff import missing_before_sign_off
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.journal import drafts, reading, saving
from hah_desktop.ui.kit.labels import Heading, Label
from hah_desktop.ui.papers import material_of
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.move_offer import (
    ANOTHER,
    ANSWERED,
    ANSWERED_MISSING,
    ASKED,
    BRING,
    MOVE,
    NAME,
    NAME_MISSING,
    NEW_CHILD,
    NOT_THEIRS,
    REST,
    REST_GOES,
    REST_MISSING,
    REST_STAYS,
    THEIRS,
    UNDECIDED,
    UNDO,
    UNSAVED,
)
from hah_desktop.ui.screens.visit.page import VisitPage
from tests.documents.paper import close
from tests.documents.paper import text_of as printed
from tests.store.hand import NOON
from tests.store.letters import add_letter
from tests.ui.screens.made import arrives, said_by
from tests.ui.work.made import Work, button, on_show, question
from tests.ui.work.visiting import fill, go, push, text_of

WORDS = "Nobody comes when I ring"
R = TypeVar("R", bound=Record)
KAIS = THEIRS.format(child="Kai M.")


@dc.dataclass
class Met:
    """A conversation that was with Kai, written down as one with Ben."""

    visit: Visit
    talk: Conversation
    said: Statement
    ben: str
    kai: str


@pytest.fixture
def met(work: Work, page: VisitPage) -> Met:
    """It is open on the screen. Kai is known here, and was not met on this visit."""
    visit, new = work.visit(), work.store.new_id
    ben, kai = (Child(id=new(), known_as=name) for name in ("Ben T.", "Kai M."))
    talk = Conversation(id=new(), visit=visit.id, child=ben.id, agreed_next="Ring on Monday")
    said = Statement(id=new(), visit=visit.id, child=ben.id, type="own_words", text=WORDS)
    said = dc.replace(said, conversation=talk.id, written_at=NOON)
    work.store.add(ben, kai, talk, said)
    go(work, page, visit.id, steps.TALKS, talk.id)
    return Met(visit, talk, said, ben.id, kai.id)


def allows(work: Work, page: VisitPage, item: Statement, child: str) -> Permission:
    key = RecordId(permission_id(item.id, Reader.PLACE.value))
    said = Permission(
        id=key, visit=item.visit, child=child, item=item.id, reader=Reader.PLACE.value
    )
    work.store.add(said := dc.replace(said, answer="FULL"))
    shown_anew(work, page)
    return said


def shown_anew(work: Work, page: VisitPage) -> None:
    page.refresh()
    work.settle()


def kept(work: Work, kind: type[R]) -> list[R]:
    with work.store.reading() as connection:
        held = reading.of_kind(connection, kind.kind)
    return [one.record for one in held if isinstance(one.record, kind)]


def left_with(work: Work, child: str) -> list[dict[str, object]]:
    """What lies in a child's file beside the child, as whoever is given it later gets it."""
    kinds = (Conversation, Statement, Permission, Concern, Attachment)
    found: list[dict[str, object]] = []
    with work.store.reading() as connection:
        for kind in kinds:
            bodies = reading.bodies(connection, [kind.kind])
            found += [dict(body) for body in bodies.values() if body.get("child") == child]
    return found


def shown(page: VisitPage, words: str) -> bool:
    return any(
        one.isVisibleTo(page.window()) and words in (one.text(), one.accessibleName())
        for one in page.findChildren(QPushButton)
    )


def said_on(page: QWidget, words: str) -> bool:
    return any(
        label.isVisibleTo(page) and words in label.text() for label in page.findChildren(Label)
    )


def move(work: Work, page: VisitPage, **answers: str) -> None:
    push(work, page, ANOTHER)
    fill(page, ASKED, answers.get("whom", "Kai M."))
    for question_, key in ((NAME, "name"), (REST, "rest"), (ANSWERED, "answered")):
        if key in answers:
            fill(page, question_, answers[key])
    push(work, page, MOVE)


def test_all_that_was_said_goes_with_it_and_nothing_stays_with_the_wrong_child(
    work: Work, page: VisitPage, met: Met
) -> None:
    move(work, page)
    (talk,), (said,) = kept(work, Conversation), kept(work, Statement)
    assert talk == dc.replace(met.talk, id=talk.id, child=met.kai, moved=met.talk.id)
    there = {"child": met.kai, "conversation": talk.id, "moved": met.said.id}
    assert to_body(said) == {**to_body(met.said), **there}
    assert said.id != met.said.id
    assert all(
        body.keys() == {"visit", "child", "removed", "moved"} for body in left_with(work, met.ben)
    )
    assert page.place()["key"] == talk.id
    on_show(page, Heading, lambda one: one.text() == "Conversation with Kai M.")
    assert said_on(page, WORDS)
    # Ben was not met on this visit after all.
    assert page.bundle is not None
    assert [child.known_as for child in page.bundle.met()] == ["Kai M."]


def test_the_summaries_show_it_with_the_right_child_only(
    work: Work, page: VisitPage, met: Met
) -> None:
    allows(work, page, met.said, met.ben)
    move(work, page, answered=KAIS)
    with work.store.reading() as connection:
        held = reading.of_visit(connection, met.visit.id)
        place = reading.get(connection, met.visit.place)
    assert place is not None
    material = material_of(work.session, met.visit.id, [*held, place])
    for reader in (Reader.OFFICE, Reader.PLACE):
        made = render(edition(material, reader), printed_by="Ruth", printed_at=NOON)
        words = close(printed(made.pdf))
        assert close(WORDS) in words
        assert "KaiM." in words
        assert "BenT." not in words


def test_somebody_says_who_gave_the_answers_before_they_go_along(
    work: Work, page: VisitPage, met: Met
) -> None:
    before = allows(work, page, met.said, met.ben)
    move(work, page)
    assert question(page, ANSWERED).problem.text() == ANSWERED_MISSING
    assert kept(work, Permission) == [before]
    fill(page, ANSWERED, KAIS)
    push(work, page, MOVE)
    (said,), (allowed,) = kept(work, Statement), kept(work, Permission)
    assert (allowed.item, allowed.child, allowed.answer) == (said.id, met.kai, "FULL")
    push(work, page, UNDO)
    assert kept(work, Permission) == [before]


def test_an_answer_of_somebody_else_does_not_become_the_right_childs(
    work: Work, page: VisitPage, met: Met
) -> None:
    allows(work, page, met.said, met.ben)
    move(work, page, answered=NOT_THEIRS)
    assert kept(work, Permission) == []
    assert len(kept(work, Statement)) == 1


def test_what_came_of_it_goes_along_only_where_somebody_says_so(
    work: Work, page: VisitPage, met: Met
) -> None:
    concern = Concern(id=work.store.new_id(), visit=met.visit.id, child=met.ben, about="The bell")
    work.store.add(concern)
    shown_anew(work, page)
    move(work, page)
    assert question(page, REST).problem.text() == REST_MISSING
    assert "About Ben T.: 1 concern" in question(page, REST).hint.text()
    fill(page, REST, REST_STAYS.format(child="Ben T."))
    push(work, page, MOVE)
    assert kept(work, Concern) == [concern]
    push(work, page, UNDO)
    move(work, page, rest=REST_GOES)
    (moved,) = kept(work, Concern)
    assert moved == dc.replace(concern, id=moved.id, child=met.kai, moved=concern.id)
    push(work, page, UNDO)
    assert kept(work, Concern) == [concern]


def test_it_may_have_been_with_a_child_whom_nobody_knew(
    work: Work, page: VisitPage, met: Met
) -> None:
    move(work, page, whom=NEW_CHILD)
    assert question(page, NAME).problem.text() == NAME_MISSING
    fill(page, NAME, "Lee W.")
    push(work, page, MOVE)
    (talk,) = kept(work, Conversation)
    lee = next(one for one in kept(work, Child) if one.known_as == "Lee W.")
    assert talk.child == lee.id
    on_show(page, Heading, lambda one: one.text() == "Conversation with Lee W.")
    assert said_on(page, "It is about Lee W. now.")
    assert met.ben != lee.id


def test_what_is_typed_and_not_saved_goes_with_it_and_stays_in_its_place(
    work: Work, page: VisitPage, met: Met
) -> None:
    fill(page, "What we agreed to do next", "Ring on Tuesday")
    fill(page, "What helps", "A drawing")
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    fill(page, "Words", "And the light is broken")
    move(work, page)
    work.settle()
    (talk,) = kept(work, Conversation)
    assert talk.agreed_next == "Ring on Tuesday"
    texts = {one.text for one in kept(work, Statement)}
    assert texts == {WORDS, "And the light is broken"}
    assert {one.child for one in kept(work, Statement)} == {met.kai}
    ben = work.held(met.ben).record
    assert isinstance(ben, Child)
    assert ben.communication_notes == "A drawing"
    with work.store.reading() as connection:
        assert drafts.of_visit(connection, met.visit.id) == []


def test_words_begun_and_not_told_of_which_kind_are_said_in_the_conversation_that_stands(
    work: Work, page: VisitPage, met: Met
) -> None:
    fill(page, "Who said or saw it", "His sister")
    page.flush()
    move(work, page)
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    fill(page, "Words", "And the light is broken")
    page.save()
    work.settle()
    (talk,) = kept(work, Conversation)
    said = next(one for one in kept(work, Statement) if one.by)
    assert (said.conversation, said.child, said.by) == (talk.id, met.kai, "His sister")


def test_it_is_moved_and_put_back_by_keyboard_alone(work: Work, page: VisitPage, met: Met) -> None:
    button(page, ANOTHER).setFocus()
    press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is question(page, ASKED).control
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is button(page, MOVE)
    press(Qt.Key.Key_Return)
    work.settle()
    assert [one.child for one in kept(work, Conversation)] == [met.kai]
    assert QApplication.focusWidget() is button(page, UNDO)
    press(Qt.Key.Key_Return)
    work.settle()
    assert kept(work, Conversation) == [met.talk]
    assert kept(work, Statement) == [met.said]
    assert page.place()["key"] == met.talk.id


def press(key: Qt.Key) -> None:
    here = QApplication.focusWidget()
    assert here is not None
    QTest.keyClick(here, key)


def test_nothing_is_undone_over_words_that_were_added_since(
    work: Work, page: VisitPage, met: Met
) -> None:
    move(work, page)
    (talk,) = kept(work, Conversation)
    more = dc.replace(met.said, id=work.store.new_id(), child=met.kai, conversation=talk.id)
    work.store.add(more)
    shown_anew(work, page)
    assert not shown(page, UNDO)


def test_two_versions_of_what_was_said_are_decided_before_it_is_moved(
    work: Work, page: VisitPage, met: Met
) -> None:
    arrives(work.store, met.said, said_by("sam", 9, {"text": "Nobody comes at night"}))
    shown_anew(work, page)
    move(work, page)
    assert question(page, ASKED).problem.text() == UNDECIDED
    assert met.said.id in [one.id for one in kept(work, Statement)]


def test_what_is_typed_in_a_concern_that_goes_along_is_saved_first(
    work: Work, page: VisitPage, met: Met
) -> None:
    concern = Concern(id=work.store.new_id(), visit=met.visit.id, child=met.ben, about="The bell")
    work.store.add(concern)
    go(work, page, met.visit.id, steps.CONCERNS, concern.id)
    fill(page, "What the concern is", "The bell at night")
    page.flush()
    go(work, page, met.visit.id, steps.TALKS, met.talk.id)
    move(work, page, rest=REST_GOES)
    assert question(page, ASKED).problem.text() == UNSAVED
    assert kept(work, Conversation) == [met.talk]


def test_a_full_disk_leaves_it_where_it_was(
    work: Work, page: VisitPage, met: Met, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise StoreFull("The disk is full.", "Nothing was saved.", "Make room on it.")

    fill(page, "What we agreed to do next", "Ring on Tuesday")
    with monkeypatch.context() as patch:
        patch.setattr(saving, "save", refuses)
        move(work, page)
    assert kept(work, Conversation) == [met.talk]
    assert text_of(page, "What we agreed to do next") == "Ring on Tuesday"
    assert QApplication.focusWidget() is button(page, MOVE)
    push(work, page, MOVE)
    assert [one.child for one in kept(work, Conversation)] == [met.kai]


def test_after_sign_off_nothing_is_moved(work: Work, page: VisitPage, met: Met) -> None:
    work.edited_elsewhere(
        met.visit.id,
        lambda held: saving.Edited(dc.replace(held.record, status="signed_off"), held.seen),  # type: ignore[call-arg]  # of a visit
    )
    shown_anew(work, page)
    assert said_on(page, WORDS)
    assert not shown(page, ANOTHER)


# What a colleague does meanwhile


def test_words_that_a_colleague_adds_where_it_stood_are_shown_and_brought(
    work: Work, page: VisitPage, met: Met
) -> None:
    move(work, page)
    (talk,) = kept(work, Conversation)
    new = RecordId(work.store.new_id())
    where = {"visit": met.visit.id, "child": met.ben}
    late = {**where, "conversation": met.talk.id, "type": "own_words", "text": "And by day"}
    arrives(work.store, Statement(id=new, visit=met.visit.id), said_by("sam", 9, late))
    answer = {**where, "item": met.said.id, "reader": "place", "answer": "FULL"}
    key = RecordId(permission_id(met.said.id, "place"))
    arrives(work.store, Permission(id=key, visit=met.visit.id), said_by("sam", 10, answer))
    shown_anew(work, page)
    assert said_on(page, "1 statement and 1 answer about sharing")
    assert said_on(page, "“And by day”")
    assert page.pane.entries[str(talk.id)].row.tag == steps.CAME[0]
    # Nobody signs off over words that stand nowhere.
    with work.store.reading() as connection:
        records = [held.record for held in reading.of_visit(connection, met.visit.id)]
    assert "text" in [
        m.field for m in missing_before_sign_off(met.visit, records) if m.record == new
    ]
    assert page.bundle is not None
    assert steps.where(page.bundle, new, "text") == (steps.TALKS, talk.id)
    push(work, page, BRING)
    texts = {one.text: one for one in kept(work, Statement)}
    assert texts.keys() == {WORDS, "And by day"}
    assert child_file(met.kai) in texts["And by day"].files()
    # What was answered for Ben's sake is no answer of Kai's.
    assert kept(work, Permission) == []
    assert said_on(page, "And by day")
    assert not shown(page, BRING)
    assert all("text" not in body for body in left_with(work, met.ben))


def test_words_that_somebody_was_typing_when_it_was_moved_are_there_where_it_stands(
    work: Work, page: VisitPage, met: Met
) -> None:
    fill(page, "What kind of statement is this?", "Said in the child’s own words")
    fill(page, "Words", "And by day")
    page.flush()
    work.settle()
    done = moving.move([met.talk, met.said], met.kai, work.store.new_id)
    with work.store.reading() as connection:
        seen = reading.seen(connection, [one.id for one in done.saved])
    work.store.save_all(
        [saving.Edited(one, seen.get(one.id, saving.NOTHING)) for one in done.saved]
    )
    go(work, page, met.visit.id, steps.TALKS, str(done.stands[0].id))
    assert text_of(page, "Words") == "And by day"
    page.save()
    work.settle()
    said = [one for one in kept(work, Statement) if one.text == "And by day"]
    assert [one.child for one in said] == [met.kai]


# A letter


def test_a_letter_goes_to_another_child_with_its_file(work: Work, page: VisitPage) -> None:
    visit, new = work.visit(), work.store.new_id
    ben, kai = (Child(id=new(), known_as=name) for name in ("Ben T.", "Kai M."))
    talks = [Conversation(id=new(), visit=visit.id, child=one.id) for one in (ben, kai)]
    work.store.add(ben, kai, *talks)
    record = add_letter(work.store, visit.id, b"A letter to Kai")
    held = work.held(record)
    assert isinstance(held.record, Attachment)
    bens = dc.replace(held.record, child=ben.id)
    work.store.save(saving.Edited(bens, held.seen))
    go(work, page, visit.id, steps.LETTERS, record)
    fill(page, "What is it?", "Letter from his mother")
    move(work, page)
    (moved,) = kept(work, Attachment)
    named = dc.replace(bens, what="Letter from his mother", id=moved.id)
    assert moved == dc.replace(named, child=kai.id, moved=record)
    assert all("content" not in body for body in left_with(work, ben.id))
    assert page.place()["key"] == moved.id
    assert button(page, "Look at it").isEnabled()
    push(work, page, UNDO)
    (back,) = kept(work, Attachment)
    assert back == dc.replace(bens, what="Letter from his mother")
