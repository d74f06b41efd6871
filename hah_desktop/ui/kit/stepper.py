"""The steps of a visit as tabs: numbered, ticked when done, the present one underlined."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QTabBar

from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.look import Look, current_look


@dataclass(frozen=True, slots=True)
class Step:
    """One step; done steps carry a tick."""

    key: str
    label: str
    done: bool = False


class Stepper(QTabBar):
    """A row of steps; `chosen` gives the key of the step a person went to."""

    chosen = Signal(str)

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self._steps: list[Step] = []
        self._compact = False
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Steps")
        self.set_steps(steps)
        self.currentChanged.connect(self._tell)
        current_look().changed.connect(self._lay_out_again)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show other steps; the present one stays if it is among them."""
        key = self.current()
        with QSignalBlocker(self):
            while self.count():
                self.removeTab(0)
            self._steps = list(steps)
            for number, step in enumerate(steps):
                self.addTab(step.label)
                self._name(number)
            if key is not None:
                self.set_current(key)

    def current(self) -> str | None:
        """Give the key of the present step."""
        index = self.currentIndex()
        return self._steps[index].key if 0 <= index < len(self._steps) else None

    def set_current(self, key: str) -> None:
        """Go to a step without telling `chosen`; KeyError if there is none."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._index(key))
        self.update()

    def set_done(self, key: str, done: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Tick a step or take the tick away."""
        index = self._index(key)
        self._steps[index] = Step(key, self._steps[index].label, done)
        self._name(index)
        self.update()

    def focus_rect(self) -> QRect:
        """Give the present tab: the ring goes round it."""
        return self.tabRect(self.currentIndex()).adjusted(6, 6, -6, -8)

    def _index(self, key: str) -> int:
        for index, step in enumerate(self._steps):
            if step.key == key:
                return index
        raise KeyError(key)

    def _name(self, index: int) -> None:
        step = self._steps[index]
        state = ", done" if step.done else ""
        self.setAccessibleTabName(index, f"{index + 1} {step.label}{state}")

    def _tell(self, index: int) -> None:
        if 0 <= index < len(self._steps):
            self.chosen.emit(self._steps[index].key)

    def _lay_out_again(self) -> None:
        # QTabBar keeps its tabs' sizes until one of them changes.
        self._fit(self.width())
        for index, step in enumerate(self._steps):
            self.setTabText(index, step.label)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit what is shown to the new width."""
        if self._fit(event.size().width()):
            self._lay_out_again()
        super().resizeEvent(event)

    def _fit(self, width: int) -> bool:
        look = current_look()
        full = sum(_tab_width(look, step.label, compact=False) for step in self._steps)
        compact = full > width
        changed = compact is not self._compact
        self._compact = compact
        return changed

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        """Give the size of a tab."""
        look = current_look()
        label = self.tabText(index)
        return QSize(_tab_width(look, label, compact=self._compact), look.px(44))

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size of a tab."""
        return self.tabSizeHint(index)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return QSize(80, current_look().px(44))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like."""
        look = current_look()
        return QSize(
            sum(_tab_width(look, step.label, compact=self._compact) for step in self._steps),
            look.px(44),
        )

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        # The wheel must not walk through the steps.
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self.count()):
            self._paint_tab(painter, index)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        look = current_look()
        area = self.tabRect(index)
        present = index == self.currentIndex()
        left = area.left() + look.px(10 if self._compact else 12)
        if not self._compact:
            side = look.px(22)
            circle = QRect(left, area.center().y() - side // 2, side, side)
            self._paint_number(painter, circle, index)
            left += side + look.px(8)
        weight = QFont.Weight.DemiBold if present else QFont.Weight.Medium
        painter.setFont(look.font("body", weight))
        painter.setPen(look.colour("text" if present else "muted"))
        words = QRect(left, area.top(), area.right() - left, area.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._steps[index].label)
        if present:
            bar = QRectF(area.left() + 4, area.bottom() - 2, area.width() - 8, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_number(self, painter: QPainter, circle: QRect, index: int) -> None:
        look = current_look()
        present = index == self.currentIndex()
        done = self._steps[index].done and not present
        fill = "accent" if present else "ok_bg" if done else "surface"
        edge = (
            "accent"
            if present
            else "ok_fg"
            if done and look.line > 1
            else fill
            if done
            else "control"
        )
        painter.setPen(QPen(look.colour(edge), 1.5))
        painter.setBrush(look.colour(fill))
        painter.drawEllipse(circle.toRectF().adjusted(0.75, 0.75, -0.75, -0.75))
        if done:
            inset = look.px(4)
            tick = circle.adjusted(inset, inset, -inset, -inset)
            paint_icon(painter, tick, "check", look.colour("ok_fg"))
            return
        painter.setFont(look.font("caption", QFont.Weight.DemiBold))
        painter.setPen(look.colour("accent_text" if present else "muted"))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def _tab_width(look: Look, label: str, *, compact: bool) -> int:
    words = QFontMetrics(look.font("body", QFont.Weight.DemiBold)).horizontalAdvance(label)
    return words + look.px(20 if compact else 54) + 4
