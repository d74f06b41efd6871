"""How the program looks on this laptop: colours and size of text."""

from PySide6.QtCore import Signal

from hah_desktop.ui.kit.blocks import Card, FormColumn
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import Option
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.ticks import RadioGroup
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.preferences import SIZES, Preferences

_THEMES = {
    ThemeName.LIGHT: "Light",
    ThemeName.DARK: "Dark",
    ThemeName.HIGH_CONTRAST: "High contrast",
}


class PreferencesPage(Page):
    """Every change is in force at once."""

    chosen = Signal(object)

    def __init__(self, now: Preferences) -> None:
        super().__init__("Preferences")
        self.theme = RadioGroup([Option(name.value, words) for name, words in _THEMES.items()])
        self.text_size = RadioGroup([Option(str(size), f"{size} %") for size in SIZES])
        self.show_preferences(now)
        column = FormColumn()
        card = Card("How it looks")
        card.add(LabelledField("Colours", self.theme))
        card.add(LabelledField("Size of text", self.text_size))
        column.add(card)
        self.set_form(column)
        for group in (self.theme, self.text_size):
            group.edited.connect(self._tell)

    def show_preferences(self, now: Preferences) -> None:
        """Show what is in force."""
        self.theme.set_value(now.theme.value)
        self.text_size.set_value(str(now.text_percent))

    def _tell(self) -> None:
        theme = ThemeName(self.theme.value() or ThemeName.LIGHT)
        self.chosen.emit(Preferences(theme, int(self.text_size.value() or SIZES[0])))
