"""Pages of paper on screen, larger or smaller; it knows pictures, not where they come from."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Notice
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.page import Page

A4_INCHES = (8.27, 11.69)
FULL_DPI = 96
"""How many pixels show an inch of paper at 100 %."""

HAS_WORDS = "“Read as text” gives the words of all pages."

STEPS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
WIDEST_FIT = 1.15
REDRAW_AFTER_MS = 120
_ABOVE_PX = 12


class Sheet(QLabel):
    """One page as a picture."""

    def __init__(self, number: int, total: int) -> None:
        super().__init__()
        self._image = QImage()
        self._shape = A4_INCHES
        self.setAccessibleName(f"Page {number} of {total}")

    def show_image(self, image: QImage) -> None:
        """Show the page as it was drawn; no image takes it away, and the page keeps its shape."""
        self._image = image
        if not image.isNull():
            self._shape = (image.width(), image.height())
        self.update()

    def set_width(self, width: int) -> None:
        """Be that many pixels wide, and as high as the page then is."""
        wide, high = self._shape
        self.setFixedSize(width, round(width * high / wide))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the page, or white paper until it is drawn."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)
        painter.setPen(current_look().colour("control"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class SheetNumber(Label):
    """The number above a page; the Tab key goes from one to the next."""

    reached = Signal()

    def __init__(self, number: int, total: int, about: str) -> None:
        super().__init__(f"Page {number} of {total}", TextKind.CAPTION, wrap=False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleDescription(about)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell `reached`."""
        super().focusInEvent(event)
        self.reached.emit()


def sheet_image(width: int, height: int, rgb: bytes) -> QImage:
    """The picture of a page that was drawn as red, green and blue."""
    # copy(): QImage does not own the bytes it is made from.
    return QImage(rgb, width, height, width * 3, QImage.Format.Format_RGB888).copy()


class SheetText(QPlainTextEdit):
    """The words of all pages, for whoever hears them or wants them larger."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName("The document as text")
        # Read-only text can be walked through by keyboard only when it is said to be.
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_words(self, words: str) -> None:
        """Show other words."""
        self.setPlainText(words)

    def words(self) -> str:
        """Give the words on show."""
        return self.toPlainText()


def below(notices: Sequence[Notice], shown: QWidget) -> QWidget:
    """What is on show, below what there is to know about it, which is out of sight as yet."""
    middle = QWidget()
    around = QVBoxLayout(middle)
    around.setContentsMargins(0, 0, 0, 0)
    around.setSpacing(0)
    above = QVBoxLayout()
    above.setContentsMargins(24, 12, 24, 0)
    above.setSpacing(8)
    for notice in notices:
        above.addWidget(notice)
        notice.hide()
    around.addLayout(above)
    around.addWidget(shown, 1)
    return middle


class SheetView(QScrollArea):
    """All pages below one another. `wanted` asks for pictures in so many dots per inch."""

    wanted = Signal(int)
    page_reached = Signal(int)
    """The number of the page that is on show, from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.viewport().setAutoFillBackground(False)
        self.zoom: float | None = None
        self._sheets: list[Sheet] = []
        self._numbers: list[SheetNumber] = []
        self._drawn_dpi = 0
        self._later = QTimer(self, singleShot=True, interval=REDRAW_AFTER_MS)
        self._later.timeout.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._tell_page())
        self.set_pages(0)

    def set_pages(self, total: int, about: str = HAS_WORDS) -> None:
        """Show that many pages, white until they are drawn; `about` is heard at each of them."""
        content = QWidget()
        content.setAutoFillBackground(False)
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(6)
        self._sheets = [Sheet(number, total) for number in range(1, total + 1)]
        self._numbers = [SheetNumber(number, total, about) for number in range(1, total + 1)]
        for number, sheet in zip(self._numbers, self._sheets, strict=True):
            number.reached.connect(partial(self._go_to, number))
            column.addWidget(number)
            column.addWidget(sheet)
            column.addSpacing(12)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        self.setWidget(content)
        self._drawn_dpi = 0
        self._fit()

    def focus_page(self) -> None:
        """Put the keyboard on the first page."""
        for number in self._numbers[:1]:
            number.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_to(self, number: QWidget) -> None:
        self.verticalScrollBar().setValue(max(number.y() - _ABOVE_PX, 0))

    def show_image(self, page: int, image: QImage) -> None:
        """Show a page, counted from 0, as it was drawn."""
        self._sheets[page].show_image(image)
        self._fit()

    @property
    def dpi(self) -> int:
        """In how many dots per inch pages are sharp now."""
        return round(self._scale() * FULL_DPI * self.devicePixelRatioF())

    def larger(self) -> None:
        """Show the pages one step larger."""
        self._step([step for step in STEPS if step > self._scale() + 0.01][:1])

    def smaller(self) -> None:
        """Show the pages one step smaller."""
        self._step([step for step in STEPS if step < self._scale() - 0.01][-1:])

    def fit_width(self) -> None:
        """Show the pages as wide as there is room for them."""
        self.zoom = None
        self._fit()

    def zoom_by_keys(self, page: Page) -> None:
        """Let the usual keys, anywhere on the page, show the sheets larger and smaller."""
        page.add_shortcut(QKeySequence.StandardKey.ZoomIn, self.larger)
        page.add_shortcut(QKeySequence.StandardKey.ZoomOut, self.smaller)
        page.add_shortcut("Ctrl+0", self.fit_width)

    def _step(self, step: list[float]) -> None:
        if step:
            self.zoom = step[0]
            self._fit()

    def _scale(self) -> float:
        if self.zoom is not None:
            return self.zoom
        room = (self.viewport().width() - 48) / (A4_INCHES[0] * FULL_DPI)
        return max(0.25, min(room, WIDEST_FIT))

    def _fit(self) -> None:
        width = round(A4_INCHES[0] * FULL_DPI * self._scale())
        for sheet in self._sheets:
            sheet.set_width(width)
        content = self.widget()
        layout = content.layout() if content else None
        if layout is not None:
            layout.activate()
        self._tell_page()
        if self._sheets and self.dpi != self._drawn_dpi:
            self._later.start()

    def _ask(self) -> None:
        if self._sheets and self.dpi != self._drawn_dpi:
            self._drawn_dpi = self.dpi
            self.wanted.emit(self.dpi)

    def _tell_page(self) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() // 2
        above = [n for n, sheet in enumerate(self._sheets, 1) if sheet.y() <= middle]
        self.page_reached.emit(above[-1] if above else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the pages to the new width."""
        super().resizeEvent(event)
        self._fit()
