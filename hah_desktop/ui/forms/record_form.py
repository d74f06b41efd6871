"""A form over any record, drawn from the record's own description of its fields.

What is typed is kept as a draft within a second, and whenever `flush` is called; *Save* makes it
a change. A hand-made screen may put several forms together or leave this one aside.
"""

import dataclasses as dc
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from shiboken6 import isValid

from hah_desktop.domain.codec import Body, from_body, to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Text
from hah_desktop.domain.records.base import Record, Section, Value, described
from hah_desktop.domain.signoff import open_after_sign_off
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.store.store import Saved
from hah_desktop.ui.forms.landing import after_own_save
from hah_desktop.ui.forms.questions import Questions
from hah_desktop.ui.session import Session

KEEP_AFTER_MS = 400
"""A draft is kept this long after the first key that is not kept yet: well within a second."""


class RecordForm(Questions):
    """The cards of some sections of one record. `load` gives it the record.

    `visit` files the drafts of a record that itself belongs to no visit, such as a child.
    """

    saved = Signal()

    def __init__(
        self,
        session: Session,
        record: type[Record],
        sections: Sequence[Section],
        *,
        visit: str = "",
    ) -> None:
        super().__init__(session, record, sections)
        self._visit = visit
        self._held: Held | None = None
        self._draft_base: Draft | None = None
        self._dirty = False
        self._saving = False
        self._signed_off = False
        self._landed: Body | None = None
        self._known: dict[str, Value] = {}
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self.edited.connect(self._typed)

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
        self._known = {}
        self._timer.stop()
        body = draft.body if draft else to_body(held.record)
        record = from_body(held.record.kind, held.record.id, body)
        self.write_answers(record, draft.raw if draft else {}, held.open, held.merged)
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

    def set_signed_off(self, signed_off: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Let nobody edit what a signed-off visit no longer allows."""
        self._signed_off = signed_off
        self._lock()

    def _lock(self) -> None:
        for name, mark in self._marks.items():
            mark.set_may_choose(self._may_edit(name))
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
        values, unreadable = self.read_answers()
        base = self._draft_base
        body = base.body if base else to_body(held.record)
        known = {**values, **self._known}
        record = dc.replace(from_body(held.record.kind, held.record.id, body), **known)
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

    def type(self, name: str, value: Value) -> None:
        """Put an answer into a field as if it had been typed."""
        self._editors[name].write(value)
        self.edited.emit()

    def know(self, **values: Value) -> None:
        """Take answers that a hand-made part asks for, as if they had been typed here."""
        self._known |= values
        self.edited.emit()

    @property
    def is_saving(self) -> bool:
        """Whether a save is under way, or has landed and is not on show yet."""
        return self._saving or self._landed is not None

    def typed(self) -> Edited | None:
        """The record as it stands here, and what its author saw; or show what is wrong."""
        draft = self._readable_draft()
        if draft is None:
            return None
        return Edited(from_body(draft.kind, draft.record, draft.body), draft.seen)

    def _readable_draft(self) -> Draft | None:
        _, unreadable = self.read_answers()
        self.show_problems(unreadable)
        return None if unreadable or self._held is None else self._draft(self._held)

    def save(self, **also: Value) -> bool:
        """Save, or show what is wrong. `also` sets fields that no editor asks for."""
        draft = self._readable_draft()
        if draft is None:
            return False
        record = from_body(draft.kind, draft.record, draft.body)
        record = dc.replace(record, **also)  # type: ignore[arg-type]  # values of fields, by name
        self._timer.stop()
        self._dirty = False
        self._draft_base = None
        self._saving = True

        def landed(_saved: Saved) -> None:
            if draft.raw:
                self._session.keep_unreadable(draft)
            self._was_saved(to_body(record))

        self.put(Edited(record, draft.seen), landed, lambda f: self._not_saved(draft, f))
        return True

    def put(
        self,
        edited: Edited,
        done: Callable[[Saved], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Hand over what is to be saved; for forms whose record is not all there is to save."""
        self._session.save([edited], done, failed)

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
