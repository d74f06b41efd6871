"""The program's own settings: each declared once, kept in the encrypted database."""

from collections.abc import Mapping
from dataclasses import dataclass

from hah_desktop.ui.kit.tokens import ThemeName

SIZES = (100, 125, 150, 200)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the program looks, and after how many minutes without a key it locks."""

    theme: ThemeName = ThemeName.LIGHT
    text_percent: int = 100
    lock_after_minutes: int = 5

    def to_plain(self) -> dict[str, str | int]:
        """The settings as they are kept."""
        return {
            "theme": self.theme.value,
            "text_percent": self.text_percent,
            "lock_after_minutes": self.lock_after_minutes,
        }


def from_plain(plain: Mapping[str, object] | None) -> Preferences:
    """The settings that were kept; what cannot be read is as it is when new."""
    new = Preferences()
    if plain is None:
        return new
    themes = {name.value: name for name in ThemeName}
    size, minutes = plain.get("text_percent"), plain.get("lock_after_minutes")
    return Preferences(
        themes.get(str(plain.get("theme")), new.theme),
        size if isinstance(size, int) and size in SIZES else new.text_percent,
        minutes if isinstance(minutes, int) and minutes > 0 else new.lock_after_minutes,
    )
