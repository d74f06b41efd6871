"""Offers to move what is about the wrong child, asks, and tells what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain import moving
from hah_desktop.domain.moving import AboutChild, Movable
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import Conversation, Permission
from hah_desktop.ui.kit.blocks import Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, TextLine
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.hanging import (
    answers_about,
    hanging,
    in_words,
    late,
    late_words,
    rest_of,
)

NOBODY = "nobody"
NEW = "new"
YES, NO = "yes", "no"
NO_CHILD = "No one child: it is about the place"
NEW_CHILD = "A child I have not met before"
ANOTHER = "It is about another child"
ASKED = "Whom is it about?"
NAME = "What does that child like to be called?"
REST = "What else was written about the wrong child on this visit?"
REST_TOLD = "About {child}: {rest}"
REST_GOES, REST_STAYS = "It came from this conversation: it goes along", "It stays with {child}"
ANSWERED = "Who gave the answers about sharing?"
ANSWERED_HELP = "An answer is good only for the child who gave it."
THEIRS = "{child}, who was named wrongly: the answers go along"
NOT_THEIRS = "Somebody else, or I am not sure: they are left behind, and I ask again"
MISSING = "Say whom it is about, or leave it as it is"
NAME_MISSING = "Enter what the child likes to be called"
REST_MISSING = "Say whether it goes along"
ANSWERED_MISSING = "Say who gave the answers"
UNDECIDED = "Two people changed something of it: decide that first, on the page Sync"
UNSAVED = "Something that goes along is not saved yet: save it first"
MOVE = "Move it"
LEAVE = "Leave it as it is"
UNDO = "Undo the move"
BRING = "Bring it here"
_GOES = (
    "about the one you choose{said}. It is removed from where it stands now: whoever opens the "
    "wrong child’s file finds nothing of it there any more. "
)
_KEEPS = "Laptops that had it keep it, encrypted, in their history, and so does the office."
ANEW = f"It is written down again, in the same words, {_GOES}{_KEEPS}"
LETTER = f"It is written down again, with the same file, {_GOES}{_KEEPS}"
TALK = (
    f"It is written down again {_GOES}What stands in the card “The child” is about {{child}} and "
    f"stays: put it right there yourself. {_KEEPS}"
)
SAID = ", with {said} in the same words, said at the same time"
JOINS = "The history keeps whom it was about before."


@dataclass(frozen=True, slots=True)
class Wish:
    """To whom something is to be moved, and what a person said of that which hangs on it.

    `child` is empty for no one child, and for one whom nobody met before: `name` is what that one
    likes to be called. `rest`: what else stands about the wrong child goes along. `answered`: the
    child to whom it goes gave the answers about sharing.
    """

    child: str
    name: str = ""
    rest: bool = False
    answered: bool = False


class MoveOffer(QWidget):
    """The offer under a saved record, the questions once it is taken up, and what came of it."""

    wanted = Signal(object)
    """The record is to be moved as this Wish says."""
    unwanted = Signal()
    """The move that was just made is to be undone."""
    late_wanted = Signal()
    """What came meanwhile where the record stood before is to be brought here."""

    def __init__(self) -> None:
        super().__init__()
        self._asks = self._may = False
        self._record: Movable | None = None
        self._bundle: Bundle | None = None
        self.late = Notice("", "warn")
        self.bring = SecondaryButton(BRING)
        self.done = Notice("", "ok")
        self.undo = SecondaryButton(UNDO, "undo-2")
        self.another = SecondaryButton(ANOTHER)
        self.box, self.rest, self.answered = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.name = TextLine()
        self.field = LabelledField(ASKED, self.box)
        self.name_field = LabelledField(NAME, self.name)
        self.rest_field = LabelledField(REST, self.rest)
        self.answered_field = LabelledField(ANSWERED, self.answered)
        self.answered_field.set_hint(ANSWERED_HELP)
        self.what = Notice("", "info")
        self.go = PrimaryButton(MOVE)
        self.leave = SecondaryButton(LEAVE)
        self._fields = (self.field, self.name_field, self.rest_field, self.answered_field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for widget in (self.late, *self._fields, self.what, self.done):
            column.addWidget(widget)
        buttons = FlowLayout(gap=12)
        for button in (self.bring, self.go, self.leave, self.undo, self.another):
            buttons.addWidget(button)
        column.addLayout(buttons)
        self.bring.hide()
        for widget in (self.late, *self._fields):
            widget.hide()
        self._connect()
        self.show_done("", may_undo=False)

    def _connect(self) -> None:
        self.another.clicked.connect(lambda: self._ask(asks=True))
        self.leave.clicked.connect(lambda: self._ask(asks=False))
        self.go.clicked.connect(self._moved)
        self.undo.clicked.connect(self.unwanted)
        self.bring.clicked.connect(self.late_wanted)
        for edit in (self.box, self.rest, self.answered, self.name):
            edit.edited.connect(self._answer)

    def show_record(self, record: Movable, bundle: Bundle) -> None:
        """Offer to move what is saved, while that may be done and there is somebody else."""
        options = _others(record, bundle)
        self._may = bool(options) and not bundle.is_signed_off and not record.removed
        if self._record is None or record.id != self._record.id:
            self._asks = False
        self._record, self._bundle = record, bundle
        self._asks &= self._may
        self.box.set_options(options)
        came = late(bundle, record)
        self.late.setVisible(bool(came))
        self.late.set_text(late_words(came))
        self.bring.setVisible(bool(came) and self._may)
        self.what.set_text(_what(record, bundle))
        self._lay_out()

    def is_open(self) -> bool:
        """Whether there is anything to do or to read here."""
        return self._may or not (self.done.isHidden() and self.late.isHidden())

    def show_done(self, words: str, *, may_undo: bool) -> None:
        """Say what became of a move, and whether it can be undone; no words say no more of it."""
        had_focus = self.undo.hasFocus()
        self._asks &= not words
        tell(self.done, words)
        self.undo.setVisible(may_undo)
        self._lay_out()
        if may_undo or had_focus:
            (self.undo if may_undo else self.another).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_refused(self) -> None:
        """It could not be moved, or put back: what was asked for is still there to be pressed."""
        self._lay_out()
        (self.go if self._asks else self.another).setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        for widget in (self.field, self.what, self.go, self.leave):
            widget.setVisible(self._asks)
        for notice in (self.what, self.late):
            # Qt keeps the height that it worked out while the notice was hidden or said less.
            notice.ensurePolished()
            notice.label.updateGeometry()
            notice.updateGeometry()
        self.another.setVisible(self._may and not self._asks)
        self._show_further()
        self.setVisible(self.is_open())

    def _show_further(self) -> None:
        """Show the questions that follow from what is answered so far."""
        record, bundle = self._record, self._bundle
        if record is None or bundle is None:
            return
        whom = self.box.value()
        self.name_field.setVisible(self._asks and whom == NEW)
        rest = rest_of(bundle, record)
        child = bundle.child_of(record.child)
        self.rest_field.setVisible(self._asks and bool(rest))
        self.rest_field.set_hint(REST_TOLD.format(child=child, rest=in_words(rest)))
        stays = REST_STAYS.format(child=child)
        self.rest.set_options([Option(YES, REST_GOES), Option(NO, stays)])
        answers = whom not in (None, NOBODY) and self._answers(record, bundle)
        self.answered_field.setVisible(self._asks and bool(answers))
        theirs = THEIRS.format(child=self._whom(bundle))
        self.answered.set_options([Option(YES, theirs), Option(NO, NOT_THEIRS)])

    def _answers(self, record: Movable, bundle: Bundle) -> list[Permission]:
        along = hanging(bundle, record, rest=self.rest.value() == YES)
        return [one for one in along if isinstance(one, Permission)]

    def _whom(self, bundle: Bundle) -> str:
        whom = self.box.value() or ""
        return (self.name.value() if whom == NEW else bundle.child_of(whom)) or "The child"

    def _ask(self, *, asks: bool) -> None:
        self._asks = asks
        for box in (self.box, self.rest, self.answered):
            box.set_value(None)
        self.name.set_value("")
        for field in self._fields:
            field.set_problem(None)
        self.show_done("", may_undo=False)
        (self.box if asks else self.another).setFocus(Qt.FocusReason.OtherFocusReason)

    def _answer(self) -> None:
        for field in self._fields:
            field.set_problem(None)
        self._show_further()

    def _moved(self) -> None:
        problem = self._problem()
        if problem is not None:
            field, words = problem
            field.set_problem(words)
            field.control.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        whom = self.box.value() or NOBODY
        child = "" if whom in (NOBODY, NEW) else whom
        name = self.name.value() if whom == NEW else ""
        answered = self.answered.value() == YES and not self.answered_field.isHidden()
        self.wanted.emit(Wish(child, name, self.rest.value() == YES, answered))

    def _problem(self) -> tuple[LabelledField, str] | None:
        """The first question that is not answered, or what has to be done before."""
        asked = (
            (self.field, self.box, MISSING),
            (self.name_field, self.name, NAME_MISSING),
            (self.rest_field, self.rest, REST_MISSING),
            (self.answered_field, self.answered, ANSWERED_MISSING),
        )
        for field, control, words in asked:
            if not field.isHidden() and not control.value():
                return field, words
        if self._record is None or self._bundle is None:
            return None
        along = hanging(self._bundle, self._record, rest=self.rest.value() == YES)
        words = _in_the_way(self._record, along, self._bundle)
        return (self.field, words) if words else None


def _others(record: Movable, bundle: Bundle) -> list[Option]:
    """Whom else a record may be about; a talk was with somebody, whom the visit need not name."""
    if isinstance(record, Conversation):
        known = sorted(bundle.children.values(), key=lambda child: child.title().casefold())
        found = [Option(one.id, one.title()) for one in known if one.id != record.child]
        return [*found, Option(NEW, NEW_CHILD)]
    found = [Option(one.id, one.title()) for one in bundle.met() if one.id != record.child]
    return [*found, *([Option(NOBODY, NO_CHILD)] if record.child else [])]


def _what(record: Movable, bundle: Bundle) -> str:
    """What becomes of it, in words."""
    if isinstance(record, Conversation):
        said = bundle.said_in(record.id)
        told = SAID.format(said=in_words(said)) if said else ""
        return TALK.format(said=told, child=bundle.child_of(record.child))
    if not moving.leaves_something(record, answers_about(bundle, record.id)):
        return JOINS
    return (LETTER if isinstance(record, Attachment) else ANEW).format(said="")


def _in_the_way(record: Movable, along: Sequence[AboutChild], bundle: Bundle) -> str:
    """What has to be done before: of two versions one would be left, and drafts would be lost."""
    held = (bundle.held.get(one.id) for one in (record, *along))
    if any(one is not None and one.open for one in held):
        return UNDECIDED
    return UNSAVED if any(one.id in bundle.drafts for one in along) else ""
