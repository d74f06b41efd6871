"""The offer to fetch a file that is at the office: how large it is, how far it is, and a stop."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.domain.media import size_in_words
from hah_desktop.store.travelling import Way
from hah_desktop.ui.kit.blocks import Picture, ProgressLine
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.parts.on_its_way import of

ELSEWHERE = "This file was added on another laptop"
_THOUSAND = 1_000


class FetchOffer(QWidget):
    """What is elsewhere, and a button that brings it here."""

    fetch_requested = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
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
        self.now.clicked.connect(self.fetch_requested)
        self.stop.clicked.connect(self.stop_requested)
        self._show_busy(busy=False)

    def offer(self, way: Way) -> None:
        """Offer to fetch it, or the rest of it."""
        size = size_in_words(way.size)
        here = f" {of(way.fetched, way.size)} came already." if way.fetched else ""
        self.words.setText(f"It is {size} and can be fetched from the office.{here}")
        self._show_busy(busy=False)
        self.now.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_so_far(self, done: int, size: int) -> None:
        """Show how much of it is here."""
        words = f"Fetching the file: {of(done, size)}" if size else "Asking the office for it"
        self.progress.set_progress(done // _THOUSAND, size // _THOUSAND, words)

    def begin(self) -> None:
        """Show that it is being fetched."""
        self.show_so_far(0, 0)
        self._show_busy(busy=True)
        self.stop.setEnabled(True)
        self.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_busy(self, *, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.stop.setVisible(busy)
        self.now.setVisible(not busy)
