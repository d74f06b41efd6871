"""What is copied out of the program: marked so that histories and clouds leave it out.

On Windows a history may look as soon as something is copied, so keys and menus are marked at once.
Whatever else copies is marked when the clipboard tells of it.
"""

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)


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
        self._clipboard.changed.connect(self._mark)

    def copies(self, watched: QObject, event: QKeyEvent) -> bool:
        """Copy or cut with the marks, if this key asks for it; Everywhere calls this."""
        copy = event.matches(QKeySequence.StandardKey.Copy)
        cut = event.matches(QKeySequence.StandardKey.Cut)
        if not (copy or cut) or not isinstance(watched, QWidget):
            return False
        words = selected(watched)
        if not words or (cut and not _may_cut(watched)):
            # Nothing to copy; whatever Qt does then cannot quote a record.
            return False
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            given = QMimeData()
            given.setText(words)
            self._clipboard.setMimeData(marked(given))
            if cut:
                _remove_selected(watched)
        return True

    def watch_menu(self, front: QWidget) -> None:
        """Mark what is copied by Qt’s own menu of a text, before anything else happens."""
        if isinstance(front, QMenu):
            for action in front.actions():
                if action.objectName() in {"edit-copy", "edit-cut", "link-copy"}:
                    action.triggered.connect(lambda: self._mark(QClipboard.Mode.Clipboard))

    def _mark(self, mode: QClipboard.Mode) -> None:
        if not _is_ours(self._clipboard, mode):
            return
        # There is none at all once it was cleared, whatever Qt's types say.
        copied: QMimeData | None = self._clipboard.mimeData(mode)
        if copied and copied.formats() and not is_marked(copied):
            self._clipboard.setMimeData(marked(copied), mode)

    def clear(self) -> None:
        """Take back what was copied; what a person only marked with the mouse as well."""
        # Also what we do not own: a keeper of the clipboard may have taken it over from us.
        self._clipboard.clear(QClipboard.Mode.Clipboard)
        if _is_ours(self._clipboard, QClipboard.Mode.Selection):
            self._clipboard.clear(QClipboard.Mode.Selection)


def selected(widget: QWidget) -> str:
    """Give the words that a key would copy from a widget."""
    match widget:
        case QLineEdit():
            shown = widget.echoMode() is QLineEdit.EchoMode.Normal
            return widget.selectedText() if shown else ""
        case QLabel():
            return widget.selectedText()
        case QPlainTextEdit() | QTextEdit():
            return widget.textCursor().selection().toPlainText()
        case QAbstractItemView():
            return str(widget.currentIndex().data(Qt.ItemDataRole.DisplayRole) or "")
        case _:
            return ""


def _may_cut(widget: QWidget) -> bool:
    return isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit) and not widget.isReadOnly()


def _remove_selected(widget: QWidget) -> None:
    if isinstance(widget, QLineEdit):
        widget.del_()
    elif isinstance(widget, QPlainTextEdit | QTextEdit):
        widget.textCursor().removeSelectedText()


def _is_ours(clipboard: QClipboard, mode: QClipboard.Mode) -> bool:
    # Without a system's clipboard there is only our own, and Qt says that nobody owns it.
    alone = QGuiApplication.platformName() == "offscreen"
    match mode:
        case QClipboard.Mode.Clipboard:
            return alone or clipboard.ownsClipboard()
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
