"""How the program looks on this laptop, and when it locks by itself."""

from dataclasses import replace

from PySide6.QtCore import Signal

from hah_desktop.ui.kit.blocks import Card, FormColumn
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import Option
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.ticks import RadioGroup
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.preferences import LONGEST_MINUTES, SIZES, Preferences, minutes_allowed

_THEMES = {
    ThemeName.LIGHT: "Light",
    ThemeName.DARK: "Dark",
    ThemeName.HIGH_CONTRAST: "High contrast",
}
_WHEN = (
    "It also locks when the laptop sleeps or its screen is locked. Ctrl+L locks at once; F12 or "
    "Ctrl+B covers the screen without locking."
)


class PreferencesPage(Page):
    """Every change is in force at once."""

    chosen = Signal(object)

    def __init__(self, now: Preferences) -> None:
        super().__init__("Preferences")
        self._now = now
        self.theme = RadioGroup([Option(name.value, words) for name, words in _THEMES.items()])
        self.text_size = RadioGroup([Option(str(size), f"{size} %") for size in SIZES])
        looks = Card("How it looks")
        looks.add(LabelledField("Colours", self.theme))
        looks.add(LabelledField("Size of text", self.text_size))
        self._locking = Card("When it locks")
        self._times: tuple[int, ...] = ()
        self._field: LabelledField | None = None
        self.show_preferences(now, LONGEST_MINUTES)
        column = FormColumn()
        column.add(looks)
        column.add(self._locking)
        self.set_form(column)
        for group in (self.theme, self.text_size):
            group.edited.connect(self._tell)

    def show_preferences(self, now: Preferences, most_minutes: int) -> None:
        """Show what is in force, and offer no longer time than the office allows."""
        self._now = now
        self.theme.set_value(now.theme.value)
        self.text_size.set_value(str(now.text_percent))
        self._offer(minutes_allowed(most_minutes))
        self.lock_after.set_value(str(now.lock_after_minutes))

    def _offer(self, times: tuple[int, ...]) -> None:
        if times == self._times:
            return
        self._times = times
        old, focused = self._field, self._field is not None and self._has_focus()
        self.lock_after = RadioGroup([Option(str(n), counted(n, "minute")) for n in times])
        self.lock_after.edited.connect(self._tell)
        hint = _WHEN
        if times[-1] < LONGEST_MINUTES:
            hint = f"The office allows no more than {counted(times[-1], 'minute')}. {_WHEN}"
        self._field = LabelledField("Lock when nobody has typed for", self.lock_after, hint=hint)
        self._locking.add(self._field)
        if old is not None:
            old.hide()
            old.deleteLater()
        if focused:
            self.lock_after.setFocus()

    def _has_focus(self) -> bool:
        focused = self.window().focusWidget()
        return self.lock_after.isAncestorOf(focused)

    def _tell(self) -> None:
        self._now = replace(
            self._now,
            theme=ThemeName(self.theme.value() or ThemeName.LIGHT),
            text_percent=int(self.text_size.value() or SIZES[0]),
            lock_after_minutes=int(self.lock_after.value() or self._times[0]),
        )
        self.chosen.emit(self._now)
