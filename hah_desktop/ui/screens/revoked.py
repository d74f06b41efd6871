"""The office has closed this laptop: what happened, and what became of unsent work. A view only."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from hah_desktop.ui.kit.blocks import Notice
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.doorstep import WIDE_CARD, Doorstep, wide
from hah_desktop.ui.parts.telling import tell

WAITS = "What is sealed here has not reached the office yet. It goes by internet or on a stick."
NOTHING_TO_DO = "There is nothing else for you to do. Give the laptop back to the office."
STICK = "Without internet, copy it to a stick and hand the stick to the office."
NAME = "for the office.sealed"


class RevokedScreen(Doorstep):
    """`copy_requested` carries the path where the sealed file shall go."""

    send_requested = Signal()
    copy_requested = Signal(object)
    close_requested = Signal()
    others_requested = Signal()

    def __init__(self) -> None:
        super().__init__("This laptop was closed by the office", width=WIDE_CARD)
        self.waits = Notice(WAITS, "warn")
        self.done = Notice("", "ok")
        self.done.hide()
        self.nothing = Label(NOTHING_TO_DO)
        self.send = wide(PrimaryButton("Send it again", "send"))
        self.stick = Label(STICK, TextKind.MUTED)
        self.copy = wide(SecondaryButton("Copy it to a stick", "download"))
        self.shut = wide(SecondaryButton("Close the program"))
        self.others = LinkButton("Somebody else wants to unlock")
        self.others.hide()
        for widget in (
            self.waits,
            self.done,
            self.nothing,
            self.send,
            self.progress,
            self.stick,
            self.copy,
            self.shut,
            self.others,
        ):
            self.card.add(widget)
        self.send.clicked.connect(self.send_requested)
        self.copy.clicked.connect(self._ask_where)
        self.shut.clicked.connect(self.close_requested)
        self.others.clicked.connect(self.others_requested)
        self.setFocusProxy(self.shut)
        self._first = self.send
        self._inputs = (self.send, self.copy, self.shut, self.others)

    def show_state(self, words: str, *, waits: bool) -> None:
        """Say what happened, and whether something still waits here for the office."""
        self.clear()
        self.set_busy(busy=False)
        self.set_lead(words)
        for widget in (self.waits, self.send, self.stick, self.copy):
            widget.setVisible(waits)
        self.nothing.setVisible(not waits)
        self.setFocusProxy(self.send if waits else self.shut)

    def set_alone(self, alone: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Say whether nobody else uses this laptop."""
        self.others.setVisible(not alone)

    def show_done(self, words: str) -> None:
        """Say what was done."""
        self.set_busy(busy=False)
        self.summary.clear()
        tell(self.done, words)

    def clear(self) -> None:
        """Forget what was said before."""
        super().clear()
        tell(self.done, "")

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Copy the sealed file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The system's own dialog would keep the name in its list of recent files.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setDirectory(str(Path.home()))
        dialog.selectFile(NAME)
        dialog.fileSelected.connect(lambda name: self.copy_requested.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
