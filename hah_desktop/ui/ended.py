"""After the office has closed this laptop: what became of it, and what still waits to be sent."""

from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop, RevokedState
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.screens.revoked import RevokedScreen

SENT = "The office has received what you had not sent."
COPIED = "The sealed file was copied as {name}. Only the office can open it."


class Ended(QObject):
    """One screen, and the two ways in which the sealed file reaches the office."""

    close_requested = Signal()
    others_requested = Signal()

    def __init__(self, stack: QStackedWidget, background: Background) -> None:
        super().__init__(stack)
        self._stack = stack
        self._background = background
        self._laptop: Laptop | None = None

    @cached_property
    def screen(self) -> RevokedScreen:
        """Made on the day it is needed."""
        screen = RevokedScreen()
        self._stack.addWidget(screen)
        screen.send_requested.connect(self._send)
        screen.copy_requested.connect(self._copy)
        screen.close_requested.connect(self.close_requested)
        screen.others_requested.connect(self.others_requested)
        return screen

    def show(self, laptop: Laptop, *, alone: bool) -> bool:
        """Show what became of the laptop; False if the office has not closed it.

        What still waits for the office is sent at once: a thief would not press a button.
        """
        state = self._show(laptop, alone=alone)
        if state is not None and state.unsent_waits:
            self._send()
        return state is not None

    def _show(self, laptop: Laptop, *, alone: bool) -> RevokedState | None:
        try:
            state = laptop.revoked()
        except KnownError as fault:
            # Something could not be destroyed yet; the words say what to do.
            state = RevokedState(str(fault), unsent_waits=False)
        if state is None:
            return None
        self._laptop = laptop
        self.screen.show_state(state.words, waits=state.unsent_waits)
        self.screen.set_alone(alone)
        self._stack.setCurrentWidget(self.screen)
        self.screen.setFocus()
        return state

    def _send(self) -> None:
        laptop, screen = self._laptop, self.screen
        if laptop is None:
            return

        def sent(_none: None) -> None:
            self._show(laptop, alone=screen.others.isHidden())
            screen.show_done(SENT)

        screen.set_busy(True, "Sending to the office")
        self._background.run(
            Lane.SLOW,
            laptop.send_revoked,
            sent,
            self._failed,
            progress=partial(screen.set_busy, True),
        )

    def _copy(self, path: Path) -> None:
        laptop, screen = self._laptop, self.screen
        if laptop is None:
            return
        screen.set_busy(True, "Copying")
        self._background.run(
            Lane.SLOW,
            partial(_copy, laptop, path),
            lambda _none: screen.show_done(COPIED.format(name=path.name)),
            self._failed,
        )

    def _failed(self, fault: BaseException) -> None:
        self.screen.set_busy(False)
        if not isinstance(fault, KnownError):
            raise fault
        self.screen.show_problem(str(fault))


def _copy(laptop: Laptop, path: Path) -> None:
    try:
        laptop.copy_revoked(path)
    except OSError as fault:
        raise KnownError(
            f"The sealed file could not be copied: {fault.strerror or fault}.",
            "It still lies on this laptop.",
            "Choose another place and try again.",
        ) from fault
