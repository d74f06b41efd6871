"""Letters that are read out by telephone: shown large in groups, or typed in groups and checked.

It knows no code: what fits is said by a function that it is given.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.seals.errors import Misheard
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.kit.inputs import TextLine
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.look import current_look

Hear = Callable[[str, int], str]
"""Reads what was typed as so many letters without their check letters; raises Misheard."""

GROUP = 5
DATA = 4
"""Of each group these many letters say something; the last one checks them."""
DASH = "-"
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def letters_of(typed: str) -> str:
    """The letters alone, as they are read out: capitals, no O beside 0, no I or L beside 1."""
    return "".join(one for one in typed.upper() if one.isalnum()).translate(_LIKE)


def grouped(letters: str) -> str:
    """The letters in groups of five."""
    return DASH.join(letters[n : n + GROUP] for n in range(0, len(letters), GROUP))


class SpokenLetters(QLabel):
    """Letters to read out, large, each in a place of its own, in boxes of five."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._groups: tuple[str, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # A stop of the Tab key, so that a screen reader reads them out as often as wanted.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.show_letters("")
        current_look().changed.connect(self.updateGeometry)

    def show_letters(self, written: str) -> None:
        """Show other letters, written in groups."""
        letters = letters_of(written)
        self._groups = tuple(letters[n : n + GROUP] for n in range(0, len(letters), GROUP))
        self.setText(grouped(letters))
        self.setAccessibleName(f"{self._name}: {', '.join(map(' '.join, self._groups))}")
        self.updateGeometry()
        self.update()

    def _box(self) -> QSize:
        look = current_look()
        return QSize(look.px(22) * GROUP + look.px(16), look.px(46))

    def _places(self, width: int) -> list[QRect]:
        box, gap = self._box(), current_look().px(12)
        in_row = max(1, (width + gap) // (box.width() + gap))
        return [
            QRect(
                number % in_row * (box.width() + gap),
                number // in_row * (box.height() + gap),
                box.width(),
                box.height(),
            )
            for number in range(len(self._groups))
        ]

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Give the height at that width."""
        return max((place.bottom() + 1 for place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the size it would like: all groups in one row."""
        box, gap = self._box(), current_look().px(12)
        count = max(len(self._groups), 1)
        return QSize(count * box.width() + (count - 1) * gap, box.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give the least size that clips nothing."""
        return self._box()

    def focus_rect(self) -> QRect:
        """Give the part that has the focus: the boxes."""
        around = QRect()
        for place in self._places(self.width()):
            around = around.united(place)
        return around

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours in force."""
        look = current_look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for group, place in zip(self._groups, self._places(self.width()), strict=True):
            painter.setPen(QPen(look.colour("control"), look.line))
            painter.setBrush(look.colour("sunken"))
            painter.drawRoundedRect(place.toRectF().adjusted(1, 1, -1, -1), 6, 6)
            painter.setPen(look.colour("text"))
            painter.setFont(look.font("h1", QFont.Weight.Bold))
            cell = look.px(22)
            for number, letter in enumerate(group):
                left = place.left() + look.px(8) + number * cell
                area = QRect(left, place.top(), cell, place.height())
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, letter)


class CodeLine(TextLine):
    """One line that puts what is typed or pasted into groups, whatever stands between them."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self._most = groups * GROUP
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhPreferUppercase
        )
        self.textEdited.connect(self._regroup)

    def letters(self) -> str:
        """Give the letters that stand in it."""
        return letters_of(self.text())

    def wipe(self) -> None:
        """Empty the field, with what undo would bring back."""
        self.setText("")

    def select_group(self, number: int) -> None:
        """Select a group, counted from 1, so that typing replaces it."""
        self.setSelection((number - 1) * (GROUP + 1), GROUP)

    def _regroup(self, typed: str) -> None:
        before = len(letters_of(typed[: self.cursorPosition()]))
        written = grouped(letters_of(typed)[: self._most])
        if written == typed:
            return
        self.setText(written)
        self.setCursorPosition(before + max(before - 1, 0) // GROUP)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete steps over the dash before it: the dash alone would come back at once."""
        at = self.cursorPosition()
        deletes = event.key() == Qt.Key.Key_Delete and not self.hasSelectedText()
        if deletes and self.text()[at : at + 1] == DASH:
            self.setCursorPosition(at + 1)
        super().keyPressEvent(event)


class CodeField(QWidget):
    """A code to type, with how far it is, and which group is wrong as soon as it is typed."""

    fits = Signal(bool)
    """Whether the whole code is there and every group of it fits."""

    def __init__(self, label: str, hear: Hear, *, groups: int, hint: str = "") -> None:
        super().__init__()
        self._hear = hear
        self._groups = groups
        self._wrong: tuple[int, ...] = ()
        self.line = CodeLine(groups)
        self.field = LabelledField(label, self.line, hint=hint)
        self.state = Label("", TextKind.CAPTION)
        self.amiss = Label("", TextKind.PROBLEM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.field, self.state, self.amiss):
            layout.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusProxy(self.field)
        self.line.textChanged.connect(self._follow)
        self._follow()

    def value(self) -> str:
        """Give the code as it is written."""
        return grouped(self.line.letters())

    def wipe(self) -> None:
        """Forget the code."""
        self.line.wipe()

    def problem(self) -> str:
        """What is wrong with the code, in one sentence; empty when it fits."""
        if self._wrong:
            return wrong_groups_words(self._wrong)
        if len(self.line.letters()) < self._groups * GROUP:
            return f"Type all {self._groups * GROUP} letters of the code"
        return ""

    def show_wrong(self, groups: Sequence[int]) -> None:
        """Say which groups are wrong, and let the first be typed over."""
        self._tell(tuple(groups))
        if groups:
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self.line.select_group(groups[0])

    def _follow(self) -> None:
        self.field.set_problem(None)
        self._tell(wrong_groups(self._hear, self.line.letters()))
        self.fits.emit(not self.problem())

    def _tell(self, wrong: tuple[int, ...]) -> None:
        new = wrong != self._wrong
        self._wrong = wrong
        typed, most = len(self.line.letters()), self._groups * GROUP
        done = "Every group fits" if typed >= most else f"{typed} of {most} letters"
        self.state.setText(done)
        self.amiss.setText(wrong_groups_words(wrong))
        self.state.setVisible(not wrong)
        self.amiss.setVisible(bool(wrong))
        if new and wrong:
            announce(self.line, wrong_groups_words(wrong))


def wrong_groups(hear: Hear, letters: str) -> tuple[int, ...]:
    """Which of the groups that are typed whole cannot have been read out; counted from 1."""
    whole = len(letters) // GROUP
    if not whole:
        return ()
    try:
        hear(letters[: whole * GROUP], whole * DATA)
    except Misheard as fault:
        return fault.groups or (whole,)
    return ()


def wrong_groups_words(groups: Sequence[int]) -> str:
    """Name the wrong groups."""
    if not groups:
        return ""
    if len(groups) == 1:
        return f"Group {groups[0]} does not fit: check it and type it again"
    named = f"{', '.join(map(str, groups[:-1]))} and {groups[-1]}"
    return f"Groups {named} do not fit: check them and type them again"
