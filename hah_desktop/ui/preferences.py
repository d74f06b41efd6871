"""The program's own settings: each declared once, kept in the encrypted database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hah_desktop.ui.kit.tokens import ThemeName

SIZES = (100, 125, 150, 200)
MINUTES = (1, 2, 5, 10, 15)
"""After how many minutes without a key the program may lock."""

LONGEST_MINUTES = MINUTES[-1]
"""The longest time where the office has said nothing."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the program looks, and after how many minutes without a key it locks."""

    theme: ThemeName = ThemeName.LIGHT
    text_percent: int = 100
    lock_after_minutes: int = 5

    def within(self, most: int) -> "Preferences":
        """Give the settings with no longer time than the office allows."""
        allowed = [n for n in minutes_allowed(most) if n <= self.lock_after_minutes]
        return replace(self, lock_after_minutes=allowed[-1] if allowed else 1)

    def to_plain(self) -> dict[str, str | int]:
        """The settings as they are kept."""
        return {
            "theme": self.theme.value,
            "text_percent": self.text_percent,
            "lock_after_minutes": self.lock_after_minutes,
        }


def minutes_allowed(most: int) -> tuple[int, ...]:
    """The times to choose from where the office allows no longer one."""
    bound = min(max(most, 1), LONGEST_MINUTES)
    return (*(n for n in MINUTES if n < bound), bound)


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
