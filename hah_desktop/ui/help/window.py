"""The window of the help: headings to search at the left, one part of the text at the right.

It stands before the main window and leaves what is there as it is.
"""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from hah_desktop.ui.help.parts import Place, Section, contents
from hah_desktop.ui.help.text import HelpText
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.buttons import LinkButton, SecondaryButton
from hah_desktop.ui.kit.focus import hand_on_focus
from hah_desktop.ui.kit.inputs import SearchEdit
from hah_desktop.ui.kit.labels import Label, Panel, TextKind
from hah_desktop.ui.kit.lists import RecordTable
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.order import go_on
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.parts.text_table import TextModel
from hah_desktop.ui.parts.words import counted

WIDE, HIGH = 900, 640
LIST_WIDE = 290
BOTH_FROM = 720
"""So wide at 100 % of text, headings and text stand side by side; else they take turns."""
NOTHING = "Nothing about that. Try fewer or other words."
_INDENT = "\N{EM SPACE}"


class HelpWindow(QDialog):
    """The help, open at one place and no larger than the room. Escape closes it."""

    def __init__(self, parent: QWidget, room: QSize) -> None:
        super().__init__(parent)
        self.setWindowTitle(PRODUCT)
        self.setAccessibleName("Help")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(320, 240)
        self._all = contents()
        self._shown: Sequence[Section] = ()
        self._found: Sequence[Section] = ()
        self._text_in_front = True
        self.search = SearchEdit("Search the help")
        self.found = Label("", TextKind.CAPTION)
        self.headings = RecordTable("Headings")
        self.headings.horizontalHeader().hide()
        self._words = TextModel(("Headings",), self)
        self.headings.setModel(self._words)
        self.text = HelpText()
        self.to_headings = LinkButton("All headings", "chevron-left", tone="quiet")
        self.shut = SecondaryButton("Close")
        self._lay_out()
        self._connect()
        self._size(room)

    def _lay_out(self) -> None:
        self._list_pane = Panel("surface", "right")
        at_left = QVBoxLayout(self._list_pane)
        at_left.setContentsMargins(0, 0, 0, 0)
        at_left.setSpacing(8)
        above = QVBoxLayout()
        above.setContentsMargins(16, 16, 16, 0)
        above.addWidget(self.search)
        above.addWidget(self.found)
        at_left.addLayout(above)
        at_left.addWidget(self.headings, 1)
        panes = QHBoxLayout()
        panes.setSpacing(0)
        panes.addWidget(self._list_pane)
        panes.addWidget(self.text, 1)
        foot = Panel("surface", "top")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self.to_headings)
        row.addStretch(1)
        row.addWidget(self.shut)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(panes, 1)
        layout.addWidget(foot)

    def _connect(self) -> None:
        self.search.edited.connect(self._list)
        self.search.returnPressed.connect(self._open_first)
        self.headings.opened.connect(self._open)
        self.headings.clicked.connect(self._open)
        self.text.wanted.connect(self._follow)
        self.to_headings.clicked.connect(self._show_headings)
        self.shut.clicked.connect(self.reject)
        current_look().changed.connect(self._fit)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self._find)

    def _size(self, room: QSize) -> None:
        look = current_look()
        self.resize(min(look.px(WIDE), room.width()), min(look.px(HIGH), room.height()))
        self._fit()

    # What is on show

    def open_at(self, place: Place) -> None:
        """Show a place, and put the keyboard into the text."""
        self.search.clear()
        self._follow(place)

    def _follow(self, place: Place) -> None:
        self.text.show_place(place)
        self._list()
        self._text_in_front = True
        self._fit()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self) -> None:
        """List what is sought, below its parts; else every part, and what is in the one on show."""
        sought, here = self.search.value(), self.text.place
        self._found = [one for one in self._all if sought and one.has(sought)]
        if sought:
            # Without its part a heading such as “Afterwards” would not say after what.
            parts = {one.place.part for one in self._found}
            places = {one.place for one in self._found}
        else:
            parts = {one.place.part for one in self._all}
            places = {one.place for one in self._all if one.place.part == here.part}
        self._shown = [
            one
            for one in self._all
            if one.place in places or (not one.place.heading and one.place.part in parts)
        ]
        self._words.set_rows([[_listed(one)] for one in self._shown])
        listed = [one.place for one in self._shown]
        self.headings.choose_row(listed.index(here) if here in listed else -1)
        number = len(self._found)
        self.found.setText(counted(number, "heading") if number else NOTHING)
        self.found.setVisible(bool(sought))
        if sought:
            announce(self, self.found.text())

    def _open(self, index: QModelIndex) -> None:
        self._follow(self._shown[index.row()].place)

    def _open_first(self) -> None:
        for first in self._found[:1]:
            self._follow(first.place)

    def _show_headings(self) -> None:
        self._text_in_front = False
        self._fit()
        self.headings.setFocus(Qt.FocusReason.OtherFocusReason)

    def _find(self) -> None:
        self._text_in_front = False
        self._fit()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # What there is room for

    def _fit(self) -> None:
        look = current_look()
        # For the line around it: the colours of what lies behind are the same.
        self.setContentsMargins(look.line, look.line, look.line, look.line)
        both = self.width() >= look.px(BOTH_FROM)
        text = both or self._text_in_front
        self.text.setVisible(text)
        self._list_pane.setVisible(both or not text)
        self._list_pane.setMinimumWidth(look.px(LIST_WIDE) if both else 0)
        self._list_pane.setMaximumWidth(look.px(LIST_WIDE) if both else self.maximumWidth())
        hand_on_focus(self.to_headings, self.text)
        self.to_headings.setVisible(not both and text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802 - Qt's name
        """Go on in reading order."""
        return go_on(self, forward=forward)


def _listed(section: Section) -> str:
    return f"{_INDENT}{section.title}" if section.place.heading else section.title
