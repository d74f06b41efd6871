"""Two texts with the words marked in which they differ."""

import difflib
import html
import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Run = tuple[str, bool]
"""Words, and whether the other text says something else there."""


def runs(text: str, other: str) -> list[Run]:
    """The words of `text` in runs that are the same in `other`, or not."""
    mine, theirs = _words(text), _words(other)
    matcher = difflib.SequenceMatcher(a=mine, b=theirs, autojunk=False)
    found: list[Run] = []
    for tag, start, end, _, _ in matcher.get_opcodes():
        if end > start:
            found.append(("".join(mine[start:end]), tag != "equal"))
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


class MarkedText(QLabel):
    """A text whose own words are underlined and bold: never by colour alone."""

    def __init__(self, text: str, others: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        # Every word is escaped: a record is never markup.
        self.setTextFormat(Qt.TextFormat.RichText)
        other = others[0] if len(others) == 1 else ""
        marked = runs(text, other) if other else [(text, False)]
        self.setText("".join(_spelled(words, own=own) for words, own in marked))
        self.setAccessibleName(text)
        own = ", ".join(words.strip() for words, only_here in marked if only_here)
        self.setAccessibleDescription(f"Only here: {own}" if own else "")


def _spelled(words: str, *, own: bool) -> str:
    safe = html.escape(words).replace("\n", "<br>")
    return f"<b><u>{safe}</u></b>" if own else safe
