"""The offer to fetch a file that is at the office: how large it is, how far it is, and a stop."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.media import size_in_words
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.travelling import Way
from hah_desktop.sync.errors import Cancelled
from hah_desktop.ui.kit.blocks import Picture, ProgressLine
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.parts.on_its_way import of
from hah_desktop.ui.session import Session
from hah_desktop.ui.syncing import Running

ELSEWHERE = "This file is not on this laptop"
_THOUSAND = 1_000


class FetchOffer(QWidget):
    """What is elsewhere, and a button that brings it here."""

    came = Signal(object)
    """The attachment whose file is here now."""
    failed = Signal(str)
    """Why it is not, in words; empty where the person stopped it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._record: Attachment | None = None
        self._running: Running | None = None
        self.words = Label("", TextKind.MUTED)
        self.now = PrimaryButton("Fetch it now", "download")
        self.stop = SecondaryButton("Stop", "x")
        self.progress = ProgressLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(Picture("cloud", side=32))
        column.addWidget(Heading(ELSEWHERE, 3))
        for widget in (self.words, self.progress, self.now, self.stop):
            column.addWidget(widget)
        column.addStretch(1)
        for button in (self.now, self.stop):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.now.clicked.connect(self._fetch)
        self.stop.clicked.connect(self._stop_it)
        self._show_busy(busy=False)

    def offer(self, record: Attachment, way: Way) -> None:
        """Offer to fetch it, or the rest of it."""
        self._record = record
        size = size_in_words(way.size)
        here = f" {of(way.fetched, way.size)} came already." if way.fetched else ""
        self.words.setText(f"It is {size} and can be fetched from the office.{here}")
        self._show_busy(busy=False)
        self.now.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_so_far(self, done: int, size: int) -> None:
        """Show how much of it is here."""
        words = f"Fetching the file: {of(done, size)}" if size else "Asking the office for it"
        self.progress.set_progress(done // _THOUSAND, size // _THOUSAND, words)

    def forget(self) -> None:
        """Stop what is under way. What has come stays, sealed: the next time it goes on there."""
        self._record = None
        self._stop_it()
        self._running = None

    def _fetch(self) -> None:
        record = self._record
        if record is None or self._running is not None:
            return
        self.failed.emit("")
        self.show_so_far(0, 0)
        self._show_busy(busy=True)
        self.stop.setFocus(Qt.FocusReason.OtherFocusReason)
        self._running = self._session.carrying.fetch(
            record.id,
            lambda so_far: self.show_so_far(*so_far),
            lambda _none: self._is_here(record),
            lambda fault: self._is_not_here(record, fault),
        )

    def _is_here(self, record: Attachment) -> None:
        if self._record is record:
            self._running = None
            self.came.emit(record)
        self._session.changed.emit(frozenset({record.id}))

    def _is_not_here(self, record: Attachment, fault: KnownError) -> None:
        if self._record is not record:
            return
        self._running = None
        self.failed.emit("" if isinstance(fault, Cancelled) else str(fault))
        self._session.read(
            lambda connection: travelling.way(connection, record),
            lambda way: self._offer_again(record, way),
        )

    def _offer_again(self, record: Attachment, way: Way) -> None:
        if self._record is record:
            self.offer(record, way)

    def _stop_it(self) -> None:
        self.stop.setEnabled(False)
        if self._running is not None:
            self._running.stop()

    def _show_busy(self, *, busy: bool) -> None:
        self.progress.setVisible(busy)
        shown, gone = (self.stop, self.now) if busy else (self.now, self.stop)
        shown.setEnabled(True)
        shown.show()
        if gone.hasFocus():
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
        gone.hide()
