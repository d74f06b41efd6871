"""What the tests of windows share: a laptop's screen, and the look put on afresh for each test."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from hah_desktop.ui.everywhere import Everywhere
from hah_desktop.ui.idle import Idle
from hah_desktop.ui.kit.look import Look
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName

HERE = Path(__file__).parent

# Before Qt starts. Qt's own offscreen screen is 800 by 800; windows are tested on 1366 by 768.
if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={HERE / 'screen.json'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the warnings pass in which the offscreen platform says what it cannot do."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Look:
    """Return the light look at 100 %; tests may switch it, and need not switch it back."""
    # What the test before has closed would go on to see every event, and be drawn anew too.
    for watching in (*qapp.findChildren(Idle), *qapp.findChildren(Everywhere)):
        watching.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = qapp.findChild(Look)
    if left is not None and (left.theme, left.scale) == (ThemeName.LIGHT, 1.0):
        return left
    return apply(qapp, ThemeName.LIGHT)
