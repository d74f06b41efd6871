"""What is copied out of the program: marked so that histories and clouds leave it out.

Qt copies in many places, some of them out of reach; so the mark is put on afterwards, before the
event loop goes on. Other programs ask our thread for the words, and so find the mark with them.
"""

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication


def _of_windows(name: str) -> str:
    return f'application/x-qt-windows-mime;value="{name}"'


# As password managers do it. Each system knows its own and passes over the others'.
MARKS = {
    _of_windows("ExcludeClipboardContentFromMonitorProcessing"): b"\x01\x00\x00\x00",
    _of_windows("CanIncludeInClipboardHistory"): b"\x00\x00\x00\x00",
    _of_windows("CanUploadToCloudClipboard"): b"\x00\x00\x00\x00",
    "x-kde-passwordManagerHint": b"secret",
    "org.nspasteboard.ConcealedType": b"\x01",
}


class Marking(QObject):
    """Puts the marks on whatever this program copies."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._clipboard = app.clipboard()
        self._clipboard.changed.connect(self._changed)

    def _changed(self, mode: QClipboard.Mode) -> None:
        if not _is_ours(self._clipboard, mode):
            return
        copied = self._clipboard.mimeData(mode)
        if not copied.formats() or is_marked(copied):
            return
        self._clipboard.setMimeData(marked(copied), mode)

    def clear(self) -> None:
        """Take back what was copied; what a person only marked with the mouse as well."""
        # Also what we do not own: a keeper of the clipboard may have taken it over from us.
        self._clipboard.clear(QClipboard.Mode.Clipboard)
        if _is_ours(self._clipboard, QClipboard.Mode.Selection):
            self._clipboard.clear(QClipboard.Mode.Selection)


def _is_ours(clipboard: QClipboard, mode: QClipboard.Mode) -> bool:
    match mode:
        case QClipboard.Mode.Clipboard:
            return clipboard.ownsClipboard()
        case QClipboard.Mode.Selection:
            return clipboard.supportsSelection() and clipboard.ownsSelection()
        case _:
            return False


def marked(copied: QMimeData) -> QMimeData:
    """Give the same with the marks."""
    made = QMimeData()
    for form in copied.formats():
        made.setData(form, copied.data(form))
    for form, mark in MARKS.items():
        made.setData(form, mark)
    return made


def is_marked(copied: QMimeData) -> bool:
    """Say whether histories are asked to leave this out."""
    return all(copied.hasFormat(form) for form in MARKS)
