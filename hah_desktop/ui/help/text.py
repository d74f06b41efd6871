"""One part of the help on screen. It opens nothing but other parts: no file, no network."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextBrowser

from hah_desktop.ui.help.parts import Place, markdown
from hah_desktop.ui.kit.look import FAMILY, Look, current_look

_FONTS = {1: "h1", 2: "h2"}
_ABOVE = {1: 0, 2: 16}
_CLEAR = 14
"""So much stays clear above a heading that is gone to."""
_LINE_PERCENT = 125.0


class HelpText(QTextBrowser):
    """Shows a part from its beginning, or from one of its headings."""

    wanted = Signal(object)
    """The Place that a link leads to."""

    def __init__(self) -> None:
        super().__init__()
        self._place = Place("")
        self.setAccessibleName("Help")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.anchorClicked.connect(lambda url: self.wanted.emit(Place(url.toString())))
        current_look().changed.connect(self._draw)

    @property
    def place(self) -> Place:
        """What is on show."""
        return self._place

    def show_place(self, place: Place) -> None:
        """Show another part."""
        self._place = place
        self._draw()

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:  # noqa: N802 - Qt's name
        """Load nothing, from nowhere."""

    def _draw(self) -> None:
        if not self._place.part:
            return
        look, document = current_look(), self.document()
        document.setDefaultFont(look.font())
        document.setDocumentMargin(look.px(20))
        document.setIndentWidth(look.px(24))
        self.setMarkdown(markdown(self._place.part))
        for block in _blocks(document):
            _dress(block, look)
        self._go_to_heading()

    def _go_to_heading(self) -> None:
        """Put the cursor at the heading, and the heading at the top."""
        document, heading = self.document(), self._place.heading
        found = (
            block
            for block in _blocks(document)
            if block.blockFormat().headingLevel() and block.text() == heading
        )
        block = next(found, document.begin())
        self.setTextCursor(QTextCursor(block))
        top = document.documentLayout().blockBoundingRect(block).top()
        self.verticalScrollBar().setValue(round(top) - current_look().px(_CLEAR))


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _dress(block: QTextBlock, look: Look) -> None:
    """Give a block the look in force: Qt’s own sizes and spaces follow no design."""
    level = block.blockFormat().headingLevel()
    form = QTextBlockFormat()
    form.setTopMargin(look.px(_ABOVE.get(level, 0)))
    form.setBottomMargin(look.px(10 if block.textList() is None else 4))
    form.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    QTextCursor(block).mergeBlockFormat(form)
    if level in _FONTS:
        heading = QTextCharFormat()
        heading.setFont(look.font(_FONTS[level], QFont.Weight.Bold))
        _part_of(block, block.position(), block.length() - 1).setCharFormat(heading)
    cap = QTextCharFormat()
    cap.setFont(look.font("body", QFont.Weight.DemiBold))
    cap.setFontFamilies([FAMILY])
    cap.setFontFixedPitch(False)
    cap.setBackground(look.colour("neutral_bg"))
    link = QTextCharFormat()
    link.setFontUnderline(True)
    for start, length, is_link in _set_apart(block):
        _part_of(block, start, length).mergeCharFormat(link if is_link else cap)


def _set_apart(block: QTextBlock) -> list[tuple[int, int, bool]]:
    """Where keys and links stand in a block, how long each is, and whether it is a link."""
    found, at = [], block.begin()
    while not at.atEnd():
        piece = at.fragment()
        is_link = piece.charFormat().isAnchor()
        if is_link or piece.charFormat().fontFixedPitch():
            found.append((piece.position(), piece.length(), is_link))
        at += 1
    return found


def _part_of(block: QTextBlock, start: int, length: int) -> QTextCursor:
    cursor = QTextCursor(block)
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    return cursor
