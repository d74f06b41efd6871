"""Inputs for dates: typed or picked from a calendar, and three boxes for dates known by heart."""

import datetime as dt
import re

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFrame,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hah_desktop.domain.days import MONTHS, in_words
from hah_desktop.ui.kit.buttons import IconButton
from hah_desktop.ui.kit.icons import icon
from hah_desktop.ui.kit.inputs import TextLine
from hah_desktop.ui.kit.look import current_look

_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?[\s,-]+(\d{4})")
_IN_FIGURES = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def read_date(text: str) -> dt.date | None:
    """Read "12 March 2025", "12 mar 2025", "12/3/2025" or "2025-03-12"; None if it is none."""
    words = text.strip().lower()
    if match := _IN_WORDS.fullmatch(words):
        return _date(match[3], _month(match[2]), match[1])
    if match := _IN_FIGURES.fullmatch(words):
        return _date(match[3], int(match[2]), match[1])
    if match := _ISO.fullmatch(words):
        return _date(match[1], int(match[2]), match[3])
    return None


def _month(name: str) -> int:
    found = [n for n, month in enumerate(MONTHS, 1) if month.lower().startswith(name)]
    return found[0] if found else 0


def _date(year: str, month: int, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), month, int(day))
    except ValueError:
        return None


class DateEdit(QWidget):
    """A date, typed as people write it, or picked from a calendar."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line = TextLine()
        self.button = IconButton("calendar", "Open the calendar")
        self._calendar: CalendarPopup | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.line.edited.connect(self.edited)
        self.line.editingFinished.connect(self._tidy)
        self.button.clicked.connect(self.open_calendar)
        self._keep_narrow()
        current_look().changed.connect(self._keep_narrow)

    def _keep_narrow(self) -> None:
        self.setMaximumWidth(current_look().px(280))

    def _tidy(self) -> None:
        date = self.value()
        if date is not None:
            self.line.setText(in_words(date))

    def is_readable(self) -> bool:
        """Say whether the field is empty or holds a date."""
        return not self.line.value() or self.value() is not None

    def value(self) -> dt.date | None:
        """Give the date; None if the field is empty or cannot be read."""
        return read_date(self.line.text())

    def set_value(self, value: dt.date | None) -> None:
        """Show another date."""
        if value != self.value() or value is None:
            self.line.setText(in_words(value) if value else "")

    def open_calendar(self) -> None:
        """Fold the calendar out below the field."""
        if self._calendar is None:
            self._calendar = CalendarPopup(self)
            self._calendar.picked.connect(self._picked)
        self._calendar.open_at(self.value() or dt.date.today())  # noqa: DTZ011 - the person's own day

    def _picked(self, date: dt.date) -> None:
        self.set_value(date)
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)
        self.edited.emit()


class CalendarPopup(QFrame):
    """The calendar that folds out of a date field."""

    picked = Signal(object)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Popup)
        self.setAccessibleName("Calendar")
        self._month = QCalendarWidget()
        self._month.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self._month.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        plain = QTextCharFormat()
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self._month.setWeekdayTextFormat(day, plain)
        for name, drawing, words in (
            ("qt_calendar_prevmonth", "chevron-left", "Month before"),
            ("qt_calendar_nextmonth", "chevron-right", "Month after"),
        ):
            arrow = self._month.findChild(QToolButton, name)
            if arrow is not None:
                arrow.setIcon(icon(drawing))
                arrow.setAccessibleName(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._month)
        self._month.activated.connect(self._choose)
        self._month.clicked.connect(self._choose)

    def open_at(self, date: dt.date) -> None:
        """Show the month of the date below the field the calendar belongs to."""
        self._month.setSelectedDate(QDate(date.year, date.month, date.day))
        owner = self.parentWidget()
        self.adjustSize()
        if owner is not None:
            self.move(owner.mapToGlobal(QPoint(0, owner.height() + 4)))
        self.show()
        self._month.setFocus(Qt.FocusReason.PopupFocusReason)

    def _choose(self, date: QDate) -> None:
        self.close()
        self.picked.emit(dt.date(date.year(), date.month(), date.day()))
