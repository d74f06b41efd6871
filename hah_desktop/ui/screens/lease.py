"""The laptop was away from the office too long: connect, or a code by telephone. A view only.

The passphrase is asked for again: whoever finds this screen open must not get in by one press.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal

from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import PassphraseEdit
from hah_desktop.ui.kit.labels import Heading, Label, TextKind
from hah_desktop.ui.parts.doorstep import WIDE_CARD, Doorstep, wide
from hah_desktop.ui.parts.spoken import CodeField, Hear, SpokenLetters

GROUPS = 6
CONNECT = "This laptop sends what you wrote and fetches what is new. Then you can work."
LOST = "It may have been put back from an older copy. Ask it for a code, and type it here."
CALL = "Call the office, read these letters out, and type the code that they read to you."


@dataclass(frozen=True, slots=True)
class Contact:
    """The passphrase, and the code for a laptop that its office has lost, where one is needed."""

    passphrase: str = field(repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Extension:
    """The office's code for another while, and the passphrase."""

    passphrase: str = field(repr=False)
    code: str = field(repr=False)


class LeaseScreen(Doorstep):
    """`connect_requested` carries a Contact, `extend_requested` an Extension."""

    connect_requested = Signal(object)
    stop_requested = Signal()
    extend_requested = Signal(object)

    def __init__(self, hear: Hear) -> None:
        super().__init__("Connect to the office", width=WIDE_CARD)
        self.passphrase = PassphraseEdit()
        self.field = LabelledField("Passphrase", self.passphrase)
        self.connect_now = wide(PrimaryButton("Connect now", "refresh-cw"))
        self.stop = wide(SecondaryButton("Stop"))
        self.stop.hide()
        self.lost = CodeField("Code from the office, to be let in again", hear, groups=GROUPS)
        self.lost.hide()
        self.letters = SpokenLetters("Letters to read to the office")
        self.code = CodeField("Code from the office", hear, groups=GROUPS)
        self.use_code = wide(SecondaryButton("Unlock with the code"))
        self.back = LinkButton("Back", "chevron-left")
        for widget in (
            self.field,
            Heading("If you have internet", 3),
            Label(CONNECT, TextKind.MUTED),
            self.lost,
            self.connect_now,
            self.progress,
            self.stop,
            Heading("If you only have a telephone", 3),
            Label(CALL, TextKind.MUTED),
            self.letters,
            self.code,
            self.use_code,
            self.back,
        ):
            self.card.add(widget)
        self._connect()

    def _connect(self) -> None:
        for line in (self.passphrase, self.lost.line):
            line.returnPressed.connect(self._ask_connect)
        self.connect_now.clicked.connect(self._ask_connect)
        self.stop.clicked.connect(self._stop)
        self.code.line.returnPressed.connect(self._ask_extend)
        self.use_code.clicked.connect(self._ask_extend)
        self.back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.passphrase)
        self._first = self.field
        acts = (self.connect_now, self.use_code, self.back)
        self._inputs = (self.passphrase, self.lost, self.code, *acts)

    def show_lease(self, words: str, request: str) -> None:
        """Say why the laptop asks, and show the letters to read out; begin anew."""
        self.empty()
        self.set_lead(words)
        self.letters.show_letters(request)

    def clear(self) -> None:
        """Forget the passphrase and what was wrong; the code stays to be mended."""
        super().clear()
        self.passphrase.wipe()
        for field_ in (self.field, self.lost.field, self.code.field):
            field_.set_problem(None)

    def empty(self) -> None:
        """Forget the code too."""
        self.clear()
        self.code.wipe()
        self.lost.wipe()
        self.lost.hide()
        self.letters.show_letters("")

    def set_connecting(self, words: str) -> None:
        """Show how far connecting is, with a way to stop it."""
        self.set_busy(True, words)
        self.stop.show()

    def set_busy(self, busy: bool, text: str = "") -> None:  # noqa: FBT001 - a setter in Qt's manner
        """Show that something takes its time, and take no input meanwhile."""
        super().set_busy(busy, text)
        if not busy:
            self.stop.hide()
            self.stop.setEnabled(True)
            self.stop.set_words("Stop")

    def show_lost(self, words: str) -> None:
        """Say that the office does not know this laptop, and ask for its code to come back."""
        self.lost.show()
        self.summary.show_problems([Problem(f"{words} {LOST}", self.lost.field)])

    def show_wrong_groups(self, groups: Sequence[int], words: str) -> None:
        """Say that the code was typed wrong, and where."""
        self.show_problem(words)
        (self.lost if self.lost.value() else self.code).show_wrong(groups)

    def show_wrong_code(self, words: str) -> None:
        """Say that the whole code is not the one; it is typed anew."""
        self.show_problem(words)
        self.code.field.set_problem(words)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop.set_words("Stopping")
        self.stop_requested.emit()

    def _ask_connect(self) -> None:
        code = "" if self.lost.isHidden() else self.lost.value()
        wrong = self.lost.problem() if code else ""
        words = self._passphrase([Problem(wrong, self.lost.field)] if wrong else [])
        if words:
            self.connect_requested.emit(Contact(words, code))

    def _ask_extend(self) -> None:
        code = self.code.value()
        wrong = self.code.problem()
        words = self._passphrase([Problem(wrong, self.code.field)] if wrong else [])
        if words:
            self.extend_requested.emit(Extension(words, code))

    def _passphrase(self, problems: list[Problem]) -> str:
        """Take the passphrase out of its field; empty if there is something to mend first."""
        words = self.passphrase.text()
        if not words:
            problems = [Problem("Enter your passphrase", self.field), *problems]
        if problems:
            self.summary.show_problems(problems)
            return ""
        self.clear()
        return words
