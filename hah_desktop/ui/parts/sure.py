"""An act that is pressed twice: the first press says what will happen, the second does it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.parts.telling import tell


class PressedTwice(QWidget):
    """The button and its warning. The owner answers the first press with `warn`, or not at all."""

    asked = Signal()
    sure = Signal()

    def __init__(self, first: str, second: str, *, beside: bool = False) -> None:
        """Make it; `beside` the main act of the page it looks like any other."""
        super().__init__()
        self._first, self._second = first, second
        self._warned = False
        self.warning = Notice("", "warn")
        self.warning.hide()
        self.button = SecondaryButton(first) if beside else PrimaryButton(first)
        if not beside:
            self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self.warning)
        side = Qt.AlignmentFlag.AlignLeft if beside else Qt.AlignmentFlag(0)
        layout.addWidget(self.button, 0, side)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusProxy(self.button)
        self.button.clicked.connect(self._pressed)

    def warn(self, words: str) -> None:
        """Say what the second press will do, and wait for it."""
        self._warned = True
        self.button.set_words(self._second)
        tell(self.warning, words)
        # The focus brings both into view on a small screen.
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Start from the first press again."""
        self._warned = False
        self.button.set_words(self._first)
        tell(self.warning, "")

    def _pressed(self) -> None:
        if not self._warned:
            self.asked.emit()
            return
        self.forget()
        self.sure.emit()
