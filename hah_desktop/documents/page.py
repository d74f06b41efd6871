"""What stands above and below every page: the marking, whom it is for, the version, the number."""

from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from hah_desktop.documents import look
from hah_desktop.documents.letters import BOLD, REGULAR, Letters, width

_GAP = 12
_CUT = "…"

AUTHOR = "Help at Hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """The words around every page. `total` is the number of pages."""

    marking: str
    title: str
    reference: str
    printed: str
    version: str
    total: int
    letters: Letters

    def draw(self, canvas: Canvas, page: int) -> None:
        """Draw the words around one page, counted from 1."""
        canvas.saveState()
        top, low = look.PAGE[1], look.SIDE * 0.5
        self._marking(canvas, top - low - 4)
        self._line(canvas, top - 58, self.title, self._reference())
        _rule(canvas, top - 66, look.ACCENT)
        _rule(canvas, low + 42, look.RULE)
        self._line(canvas, low + 28, f"{self.printed} · Version {self.version}", self._number(page))
        self._marking(canvas, low + 4)
        canvas.restoreState()

    def words(self, pages: int) -> tuple[str, ...]:
        """Everything that stands around the pages or describes the file."""
        numbers = (self._number(page) for page in range(1, pages + 1))
        around = (self.marking, self.title, self._reference(), self._printed(), AUTHOR)
        return (*around, *numbers)

    def _reference(self) -> str:
        return f"Visit {self.reference}"

    def _printed(self) -> str:
        return f"{self.printed} · Version {self.version}"

    def _number(self, page: int) -> str:
        return f"Page {page} of {self.total}"

    def _marking(self, canvas: Canvas, y: float) -> None:
        canvas.setFillColor(look.MARKING)
        canvas.setFont(BOLD, look.SMALL + 0.5)
        canvas.drawCentredString(look.PAGE[0] / 2, y, self.marking)

    def _line(self, canvas: Canvas, y: float, left: str, right: str) -> None:
        canvas.setFillColor(look.MUTED)
        canvas.setFont(REGULAR, look.SMALL)
        room = look.COLUMN - width(right, REGULAR, look.SMALL) - _GAP
        canvas.drawString(look.SIDE, y, _fitted(self.letters.printable(left), room))
        canvas.drawRightString(look.PAGE[0] - look.SIDE, y, right)


def _rule(canvas: Canvas, y: float, colour: Color) -> None:
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(0.8)
    canvas.line(look.SIDE, y, look.PAGE[0] - look.SIDE, y)


def _fitted(text: str, room: float) -> str:
    line = " ".join(text.split())
    if width(line, REGULAR, look.SMALL) <= room:
        return line
    while line and width(line + _CUT, REGULAR, look.SMALL) > room:
        line = line[:-1]
    return line.rstrip() + _CUT
