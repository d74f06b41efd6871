"""Letters and pictures on their way now, and what stopped them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy

from hah_desktop.sync.files import Carried
from hah_desktop.ui.kit.blocks import Card, Notice, ProgressLine
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.telling import tell

AFTER = "Letters and pictures go after what is written, the smallest first."


class FilesCard(Card):
    """Hidden while nothing is on its way and nothing was stopped."""

    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Letters and pictures")
        self.progress = ProgressLine()
        self.stop = SecondaryButton("Stop", "x")
        self.problem = Notice("", "warn")
        self.stop.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for widget in (Label(AFTER, TextKind.MUTED), self.progress, self.stop, self.problem):
            self.add(widget)
        for widget in (self.progress, self.stop, self.problem):
            widget.hide()
        self.stop.clicked.connect(self._stop)

    def show_so_far(self, carried: Carried) -> None:
        """Show what is on its way."""
        self.show()
        self.progress.show()
        self.stop.show()
        self.stop.setEnabled(True)
        tell(self.problem, "")
        self.progress.set_progress(0, 0, carried.words or "Asking the office about files")

    def show_ended(self, carried: Carried) -> None:
        """Show how it ended."""
        self.progress.hide()
        self.stop.hide()
        tell(self.problem, str(carried.problem or ""))
        self.setVisible(carried.problem is not None)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop_requested.emit()
