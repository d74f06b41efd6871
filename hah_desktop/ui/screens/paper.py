"""A finished document on screen: look at it, read it as text, print it, or save a copy.

The document lives in memory only. Nothing readable is written but the copy that a person asks
for, where the person says.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QStackedWidget

from hah_desktop.documents.pages import page_image, page_text
from hah_desktop.documents.pdf import Rendered
from hah_desktop.domain.errors import KnownError
from hah_desktop.ui.kit.blocks import EmptyState, Notice
from hah_desktop.ui.kit.buttons import IconButton, LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.choosing import ask_where
from hah_desktop.ui.parts.copying import NOT_ENCRYPTED, saved_as, write_copy
from hah_desktop.ui.parts.printing import PRINT_DPI, PrinterFailed, PrintRun
from hah_desktop.ui.parts.sheets import SheetText, SheetView, below, sheet_image
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.session import Session


class PaperPage(Page):
    """Preview of one document. It knows bytes, not visits."""

    back_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Summary")
        self._session = session
        self._document: Rendered | None = None
        self._undrawn: set[int] = set()
        self._warned = False
        self._run: PrintRun | None = None
        self.missing = Notice("", "warn")
        self.warning = Notice("", "warn")
        self.done = Notice("", "ok")
        self.problem = Notice("", "bad")
        self.sheets = SheetView()
        self.text = SheetText()
        self.waiting = EmptyState("Drawing the document", "", icon_name="file-text")
        self._lay_out()
        self._connect()
        self._enable(done=False)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in (self.waiting, self.sheets, self.text):
            self._stack.addWidget(view)
        notices = (self.missing, self.warning, self.done, self.problem)
        self.set_form(below(notices, self._stack), scroll=False)
        self.back = LinkButton("Back to the visit", "chevron-left", tone="quiet")
        self.smaller = IconButton("minus", "Show the pages smaller")
        self.larger = IconButton("plus", "Show the pages larger")
        self.read = SecondaryButton("Read as text", "book-open")
        for act in (self.back, self.smaller, self.larger, self.read):
            self.add_header_action(act)
        self.save_button = SecondaryButton("Save a copy", "download")
        self.print_button = PrimaryButton("Print", "printer")
        self.set_footer(self.save_button, self.print_button)

    def _connect(self) -> None:
        self.back.clicked.connect(self._go_back)
        self.smaller.clicked.connect(self.sheets.smaller)
        self.larger.clicked.connect(self.sheets.larger)
        self.read.clicked.connect(self._switch)
        self.save_button.clicked.connect(self._ask_where)
        self.print_button.clicked.connect(self._ask_printer)
        self.sheets.wanted.connect(self._draw_all)
        self.sheets.page_reached.connect(self._show_number)
        self.sheets.zoom_by_keys(self)
        self.add_shortcut(QKeySequence.StandardKey.Print, self.print_button.click)

    def _enable(self, *, done: bool) -> None:
        acts = (self.read, self.save_button, self.print_button, self.smaller, self.larger)
        for button in acts:
            button.setEnabled(done)

    # What is on show

    def show_document(self, document: Rendered) -> None:
        """Show a document from its first page."""
        self.close_document()
        self._document = document
        pages = counted(document.pages, "page")
        # For whom it is stands over it for as long as it is shown: what one reader may read may
        # harm a child in the hands of another.
        self.set_title(document.title, breadcrumbs=("Visits", "Summary", pages))
        letters = " ".join(document.missing_glyphs)
        tell(
            self.missing,
            f"These letters cannot be printed and are marked: {letters}" if letters else "",
        )
        self._undrawn = set(range(document.pages))
        self.sheets.set_pages(document.pages)
        self._stack.setCurrentWidget(self.sheets)

    def _draw_all(self, dpi: int) -> None:
        document = self._document
        for page in range(document.pages if document else 0):
            self._draw(page, dpi, partial(self._drawn, page))

    def _draw(self, page: int, dpi: int, done: Callable[[QImage], None]) -> None:
        document = self._document
        if document is None:
            return

        def drawn(image: QImage) -> None:
            if self._document is document:
                done(image)

        self._session.run_slow(
            lambda: sheet_image(*page_image(document.pdf, page, dpi)), drawn, self._failed
        )

    def _drawn(self, page: int, image: QImage) -> None:
        self.sheets.show_image(page, image)
        self._undrawn.discard(page)
        if not self._undrawn and not self.print_button.isEnabled():
            self._enable(done=True)
            self.sheets.focus_page()

    def is_drawn(self) -> bool:
        """Whether every page is on show."""
        return self._document is not None and not self._undrawn

    def _show_number(self, page: int) -> None:
        total = self._document.pages if self._document else 0
        self.note = f"Page {page} of {total}" if page and total else ""

    def _switch(self) -> None:
        if self._stack.currentWidget() is self.text:
            self._show_pages()
        elif self._document is not None:
            document = self._document
            self._session.run_slow(
                lambda: [page_text(document.pdf, page) for page in range(document.pages)],
                self._show_text,
                self._failed,
            )

    def _show_text(self, pages: list[str]) -> None:
        self.text.show_words("\n\n".join("\n".join(page.splitlines()) for page in pages))
        self._stack.setCurrentWidget(self.text)
        self.read.set_words("Show the pages")
        for button in (self.smaller, self.larger):
            button.setEnabled(False)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_pages(self) -> None:
        self._stack.setCurrentWidget(self.sheets)
        self.read.set_words("Read as text")
        self._enable(done=True)
        self.sheets.focus_page()

    def close_document(self) -> None:
        """Forget the document, its pictures and its words."""
        if self._run is not None:
            self._run.stop()
            self._run = None
        self._document = None
        self._undrawn = set()
        self.set_title("Summary")
        self.sheets.set_pages(0)
        self.text.show_words("")
        self.read.set_words("Read as text")
        for notice in (self.missing, self.warning, self.done, self.problem):
            notice.hide()
        self._stack.setCurrentWidget(self.waiting)
        self._enable(done=False)

    def _go_back(self) -> None:
        self.close_document()
        self.back_requested.emit()

    def _failed(self, fault: KnownError) -> None:
        if self._run is not None:
            self._run.stop()
            self._end_printing()
        tell(self.done, "")
        tell(self.problem, str(fault))

    def _say(self, words: str) -> None:
        tell(self.problem, "")
        tell(self.done, words)

    # What is done with it

    def _ask_where(self) -> None:
        if not self._warned:
            self._warned = True
            tell(self.warning, NOT_ENCRYPTED)
            return
        ask_where(self, "Save a copy that is not encrypted", "summary.pdf", self.save_copy)

    def save_copy(self, path: Path) -> None:
        """Write the document where the person said, and nowhere else."""
        document = self._document
        if document is None:
            return
        tell(self.warning, "")

        def saved(_none: None) -> None:
            self._say(saved_as(path))

        self._session.run_slow(lambda: write_copy(path, document.pdf), saved, self._failed)

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, False)
        dialog.accepted.connect(lambda: self.print_on(printer))
        # Not exec(): locking would have to wait for it, and covering would end it.
        QDialog.open(dialog)

    def print_on(self, printer: QPrinter) -> None:
        """Print every page; the pages are drawn where nobody waits for them."""
        document = self._document
        if document is None or self._run is not None:
            return
        run = PrintRun(
            printer, document.pages, lambda page, done: self._draw(page, PRINT_DPI, done)
        )
        self._run = run
        self.print_button.setEnabled(False)
        try:
            run.start(partial(self._printing, document.pages), self._printed)
        except PrinterFailed as fault:
            self._failed(fault)

    def _printing(self, total: int, page: int) -> None:
        self._say(f"Printing page {page + 1} of {total}")

    def _printed(self) -> None:
        self._end_printing()
        self._say("Sent to the printer. Fetch the pages now: they can be read by anybody.")

    def _end_printing(self) -> None:
        self._run = None
        self.print_button.setEnabled(True)
