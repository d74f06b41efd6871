"""Qt's file dialog writes the folders it has seen into Qt's own settings: this leaves none there.

The program keeps its own preferences in the encrypted database, and nothing in Qt's settings.
"""

import os
import sys

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

_WHOSE = "QtProject"
_WHAT = "FileDialog"


def leave_none() -> None:
    """Keep Qt from writing its settings into a file."""
    # On Windows and macOS their place is fixed; there they are removed again.
    if sys.platform not in {"win32", "darwin"}:
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.devnull)


def watch_dialog(front: QWidget) -> None:
    """Remove what a file dialog writes when it is gone."""
    if isinstance(front, QFileDialog):
        front.destroyed.connect(forget_folders)


def forget_folders() -> None:
    """Remove the folders that file dialogs have noted."""
    settings = QSettings(QSettings.Scope.UserScope, _WHOSE)
    if settings.childGroups():
        settings.remove(_WHAT)
        settings.sync()
