"""A letter or picture of a visit: add its file, say what it is, ask who may see it, look at it."""

import dataclasses as dc
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from shiboken6 import isValid

from hah_desktop.domain.codec import from_body, patched
from hah_desktop.domain.days import in_words
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.media import size_in_words
from hah_desktop.domain.moving import MOVED, Movable
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.attachments.attachments import Sealed, WasStopped, Where
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Saved
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.blocks import (
    Card,
    Notice,
    Picture,
    ProgressLine,
    SummaryList,
    SummaryRow,
)
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.kit.inputs import ChoiceBox, Option
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.choosing import ask_for_file
from hah_desktop.ui.parts.on_its_way import Told
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.movable import MovablePart
from hah_desktop.ui.screens.visit.part import new_held
from hah_desktop.ui.screens.visit.permissions import PermissionCard
from hah_desktop.ui.session import Session

KEPT = (
    "It is kept on this laptop, encrypted. The original is still where it was, and is not "
    "encrypted: delete it there if nobody needs it."
)
SURE = (
    "Removed, it is hidden on every laptop and left out of every summary. Its sealed file stays on "
    "this laptop. “Removed”, below the letters of this visit, brings it back. Press the button "
    "again to remove it."
)
_NOBODY = "nobody"


class LetterForm(RecordForm):
    """The questions about it; the first save takes the sealed file along."""

    refused = Signal()
    sealed: Sealed | None = None

    def put(
        self,
        edited: Edited,
        done: Callable[[Saved], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Save the record together with the file that was just sealed, or alone."""
        sealed, self.sealed = self.sealed, None
        if sealed is None:
            super().put(edited, done, failed)
            return

        def not_saved(fault: KnownError) -> None:
            failed(fault)
            if isValid(self):
                self.refused.emit()

        self._session.attaching.save(sealed, edited, done, not_saved)


class AddCard(Card):
    """Whose it is and which file, until the file is kept. A file may also be dropped onto it."""

    def __init__(self) -> None:
        super().__init__("The file")
        self.setAcceptDrops(True)
        self.path: Path | None = None
        self.whose = ChoiceBox(prompt="Choose")
        self.whose_field = LabelledField("Whose is it?", self.whose)
        self.whose_field.set_hint(
            "It then lies in the child’s file too. If it turns out to be another’s, move it."
        )
        self.choose = SecondaryButton("Choose a file", "folder-open")
        self.file_field = LabelledField("Which file?", self.choose)
        self.file_field.set_hint(
            "A scan, a photo or a PDF of up to 200 MB. You can also drop it here."
        )
        self.chosen = Label("")
        self.chosen.hide()
        self.progress = ProgressLine()
        self.stop = SecondaryButton("Stop", "x")
        for button in (self.choose, self.stop):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for widget in (self.file_field, self.chosen, self.whose_field, self.progress, self.stop):
            self.add(widget)
        self.set_busy(busy=False)
        self.whose.edited.connect(lambda: self.whose_field.set_problem(None))
        self.choose.clicked.connect(
            lambda: ask_for_file(self, "Choose a letter or picture", self.take)
        )

    def show_children(self, options: Sequence[Option]) -> None:
        """Offer the children of the visit."""
        self.whose.set_options([*options, Option(_NOBODY, "No child’s: it is about the place")])

    def child(self) -> str:
        """The id of the child whose it is; empty where it is no child's."""
        value = self.whose.value() or _NOBODY
        return "" if value == _NOBODY else value

    def take(self, path: Path) -> None:
        """Take a file that was chosen or dropped; nothing of it is read yet."""
        self.path = path
        self.file_field.set_problem(None)
        self.choose.set_words("Choose another file")
        self.chosen.setText(f"{path.name}, {_size_of(path)}")
        self.chosen.show()

    def problems(self) -> list[Problem]:
        """What is not said yet."""
        found = []
        if self.path is None:
            found.append(Problem("Choose a file", self.file_field))
        if self.whose.value() is None:
            found.append(Problem("Say whose it is", self.whose_field))
        return found

    def set_busy(self, *, busy: bool) -> None:
        """Show that the file is being read, or ask for it."""
        for widget in (self.whose, self.choose):
            widget.setEnabled(not busy)
        self.progress.setVisible(busy)
        self.stop.setVisible(busy)
        if busy:
            self.progress.set_progress(0, 0, "Encrypting the file")
            self.stop.setFocus()

    def show_so_far(self, done: int, total: int) -> None:
        """Show how much of the file is encrypted."""
        words = f"Encrypting the file: {size_in_words(done)} of {size_in_words(total)}"
        # The bar counts in thousands: Qt's does not hold the bytes of a large file.
        self.progress.set_progress(done // 1_000, total // 1_000, words)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take one file of this laptop, and nothing else."""
        if _dropped(event) is not None and self.choose.isEnabled():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Take the file that was dropped."""
        path = _dropped(event)
        if path is not None:
            self.take(path)
            event.acceptProposedAction()


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    alone = len(urls) == 1 and urls[0].isLocalFile()
    return Path(urls[0].toLocalFile()) if alone else None


def _size_of(path: Path) -> str:
    try:
        return size_in_words(path.stat().st_size)
    except OSError:
        return "cannot be read"


class WayLine(QWidget):
    """How far a file has travelled: an icon, and the words for it."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = Picture("cloud-off", side=20)
        self.words = Label("", TextKind.MUTED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.picture)
        row.addWidget(self.words, 1)

    def show_told(self, told: Told) -> None:
        """Show how far it is."""
        self.picture.show_icon(told.icon, f"{told.kind}_fg")
        self.words.setText(told.words)


class KeptCard(Card):
    """What is kept: its facts, and what may be done with it."""

    look_requested = Signal()
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__("The file")
        self.kept = Notice(KEPT, "ok")
        self.missing = Notice("", "warn")
        self.facts = SummaryList()
        self.look = SecondaryButton("Look at it", "eye")
        self.remove = SecondaryButton("Remove", "trash-2")
        self.sure = Notice(SURE, "warn")
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.look)
        row.addWidget(self.remove)
        row.addStretch(1)
        self.way = WayLine()
        for widget in (self.kept, self.missing, self.facts, self.way, self.sure, buttons):
            self.add(widget)
        for notice in (self.kept, self.missing, self.sure):
            notice.hide()
        self.look.clicked.connect(self.look_requested)
        self.remove.clicked.connect(self._ask)

    def show_record(self, record: Attachment, bundle: Bundle) -> None:
        """Show what is known of a kept file."""
        where = bundle.where.get(record.id, Where.HERE)
        told = bundle.told(record)
        lost = where is Where.LOST
        tell(self.missing, told.words if lost else "")
        self.way.setVisible(not lost)
        self.way.show_told(told)
        elsewhere = where is Where.ELSEWHERE
        can_fetch = elsewhere and bundle.can_fetch(record)
        self.look.setEnabled(where is Where.HERE or can_fetch)
        self.remove.setVisible(not bundle.is_signed_off)
        rows = [
            SummaryRow("Name of the file", record.file_name),
            SummaryRow("Size", size_in_words(record.size) if record.size else ""),
        ]
        if record.added_at:
            added = record.added_at.astimezone()
            rows.append(SummaryRow("Added", f"{in_words(added.date())} at {added:%H:%M}"))
        self.facts.set_rows([row for row in rows if row.value])

    def _ask(self) -> None:
        if self.sure.isHidden():
            tell(self.sure, SURE)
        else:
            self.remove_requested.emit()


class LetterPart(MovablePart):
    """One letter or picture of a visit."""

    look_requested = Signal(object)
    """Asks to see the content of an attachment."""

    def __init__(self, session: Session, record: Attachment) -> None:
        super().__init__(session, "Letter or picture")
        self._record = record
        self._held: Held | None = None
        self._was_put = False
        self._stop: threading.Event | None = None
        self.problem = Notice("", "bad")
        self.problem.hide()
        self.problems = ErrorSummary()
        self.kept = KeptCard()
        self.form = LetterForm(session, Attachment, Attachment.sections)
        self.adding = AddCard()
        self._permissions = PermissionCard(session)
        self.forms = [self.form]
        column = (self.problem, self.problems, self.kept, self.adding, self.form)
        for widget in (*column, self.whose, self._permissions):
            if widget:
                self.add(widget)
        self.form.edited.connect(self.withdraw_undo)
        self.form.saved.connect(self._was_saved)
        self.form.refused.connect(lambda: self._set_busy(busy=False))
        self.adding.stop.clicked.connect(self.stop)
        self.kept.look_requested.connect(lambda: self.look_requested.emit(self._record))
        self.kept.remove_requested.connect(self._remove)

    def is_kept(self) -> bool:
        """Whether its file is kept: until then there is nothing but what is typed."""
        return bool(self._record.content)

    def goes_on(self) -> bool:
        """Until the file is kept the workspace offers to add it instead."""
        return self.is_kept()

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        held = self._held = bundle.holding(self._record.id) or new_held(self._record)
        if isinstance(held.record, Attachment):
            self._record = held.record
        if self._was_put:
            self._was_put = False
            self.form.load(held, bundle.drafts.get(self._record.id))
        self.form.show_held(held, bundle.drafts.get(self._record.id))
        self.form.set_signed_off(bundle.is_signed_off)
        is_kept = self.is_kept()
        self.heading.setText("Letter or picture" if is_kept else "New letter or picture")
        self.kept.setVisible(is_kept)
        self.adding.setVisible(not is_kept and not bundle.is_signed_off)
        if is_kept:
            self.kept.show_record(self._record, bundle)
        else:
            self.adding.show_children([Option(c.id, c.title()) for c in bundle.met()])
        self._permissions.show_item(self._record, bundle, saved=is_kept)
        if self.whose:
            self.whose.setVisible(is_kept)
        if is_kept:
            self.show_whose(self._record, bundle)
        self.go_on_moving()

    def record(self) -> Attachment:
        """The letter or picture that is open here."""
        return self._record

    def put(self, record: Movable) -> None:
        """Show this letter from now on: its file is the same."""
        if isinstance(record, Attachment):
            self._record, self._was_put = record, True

    # Adding

    def save(self) -> bool:
        """Save what was changed about it; until its file is kept, add it."""
        if self.is_kept():
            return super().save()
        self.add_file()
        return False

    def problems_of(self) -> list[QWidget]:
        """The lists of problems, for the workspace to bring into view."""
        own: list[QWidget] = [self.problems] if self.problems.isVisible() else []
        return own + super().problems_of()

    def add_file(self) -> None:
        """Encrypt the chosen file, then save it with what is said about it."""
        if self._stop is not None or self.is_kept():
            return
        tell(self.problem, "")
        for field in (self.adding.whose_field, self.adding.file_field):
            field.set_problem(None)
        wanted = {"what": "Say what it is", "type": "Say what kind of thing it is"}
        missing = {n: words for n, words in wanted.items() if not self.form.answer(n)}
        self.form.show_problems({})
        problems = self.adding.problems()
        problems += [Problem(words, self.form.field(name)) for name, words in missing.items()]
        self.problems.show_problems(problems)
        path = self.adding.path
        if problems or path is None:
            return
        answers, _ = self.form.read_answers()
        record = dc.replace(self._record, **answers, child=self.adding.child(), file_name=path.name)
        self._stop = self._session.attaching.seal(
            path,
            lambda so_far: self._show_so_far(*so_far),
            lambda sealed: self._sealed(record, sealed),
            self._not_sealed,
        )
        self._set_busy(busy=True)

    def stop(self) -> None:
        """Stop adding; nothing of the file is kept then."""
        if self._stop is not None:
            self._stop.set()

    def _set_busy(self, *, busy: bool) -> None:
        if not busy:
            self._stop = None
        self.form.setEnabled(not busy)
        self.adding.set_busy(busy=busy)

    def _show_so_far(self, done: int, total: int) -> None:
        if isValid(self):
            self.adding.show_so_far(done, total)

    def _sealed(self, record: Attachment, sealed: Sealed) -> None:
        known = {
            "child": record.child,
            "file_name": record.file_name,
            "media_type": sealed.media_type,
            "size": sealed.file.size,
            "hash": sealed.file.sha256,
            "content": sealed.file.id,
            "added_at": self._session.store.now(),
        }
        if isValid(self):
            self.form.sealed = sealed
            self.form.save(**known)  # type: ignore[arg-type]  # values of fields, by name
            return
        # The author went elsewhere meanwhile: what was asked for is done all the same.
        described = dc.replace(record, **known)  # type: ignore[arg-type]  # as above
        self._session.attaching.save(
            sealed, Edited(described, NOTHING), lambda _saved: None, self._session.trouble.emit
        )

    def _not_sealed(self, fault: KnownError) -> None:
        if not isValid(self):
            if not isinstance(fault, WasStopped):
                self._session.trouble.emit(fault)
            return
        self._set_busy(busy=False)
        tell(self.problem, str(fault))
        self.adding.choose.setFocus()

    def _was_saved(self) -> None:
        if self._stop is not None:
            # Where the keyboard goes next: what had it is about to be hidden.
            self.kept.show()
            self.kept.look.setFocus()
            self._set_busy(busy=False)
            tell(self.kept.kept, KEPT)
        self.saved.emit()

    # Removing

    def _remove(self) -> None:
        held = self._held
        if held is None:
            return
        # What is typed about it goes with it.
        self.form.load(held, None)
        # It stands nowhere else, wherever it was moved here from.
        body = patched(held.seen.body, {REMOVED: True, MOVED: None})
        gone = from_body(held.record.kind, held.record.id, body)
        self._session.save([Edited(gone, held.seen)], lambda _saved: self._was_removed())

    def _was_removed(self) -> None:
        if isValid(self):
            self.removed.emit()
