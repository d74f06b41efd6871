"""A letter or picture on screen, out of memory alone; closed, hidden or locked it is forgotten.

Nothing is written but the copy that a person asks for, where the person says.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from hah_desktop.documents import foreign
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.media import OPENING, PDF, TEXT, media_type
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Elsewhere, Unreadable
from hah_desktop.store.attachments.travelling import Way
from hah_desktop.ui.kit.blocks import EmptyState, Notice, Scroller
from hah_desktop.ui.kit.buttons import IconButton, LinkButton, SecondaryButton
from hah_desktop.ui.kit.focus import hand_on_focus
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.choosing import ask_where
from hah_desktop.ui.parts.copying import NOT_ENCRYPTED, saved_as, write_copy
from hah_desktop.ui.parts.fetch_offer import FetchOffer
from hah_desktop.ui.parts.on_its_way import NOT_TO_BE_HAD
from hah_desktop.ui.parts.pictures import picture
from hah_desktop.ui.parts.sheets import (
    A4_INCHES,
    SheetText,
    SheetView,
    below,
    sheet_image,
)
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.session import Session

T = TypeVar("T")

FEW_PAGES = f"Only the first {foreign.MOST_PAGES} pages are shown. A copy has all of them."
FEW_WORDS = "Only the beginning of this text is shown. A copy has all of it."
NO_WORDS = "These pages are pictures: there are no words in them that could be read as text."
A_PICTURE = "A picture: the program cannot read it out."

_SUFFIXES = {
    PDF: ".pdf",
    TEXT: ".txt",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "application/zip": ".zip",
}
_BEFORE, _AFTER = 2, 4
"""So many pages above the one on show, and with it below, are drawn."""
_FAR = 8
"""A page further away than this is not kept drawn."""


class ViewerPage(Page):
    """One attachment, looked at. It knows bytes and a title, not visits."""

    back_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Letter or picture")
        self._session = session
        self._data = b""
        self._kind = ""
        # Counts what was asked for: an answer to an earlier question is not shown.
        self._asked = 0
        self._pages = self._here = self._width = 0
        self._drawn: set[int] = set()
        self._warned = False
        self.about = Notice("", "warn")
        self.warning = Notice("", "warn")
        self.done = Notice("", "ok")
        self.problem = Notice("", "bad")
        self.sheets = SheetView()
        self.text = SheetText()
        # Scrolled: on a small screen the notices above need the room.
        self.waiting = Scroller(EmptyState("Opening it", "", icon_name="file-text"))
        self.nothing = Scroller(EmptyState("It cannot be shown here", "", icon_name="eye-off"))
        self.offer = FetchOffer(session)
        self._offered = Scroller(self.offer)
        self._record: Attachment | None = None
        self._lay_out()
        self._connect()
        self._show(self.waiting)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in (self.waiting, self.sheets, self.text, self.nothing, self._offered):
            self._stack.addWidget(view)
        notices = (self.about, self.warning, self.done, self.problem)
        self.set_form(below(notices, self._stack), scroll=False)
        self.back = LinkButton("Back to the visit", "chevron-left", tone="quiet")
        self.smaller = IconButton("minus", "Show it smaller")
        self.larger = IconButton("plus", "Show it larger")
        self.read = SecondaryButton("Read as text", "book-open")
        for act in (self.back, self.smaller, self.larger, self.read):
            self.add_header_action(act)
        self.save_button = SecondaryButton("Save a copy", "download")
        self.set_footer(self.save_button)

    def _connect(self) -> None:
        self.back.clicked.connect(self._go_back)
        self.smaller.clicked.connect(self.sheets.smaller)
        self.larger.clicked.connect(self.sheets.larger)
        self.read.clicked.connect(self._switch)
        self.save_button.clicked.connect(self._ask_where)
        self.offer.came.connect(self.show_attachment)
        self.offer.failed.connect(lambda words: tell(self.problem, words))
        self.sheets.wanted.connect(self._draw_anew)
        self.sheets.page_reached.connect(self._reached)
        self.sheets.zoom_by_keys(self)
        self.add_shortcut("Esc", self._go_back)

    # What is on show

    def show_attachment(self, record: Attachment) -> None:
        """Show an attachment from its beginning."""
        self.close_attachment()
        self.set_title(
            record.title() or "Letter or picture", breadcrumbs=("Visits", "Letters and pictures")
        )
        self._record = record
        asked = self._asked
        self._session.attaching.read(
            record.content, self._if_still(asked, self._open), self._if_still(asked, self._cannot)
        )

    def _offer(self, record: Attachment, way: Way) -> None:
        if not way.can_fetch:
            self._cannot(Unreadable(NOT_TO_BE_HAD, "", "Ask the adviser who added it."))
            return
        self._show(self._offered)
        self.offer.offer(record, way)

    def _if_still(self, asked: int, act: Callable[[T], None]) -> Callable[[T], None]:
        """What is to be done only while the same attachment is on show."""

        def do(found: T) -> None:
            if asked == self._asked:
                act(found)

        return do

    def _work(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        asked = self._asked
        self._session.run_slow(
            work, self._if_still(asked, done), self._if_still(asked, self._cannot)
        )

    def _open(self, data: bytes) -> None:
        self._data, self._kind = data, media_type(data[:OPENING])
        if self._kind == TEXT:
            words = data[: foreign.MOST_LETTERS].decode("utf-8", "replace")
            tell(self.about, FEW_WORDS if len(data) > foreign.MOST_LETTERS else "")
            self._show_words(words)
        elif self._kind == PDF:
            self._work(lambda: foreign.page_count(data), self._show_pages)
        else:
            kind = self._kind
            self._work(lambda: picture(data, kind), self._show_picture)

    def _show(self, view: QWidget) -> None:
        self._stack.setCurrentWidget(view)
        self.save_button.setEnabled(bool(self._data))
        self.read.setVisible(self._pages > 0)
        self.read.set_words("Show the pages" if view is self.text else "Read as text")
        for button in (self.smaller, self.larger):
            button.setEnabled(view is self.sheets)

    def _show_picture(self, image: QImage) -> None:
        self.sheets.set_pages(1, A_PICTURE)
        self.sheets.show_image(0, image)
        self._show(self.sheets)
        self.sheets.focus_page()

    def _show_pages(self, pages: int) -> None:
        self._pages = min(pages, foreign.MOST_PAGES)
        tell(self.about, FEW_PAGES if pages > self._pages else "")
        self.sheets.set_pages(self._pages)
        self._show(self.sheets)
        self.sheets.focus_page()

    def _show_words(self, words: str) -> None:
        self.text.show_words(words)
        self._show(self.text)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cannot(self, fault: KnownError) -> None:
        record = self._record
        if isinstance(fault, Elsewhere) and record is not None:
            known = self._if_still(self._asked, partial(self._offer, record))
            self._session.read(lambda c: travelling.way(c, record), known)
            return
        tell(self.problem, str(fault))
        self._show(self.nothing)
        (self.save_button if self._data else self.back).setFocus()

    # Pages, drawn as they are reached

    def _draw_anew(self, dpi: int) -> None:
        self._width = round(A4_INCHES[0] * dpi)
        self._drawn.clear()
        self._draw_near()

    def _reached(self, page: int) -> None:
        self._here = page
        self.note = f"Page {page} of {self._pages}" if page and self._pages else ""
        self._draw_near()

    def _draw_near(self) -> None:
        here, width, data = self._here - 1, self._width, self._data
        if not self._pages or not width:
            return
        near = range(max(here - _BEFORE, 0), min(here + _AFTER, self._pages))
        new = [page for page in near if page not in self._drawn]
        far = [page for page in self._drawn if abs(page - here) > _FAR]
        self._drawn = (self._drawn | {*new}) - {*far}
        for page in far:
            self.sheets.show_image(page, QImage())
        for page in new:
            self._work(
                partial(foreign.page_image, data, page, width), partial(self._put, page, width)
            )

    def _put(self, page: int, width: int, drawn: tuple[int, int, bytes]) -> None:
        if width == self._width and page in self._drawn:
            self.sheets.show_image(page, sheet_image(*drawn))

    def _switch(self) -> None:
        data = self._data
        if self._stack.currentWidget() is self.text:
            self._show(self.sheets)
            self.sheets.focus_page()
        else:
            self._work(lambda: foreign.words(data) or NO_WORDS, self._show_words)

    # Forgetting

    def close_attachment(self) -> None:
        """Forget its bytes, its pictures and its words."""
        hand_on_focus(self._stack, self.back)
        self._asked += 1
        self._data, self._kind = b"", ""
        self._record = None
        self.offer.forget()
        self._pages = self._here = self._width = 0
        self._drawn.clear()
        self.sheets.zoom = None
        self.sheets.set_pages(0)
        self.text.show_words("")
        self._warned = False
        for notice in (self.about, self.warning, self.done, self.problem):
            notice.hide()
        self.set_title("Letter or picture")
        self._show(self.waiting)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Forget it when another page is shown; a window that is only made small stays."""
        if not event.spontaneous():
            self.close_attachment()
        super().hideEvent(event)

    def _go_back(self) -> None:
        self.close_attachment()
        self.back_requested.emit()

    # A copy

    def _ask_where(self) -> None:
        if not self._warned:
            self._warned = True
            tell(self.warning, NOT_ENCRYPTED)
            return
        # Not the name of the original: it may say whose it is.
        name = f"attachment{_SUFFIXES.get(self._kind, '')}"
        ask_where(self, "Save a copy that is not encrypted", name, self.save_copy)

    def save_copy(self, path: Path) -> None:
        """Write the content where the person said, and nowhere else."""
        data = self._data
        if not data:
            return
        tell(self.warning, "")
        asked = self._asked

        def saved(_none: None) -> None:
            tell(self.problem, "")
            tell(self.done, saved_as(path))

        def failed(fault: KnownError) -> None:
            tell(self.done, "")
            tell(self.problem, str(fault))

        self._session.run_slow(
            lambda: write_copy(path, data),
            self._if_still(asked, saved),
            self._if_still(asked, failed),
        )
