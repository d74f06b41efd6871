"""Tick boxes and round buttons, alone and in groups that are read out as one question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QRadioButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.icons import paint_icon
from hah_desktop.ui.kit.inputs import Option
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.look import current_look

_LOOKS = {QEvent.Type.FontChange, QEvent.Type.StyleChange}
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextShowMnemonic


class _Words:
    """The words beside a mark, on as many lines as they need: one long answer widens no form.

    The height is set whenever the width has changed, and not left to the layouts: Qt keeps what it
    worked out of a height for a width while a form is hidden, and lines then lie on one another.
    """

    def __init__(self, button: QCheckBox | QRadioButton) -> None:
        self._button = button
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _left(self) -> int:
        """Where they begin."""
        button, option = self._button, QStyleOptionButton()
        button.initStyleOption(option)
        element = QStyle.SubElement.SE_CheckBoxContents
        if isinstance(button, QRadioButton):
            element = QStyle.SubElement.SE_RadioButtonContents
        return button.style().subElementRect(element, option, button).left()

    def least(self, line: QSize) -> QSize:
        """Give the least size: as wide as the longest word needs."""
        left, metrics = self._left(), self._button.fontMetrics()
        words = self._button.text().split() or [""]
        longest = left + max(map(metrics.horizontalAdvance, words)) + 2
        return QSize(min(longest, line.width()), line.height())

    def fit(self) -> None:
        """Take the height that they need at the width that there is."""
        button, metrics = self._button, self._button.fontMetrics()
        room = QRect(0, 0, max(button.width() - self._left(), 1), 10_000)
        more = metrics.boundingRect(room, _WRAPPED, button.text()).height() - metrics.height()
        button.setMinimumHeight(button.sizeHint().height() + max(more, 0))

    def paint(self, painter: QPainter) -> None:
        """Draw them in the colours in force."""
        button = self._button
        painter.setPen(current_look().colour("text" if button.isEnabled() else "disabled"))
        painter.setFont(button.font())
        area = button.rect().adjusted(self._left(), 0, 0, 0)
        painter.drawText(area, _WRAPPED | Qt.AlignmentFlag.AlignVCenter, button.text())


# A class may have one base of Qt's, and that is the button's own.
if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object


class _Wrapping(_Button):
    """What a tick box and a round button with wrapped words share; named before Qt's class."""

    _words: _Words

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the words anew."""
        super().resizeEvent(event)
        self._words.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the words anew: the letters may have changed while it was hidden."""
        super().showEvent(event)
        self._words.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap the words anew when the letters have another size."""
        super().changeEvent(event)
        if event.type() in _LOOKS and self.isVisible():
            self._words.fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return self._words.least(super().sizeHint())

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802 - Qt's name
        """Take a click anywhere on its lines: a large aim is easier to hit."""
        return self.rect().contains(pos)


class CheckBox(_Wrapping, QCheckBox):
    """Yes or no."""

    edited = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.replace("&", "&&"), parent)
        self._words = _Words(self)
        self.setAccessibleName(text)
        self.clicked.connect(lambda _checked: self.edited.emit())

    def value(self) -> bool:
        """Say whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Tick or untick."""
        self.setChecked(value)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        area = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        painter = QPainter(self)
        self._words.paint(painter)
        box = _square(area)
        look = current_look()
        edge, fill = _edge_and_fill(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour(edge), 2 if look.line > 1 else 1.6))
        painter.setBrush(look.colour(fill))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            paint_icon(painter, box.adjusted(2, 2, -2, -2), "check", look.colour("accent_text"))


class RadioButton(_Wrapping, QRadioButton):
    """One answer of a group."""

    def __init__(self, option: Option) -> None:
        super().__init__(option.label.replace("&", "&&"))
        self._words = _Words(self)
        self.key = option.key
        self.setAccessibleName(option.label)
        self.setAccessibleDescription(option.hint)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        area = self.style().subElementRect(QStyle.SubElement.SE_RadioButtonIndicator, option, self)
        painter = QPainter(self)
        self._words.paint(painter)
        look = current_look()
        ring = _square(area)
        edge, _ = _edge_and_fill(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour(edge), 2 if self.isChecked() or look.line > 1 else 1.6))
        painter.setBrush(look.colour("surface"))
        painter.drawEllipse(ring)
        if self.isChecked():
            inset = ring.width() * 0.26
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(edge))
            painter.drawEllipse(ring.adjusted(inset, inset, -inset, -inset))


def _square(area: QRect) -> QRectF:
    return area.toRectF().adjusted(1.5, 1.5, -1.5, -1.5)


def _edge_and_fill(button: QAbstractButton) -> tuple[str, str]:
    if not button.isEnabled():
        return "disabled", "disabled" if button.isChecked() else "sunken"
    if button.isChecked():
        return "accent", "accent"
    return ("danger" if button.property("invalid") else "control"), "surface"


class RadioGroup(QWidget):
    """One question with its answers in view; the question is its accessible name."""

    edited = Signal()

    def __init__(
        self, options: Sequence[Option], *, in_row: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: list[RadioButton] = []
        layout = FlowLayout(self, gap=24) if in_row else _column(self)
        for option in options:
            button = RadioButton(option)
            self._group.addButton(button)
            self.buttons.append(button)
            layout.addWidget(button)
            if option.hint and not in_row:
                layout.addWidget(_hint(option.hint))
        self._group.buttonClicked.connect(lambda _button: self.edited.emit())
        self._be_one_stop()

    def _be_one_stop(self) -> None:
        """Let Tab stop once: at the chosen answer or the first; arrows go between them."""
        stop = self._group.checkedButton() or (self.buttons[0] if self.buttons else None)
        for button in self.buttons:
            tab = button is stop
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if tab else Qt.FocusPolicy.ClickFocus)
        if stop is not None:
            self.setFocusProxy(stop)

    def value(self) -> str | None:
        """Give the key of the chosen answer; None if nothing is chosen."""
        chosen = self._group.checkedButton()
        return chosen.key if isinstance(chosen, RadioButton) else None

    def set_value(self, value: str | None) -> None:
        """Choose the answer with that key; None or an unknown key chooses nothing."""
        with QSignalBlocker(self._group):
            # An exclusive group refuses to be left without an answer.
            self._group.setExclusive(False)
            for button in self.buttons:
                button.setChecked(button.key == value)
            self._group.setExclusive(True)
        self._be_one_stop()

    def set_invalid(self, invalid: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Mark every answer as part of a question with a problem."""
        for button in self.buttons:
            button.setProperty("invalid", invalid)
            button.update()


class CheckGroup(QWidget):
    """One question with any number of answers."""

    edited = Signal()

    def __init__(self, options: Sequence[Option], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, CheckBox] = {}
        layout = _column(self)
        for option in options:
            box = CheckBox(option.label)
            box.setAccessibleDescription(option.hint)
            box.edited.connect(self.edited)
            self._boxes[option.key] = box
            layout.addWidget(box)
            if option.hint:
                layout.addWidget(_hint(option.hint))
        if self._boxes:
            self.setFocusProxy(next(iter(self._boxes.values())))

    @property
    def boxes(self) -> tuple[CheckBox, ...]:
        """Give the tick boxes in the order of the options."""
        return tuple(self._boxes.values())

    def value(self) -> tuple[str, ...]:
        """Give the keys of all ticked answers, in the order of the options."""
        return tuple(key for key, box in self._boxes.items() if box.value())

    def set_value(self, value: Sequence[str]) -> None:
        """Tick the answers with those keys and no others."""
        for key, box in self._boxes.items():
            box.set_value(key in value)

    def set_invalid(self, invalid: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Mark every answer as part of a question with a problem."""
        for box in self.boxes:
            box.setProperty("invalid", invalid)
            box.update()


def _column(owner: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    return layout


def _hint(text: str) -> Label:
    label = Label(text, TextKind.MUTED)
    label.setIndent(current_look().px(30))
    return label
