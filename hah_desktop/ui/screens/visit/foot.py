"""The buttons at the foot of a visit: those that fit what is on show. They save nothing."""

from collections.abc import Iterator

from hah_desktop.domain.signoff import PLANNED
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.page import Act
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.talk import TalkPart


class Foot:
    """Every button that a visit has at its foot at some time."""

    def __init__(self) -> None:
        self.start = SecondaryButton("Start the visit")
        self.declined = SecondaryButton("Mark as declined")
        self.add_letter = PrimaryButton("Add to this visit", "paperclip")
        self.go_on = PrimaryButton("Save and continue")

    def fitting(self, bundle: Bundle, part: Part | None) -> Iterator[Act]:
        """Give the buttons that fit what is on show, the main act last."""
        if bundle.visit.status == PLANNED:
            yield self.start
        if isinstance(part, TalkPart) and not bundle.is_signed_off:
            yield self.declined
        if part is not None and part.goes_on():
            yield self.go_on
        elif isinstance(part, LetterPart) and not bundle.is_signed_off:
            yield self.add_letter
