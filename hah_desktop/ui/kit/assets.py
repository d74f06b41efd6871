"""Where the program's own pictures, fonts and colours lie, also in the built program."""

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
FONTS = RESOURCES / "fonts"
ICONS = RESOURCES / "icons"
STYLE = RESOURCES / "style"
