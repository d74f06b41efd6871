"""Asks for a file, so that neither the system nor Qt remembers which one or where it lies."""

from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath

from PySide6.QtCore import QStorageInfo, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QSplitter, QToolButton, QWidget

from hah_desktop.ui.kit.icons import icon
from hah_desktop.ui.kit.look import current_look

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


def sticks() -> list[Path]:
    """Where sticks and the like are reached on this computer now, by name."""
    drives = (drive for drive in QStorageInfo.mountedVolumes() if drive.isReady())
    found = (Path(drive.rootPath()) for drive in drives)
    return sorted(path for path in found if is_removable(path))


def is_removable(path: PurePath) -> bool:
    """Whether systems show there what is put in and taken out: sticks, cards, other drives."""
    if path.drive:
        return path.drive.upper() != SYSTEM_DRIVE
    return not _PUT_IN.isdisjoint(path.parents)


SYSTEM_DRIVE = "C:"
_PUT_IN = frozenset(map(PurePosixPath, ("/media", "/run/media", "/mnt", "/Volumes")))


_ARROWS = {
    "backButton": "chevron-left",
    "forwardButton": "chevron-right",
    "toParentButton": "chevron-up",
}


def _dialog(parent: QWidget, title: str, chosen: Chosen) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    # The system's own dialog would keep the name in its list of recent files.
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    found = sticks()
    dialog.setSidebarUrls([QUrl.fromLocalFile(str(path)) for path in (Path.home(), *found)])
    dialog.setDirectory(str(found[0] if len(found) == 1 else Path.home()))
    for name, arrow in _ARROWS.items():
        # Qt draws them black whatever they stand on.
        button = dialog.findChild(QToolButton, name)
        if button is not None:
            button.setIcon(icon(arrow, "text"))
    split = dialog.findChild(QSplitter)
    if split is not None:
        split.setSizes([current_look().px(180), current_look().px(460)])
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.finished.connect(lambda _result: _forget(dialog))
    return dialog


def _forget(dialog: QFileDialog) -> None:
    # Qt writes down the folders that were looked into when its dialog goes.
    dialog.setDirectory(str(Path.home()))
    dialog.setHistory([])
