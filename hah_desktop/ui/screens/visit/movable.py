"""A part over a record that is about a child, and may turn out to be about another."""

from shiboken6 import isValid

from hah_desktop.documents.editions import UNKNOWN_CHILD
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.moving import Movable
from hah_desktop.domain.records.base import Record
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.move_offer import Wish
from hah_desktop.ui.screens.visit.moving import Mover
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.whose import MOVED_AWAY, MOVED_HERE, WhoseCard
from hah_desktop.ui.session import Session

UNDONE = "The move is undone: it is as it was before."
BROUGHT = "It stands here now, and not where this was before."


class MovablePart(Part):
    """It says whom the record is about, and moves it. Each part says itself where the card stands.

    Of a kind that is about no child there is no card.
    """

    def __init__(self, session: Session, title: str, *, moves: bool = True) -> None:
        super().__init__(title)
        self._session = session
        self._bundle: Bundle | None = None
        self._wish: Wish | None = None
        self._mover = Mover(session, self)
        self.whose = WhoseCard() if moves else None
        if self.whose:
            self.whose.offer.wanted.connect(self._move)
            self.whose.offer.unwanted.connect(self._undo_move)
            self.whose.offer.late_wanted.connect(self._bring)

    def typed(self) -> Edited | None:
        """The record as it is typed, which moves; None, with what is wrong shown."""
        return self.forms[0].typed()

    def saves_first(self) -> bool:
        """Whether something is typed beside the record that has to be saved before it moves."""
        return False

    def put(self, record: Movable) -> None:
        """Show this record from now on: what was open here stands as it."""
        raise NotImplementedError

    def record(self) -> Record:
        """What is open here."""
        raise NotImplementedError

    def show_whose(self, record: Record, bundle: Bundle) -> None:
        """Say whom a saved record is about, and offer what may be done about it."""
        self._bundle = bundle
        card = self.whose
        if card is None or not isinstance(record, Movable):
            return
        card.offer.show_record(record, bundle)
        if not card.offer.undo.isHidden() and not self._mover.may_undo(bundle):
            card.offer.show_done("", may_undo=False)
        name = bundle.child_of(record.child) or (UNKNOWN_CHILD if record.child else "")
        was_moved = MOVED_AWAY if record.removed else MOVED_HERE
        card.show_child(name, was_moved if record.moved else None)

    def go_on_moving(self) -> None:
        """Move it now where that had to wait for a save; one that failed is told, and it stays."""
        wish, self._wish = self._wish, None
        if wish is not None and (self._is_saving() or not self.saves_first()):
            self._move(wish)

    def _is_saving(self) -> bool:
        return any(form.is_saving for form in self.forms)

    def _move(self, wish: Wish) -> None:
        """Move it, as it is typed; once a save that is under way is on show."""
        self._wish = wish if self._is_saving() else None
        if self.whose is None or self._bundle is None or self._wish:
            return
        if self.saves_first():
            self._wish = wish if self.save() else None
            edited = None
        else:
            edited = self.typed()
        if edited is None:
            for problems in self.problems_of():
                problems.setFocus()
            return
        # What is typed goes with it, and is there still if it cannot be saved.
        self.forms[0].flush()
        self.setEnabled(False)
        whom = wish.name or self._bundle.child_of(wish.child)
        words = f"It is about {whom} now." if whom else "It is about no one child."
        self._mover.move(
            edited, wish, self._bundle, lambda stands: self._stands(stands, words), self._not_moved
        )

    def _undo_move(self) -> None:
        self.setEnabled(False)
        self._mover.undo(lambda stands: self._stands(stands, UNDONE), self._not_moved)

    def _bring(self) -> None:
        record = self.record()
        if self._bundle is not None and isinstance(record, Movable):
            self.setEnabled(False)
            self._mover.bring(record, self._bundle, self._brought, self._not_moved)

    def _brought(self, _record: Movable) -> None:
        if isValid(self):
            self.setEnabled(True)
            if self.whose:
                self.whose.offer.show_done(BROUGHT, may_undo=False)
                self.whose.offer.another.setFocus()

    def _stands(self, record: Movable, words: str) -> None:
        if not isValid(self):
            return
        self.setEnabled(True)
        # What was typed went with it.
        self.put(record)
        self.became.emit(record.id)
        if self.whose:
            self.whose.offer.show_done(words, may_undo=self._mover.has_back)

    def _not_moved(self, fault: KnownError) -> None:
        if isValid(self):
            self.setEnabled(True)
            if self.whose:
                self.whose.offer.show_refused()
        self._session.trouble.emit(fault)

    def withdraw_undo(self) -> None:
        """Somebody types on: the move is not undone over that."""
        if self.whose and not self.whose.offer.undo.isHidden():
            self.whose.offer.show_done("", may_undo=False)
