"""An invented child's drawing, and how an adviser adds it to a visit."""

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from hah_desktop.ui.screens.visit.letters import AddCard
from tests.journey.hands import Hands
from tests.journey.person import Person, at_work

_NAME = "IMG_0412.png"


def add_drawing(person: Person, folder: Path, child: str) -> None:
    """Add the drawing to the visit that is open, as one from the camera of a telephone."""
    path = folder / _NAME
    _draw().save(str(path))
    hands, visit = person.hands, at_work(person).visit
    visit.show_step("letters")
    hands.settle()
    hands.press("Add a letter or picture")
    hands.fill("Whose is it?", child)
    hands.fill("What is it?", "My room at night")
    hands.fill("What kind of thing is it?", "Drawing by the child")
    hands.find(AddCard, lambda _card: True, "the card for the file").take(path)
    visit.foot.add_letter.click()
    hands.until(lambda: _is_kept(hands), "the drawing is kept")
    path.unlink()


def _is_kept(hands: Hands) -> bool:
    hands.settle()
    cards = hands.window.findChildren(AddCard)
    return not any(card.isVisibleTo(hands.window) for card in cards)


def _draw() -> QImage:
    image = QImage(900, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("#fdf8ec"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, left in (("#274690", 90.0), ("#8d5b4c", 430.0)):
            painter.setPen(QPen(QColor(colour), 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawRect(QRectF(left, 140, 260, 330))
        painter.drawPolygon(QPolygonF([QPointF(400, 140), QPointF(560, 40), QPointF(720, 140)]))
        painter.setBrush(QColor("#f2c14e"))
        painter.drawEllipse(QPointF(220, 230), 52, 52)
    return image
