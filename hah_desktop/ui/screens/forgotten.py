"""A forgotten passphrase: read out letters, type the office's code, choose a new one. A view only.

Nothing here needs a connection but a telephone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal

from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton
from hah_desktop.ui.kit.fields import Problem
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.doorstep import WIDE_CARD, Doorstep, wide
from hah_desktop.ui.parts.new_passphrase import Judge, NewPassphrase
from hah_desktop.ui.parts.spoken import CodeField, Hear, SpokenLetters

GROUPS = 6
LEAD = "Nothing is lost: everything is still on this laptop. Call the office; you need no internet."
WHO = "Somebody there will ask who you are before they read a code to you."
ONCE = "The code works once. After it, only your new passphrase unlocks this laptop."


@dataclass(frozen=True, slots=True)
class NewStart:
    """The office's code, and the passphrase from now on."""

    code: str = field(repr=False)
    passphrase: str = field(repr=False)


class ForgottenScreen(Doorstep):
    """`recover_requested` carries code and passphrase; the passphrases are emptied at once."""

    recover_requested = Signal(object)
    help_part = "forgotten"

    def __init__(self, judge: Judge, hear: Hear) -> None:
        super().__init__("Forgotten passphrase", width=WIDE_CARD)
        self.set_lead(LEAD)
        self.letters = SpokenLetters("Letters to read to the office")
        self.code = CodeField("2. Type the code that they read to you", hear, groups=GROUPS)
        self.new = NewPassphrase(judge, label="3. Choose a new passphrase")
        self.open = wide(PrimaryButton("Unlock with the new passphrase"))
        self.back = LinkButton("Back", "chevron-left")
        steps = (
            Label("1. Read these letters to the office", TextKind.STRONG),
            self.letters,
            Label(WHO, TextKind.MUTED),
            self.code,
            self.new,
            Label(ONCE, TextKind.MUTED),
        )
        for widget in (*steps, self.progress, self.open, self.back):
            self.card.add(widget)
        self._connect()

    def _connect(self) -> None:
        self.code.line.returnPressed.connect(self._go_on)
        self.new.entered.connect(self._ask)
        self.open.clicked.connect(self._ask)
        self.back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.letters)
        self._first = self.code
        self._inputs = (self.code, self.new, self.open, self.back)

    def show_request(self, letters: str) -> None:
        """Show the letters to read out, and begin anew."""
        self.empty()
        self.letters.show_letters(letters)

    def clear(self) -> None:
        """Forget both passphrases and what was wrong; the code stays to be mended."""
        super().clear()
        self.new.clear()
        self.code.field.set_problem(None)

    def empty(self) -> None:
        """Forget the code too."""
        self.clear()
        self.code.wipe()
        self.letters.show_letters("")

    def show_wrong_groups(self, groups: Sequence[int], words: str) -> None:
        """Say that the code was typed wrong, and where."""
        self.show_problem(words)
        self.code.show_wrong(groups)

    def show_wrong_code(self, words: str) -> None:
        """Say that the whole code is not the one; it is typed anew."""
        self.show_problem(words)
        self.code.field.set_problem(words)

    def _go_on(self) -> None:
        problem = self.code.problem()
        self.code.field.set_problem(problem or None)
        if not problem:
            self.new.setFocus(Qt.FocusReason.TabFocusReason)

    def _ask(self) -> None:
        self.summary.clear()
        self.new.forget_problems()
        code = self.code.problem()
        problems = [Problem(code, self.code.field)] if code else []
        problems += self.new.problems()
        if problems:
            self.summary.show_problems(problems)
            return
        start = NewStart(self.code.value(), self.new.value())
        self.clear()
        self.recover_requested.emit(start)
