"""How far what is on show has come, with an icon and in words: saved here, or received."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Picture
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.sync_words import state_of

ONLY_HERE_ICON = "cloud-off"
RECEIVED_ICON = "cloud-check"


class StateLine(QWidget):
    """One line; out of sight while nothing is saved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Picture(RECEIVED_ICON)
        self.words = Label("", TextKind.MUTED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(self.words, 1)
        self.hide()

    def show_state(self, waiting: int | None, seen_by: tuple[str, ...] = ()) -> None:
        """Show how many changes are only here; None where nothing is saved yet."""
        self.setVisible(waiting is not None)
        if waiting is not None:
            self._picture.show_icon(ONLY_HERE_ICON if waiting else RECEIVED_ICON, "muted")
            self.words.setText(state_of(waiting, seen_by))
