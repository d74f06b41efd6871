"""Prints pictures of pages, one page at a time: a whole document at 300 dpi would fill memory."""

from collections.abc import Callable

from PySide6.QtCore import QMarginsF, QRectF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter

from hah_desktop.domain.errors import KnownError

PRINT_DPI = 300
"""600 takes four times as long and the eye does not see it."""

Draw = Callable[[int, Callable[[QImage], None]], None]
"""Draws one page, counted from 0, and later hands its picture over."""


class PrinterFailed(KnownError):
    """The printer does not take the document."""


class PrintRun:
    """One document on its way to the printer."""

    def __init__(self, printer: QPrinter, pages: int, draw: Draw) -> None:
        self._printer = printer
        self._pages = pages
        self._draw = draw
        self._painter = QPainter()
        self._on_page: Callable[[int], None] = lambda _page: None
        self._done: Callable[[], None] = lambda: None

    def start(self, on_page: Callable[[int], None], done: Callable[[], None]) -> None:
        """Print every page. `on_page` is told each page as it is printed. Raises PrinterFailed."""
        self._on_page, self._done = on_page, done
        prepare(self._printer)
        if not self._painter.begin(self._printer):
            raise PrinterFailed(
                "The printer does not answer.",
                "Nothing was printed.",
                "Switch it on, or choose another.",
            )
        self._next(0)

    def _next(self, page: int) -> None:
        self._on_page(page)
        self._draw(page, lambda image: self._put(page, image))

    def _put(self, page: int, image: QImage) -> None:
        if not self._painter.isActive():
            return
        if page:
            self._printer.newPage()
        self._painter.drawImage(QRectF(self._painter.viewport()), image)
        if page + 1 < self._pages:
            self._next(page + 1)
        else:
            self._painter.end()
            self._done()

    def stop(self) -> None:
        """Print no more pages; what the printer has taken already it may still print."""
        if self._painter.isActive():
            self._printer.abort()
            self._painter.end()


def prepare(printer: QPrinter) -> None:
    """Set a printer up for A4 to the edge of the sheet: the document has its own margins.

    The printer's queue on this system sees no name in the title of the job.
    """
    printer.setDocName("Summary")
    printer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    printer.setFullPage(True)
