"""A form over any record, drawn from the record's own description of its fields.

What is typed is kept as a draft within a second, and whenever `flush` is called; *Save* makes it
a change. A hand-made screen may put several forms together or leave this one aside.
"""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from hah_desktop.domain.codec import Body, from_body, to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Text
from hah_desktop.domain.records.base import Record, Section, Value, described
from hah_desktop.domain.signoff import open_after_sign_off
from hah_desktop.store.drafts import Draft
from hah_desktop.store.reading import Held
from hah_desktop.store.saving import NOTHING, Edited, Seen
from hah_desktop.store.store import Saved
from hah_desktop.ui.forms.editors import Editor, Unreadable, editor_for
from hah_desktop.ui.forms.landing import after_own_save
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.session import Session

KEEP_AFTER_MS = 400
"""A draft is kept this long after the first key that is not kept yet: well within a second."""


class RecordForm(QWidget):
    """The cards of some sections of one record. `load` gives it the record.

    `visit` files the drafts of a record that itself belongs to no visit, such as a child.
    """

    edited = Signal()
    saved = Signal()

    def __init__(
        self,
        session: Session,
        record: type[Record],
        sections: Sequence[Section],
        *,
        visit: str = "",
    ) -> None:
        super().__init__()
        self._session = session
        self._type = record
        self._visit = visit
        self._held: Held | None = None
        self._draft_base: Draft | None = None
        self._fields: dict[str, LabelledField] = {}
        self._editors: dict[str, Editor] = {}
        self._dirty = False
        self._saving = False
        self._signed_off = False
        self._landed: Body | None = None
        self.problems = ErrorSummary()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(18)
        self._column.addWidget(self.problems)
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self._cards = {section.title: self._card(section) for section in sections}
        for card in self._cards.values():
            self._column.addWidget(card)

    def _card(self, section: Section) -> Card:
        card = Card(section.title)
        fields = described(self._type)
        day = self._session.store.now().date()
        for name in section.fields:
            field = fields[name]
            editor = editor_for(field, self._session.code_list, day)
            # Its hint comes with the record, see _note_open.
            labelled = LabelledField(field.label, editor.control, optional=field.asked is None)
            editor.edited.connect(self._typed)
            self._fields[name] = labelled
            self._editors[name] = editor
            card.add(labelled)
        return card

    def add(self, widget: QWidget, *, below: str = "") -> None:
        """Put a hand-made part below the card of that title, or below all of them."""
        card = self._cards.get(below)
        place = self._column.indexOf(card) + 1 if card else self._column.count()
        self._column.insertWidget(place, widget)

    @property
    def record_id(self) -> str:
        """The record on show; empty before `load`."""
        return self._held.record.id if self._held else ""

    def load(self, held: Held, draft: Draft | None) -> None:
        """Show a record, with the draft of it laid over where there is one."""
        self._held = held
        self._draft_base = draft
        self._dirty = self._saving = False
        self._landed = None
        self._timer.stop()
        self.problems.clear()
        body = draft.body if draft else to_body(held.record)
        record = from_body(held.record.kind, held.record.id, body)
        raw = draft.raw if draft else {}
        for name, editor in self._editors.items():
            editor.write(getattr(record, name))
            if name in raw:
                editor.write_raw(raw[name])
            self._fields[name].set_problem(None)
            self._note_open(name, held)
        self._lock()

    def show_held(self, held: Held, draft: Draft | None) -> None:
        """Show what is held now, as `load` does; but what is typed in this form stays."""
        if self._saving and held.record.id == self.record_id:
            # Read before the save was done: it no longer holds.
            return
        if held.record.id != self.record_id or not self.has_draft:
            self.load(held, draft)
        elif self._landed is not None:
            self._build_on(held, self._landed)

    def _build_on(self, held: Held, saved: Body) -> None:
        """A save has landed while its author typed on: what is typed now is built on it."""
        base = self._draft_base
        before = base.seen if base else self._seen()
        seen = after_own_save(before, saved, held)
        self._landed = None
        self._held = Held(from_body(held.record.kind, held.record.id, seen.body), seen, held.open)
        if base is not None:
            self._draft_base = dc.replace(base, seen=seen)
            self._typed()

    def _seen(self) -> Seen:
        return self._held.seen if self._held else NOTHING

    def _note_open(self, name: str, held: Held) -> None:
        note = (
            "Changed in two places. Both are kept: decide under Sync." if name in held.open else ""
        )
        self._fields[name].set_hint(note or described(self._type)[name].help)

    def set_signed_off(self, signed_off: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Let nobody edit what a signed-off visit no longer allows."""
        self._signed_off = signed_off
        self._lock()

    def _lock(self) -> None:
        for name, editor in self._editors.items():
            may = self._may_edit(name)
            if isinstance(editor.control, QLineEdit | QPlainTextEdit):
                # Words that may not be edited are still there to be read, by keyboard too.
                editor.control.setReadOnly(not may)
            else:
                editor.control.setEnabled(may)

    def _may_edit(self, name: str) -> bool:
        field, written = described(self._type)[name], self._seen().body
        if isinstance(field, Text) and field.verbatim and name in written:
            return False
        return not self._signed_off or open_after_sign_off(
            self._type.kind, name, is_new=not written
        )

    def _typed(self) -> None:
        self._dirty = True
        # Not restarted by the next key: whoever types on and on is kept just as often.
        if not self._timer.isActive():
            self._timer.start()
        self.edited.emit()

    @property
    def is_dirty(self) -> bool:
        """Whether something is typed that is not in a draft yet."""
        return self._dirty

    @property
    def has_draft(self) -> bool:
        """Whether something is typed that is not saved yet."""
        return self._dirty or self._draft_base is not None

    def flush(self) -> None:
        """Keep what is typed, now."""
        self._timer.stop()
        if not self._dirty or self._held is None:
            return
        self._dirty = False
        draft = self._draft(self._held)
        self._draft_base = draft
        self._session.keep_draft(draft, self._not_kept)

    def _not_kept(self, fault: KnownError) -> None:
        # The next key, lock or save tries again.
        self._dirty = True
        self._session.trouble.emit(fault)

    def _draft(self, held: Held) -> Draft:
        values, unreadable = self._read()
        base = self._draft_base
        body = base.body if base else to_body(held.record)
        record = dc.replace(from_body(held.record.kind, held.record.id, body), **values)
        return Draft(
            record=held.record.id,
            kind=held.record.kind,
            visit=getattr(held.record, "visit", "") or self._visit,
            body=to_body(record),
            seen=base.seen if base else held.seen,
            raw={**self._raw_of_others(), **{n: self._editors[n].raw() for n in unreadable}},
            saved_at=self._session.store.now().isoformat(),
        )

    def _raw_of_others(self) -> dict[str, str]:
        """What does not read as an answer yet in another form over the same record."""
        raw = self._draft_base.raw if self._draft_base else {}
        return {name: typed for name, typed in raw.items() if name not in self._editors}

    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Value] = {}
        unreadable: dict[str, str] = {}
        for name, editor in self._editors.items():
            try:
                values[name] = editor.read()
            except Unreadable as fault:
                unreadable[name] = str(fault)
        return values, unreadable

    def type(self, name: str, value: Value) -> None:
        """Put an answer into a field as if it had been typed."""
        self._editors[name].write(value)
        self._typed()

    def answer(self, name: str) -> Value:
        """What a field says now; None where it cannot be read."""
        try:
            return self._editors[name].read()
        except Unreadable:
            return None

    def save(self, **also: Value) -> bool:
        """Save, or show what is wrong. `also` sets fields that no editor asks for."""
        held = self._held
        if held is None:
            return False
        values, unreadable = self._read()
        self.show_problems(unreadable)
        if unreadable:
            return False
        draft = self._draft(held)
        record = dc.replace(
            from_body(held.record.kind, held.record.id, draft.body), **{**values, **also}
        )
        self._timer.stop()
        self._dirty = False
        self._draft_base = None
        self._saving = True

        def landed(_saved: Saved) -> None:
            if draft.raw:
                self._session.keep_unreadable(draft)
            self._was_saved(to_body(record))

        self._session.save(
            [Edited(record, draft.seen)], landed, lambda f: self._not_saved(draft, f)
        )
        return True

    def _was_saved(self, saved: Body) -> None:
        # The author may have gone on to another part while the save was under way.
        if not isValid(self):
            return
        self._saving = False
        self._landed = saved
        self.saved.emit()

    def _not_saved(self, draft: Draft, fault: KnownError) -> None:
        if draft.record == self.record_id:
            self._saving = False
            self._draft_base = self._draft_base or draft
            # It may never have been kept as a draft: the next key, lock or save tries again.
            self._dirty = True
        self._session.trouble.emit(fault)

    def show_problems(self, words: Mapping[str, str]) -> None:
        """List what is wrong at the top and beside each field, and go there."""
        for labelled in self._fields.values():
            labelled.set_problem(None)
        self.problems.show_problems(
            [Problem(said, self._fields[name]) for name, said in words.items()]
        )

    def field(self, name: str) -> LabelledField:
        """The field of that name, for going to it."""
        return self._fields[name]

    def holds(self, name: str) -> bool:
        """Whether this form asks for a field."""
        return name in self._fields

    def place(self) -> dict[str, str | int]:
        """Where the author is in this form: field and cursor."""
        focused = QApplication.focusWidget()
        for name, labelled in self._fields.items():
            if focused is not None and labelled.isAncestorOf(focused):
                return {"field": name, "cursor": _cursor(focused)}
        return {}

    def go_to_place(self, field: str, cursor: int) -> None:
        """Put the focus and the cursor back where they were."""
        labelled = self._fields.get(field)
        if labelled is None:
            return
        labelled.setFocus()
        control = labelled.control
        if isinstance(control, QPlainTextEdit):
            text_cursor = control.textCursor()
            text_cursor.setPosition(min(cursor, len(control.toPlainText())))
            control.setTextCursor(text_cursor)
        elif isinstance(control, QLineEdit):
            control.setCursorPosition(cursor)


def _cursor(widget: QWidget) -> int:
    if isinstance(widget, QPlainTextEdit):
        return widget.textCursor().position()
    return widget.cursorPosition() if isinstance(widget, QLineEdit) else 0
