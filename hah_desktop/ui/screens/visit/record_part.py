"""A part over one record: its form, whose it is, and who may see it."""

from PySide6.QtWidgets import QWidget

from hah_desktop.domain.moving import Movable
from hah_desktop.domain.records.base import Record, Section
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.fields import ErrorSummary
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.movable import MovablePart
from hah_desktop.ui.screens.visit.part import new_held
from hah_desktop.ui.screens.visit.permissions import PermissionCard
from hah_desktop.ui.session import Session


class RecordPart(MovablePart):
    """A part with one form over one record, and who may see it where a child decides that."""

    def __init__(
        self,
        session: Session,
        record: Record,
        sections: tuple[Section, ...] | None = None,
        title: str = "",
    ) -> None:
        moves = isinstance(record, Movable)
        super().__init__(session, title or record.noun.capitalize(), moves=moves)
        self._record = record
        self.problems = ErrorSummary()
        self._was_put = False
        self.form = RecordForm(session, type(record), sections or record.sections)
        self.form.saved.connect(self.saved)
        self.forms = [self.form]
        self.add(self.problems)
        if self.whose:
            self.whose.chosen.connect(self._know_child)
            self.form.edited.connect(self.withdraw_undo)
            self.add(self.whose)
        self.add(self.form)
        self._permissions = PermissionCard(session) if record.by_permission else None
        if self._permissions:
            self.add(self._permissions)

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        held = bundle.holding(self._record.id) or new_held(self._record)
        saved = held.seen is not NOTHING
        if self._was_put:
            self._was_put = False
            self.form.load(held, bundle.drafts.get(self._record.id))
        self.form.show_held(held, bundle.drafts.get(self._record.id))
        self.form.set_signed_off(bundle.is_signed_off)
        if saved:
            self.show_whose(held.record, bundle)
        elif self.whose and isinstance(held.record, Movable):
            self.whose.show_children(bundle.met(), held.record.child)
        if self._permissions:
            self._permissions.show_item(held.record, bundle, saved=saved)
        self.go_on_moving()

    def _know_child(self, child: str) -> None:
        self.problems.clear()
        self.form.know(child=child)

    def record(self) -> Record:
        """What is open here."""
        return self._record

    def put(self, record: Movable) -> None:
        """Show this record from now on."""
        self._record, self._was_put = record, True

    def save(self) -> bool:
        """Save it; False, with the problem shown, where it cannot be or nobody said whose it is."""
        asks = self.whose is not None and self.form.has_draft
        missing = self.whose.problems() if self.whose and asks else []
        self.problems.show_problems(missing)
        return not missing and super().save()

    def problems_of(self) -> list[QWidget]:
        """The lists of problems, for the workspace to bring into view."""
        own: list[QWidget] = [self.problems] if self.problems.isVisible() else []
        return own + super().problems_of()
