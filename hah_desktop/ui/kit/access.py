"""What a screen reader hears beyond Qt's own: headings, groups, spoken news."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLES = {
    "Heading": QAccessible.Role.Heading,
    "Card": QAccessible.Role.Grouping,
    "RadioGroup": QAccessible.Role.Grouping,
    "CheckGroup": QAccessible.Role.Grouping,
    "ErrorSummary": QAccessible.Role.AlertMessage,
    "SummaryList": QAccessible.Role.Grouping,
    "Rail": QAccessible.Role.ToolBar,
    "StatusLine": QAccessible.Role.StatusBar,
}


def install_roles() -> None:
    """Teach Qt the kit's roles; only has effect once the application exists."""
    QAccessible.installFactory(_interface)


def _interface(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    role = _ROLES.get(class_name)
    if role is None or not isinstance(thing, QWidget):
        return None
    return QAccessibleWidget(thing, role)


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say the words when it is next silent; nothing on screen changes.

    What is out of sight says nothing: somebody may have covered the screen.
    """
    if not widget.isVisible():
        return
    event = QAccessibleAnnouncementEvent(widget, words)
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
    QAccessible.updateAccessibility(event)
