"""Our windows before the main one: dialogs, calendars, lists that fold out, menus, tips."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QToolTip, QWidget
from shiboken6 import isValid


def before(main: QWidget) -> list[QWidget]:
    """Give every window of ours that is on show beside the main one."""
    return [w for w in QApplication.topLevelWidgets() if w is not main and w.isVisible()]


def close_all(main: QWidget) -> None:
    """Close every window before the main one; what a dialog asked is not done."""
    active = QApplication.activeWindow() is not None
    _fold_in()
    for front in before(main):
        if isinstance(front, QDialog):
            front.reject()
        else:
            front.close()
    if active:
        # Not else: that would push the program in front of another.
        main.activateWindow()


class Hidden:
    """Dialogs that are out of sight for a while. What folds out is folded in for good."""

    def __init__(self) -> None:
        self._dialogs: list[tuple[QDialog, bool]] = []

    def hide(self, main: QWidget) -> None:
        """Hide what stands before the main window."""
        active = QApplication.activeWindow() is not None
        _fold_in()
        for front in before(main):
            self.hide_one(front)
        if active:
            main.activateWindow()

    def hide_one(self, front: QWidget) -> None:
        """Hide one window that stands before the main one."""
        if isinstance(front, QMessageBox) or not isinstance(front, QDialog):
            # A question that waits for its answer would take being hidden for one.
            front.close()
            return
        self._dialogs.append((front, front.isModal()))
        front.hide()

    def bring_back(self) -> None:
        """Show the dialogs again as they were."""
        dialogs, self._dialogs = self._dialogs, []
        for dialog, modal in dialogs:
            if isValid(dialog):
                if modal:
                    # By its class: the dialogs for files and printers have an open() of their own.
                    QDialog.open(dialog)
                else:
                    dialog.show()

    def give_up(self) -> None:
        """Close the dialogs unseen; what they asked is not done."""
        dialogs, self._dialogs = self._dialogs, []
        for dialog, _ in dialogs:
            if isValid(dialog):
                # close() does nothing to what is hidden, and would not delete it either.
                dialog.reject()
                if dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose):
                    dialog.deleteLater()


def _fold_in() -> None:
    QToolTip.hideText()
    while (folded := QApplication.activePopupWidget()) is not None:
        if not folded.close():
            return
