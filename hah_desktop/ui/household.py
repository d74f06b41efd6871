"""Who is at the door: the one person of this laptop, one of several, or somebody new."""

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from hah_desktop.laptop.people import Person, add, forget, next_label, people
from hah_desktop.ui.screens.people import PeopleScreen

NO_FOLDER = (
    "This laptop does not let the program make a folder here. Nothing was changed. Make room on "
    "the disk, or ask whoever looks after this laptop."
)


class Household(QObject):
    """The people of one base folder. Nobody is chosen without a press but an only person."""

    came = Signal(object)
    """A Person who wants to unlock, or to set up what was begun."""
    joined = Signal(object)
    """A Person for whom an empty folder was just made."""

    def __init__(self, stack: QStackedWidget, base: Path) -> None:
        super().__init__(stack)
        self._stack = stack
        self._base = base
        self._new: Path | None = None

    @cached_property
    def screen(self) -> PeopleScreen:
        """Who is unlocking; made when there is somebody to choose from."""
        screen = PeopleScreen()
        self._stack.addWidget(screen)
        screen.chosen.connect(lambda number: self.came.emit(people(self._base)[number]))
        screen.add_requested.connect(self._add)
        screen.back_requested.connect(self.ask)
        return screen

    def ask(self) -> None:
        """Ask who it is, where there are several; an only person has come."""
        found = people(self._base)
        if len(found) == 1:
            self.came.emit(found[0])
        else:
            self._show_all(found)

    def ask_for_others(self) -> None:
        """Ask which other person it is; where there is no other, what to call a new one."""
        found = people(self._base)
        if len(found) == 1:
            self.screen.show_adding(next_label(self._base))
            self._show()
        else:
            self._show_all(found)

    def is_alone(self) -> bool:
        """Whether one person alone uses this laptop."""
        return len(people(self._base)) == 1

    def label(self, folder: Path) -> str:
        """What to call somebody; empty where nobody can be mistaken for them."""
        found = people(self._base)
        return "" if len(found) == 1 else next((p.label for p in found if p.folder == folder), "")

    def give_up(self) -> None:
        """The new person leaves: their folder goes, unless something is in it already."""
        if self._new is not None:
            forget(self._base, self._new)
            self._new = None
        self.ask()

    def _show_all(self, found: list[Person]) -> None:
        self.screen.show_people([one.label for one in found], next_label(self._base))
        self._show()

    def _show(self) -> None:
        self._stack.setCurrentWidget(self.screen)
        self.screen.setFocus()

    def _add(self, label: str) -> None:
        try:
            self._new = add(self._base, label)
        except OSError:
            self.screen.show_problem(NO_FOLDER)
            return
        self.joined.emit(Person(self._new, label))
