"""The letters that the program can print, and what it prints for those that it lacks."""

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from hah_desktop.resources import resource

FAMILY = "AtkinsonHyperlegibleNext"
REGULAR = f"{FAMILY}-Regular"
BOLD = f"{FAMILY}-SemiBold"
ITALIC = f"{FAMILY}-Italic"
BOLD_ITALIC = f"{FAMILY}-BoldItalic"

_FACES = (REGULAR, BOLD, ITALIC, BOLD_ITALIC)

# ReportLab keeps one list of fonts for the whole process; two threads must not both fill it.
_ONE_AT_A_TIME = threading.Lock()

_PRINTED_AS = str.maketrans(
    {
        "\t": " ",
        "\r": "\n",
        "\v": "\n",
        "\f": "\n",
        "\x85": "\n",
        "\u2010": "-",
        "\u2011": "-",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters that every face of the font has."""

    known: frozenset[str]

    def printable(self, text: str) -> str:
        """The text as it is printed: a run of letters that the font lacks is counted instead."""
        pieces = []
        for known, run in groupby(_plain(text), self._prints):
            letters = list(run)
            pieces.append("".join(letters) if known else _stand_in(len(letters)))
        return "".join(pieces)

    def missing(self, text: str) -> frozenset[str]:
        """The letters of the text that the font lacks."""
        return frozenset(c for c in _plain(text) if not self._prints(c))

    def _prints(self, character: str) -> bool:
        return character == "\n" or character in self.known


def _stand_in(count: int) -> str:
    return f"[{count} character{'' if count == 1 else 's'} not printable]"


def _plain(text: str) -> Iterator[str]:
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_PRINTED_AS)
    for character in whole:
        category = unicodedata.category(character)
        if category == "Zs":
            yield " "
        elif character == "\n" or category not in {"Cc", "Cf"}:
            yield character


def letters() -> Letters:
    """Make the fonts known to ReportLab, once, and say what they can print.

    Raises FileNotFoundError when the program was put together without its fonts.
    """
    with _ONE_AT_A_TIME:
        if BOLD_ITALIC not in pdfmetrics.getRegisteredFontNames():
            for face in _FACES:
                pdfmetrics.registerFont(TTFont(face, str(resource("fonts", f"{face}.ttf"))))
            for number, face in enumerate(_FACES):
                addMapping(FAMILY, number % 2, number // 2, face)
    glyphs = [set(pdfmetrics.getFont(face).face.charToGlyph) for face in _FACES]
    return Letters(frozenset(chr(code) for code in set.intersection(*glyphs)))


def width(text: str, face: str, size: float) -> float:
    """How wide a line of text is, in points."""
    return float(pdfmetrics.stringWidth(text, face, size))
