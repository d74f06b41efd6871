"""Somebody without a mouse."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.ui.kit.hands import press, type_words
from tests.ui.work.made import Work

MANY = 120
Said = Callable[[QWidget], bool]


class Keys:
    """Somebody without a mouse: keys go to where the focus is, and nowhere else."""

    def __init__(self, window: QWidget, work: Work) -> None:
        self._window = window
        self._work = work

    def here(self) -> QWidget:
        focused = QApplication.focusWidget()
        assert focused is not None, "the focus is lost"
        assert focused.isVisibleTo(self._window)
        return focused

    def tap(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        press(self.here(), key, modifier or Qt.KeyboardModifier.NoModifier)
        self._work.settle()

    def to(self, said: Said, what: str) -> None:
        """Press Tab until something is reached."""
        for _ in range(MANY):
            if said(self.here()):
                return
            press(self.here(), Qt.Key.Key_Tab)
        pytest.fail(f"Tab does not lead to {what}")

    def to_named(self, name: str) -> None:
        self.to(lambda w: w.accessibleName().removesuffix(" (optional)") == name, name)

    def push(self, name: str) -> None:
        """Go to a button and press it."""
        self.to(
            lambda w: (
                isinstance(w, QAbstractButton)
                and name in (w.text().replace("&&", "&"), w.accessibleName())
            ),
            name,
        )
        self.tap(Qt.Key.Key_Space)

    def answer(self, name: str, words: str) -> None:
        """Go to a field and type into it."""
        self.to_named(name)
        type_words(self.here(), words)
