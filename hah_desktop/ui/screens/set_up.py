"""The first run: the office's address and code, and a passphrase chosen twice. A view only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal

from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton
from hah_desktop.ui.kit.fields import LabelledField, Problem
from hah_desktop.ui.kit.inputs import TextLine
from hah_desktop.ui.parts.doorstep import Doorstep, wide
from hah_desktop.ui.parts.new_passphrase import Judge, NewPassphrase
from hah_desktop.ui.parts.spoken import CodeField, Hear

GROUPS = 6
LEAD = "You need the address and the one-time code that the office gave you."


@dataclass(frozen=True, slots=True)
class EnrolForm:
    """What a new user of the laptop gave."""

    office_address: str
    code: str = field(repr=False)
    passphrase: str = field(repr=False)


class EnrolScreen(Doorstep):
    """`judge` says what is wrong with a passphrase; `hear` reads the letters of a code."""

    enrol_requested = Signal(object)

    def __init__(self, judge: Judge, hear: Hear) -> None:
        super().__init__("Set up this laptop")
        self.set_lead(LEAD)
        self.address_line = TextLine()
        self.address = LabelledField(
            "Office address",
            self.address_line,
            hint="It begins with https:// and is in your letter.",
        )
        self.code = CodeField(
            "One-time code",
            hear,
            groups=GROUPS,
            hint="Six groups of five letters and digits. It works once only.",
        )
        self.code_line = self.code.line
        self.new = NewPassphrase(judge)
        self.first, self.second = self.new.first, self.new.second
        self.start = wide(PrimaryButton("Set up this laptop"))
        self.back = LinkButton("Back", "chevron-left")
        self.back.hide()
        for widget in (self.address, self.code, self.new, self.start, self.progress, self.back):
            self.card.add(widget)
        self._connect()

    def _connect(self) -> None:
        self.new.entered.connect(self._ask)
        self.start.clicked.connect(self._ask)
        self.back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.address)
        self._first = self.address
        self._inputs = (self.address_line, self.code_line, self.new, self.start, self.back)

    def set_person(self, label: str) -> None:
        """Say for whom the laptop is set up, where it is set up for one more person."""
        self.set_lead(f"For {label}. {LEAD}" if label else LEAD)
        self.back.setVisible(bool(label))

    def clear(self) -> None:
        """Forget both passphrases and what was wrong; address and code stay to be mended."""
        super().clear()
        self.new.clear()
        for one in (self.address, self.code.field):
            one.set_problem(None)

    def empty(self) -> None:
        """Forget everything: the next form is another person's, or nobody's."""
        self.clear()
        self.address_line.clear()
        self.code.wipe()

    def show_wrong_groups(self, groups: Sequence[int], words: str) -> None:
        """Say that the code was typed wrong, and where."""
        self.show_problem(words)
        self.code.show_wrong(groups)

    def _ask(self) -> None:
        self.summary.clear()
        self.new.forget_problems()
        problems = self._problems()
        if problems:
            self.summary.show_problems(problems)
            return
        form = EnrolForm(self.address_line.value(), self.code.value(), self.new.value())
        self.clear()
        self.enrol_requested.emit(form)

    def _problems(self) -> list[Problem]:
        found = []
        if not self.address_line.value():
            found.append(Problem("Enter the address of the office", self.address))
        if problem := self.code.problem():
            found.append(Problem(problem, self.code.field))
        return found + self.new.problems()
