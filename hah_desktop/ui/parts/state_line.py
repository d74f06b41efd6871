"""How far what is on show has come, with an icon and in words: saved here, or received."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from hah_desktop.store.exchange.waiting import Due
from hah_desktop.ui.kit.blocks import Picture
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.sync_words import state_of

DUE_ICON = "cloud-off"
RECEIVED_ICON = "cloud-check"


class StateLine(QWidget):
    """One line; out of sight while nothing is saved."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = Picture(RECEIVED_ICON)
        self.words = Label("", TextKind.MUTED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(self.words, 1)
        self.hide()

    def show_state(self, due: Due | None, seen_by: tuple[str, ...] = ()) -> None:
        """Show what is due of it; None where nothing is saved yet."""
        self.setVisible(due is not None)
        if due is not None:
            self._picture.show_icon(DUE_ICON if due else RECEIVED_ICON, "muted")
            self.words.setText(state_of(due, seen_by))
