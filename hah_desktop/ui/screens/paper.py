"""A finished document on screen: look at it, read it as text, print it, or save a copy.

The document lives in memory only. Nothing readable is written but the copy that a person asks
for, where the person says.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.documents.pages import page_image, page_text
from hah_desktop.documents.pdf import Rendered
from hah_desktop.domain.errors import KnownError
from hah_desktop.ui.kit.blocks import EmptyState, Notice, Scroller
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.inputs import TextArea
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.session import Session

SCREEN_DPI = 110
PRINT_DPI = 300
"""600 takes four times as long and the eye does not see it (measured)."""

Image = tuple[int, int, bytes]


class PaperPage(Page):
    """Preview of one document."""

    back_requested = Signal()
    said = Signal(str)
    """What was done with the document, in words."""

    def __init__(self, session: Session) -> None:
        super().__init__("Summary")
        self._session = session
        self._document: Rendered | None = None
        self._images: list[QImage] = []
        self._as_text = False
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.missing = Notice("", "warn")
        self.missing.hide()
        self.copied = Notice("", "info")
        self.copied.hide()
        self._sheets = QWidget()
        self._column = QVBoxLayout(self._sheets)
        self._column.setContentsMargins(24, 20, 24, 24)
        self._column.setSpacing(18)
        self.text = TextArea(20, 400)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The document as text")
        self._waiting = EmptyState("Drawing the document", "", icon_name="file-text")
        self._stack = QStackedWidget()
        self._sheet_view = Scroller(self._sheets)
        for widget in (self._waiting, self._sheet_view, Scroller(self.text)):
            self._stack.addWidget(widget)
        middle = QWidget()
        around = QVBoxLayout(middle)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.missing)
        around.addWidget(self.copied)
        around.addWidget(self._stack, 1)
        self.set_form(middle, scroll=False)
        self.back = LinkButton("Back to the visit", "chevron-left")
        self.read = SecondaryButton("Read as text", "book-open")
        self.add_header_action(self.back)
        self.add_header_action(self.read)
        self.save_button = SecondaryButton("Save a copy", "download")
        self.print_button = PrimaryButton("Print", "printer")
        self.set_footer(self.save_button, self.print_button)
        self._enable(done=False)

    def _connect(self) -> None:
        self.back.clicked.connect(self._go_back)
        self.read.clicked.connect(self._switch)
        self.save_button.clicked.connect(self._ask_where)
        self.print_button.clicked.connect(self._ask_printer)

    def _enable(self, *, done: bool) -> None:
        for button in (self.read, self.save_button, self.print_button):
            button.setEnabled(done)

    # What is on show

    def show_document(self, document: Rendered) -> None:
        """Show a document from its first page."""
        self.close_document()
        self._document = document
        pages = "1 page" if document.pages == 1 else f"{document.pages} pages"
        self.set_title("Summary", breadcrumbs=("Visits", "Summary", pages))
        if document.missing_glyphs:
            letters = " ".join(document.missing_glyphs)
            self.missing.set_text(f"These letters cannot be printed and are marked: {letters}")
        self.missing.setVisible(bool(document.missing_glyphs))
        self._draw(SCREEN_DPI, self._drawn)

    def _draw(self, dpi: int, done: Callable[[list[QImage]], None]) -> None:
        document = self._document
        if document is None:
            return

        def draw() -> list[Image]:
            return [page_image(document.pdf, page, dpi) for page in range(document.pages)]

        def drawn(images: list[Image]) -> None:
            if self._document is document:
                done([_image(*one) for one in images])

        self._session.run_slow(draw, drawn, self._failed)

    def _drawn(self, images: list[QImage]) -> None:
        self._images = images
        for number, image in enumerate(images, start=1):
            sheet = QLabel()
            sheet.setPixmap(QPixmap.fromImage(image))
            sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            words = f"Page {number} of {len(images)}"
            sheet.setAccessibleName(f"{words}. “Read as text” gives its words.")
            self._column.addWidget(sheet)
            self._column.addWidget(Label(words, TextKind.CAPTION))
        self._enable(done=True)
        self._show()

    def is_drawn(self) -> bool:
        """Whether every page is on show."""
        return bool(self._images)

    def _switch(self) -> None:
        self._as_text = not self._as_text
        self.read.set_words("Show the pages" if self._as_text else "Read as text")
        if self._as_text and self._document:
            pdf, pages = self._document.pdf, range(self._document.pages)
            self.text.set_value("\n\n".join(page_text(pdf, page) for page in pages))
        self._show()
        if self._as_text:
            self.text.setFocus()

    def _show(self) -> None:
        self._stack.setCurrentIndex(0 if not self._images else 2 if self._as_text else 1)

    def close_document(self) -> None:
        """Forget the document and its pictures."""
        self._document = None
        self._images = []
        self._as_text = False
        self.read.set_words("Read as text")
        self.text.set_value("")
        self.copied.hide()
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._enable(done=False)
        self._show()

    def _go_back(self) -> None:
        self.close_document()
        self.back_requested.emit()

    def _failed(self, fault: KnownError) -> None:
        self._session.trouble.emit(fault)

    # What is done with it

    def _ask_where(self) -> None:
        # The system's own dialog keeps a list of recent files; ours keeps none.
        name, _ = QFileDialog.getSaveFileName(
            self,
            "Save a copy. The copy is not encrypted.",
            str(Path.home() / "summary.pdf"),
            "PDF (*.pdf)",
            options=QFileDialog.Option.DontUseNativeDialog,
        )
        if name:
            self.save_copy(Path(name))

    def save_copy(self, path: Path) -> None:
        """Write the document where the person said, and nowhere else."""
        document = self._document
        if document is None:
            return

        def write() -> None:
            try:
                path.write_bytes(document.pdf)
            except OSError as fault:
                path.unlink(missing_ok=True)
                raise KnownError(
                    f"The copy could not be written: {fault.strerror}.",
                    "The record is kept as it was.",
                    "Choose another place and save again.",
                ) from fault

        def done(_none: None) -> None:
            self.copied.set_text(
                f"A copy is saved as {path.name}. It is not encrypted: whoever has the file can "
                "read it."
            )
            self.copied.show()
            self.said.emit("A copy is saved")

        self._session.run_slow(write, done, self._failed)

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        prepare(printer)
        dialog = QPrintDialog(printer, self)
        if dialog.exec() == QPrintDialog.DialogCode.Accepted:
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Print every page; the pages are drawn where nobody waits for them."""
        prepare(printer)
        self._draw(PRINT_DPI, lambda images: self._put_on(printer, images))

    def _put_on(self, printer: QPrinter, images: list[QImage]) -> None:
        painter = QPainter()
        if not painter.begin(printer):
            self._failed(
                KnownError("The printer does not answer.", "Nothing was printed.", "Try another.")
            )
            return
        for number, image in enumerate(images):
            if number:
                printer.newPage()
            painter.drawImage(QRectF(painter.viewport()), image)
        painter.end()
        self.said.emit("Sent to the printer")


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


def _image(width: int, height: int, rgb: bytes) -> QImage:
    # copy(): QImage does not own the bytes it is made from.
    return QImage(rgb, width, height, width * 3, QImage.Format.Format_RGB888).copy()
