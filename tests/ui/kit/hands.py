"""A person's hands: keys and mouse, for the tests."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def press(
    widget: QWidget,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press one key."""
    QTest.keyClick(widget, key, modifier)


def type_words(widget: QWidget, words: str) -> None:
    """Type words, a key at a time."""
    QTest.keyClicks(widget, words)


def click(widget: QWidget) -> None:
    """Click with the left mouse button into the middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def stop_timers() -> None:
    """Let no draft that is still to be kept ask for work after the work has ended.

    The windows of a test go after its background does.
    """
    for window in QApplication.topLevelWidgets():
        for timer in window.findChildren(QTimer):
            timer.stop()
