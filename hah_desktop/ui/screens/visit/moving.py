"""What is about the wrong child is moved to the right one in one save; and that can be undone."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from hah_desktop.domain import moving
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.moving import Movable, Move
from hah_desktop.domain.records.child import Permission
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.ui.kit.blocks import Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.inputs import ChoiceBox, Option
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.session import Session

NOBODY = "nobody"
NO_CHILD = "No one child: it is about the place"
ANOTHER = "It is about another child"
ASKED = "Whom is it about?"
MISSING = "Say whom it is about, or leave it as it is"
MOVE = "Move it"
LEAVE = "Leave it as it is"
UNDO = "Undo the move"
ANEW = (
    "It is written down again, in the same words, about the one you choose, and removed from where "
    "it stands now: whoever opens the wrong child’s file finds nothing of it there any more. "
    "Who may see it has to be asked again. The history keeps both."
)
JOINS = "The history keeps whom it was about before."


class MoveOffer(QWidget):
    """The offer under a saved record, the question once it is taken up, and what came of it."""

    wanted = Signal(str)
    """The id of the child to whom the record is to be moved; empty for no one child."""
    unwanted = Signal()
    """The move that was just made is to be undone."""

    def __init__(self) -> None:
        super().__init__()
        self._asks = self._may = False
        self._record = ""
        self.done = Notice("", "ok")
        self.undo = SecondaryButton(UNDO, "undo-2")
        self.another = SecondaryButton(ANOTHER)
        self.box = ChoiceBox()
        self.field = LabelledField(ASKED, self.box)
        self.what = Notice("", "info")
        self.go = PrimaryButton(MOVE)
        self.leave = SecondaryButton(LEAVE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for widget in (self.field, self.what, self.done):
            column.addWidget(widget)
        buttons = FlowLayout(gap=12)
        for button in (self.go, self.leave, self.undo, self.another):
            buttons.addWidget(button)
        column.addLayout(buttons)
        self.another.clicked.connect(lambda: self._ask(asks=True))
        self.leave.clicked.connect(lambda: self._ask(asks=False))
        self.go.clicked.connect(self._moved)
        self.undo.clicked.connect(self.unwanted)
        self.box.edited.connect(lambda: self.field.set_problem(None))
        self.show_done("", may_undo=False)

    def show_record(self, record: Movable, bundle: Bundle, answers: Sequence[Permission]) -> None:
        """Offer to move what is saved, while that may be done and there is somebody else."""
        others = [one for one in bundle.met() if one.id != record.child]
        options = [Option(one.id, one.title()) for one in others]
        options += [Option(NOBODY, NO_CHILD)] if record.child else []
        self._may = bool(options) and not bundle.is_signed_off and not record.removed
        if record.id != self._record:
            self._record, self._asks = record.id, False
        self._asks &= self._may
        self.box.set_options(options)
        self.what.set_text(ANEW if moving.leaves_something(record, answers) else JOINS)
        self._lay_out()

    def is_open(self) -> bool:
        """Whether there is anything to do or to read here."""
        return self._may or not self.done.isHidden()

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
        self.another.setVisible(self._may and not self._asks)
        self.setVisible(self.is_open())

    def _ask(self, *, asks: bool) -> None:
        self._asks = asks
        self.box.set_value(None)
        self.field.set_problem(None)
        self.show_done("", may_undo=False)
        (self.box if asks else self.another).setFocus(Qt.FocusReason.OtherFocusReason)

    def _moved(self) -> None:
        value = self.box.value()
        if value is None:
            self.field.set_problem(MISSING)
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.wanted.emit("" if value == NOBODY else value)


class Mover(QObject):
    """Saves a move, and what undoes it, each as one save."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._back: tuple[Edited, ...] = ()
        self._after: Mapping[str, Seen] = {}
        self._stands = ""

    def move(
        self,
        edited: Edited,
        child: str,
        bundle: Bundle,
        done: Callable[[Movable], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Move a record as it is typed; `done` gets what stands, once its undoing is known."""
        record = edited.record
        if not isinstance(record, Movable):
            return
        answers = answers_about(bundle, record.id)
        move = moving.move(record, child, answers, self._session.store.new_id)
        seen = {record.id: edited.seen, **{one.id: bundle.held[one.id].seen for one in answers}}
        edits = [Edited(one, seen.get(one.id, NOTHING)) for one in (*move.emptied, move.stands)]
        self._forget()

        def landed() -> None:
            ids = [one.record.id for one in edits]
            self._session.read(
                lambda connection: reading.seen(connection, ids),
                lambda after: self._know(move, answers, after, done),
            )

        self._session.save(edits, lambda _saved: landed(), failed)

    def _know(
        self,
        move: Move,
        answers: Sequence[Permission],
        after: Mapping[str, Seen],
        done: Callable[[Movable], None],
    ) -> None:
        if not isValid(self):
            return
        # Where somebody else's change came in between, it was not seen: nothing is undone over it.
        as_saved = all(
            one.id in after and after[one.id].body == to_body(one)
            for one in (move.stands, *move.emptied)
        )
        if as_saved:
            back = moving.back(move, answers, self._session.store.new_id)
            self._back = tuple(Edited(one, after.get(one.id, NOTHING)) for one in back)
            self._stands, self._after = move.stands.id, after
        done(move.stands)

    @property
    def has_back(self) -> bool:
        """Whether there is a move to undo."""
        return bool(self._back)

    def may_undo(self, bundle: Bundle) -> bool:
        """Whether the last move can be undone: nothing was done since to what it left."""
        held = bundle.held.get(self._stands)
        if not self._back or held is None or bundle.is_signed_off:
            return False
        is_still = held.seen == self._after[self._stands] and held.record.id not in bundle.drafts
        return is_still and not answers_about(bundle, held.record.id)

    def undo(self, done: Callable[[Movable], None], failed: Callable[[KnownError], None]) -> None:
        """Put the last move back."""
        edits = self._back
        self._forget()
        stands = edits[-1].record if edits else None
        if isinstance(stands, Movable):
            self._session.save(edits, lambda _saved: done(stands), failed)

    def _forget(self) -> None:
        self._back, self._after, self._stands = (), {}, ""


def answers_about(bundle: Bundle, record: str) -> list[Permission]:
    """What is held of who may see a record."""
    return [one for one in bundle.of(Permission) if one.item == record]
