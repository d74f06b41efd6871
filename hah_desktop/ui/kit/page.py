"""A page of the window: its header, its panes (list, form, side) and its buttons at the foot."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.buttons import IconButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.labels import Heading, Label, Panel, Tag, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.stepper import Stepper

Act = PrimaryButton | SecondaryButton


class Room(StrEnum):
    """How much a window shows side by side, by its width at 100 % of text."""

    WIDE = "wide"
    MIDDLE = "middle"
    NARROW = "narrow"


def room_for(width: int, scale: float) -> Room:
    """Say how much fits into that many logical pixels at that size of text."""
    real = width / scale
    if real >= 1240:  # noqa: PLR2004 - the design's breakpoints
        return Room.WIDE
    return Room.MIDDLE if real >= 940 else Room.NARROW  # noqa: PLR2004 - as above


class Footer(QWidget):
    """A page's buttons: the main act last; where there is no room the others go into a menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts: tuple[Act, ...] = ()
        self.more = IconButton("ellipsis", "More actions")
        self.more.clicked.connect(self._open_menu)
        self._room = Room.WIDE
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self.more)
        self.more.hide()
        self._size()
        current_look().changed.connect(self._size)

    def _size(self) -> None:
        look = current_look()
        self.setMinimumHeight(look.px(34) + 2 * look.line + 2)

    @property
    def acts(self) -> tuple[Act, ...]:
        """Give the buttons, the main act last."""
        return self._acts

    def set_acts(self, *acts: Act) -> None:
        """Show these buttons, the main act last."""
        for old in self._acts:
            self._row.removeWidget(old)
            old.hide()
        self._acts = acts
        for act in acts:
            self._row.addWidget(act)
        self.set_room(self._room)

    def set_room(self, room: Room) -> None:
        """Show what fits."""
        self._room = room
        others = self._acts[:-1]
        narrow = room is Room.NARROW and bool(others)
        for act in others:
            act.setVisible(not narrow)
        for act in self._acts[-1:]:
            act.show()
        self.more.setVisible(narrow)
        self._row.setSpacing(4 if narrow else 12)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(self.more.rect().topLeft() - menu.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """Give a menu of the acts that did not fit."""
        menu = QMenu(self)
        for act in self._acts[:-1]:
            entry = menu.addAction(act.words.replace("&", "&&"))
            entry.setEnabled(act.isEnabled())
            entry.triggered.connect(act.click)
        menu.adjustSize()
        return menu


class PageHeader(Panel):
    """Where one is, what the page is about, its statuses, and its acts at the right."""

    def __init__(self) -> None:
        super().__init__("surface", "bottom")
        self.breadcrumbs = Label("", TextKind.CAPTION)
        self.breadcrumbs.hide()
        self.title = Heading("", 1)
        self._titles = FlowLayout(gap=10)
        self._titles.addWidget(self.title)
        self._tags: list[Tag] = []
        self._room = Room.WIDE
        self._acts = QHBoxLayout()
        self._acts.setSpacing(10)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.breadcrumbs)
        words.addLayout(self._titles)
        words.addStretch(1)
        self._top = QHBoxLayout()
        self._top.setContentsMargins(24, 12, 16, 8)
        self._top.setSpacing(16)
        self._top.addLayout(words, 1)
        self._top.addLayout(self._acts)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(0)
        self.rows.addLayout(self._top)

    def set_title(self, title: str, breadcrumbs: Sequence[str], tags: Sequence[Tag]) -> None:
        """Show another title."""
        self.title.setText(title)
        self.breadcrumbs.setText(
            "  \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}  ".join(breadcrumbs)
        )
        for old in self._tags:
            self._titles.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._tags = list(tags)
        for tag in tags:
            self._titles.addWidget(tag)
        self.set_room(self._room)

    def add_act(self, widget: QWidget) -> None:
        """Put a button at the right."""
        self._acts.addWidget(widget)
        self.set_room(self._room)

    def set_room(self, room: Room) -> None:
        """Leave out the words that do not fit; nothing is lost that is not also elsewhere."""
        self._room = room
        narrow = room is Room.NARROW
        self.breadcrumbs.setVisible(bool(self.breadcrumbs.text()) and not narrow)
        for number in range(self._acts.count()):
            item = self._acts.itemAt(number)
            act = item.widget() if item else None
            if isinstance(act, SecondaryButton) and not isinstance(act, IconButton):
                act.set_compact(narrow)

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Put the acts below the words, where the header scrolls away and may be high."""
        one = QBoxLayout.Direction
        self._top.setDirection(one.TopToBottom if low else one.LeftToRight)
        side = Qt.AlignmentFlag.AlignLeft if low else Qt.AlignmentFlag(0)
        self._top.setAlignment(self._acts, side)


class Page(QWidget):
    """A page for the shell. Screens make one, fill its panes, and listen to their own widgets."""

    side_shown = Signal(bool)
    panes_changed = Signal()

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = PageHeader()
        self.footer = Footer(self)
        self.footer.hide()
        self._note = ""
        self._room = Room.WIDE
        self._side_wanted = True
        self._form_in_front = False
        self.side_button = IconButton("panel-right", "Side panel")
        self._list: QWidget | None = None
        self._form: QWidget | None = None
        self._side: QWidget | None = None
        self._build()
        self.set_title(title)
        current_look().changed.connect(self._size_panes)

    def _build(self) -> None:
        self.side_button.setCheckable(True)
        self.side_button.hide()
        self.side_button.toggled.connect(self._side_toggled)
        self._list_pane = Panel("surface", "right")
        self._form_pane = Panel("app")
        self._side_pane = Panel("surface", "left")
        for pane in (self._list_pane, self._form_pane, self._side_pane):
            inside = QVBoxLayout(pane)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(0)
        self._list_pane.hide()
        self._side_pane.hide()
        self._panes = panes = QHBoxLayout()
        panes.setSpacing(0)
        panes.addWidget(self._list_pane)
        panes.addWidget(self._form_pane, 1)
        panes.addWidget(self._side_pane)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(panes, 1)

    def set_title(
        self, title: str, *, breadcrumbs: Sequence[str] = (), tags: Sequence[Tag] = ()
    ) -> None:
        """Show what the page is about; the window's own title never says it."""
        self.header.set_title(title, breadcrumbs, tags)

    def add_header_action(self, widget: QWidget) -> None:
        """Put a button at the right of the title."""
        self.header.add_act(widget)

    def add_shortcut(self, keys: QKeySequence.StandardKey | str, act: Callable[[], None]) -> None:
        """Let keys do something wherever on the page the keyboard is."""
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def add_header_row(self, widget: QWidget) -> None:
        """Put a row, such as a search box with filters, below the title."""
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 16, 12)
        row.addWidget(widget)
        self.header.rows.addLayout(row)

    def set_stepper(self, stepper: Stepper) -> None:
        """Put the steps below the title; once only."""
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 16, 0)
        row.addWidget(stepper)
        self.header.rows.addLayout(row)

    def set_list(self, widget: QWidget) -> None:
        """Fill the list pane, left of the form."""
        self._list = self._fill(self._list_pane, self._list, widget)
        self._show_panes()

    def set_form(self, widget: QWidget, *, scroll: bool = True) -> None:
        """Fill the middle; a form scrolls, a table scrolls by itself (scroll=False)."""
        self._form = self._fill(self._form_pane, self._form, Scroller(widget) if scroll else widget)
        self._show_panes()

    def set_side(self, widget: QWidget) -> None:
        """Fill the side panel; its button appears in the header."""
        first = self._side is None
        self._side = self._fill(self._side_pane, self._side, Scroller(widget))
        if first:
            self.header.add_act(self.side_button)
            self.side_button.show()
        self._show_panes()

    def set_footer(self, *acts: Act) -> None:
        """Show these buttons at the foot, the main act last."""
        self.footer.set_acts(*acts)

    @property
    def note(self) -> str:
        """Give what the page says at the foot beside its buttons."""
        return self._note

    @note.setter
    def note(self, text: str) -> None:
        self._note = text
        self.panes_changed.emit()

    def show_form(self) -> None:
        """Bring the form to the front where list and form do not fit side by side."""
        self._form_in_front = True
        self._show_panes()

    def show_list(self) -> None:
        """Bring the list to the front where list and form do not fit side by side."""
        self._form_in_front = False
        self._show_panes()

    def can_go_back(self) -> bool:
        """Say whether a list lies behind the form now."""
        return self._room is Room.NARROW and self._list is not None and self._form_in_front

    def set_room(self, room: Room) -> None:
        """Show what fits; the shell calls this."""
        if room is not self._room:
            self._side_wanted = room is Room.WIDE
        self._room = room
        self.header.set_room(room)
        self.footer.set_room(room)
        self._show_panes()

    def panes(self) -> tuple[QWidget, ...]:
        """Give the panes on show, in reading order."""
        all_panes = (self.header, self._list_pane, self._form_pane, self._side_pane)
        return tuple(pane for pane in all_panes if not pane.isHidden())

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Take a header's worth of height more or less; the shell calls this."""
        self.header.set_low(low)

    def whole_height(self, width: int, view: int) -> int:
        """Say how high the page is with its header whole and a view of its panes below that."""
        header = self.header.layout()
        above = header.totalHeightForWidth(width) if header else 0
        return above + max(view, self._panes.minimumSize().height())

    def _fill(self, pane: QWidget, old: QWidget | None, new: QWidget) -> QWidget:
        layout = pane.layout()
        if layout is not None:
            if old is not None:
                layout.removeWidget(old)
                old.hide()
                old.deleteLater()
            layout.addWidget(new)
        return new

    def _side_toggled(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._side_wanted = shown
        self._show_panes()
        self.side_shown.emit(shown)

    def _show_panes(self) -> None:
        narrow = self._room is Room.NARROW
        side = self._side is not None and self._side_wanted
        list_alone = narrow and self._list is not None and not self._form_in_front
        self._side_pane.setVisible(side)
        self._list_pane.setVisible(
            self._list is not None and (list_alone or not narrow) and not (narrow and side)
        )
        self._form_pane.setVisible(not (narrow and (side or list_alone)))
        self.side_button.blockSignals(True)
        self.side_button.setChecked(side)
        self.side_button.blockSignals(False)
        self._size_panes()
        self.panes_changed.emit()

    def _size_panes(self) -> None:
        look = current_look()
        for pane, width in ((self._list_pane, 272), (self._side_pane, 284)):
            alone = self._form_pane.isHidden()
            pane.setMinimumWidth(0 if alone else look.px(width))
            pane.setMaximumWidth(16777215 if alone else look.px(width))
            pane.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
