"""A card with an act of its own, such as changing the passphrase."""

from PySide6.QtWidgets import QSizePolicy

from hah_desktop.ui.kit.blocks import Card, Notice, ProgressLine
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.telling import tell


class ActCard(Card):
    """How it goes and how it went stand in the card, and no input is taken meanwhile."""

    def __init__(self, heading: str, about: str = "") -> None:
        super().__init__(heading)
        self.problem = Notice("", "bad")
        self.done = Notice("", "ok")
        self.progress = ProgressLine()
        if about:
            self.add(Label(about, TextKind.MUTED))
        for widget in (self.problem, self.done, self.progress):
            self.add(widget)
            widget.hide()

    def show_problem(self, words: str) -> None:
        """Say what went wrong."""
        self.set_busy("")
        tell(self.problem, words)

    def show_done(self, words: str) -> None:
        """Say what was done."""
        self.set_busy("")
        tell(self.done, words)

    def set_busy(self, words: str) -> None:
        """Show that it takes its time, and take no input meanwhile; no words end it."""
        tell(self.problem, "")
        tell(self.done, "")
        self.set_progress(0, 0, words)
        self.progress.setVisible(bool(words))
        self._enable(not words)

    def set_progress(self, done: int, total: int, words: str) -> None:
        """Show how far it is."""
        self.progress.set_progress(done, total, words)

    def _enable(self, enabled: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        raise NotImplementedError


def narrow_button(words: str) -> SecondaryButton:
    """A button as wide as its words."""
    button = SecondaryButton(words)
    button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return button
