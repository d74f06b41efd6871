"""Asks for a file, so that neither the system nor Qt remembers which one or where it lies."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Chosen = Callable[[Path], None]


def ask_for_file(parent: QWidget, title: str, chosen: Chosen, kinds: str = "") -> QFileDialog:
    """Ask for a file that is there; `kinds` names those that are shown, in Qt's spelling."""
    dialog = _dialog(parent, title, chosen)
    if kinds:
        dialog.setNameFilter(kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.open()
    return dialog


def ask_where(parent: QWidget, title: str, name: str, chosen: Chosen) -> QFileDialog:
    """Ask where a copy is to go; `name` is offered for it."""
    dialog = _dialog(parent, title, chosen)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.selectFile(name)
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str, chosen: Chosen) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    # The system's own dialog would keep the name in its list of recent files.
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setDirectory(str(Path.home()))
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.finished.connect(lambda _result: _forget(dialog))
    return dialog


def _forget(dialog: QFileDialog) -> None:
    # Qt writes down the folders that were looked into when its dialog goes.
    dialog.setDirectory(str(Path.home()))
    dialog.setHistory([])
