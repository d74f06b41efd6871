"""A text with the words marked in which it differs from others: never by colour alone."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QSizePolicy

from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.parts.differing import Mark, Run, heard

LEGEND = "Bold and underlined: only in this version."
LEGEND_OF_MANY = f"{LEGEND} Underlined: not in every version."

_IDEAL = 320
_SPELLED = {Mark.SAME: "{}", Mark.SOME: "<u>{}</u>", Mark.ALONE: "<b><u>{}</u></b>"}


class MarkedText(QLabel):
    """Words that no other version has are bold and underlined, those that some lack underlined."""

    def __init__(self, runs: Sequence[Run]) -> None:
        super().__init__()
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        # Every word is escaped: a record is never markup.
        self.setTextFormat(Qt.TextFormat.RichText)
        plain = "".join(words for words, _ in runs)
        self._longest_word = max(plain.split(), key=len, default="")
        self._heights: dict[int, int] = {}
        self.setText("".join(map(_spelled, runs)))
        self.setAccessibleName(plain)
        self.setAccessibleDescription(heard(runs))

    # A layout asks for sizes some fifty times, and each time Qt would set all of the text anew.

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Give the height at that width."""
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like: what it needs in height follows from its width."""
        return QSize(current_look().px(_IDEAL), self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for no less than the longest word, in bold."""
        font = self.font()
        font.setBold(True)
        width = QFontMetrics(font).horizontalAdvance(self._longest_word)
        return QSize(width + 2, self.fontMetrics().lineSpacing())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Measure anew in another font."""
        self._heights.clear()
        super().changeEvent(event)


def _spelled(run: Run) -> str:
    words, mark = run
    # The space before a word is not a part of what differs.
    bare = words.lstrip()
    before = html.escape(words[: len(words) - len(bare)]).replace("\n", "<br>")
    return before + _SPELLED[mark].format(html.escape(bare).replace("\n", "<br>"))
