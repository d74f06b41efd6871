"""A text with the words marked in which it differs from others: never by colour alone."""

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from hah_desktop.ui.parts.differing import Mark, Run, heard

LEGEND = "Bold and underlined: only in this version."
LEGEND_OF_MANY = f"{LEGEND} Underlined: not in every version."

_SPELLED = {Mark.SAME: "{}", Mark.SOME: "<u>{}</u>", Mark.ALONE: "<b><u>{}</u></b>"}


class MarkedText(QLabel):
    """Words that no other version has are bold and underlined, those that some lack underlined."""

    def __init__(self, runs: Sequence[Run], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        # Every word is escaped: a record is never markup.
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText("".join(map(_spelled, runs)))
        self.setAccessibleName("".join(words for words, _ in runs))
        self.setAccessibleDescription(heard(runs))


def _spelled(run: Run) -> str:
    words, mark = run
    return _SPELLED[mark].format(html.escape(words).replace("\n", "<br>"))
