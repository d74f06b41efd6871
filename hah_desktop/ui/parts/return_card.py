"""The office has lost this laptop: what to do about it, and the field for the code. A view only."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.errors import is_unknown
from hah_desktop.ui.parts.act_card import ActCard, narrow_button
from hah_desktop.ui.parts.spoken import CodeField, Hear

GROUPS = 6
ABOUT = (
    "It may have been put back from an older copy, made before this laptop was set up. Everything "
    "is saved here, and you can go on working. Call the office: it makes a code with which this "
    "laptop is let in again, and gives back all that it had sent."
)
DONE = "The office knows this laptop again."


class ReturnCard(ActCard):
    """`code_given` carries what was typed; `hear` reads the letters of a code."""

    code_given = Signal(str)

    def __init__(self, hear: Hear) -> None:
        super().__init__("The office does not know this laptop", ABOUT)
        self.code = CodeField("Code from the office", hear, groups=GROUPS)
        self.ask = narrow_button("Let this laptop in again")
        self.add(self.code)
        self.add(self.ask)
        self.code.line.returnPressed.connect(self._ask)
        self.ask.clicked.connect(self._ask)
        self.hide()

    def show_problem_of_sync(self, problem: KnownError | None) -> None:
        """Ask for the code, if that is what a sync stopped for."""
        self.setVisible(is_unknown(problem))

    def show_wrong_groups(self, groups: Sequence[int], words: str) -> None:
        """Say that the code was typed wrong, and where."""
        self.show_problem(words)
        self.code.show_wrong(groups)

    def show_done(self, words: str) -> None:
        """Say that it was let in; the code is used up."""
        self.code.wipe()
        super().show_done(words)

    def _enable(self, enabled: bool) -> None:  # noqa: FBT001 - a setter in Qt's manner
        for widget in (self.code, self.ask):
            widget.setEnabled(enabled)

    def _ask(self) -> None:
        wrong = self.code.problem()
        self.code.field.set_problem(wrong or None)
        if wrong:
            self.code.setFocus()
            return
        self.code_given.emit(self.code.value())
