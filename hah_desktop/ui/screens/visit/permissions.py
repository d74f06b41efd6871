"""Who may see one item: the child's answer for each reader, saved as soon as it is given."""

import dataclasses as dc

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import Permission, permission_id
from hah_desktop.domain.sharing import OVERRIDDEN
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, TextLine
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.session import Session

_CHOOSING = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)

ASKED_READERS = (Reader.PLACE, Reader.LOCAL_AUTHORITY)
"""The readers a child is asked about. The office keeps the record; the child's copy is theirs."""


class AnswerBox(ChoiceBox):
    """Folds out for the arrow keys too: passing over an answer must not give it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Act on the keys Qt does not."""
        if event.key() in _CHOOSING or event.text().strip():
            self.showPopup()
            return
        super().keyPressEvent(event)


class PermissionRow(QWidget):
    """The answer for one item and one reader, with the reason where it overrides the child."""

    def __init__(self, session: Session, reader: Reader) -> None:
        super().__init__()
        self._session = session
        self._reader = reader
        self._item: Record | None = None
        self._bundle: Bundle | None = None
        name = session.code_list("reader").label(reader.value)
        options = [Option(c.code, c.label, c.note) for c in session.code_list("sharing")]
        self._saving = False
        # Until the page has read what was saved, the next answer would not replace this one.
        self._unread = False
        self._answered_again = False
        self.answer = AnswerBox(options, prompt="Not asked yet: not shared")
        self.field = LabelledField(f"{name}: may they see this?", self.answer)
        self.reason = TextLine()
        self.reason_field = LabelledField("Why we share it all the same", self.reason)
        self.reason_field.set_hint(described(Permission)["reason"].help)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.reason_field)
        self.answer.edited.connect(self._answered)
        self.reason.editingFinished.connect(self._answered)

    def show_item(self, item: Record, bundle: Bundle) -> None:
        """Show the answer that is held."""
        if self._saving:
            # Read before the answer was saved: it no longer holds.
            return
        self._unread = False
        self._item, self._bundle = item, bundle
        if self._answered_again:
            self._answered_again = False
            self._answered()
            return
        held = bundle.permission(item.id, self._reader.value)
        self.answer.set_value(held.answer if held else None)
        if not self.reason.hasFocus():
            self.reason.set_value(held.reason if held else "")
        self.reason_field.setVisible(bool(held) and held is not None and held.answer == OVERRIDDEN)

    def _answered(self) -> None:
        item, bundle, answer = self._item, self._bundle, self.answer.value()
        if item is None or bundle is None or not answer:
            return
        self.reason_field.setVisible(answer == OVERRIDDEN)
        if self._saving or self._unread:
            self._answered_again = True
            return
        key = permission_id(item.id, self._reader.value)
        held = bundle.held.get(key)
        before = held.record if held and isinstance(held.record, Permission) else None
        if before and (before.answer, before.reason) == (answer, self.reason.value()):
            return
        known = before or Permission(
            id=RecordId(key),
            visit=bundle.visit.id,
            child=getattr(item, "child", ""),
            item=item.id,
            reader=self._reader.value,
        )
        given = dc.replace(
            known, answer=answer, reason=self.reason.value(), given_at=self._session.store.now()
        )
        self._saving = self._unread = True
        seen = held.seen if held else NOTHING
        self._session.save([Edited(given, seen)], lambda _saved: self._saved(), self._not_saved)

    def _saved(self) -> None:
        self._saving = False

    def _not_saved(self, fault: KnownError) -> None:
        self._saving = self._unread = self._answered_again = False
        self._session.trouble.emit(fault)


class PermissionRows(QWidget):
    """The answers for one item, one row for each reader."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        self.rows = [PermissionRow(session, reader) for reader in ASKED_READERS]
        for row in self.rows:
            layout.addWidget(row)

    def show_item(self, item: Record, bundle: Bundle) -> None:
        """Show the answers that are held."""
        for row in self.rows:
            row.show_item(item, bundle)


class PermissionCard(Card):
    """The answers for the one item of a part."""

    def __init__(self, session: Session) -> None:
        super().__init__("Who may see this")
        self._first = Label("Save this first, then ask the child who may see it.", TextKind.MUTED)
        self.rows = PermissionRows(session)
        self.add(self._first)
        self.add(self.rows)

    def show_item(self, item: Record, bundle: Bundle, *, saved: bool) -> None:
        """Show the answers, once there is an item to answer about."""
        self._first.setVisible(not saved)
        self.rows.setVisible(saved)
        if saved:
            self.rows.show_item(item, bundle)
