"""The design's numbers and colours, read once from the JSON and frozen."""

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self


class ThemeName(StrEnum):
    """The sets of colours a person may choose from."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "hc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One theme: every colour as "#RRGGBB"; text on a ground is named ground_fg on ground_bg."""

    app: str
    surface: str
    sunken: str
    hover: str
    selected: str
    rail: str
    rail_text: str
    rail_muted: str
    rail_hover: str
    rail_selected: str
    rail_selected_text: str
    text: str
    muted: str
    disabled: str
    link: str
    border: str
    control: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_fg: str
    focus_outer: str
    focus_inner: str
    ok_fg: str
    ok_bg: str
    warn_fg: str
    warn_bg: str
    bad_fg: str
    bad_bg: str
    info_fg: str
    info_bg: str
    neutral_fg: str
    neutral_bg: str
    violet_fg: str
    violet_bg: str
    danger: str
    marking_fg: str
    marking_bg: str
    brand: str
    brand_mark: str

    def named(self, name: str) -> str:
        """Give the colour of that name; KeyError if the theme has none."""
        return self.as_dict()[name]

    def as_dict(self) -> dict[str, str]:
        """Give every colour by name."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the design fixes and the program reads. Sizes are pixels at 100 %."""

    type_px: dict[str, int]
    themes: dict[ThemeName, Colours]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the design from its JSON; raises OSError, KeyError or ValueError if it is broken."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            type_px=data["type_px"],
            themes={name: _colours(data["themes"][name]) for name in ThemeName},
        )


def _colours(values: dict[str, str]) -> Colours:
    return Colours(**{field.name: values[field.name] for field in fields(Colours)})
