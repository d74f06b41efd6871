"""Choosing a passphrase: typed twice, with advice while it is typed. It keeps none of it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import PassphraseEdit
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.ticks import CheckBox

Judge = Callable[[str], Sequence[str]]
"""Says what is wrong with a passphrase, in sentences; nothing wrong is an empty list."""

HINT = (
    "At least 12 characters. Four or more words that do not belong together are easy to remember."
)


class NewPassphrase(QWidget):
    """The two fields and the tick that shows them."""

    entered = Signal()
    """Enter was pressed."""

    def __init__(self, judge: Judge, *, label: str = "Choose a passphrase") -> None:
        super().__init__()
        self._judge = judge
        self.first, self.second = PassphraseEdit(), PassphraseEdit()
        self.choose = LabelledField(label, self.first, hint=HINT)
        self.advice = Label("", TextKind.MUTED)
        self.advice.hide()
        self.repeat = LabelledField("Type the passphrase again", self.second)
        self.shown = CheckBox("Show passphrase")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for part in (self.choose, self.advice, self.repeat, self.shown):
            layout.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusProxy(self.choose)
        for line in (self.first, self.second):
            self.shown.toggled.connect(line.show_words)
            line.returnPressed.connect(self.entered)
        self.first.textEdited.connect(self._advise)

    def value(self) -> str:
        """Give the passphrase; ask `problems` first."""
        return self.first.text()

    def problems(self) -> list[Problem]:
        """What is wrong with what was typed."""
        words = self.first.text()
        if not words:
            return [Problem("Choose a passphrase", self.choose)]
        found = [Problem(problem, self.choose) for problem in self._judge(words)]
        if words != self.second.text():
            found.append(Problem("Type the same passphrase twice", self.repeat))
        return found

    def forget_problems(self) -> None:
        """Unmark both fields."""
        for field in (self.choose, self.repeat):
            field.set_problem(None)

    def clear(self) -> None:
        """Forget both passphrases and what was wrong with them."""
        self.first.wipe()
        self.second.wipe()
        self.shown.setChecked(False)
        self._advise("")
        self.forget_problems()

    def _advise(self, words: str) -> None:
        problems = self._judge(words) if words else ()
        self.advice.setText("\n".join(problems))
        self.advice.setVisible(bool(problems))
