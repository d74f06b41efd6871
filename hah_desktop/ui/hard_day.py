"""The screens of a hard day, each made on that day: the lock screen has to be there at once."""

from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from hah_desktop.seals import letters
from hah_desktop.ui.parts.doorstep import Doorstep
from hah_desktop.ui.screens.damaged import DamagedScreen
from hah_desktop.ui.screens.forgotten import ForgottenScreen
from hah_desktop.ui.screens.lease import LeaseScreen
from hah_desktop.vault.passphrase import problems

S = TypeVar("S", bound=Doorstep)


class HardDay(QObject):
    """What the screens ask for, whichever of them there are."""

    recover_requested = Signal(object)
    connect_requested = Signal(object)
    stop_requested = Signal()
    extend_requested = Signal(object)
    put_back_requested = Signal(object)
    close_requested = Signal()
    back_requested = Signal()

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._stack = stack
        self._made: list[Doorstep] = []

    @cached_property
    def forgotten(self) -> ForgottenScreen:
        """A forgotten passphrase."""
        screen = self._placed(ForgottenScreen(problems, letters.read))
        screen.recover_requested.connect(self.recover_requested)
        return screen

    @cached_property
    def lease(self) -> LeaseScreen:
        """Too long without the office."""
        screen = self._placed(LeaseScreen(letters.read))
        screen.connect_requested.connect(self.connect_requested)
        screen.stop_requested.connect(self.stop_requested)
        screen.extend_requested.connect(self.extend_requested)
        return screen

    @cached_property
    def damaged(self) -> DamagedScreen:
        """Records that cannot be opened."""
        screen = self._placed(DamagedScreen())
        screen.put_back_requested.connect(self.put_back_requested)
        screen.close_requested.connect(self.close_requested)
        return screen

    def _placed(self, screen: S) -> S:
        self._stack.addWidget(screen)
        self._made.append(screen)
        screen.back_requested.connect(self.back_requested)
        return screen

    def forget(self) -> None:
        """Empty those that were made, and let each be used again."""
        for screen in self._made:
            screen.set_busy(False)
            screen.empty()
