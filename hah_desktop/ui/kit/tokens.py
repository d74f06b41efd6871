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
    accent_subtle: str
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
class ContrastPair:
    """Two colours that meet, and the contrast ratio (WCAG 2) they must reach."""

    front: str
    ground: str
    least: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """Everything the design fixes. Lengths are pixels at 100 %."""

    space: dict[str, int]
    radius: dict[str, int]
    type_px: dict[str, int]
    control_height: dict[str, int]
    themes: dict[ThemeName, Colours]
    contrast_pairs: tuple[ContrastPair, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the design from its JSON; raises OSError, KeyError or ValueError if it is broken."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            space=data["space"],
            radius=data["radius"],
            type_px=data["type_px"],
            control_height=data["control_height"],
            themes={name: _colours(data["themes"][name]) for name in ThemeName},
            contrast_pairs=tuple(ContrastPair(*pair) for pair in data["contrast_pairs"]),
        )


def _colours(values: dict[str, str]) -> Colours:
    return Colours(**{field.name: values[field.name] for field in fields(Colours)})


def contrast(one: str, other: str) -> float:
    """Give the WCAG 2 contrast ratio of two "#RRGGBB" colours: 1 (equal) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Where the curve of sRGB turns straight (WCAG 2, relative luminance).
_KNEE = 0.04045


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _KNEE else ((channel + 0.055) / 1.055) ** 2.4
