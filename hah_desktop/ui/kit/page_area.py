"""Where the page on show stands: on a low screen it scrolls as a whole, its header with it."""

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Scroller
from hah_desktop.ui.kit.page import Page

LOW = 320
"""A window lower than this at 100 % of text is low: header and buttons would leave no page."""


def is_low(height: int, scale: float) -> bool:
    """Say whether a window of that many logical pixels is low at that size of text."""
    return height / scale < LOW


class _Loose(QVBoxLayout):
    """Gives what is in it the room there is, whatever it would like."""

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Ask for no height."""
        return False

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for no room."""
        return QSize(0, 0)


class PageArea(Scroller):
    """The pages; on a low screen the one on show is as high as its header and a whole view."""

    def __init__(self, pages: QStackedWidget) -> None:
        self._pages = pages
        self._low = False
        self._content = QWidget()
        layout = _Loose(self._content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(pages)
        super().__init__(self._content)

    def add_page(self, page: Page) -> None:
        """Take a page in, and follow what its header needs."""
        self._pages.addWidget(page)
        page.header.installEventFilter(self)

    def show_page(self, page: Page) -> None:
        """Show a page from its top; one that is on show stays as far down as it is."""
        if page is not self._pages.currentWidget():
            self._pages.setCurrentWidget(page)
            self.verticalScrollBar().setValue(0)
        self._fit()

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Let the page scroll, or fit it into what there is."""
        self._low = low
        self._fit()

    def _fit(self) -> None:
        page, view = self._pages.currentWidget(), self.viewport().size()
        high = 0
        if self._low and isinstance(page, Page):
            high = page.whole_height(view.width(), view.height())
        self._content.setMinimumHeight(high)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep a whole view for what is below the header."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow a header that gets other words."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)
