"""The window's frame: marking, rail, pages and the line that says what is saved.

It knows no record: pages bring their own words. The window's title is always the program's name.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Picture
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.focus import has_focus
from hah_desktop.ui.kit.icons import icon
from hah_desktop.ui.kit.labels import Label, MarkingBar, Panel, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.order import go_on, reading_order
from hah_desktop.ui.kit.page import Page, Room, room_for
from hah_desktop.ui.kit.page_area import PageArea, is_low
from hah_desktop.ui.kit.rail import PRODUCT, Rail
from hah_desktop.ui.parts.notices import NoticeStrip


class StatusLine(Panel):
    """What is saved and what the office has, and the page's buttons."""

    back = Signal()
    only_here = Signal()
    """Somebody wants to see what is only on this laptop."""

    def __init__(self) -> None:
        super().__init__("surface", "top")
        self._saved = ("", "")
        self._standing = ("", "")
        self._received = True
        self._room = Room.WIDE
        self._note = ""
        self._footer: QWidget | None = None
        self.back_button = LinkButton("Back to list", "chevron-left", tone="quiet")
        self.back_button.clicked.connect(self.back)
        self.back_button.hide()
        self._tick = Picture("circle-check", "ok_fg")
        self.saved = Label("", wrap=False)
        self.standing = LinkButton("", "cloud-check", tone="quiet")
        self.standing.clicked.connect(self.only_here)
        self.note = Label("", TextKind.MUTED, wrap=False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 8, 16, 8)
        self._row.setSpacing(12)
        for widget in (self.back_button, self._tick, self.saved, self.standing):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self._row.addWidget(self.note)
        self._show()

    def set_saved(self, text: str, short: str) -> None:
        """Say what was saved, in full and in few words."""
        self._saved = (text, short)
        self._show()

    def set_standing(self, text: str, short: str, *, received: bool) -> None:
        """Say how far everything has come, in full and in few words."""
        self._standing, self._received = (text, short), received
        self._show()

    def set_note(self, note: str) -> None:
        """Say something of the page's own instead."""
        self._note = note
        self._show()

    def set_room(self, room: Room) -> None:
        """Say it shorter where there is little room."""
        self._room = room
        self._show()

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Leave the room to the page's buttons, where words are large and there is little."""
        self.back_button.set_compact(low)
        self._row.setContentsMargins(*((8, 8, 8, 8) if low else (24, 8, 16, 8)))
        self._row.setSpacing(4 if low else 12)

    def set_footer(self, footer: QWidget) -> None:
        """Show the buttons of another page."""
        if self._footer is not None and self._footer is not footer:
            self._row.removeWidget(self._footer)
            self._footer.hide()
        self._footer = footer
        self._row.addWidget(footer)
        footer.show()

    def _show(self) -> None:
        _, short = self._saved
        narrow = self._room is Room.NARROW
        standing, short_standing = self._standing
        self.standing.setIcon(icon("cloud-check" if self._received else "cloud-off", "muted"))
        self.standing.set_words(short_standing if narrow else standing)
        self.standing.setAccessibleName(standing)
        # Beside what was just saved there is room for the icon only.
        self.standing.set_compact(narrow and bool(short))
        self.standing.setVisible(bool(standing))
        self.note.setText(self._note)
        self.note.setVisible(bool(self._note) and not narrow)
        self._say_what_fits()

    def _say_what_fits(self) -> None:
        """Say what was saved in the most words that leave the page’s buttons whole; or tick it.

        Where not even the tick leaves them whole, only what the office has is shown.
        """
        text, short = self._saved
        gap = self._row.spacing()
        ticked = self._tick.minimumWidth() + gap
        room = self.width() - self._row.totalMinimumSize().width() - ticked
        if not self._tick.isHidden():
            room += ticked
        if not self.saved.isHidden():
            room += self.saved.minimumSizeHint().width() + gap
        self._tick.setVisible(bool(text) and room >= 0)
        letters = self.saved.fontMetrics()
        offered = (short if self._room is Room.NARROW else text, short)
        fitting = (words for words in offered if letters.horizontalAdvance(words) + 2 * gap <= room)
        words = next(fitting, "")
        if words != self.saved.text():
            self.saved.setText(words)
        self.saved.setVisible(bool(words))

    def event(self, event: QEvent) -> bool:
        """Say what fits whenever there is another width, or there are other buttons."""
        done = super().event(event)
        if event.type() in {QEvent.Type.Resize, QEvent.Type.LayoutRequest}:
            self._say_what_fits()
        return done


class Shell(QWidget):
    """The whole window once the laptop is unlocked."""

    lock_requested = Signal()
    cover_requested = Signal()
    help_requested = Signal()
    only_here_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(PRODUCT)
        # Without it the layout's own minimum would forbid narrow windows.
        self.setMinimumSize(480, 360)
        self._pages: dict[str, Page] = {}
        self._room = Room.WIDE
        self._low = False
        self._last_stops: dict[QWidget, QWidget] = {}
        self.rail = Rail()
        self.status = StatusLine()
        self.notices = NoticeStrip(self)
        self._stack = QStackedWidget()
        self._area = PageArea(self._stack)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._area, 1)
        right.addWidget(self.status)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.rail)
        below.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(MarkingBar())
        layout.addWidget(self.notices)
        layout.addLayout(below, 1)

    def _connect(self) -> None:
        self.rail.went.connect(self.show_page)
        self.rail.lock_requested.connect(self.lock_requested)
        self.rail.cover_requested.connect(self.cover_requested)
        self.rail.help_requested.connect(self.help_requested)
        self.status.back.connect(self._back_to_list)
        self.status.only_here.connect(self.only_here_requested)
        current_look().changed.connect(self._fit)
        for keys, act in (
            ("Ctrl+L", self.lock_requested.emit),
            ("F6", lambda: self.next_pane(forward=True)),
            ("Shift+F6", lambda: self.next_pane(forward=False)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def add_page(self, key: str, icon_name: str, label: str, page: Page) -> None:
        """Add a page with its place on the rail; an empty label adds it without one."""
        if label:
            self.rail.add(key, icon_name, label)
        self._pages[key] = page
        self._area.add_page(page)
        page.panes_changed.connect(self._panes_changed)
        page.set_room(self._room)
        page.set_low(self._low)
        if len(self._pages) == 1:
            self.show_page(key)

    @property
    def here(self) -> str:
        """Give the key of the page on show; empty before there is one."""
        page = self.current_page()
        return next((key for key, one in self._pages.items() if one is page), "")

    def page(self, key: str) -> Page:
        """Give a page; KeyError if there is none."""
        return self._pages[key]

    def current_page(self) -> Page | None:
        """Give the page on show."""
        page = self._stack.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, key: str) -> None:
        """Go to a page; KeyError if there is none."""
        page, left = self._pages[key], self.current_page()
        # The window's own, which it keeps while a dialog or another program is in front.
        focused = self.window().focusWidget()
        goes_along = left is not None and left is not page and _holds(left, focused)
        if goes_along and focused is not None:
            # Qt would choose what was made first, wherever that stands, and scroll the page to it.
            focused.clearFocus()
        self._area.show_page(page)
        if goes_along:
            _enter(page)
        self.rail.set_here(key)
        self.status.set_footer(page.footer)
        self._panes_changed()

    def set_badge(self, key: str, count: int) -> None:
        """Show on the rail how much waits at a page; 0 shows nothing."""
        self.rail.item(key).set_count(count)

    def set_person(self, name: str, initials: str) -> None:
        """Show who is at work."""
        self.rail.set_person(name, initials)

    def set_lock_state(self, text: str) -> None:
        """Show when the program locks by itself, as "Locks in 9 min"."""
        self.rail.set_state(text)

    def set_saved(self, text: str, short: str = "") -> None:
        """Say what was saved and when, on screen and to screen readers."""
        self.status.set_saved(text, short or text)
        announce(self, text)

    def set_standing(self, text: str, short: str, *, received: bool) -> None:
        """Say how far everything has come, in full and in few words."""
        self.status.set_standing(text, short, received=received)

    def next_pane(self, *, forward: bool) -> None:
        """Move the focus to the next part of the window, to where it was there last."""
        panes = [pane for pane in self._panes() if reading_order(pane)]
        if not panes:
            return
        focused = QApplication.focusWidget()
        here = next(
            (n for n, pane in enumerate(panes) if focused and pane.isAncestorOf(focused)), -1
        )
        if here >= 0 and focused is not None:
            self._last_stops[panes[here]] = focused
        step = 1 if forward else -1
        target = panes[(here + step) % len(panes) if here >= 0 else 0]
        stops = reading_order(target)
        last = self._last_stops.get(target)
        stop = last if last in stops else stops[0]
        stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def enter_page(self) -> None:
        """Put the keyboard where the page begins, unless it is somewhere in the window already."""
        page = self.current_page()
        if page is not None and not has_focus(self):
            _enter(page)

    def _panes(self) -> tuple[QWidget, ...]:
        page = self.current_page()
        return (self.notices, self.rail, *(page.panes() if page else ()), self.status)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802 - Qt's name
        """Go on in reading order, also through what was added after the window was made."""
        return go_on(self, forward=forward)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the title the program's own, whoever changes it."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowTitleChange and self.windowTitle() != PRODUCT:
            self.setWindowTitle(PRODUCT)

    def _fit(self) -> None:
        self._room = room_for(self.width(), current_look().scale)
        low = self._low = is_low(self.height(), current_look().scale)
        self.rail.set_narrow(self._room is not Room.WIDE)
        self.rail.set_low(low)
        self.status.set_room(self._room)
        for page in self._pages.values():
            page.set_room(self._room)
            page.set_low(low)
        self.status.set_low(low)
        self._area.set_low(low)

    def _panes_changed(self) -> None:
        page = self.current_page()
        if page is None:
            return
        self.status.back_button.setVisible(page.can_go_back())
        self.status.set_note(page.note)

    def _back_to_list(self) -> None:
        page = self.current_page()
        if page is not None:
            page.show_list()


def _holds(page: Page, focused: QWidget | None) -> bool:
    """Whether what has the keyboard is on a page, or one of its buttons at the foot."""
    return focused is not None and (page.isAncestorOf(focused) or page.footer.isAncestorOf(focused))


def _enter(page: Page) -> None:
    """Put the keyboard on the first stop of what the page is for; else on one of its header."""
    header, *others = page.panes()
    for stop in [stop for pane in (*others, header) for stop in reading_order(pane)][:1]:
        stop.setFocus(Qt.FocusReason.OtherFocusReason)
