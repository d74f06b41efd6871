"""A question on a form: its label, hint and problem around the control that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.buttons import ProblemLink
from hah_desktop.ui.kit.labels import Heading, Label, TextKind


@runtime_checkable
class MarksProblems(Protocol):
    """A control that shows by itself that its answer has a problem."""

    def set_invalid(self, invalid: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show the problem or stop showing it."""
        ...


class LabelledField(QWidget):
    """Label above, hint under it, then the problem if there is one, then the control."""

    def __init__(
        self,
        label: str,
        control: QWidget,
        *,
        hint: str = "",
        optional: bool = False,
    ) -> None:
        super().__init__()
        self.control = control
        self._words = label
        self._optional = optional
        self.label = Label(label, TextKind.STRONG)
        self.label.setBuddy(control)
        self.hint = Label(hint, TextKind.MUTED, ideal=160)
        if not hint:
            # Never shown here: without a place yet it would flash up as a window of its own.
            self.hint.hide()
        self.problem = Label("", TextKind.PROBLEM, ideal=160)
        self.problem.hide()
        self.setFocusProxy(control)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._lay_out()
        self._tell_control()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.label)
        if self._optional:
            top.addWidget(Label("(optional)", wrap=False))
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.hint)
        layout.addWidget(self.problem)
        # The ring round the control is drawn over nobody's words.
        layout.addSpacing(2)
        layout.addWidget(self.control)

    def _tell_control(self) -> None:
        optional = " (optional)" if self._optional else ""
        about = " ".join(part for part in (self.problem.text(), self.hint.text()) if part)
        # A control made of parts keeps its parts' names; its main part answers to the question.
        spoken = [self.control]
        line = getattr(self.control, "line", None)
        if isinstance(line, QWidget):
            spoken.append(line)
        for widget in spoken:
            widget.setAccessibleName(self._words + optional)
            widget.setAccessibleDescription(about)

    @property
    def words(self) -> str:
        """Give the label."""
        return self._words

    def set_hint(self, hint: str) -> None:
        """Show another hint; none if empty."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self._tell_control()

    def set_problem(self, problem: str | None) -> None:
        """Show what is wrong with the answer, or that nothing is (None)."""
        self.problem.setText(problem or "")
        self.problem.setVisible(bool(problem))
        self._tell_control()
        self._mark(invalid=bool(problem))

    def _mark(self, *, invalid: bool) -> None:
        if isinstance(self.control, MarksProblems):
            self.control.set_invalid(invalid)
            return
        target = getattr(self.control, "line", self.control)
        target.setProperty("invalid", invalid)
        target.style().unpolish(target)
        target.style().polish(target)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in the words shown beside the field, and where to mend it."""

    words: str
    field: QWidget


class ErrorSummary(QFrame):
    """Every problem of a form in one list at its top, each leading to its field."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._heading = Heading("There is a problem", 3)
        self._buttons: list[ProblemLink] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 12)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addLayout(self._lines)
        self.setAccessibleName("There is a problem")
        self.hide()

    @property
    def buttons(self) -> tuple[ProblemLink, ...]:
        """Give the lines, one button each."""
        return tuple(self._buttons)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """List the problems, mark their fields and take the focus; nothing to list hides it."""
        self.clear()
        of_field: dict[LabelledField, list[str]] = {}
        for problem in problems:
            button = self._line(problem)
            self._buttons.append(button)
            self._lines.addWidget(button)
            if isinstance(problem.field, LabelledField):
                of_field.setdefault(problem.field, []).append(problem.words)
        for field, words in of_field.items():
            field.set_problem("\n".join(words))
        self.setAccessibleDescription(". ".join(problem.words for problem in problems))
        self.setVisible(bool(problems))
        if problems:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, problem: Problem) -> ProblemLink:
        button = ProblemLink(problem.words)
        field = problem.field
        button.clicked.connect(lambda: field.setFocus(Qt.FocusReason.ShortcutFocusReason))
        return button

    def clear(self) -> None:
        """Forget the problems and hide; the fields keep their marks until set_problem(None)."""
        for button in self._buttons:
            self._lines.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons.clear()
        self.hide()
