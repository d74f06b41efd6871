"""What was removed, in words: a line of a list, and the card that brings it back."""

from textwrap import shorten

from PySide6.QtCore import Signal

from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.removed import Gone
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import LinkButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.past import Back, undone
from hah_desktop.ui.parts.sides import Tongue, who_and_when
from hah_desktop.ui.parts.waiting import Waiting
from hah_desktop.ui.parts.words import called_by, record_name

HIDDEN = "It is hidden on every laptop and left out of every summary. Nothing of it is lost."
MOVED_ON = (
    "It was moved to where it belongs, and removed from here. What it said is not shown here, and "
    "is not brought back: it was about somebody else."
)
LONGEST_NAME = 120
NOT_HERE = "What stands in its place is not on this laptop."
KEPT_REMOVED = "Kept removed"
DECIDED_SO = (
    "Removed by one, while another went on with it, and a person decided that it stays removed. "
    "Choose one to read what it said, and to bring it back."
)


def line(gone: Gone, tongue: Tongue) -> str:
    """Who removed it, or decided so, and when."""
    done = "Kept removed" if gone.was_decided else "Removed"
    return f"{done} by {who_and_when(gone.by, tongue)}"


def name(gone: Gone, tongue: Tongue) -> str:
    """What it is called; of what was moved elsewhere only what kind of thing it was."""
    record = gone.held.record
    if gone.stands:
        return record.noun.capitalize()
    return record_name(record, tongue.codes, tongue.names.get(called_by(record), ""))


def listed(gone: Gone, tongue: Tongue) -> Waiting:
    """A line of a list, which leads to its history."""
    called = shorten(name(gone, tongue), LONGEST_NAME, placeholder=" …")
    return Waiting(gone.held.record.id, called, line(gone, tongue))


def brought_back(held: Held) -> Edited:
    """The edit that undoes a removal: what the record said, it says again."""
    return undone(held, Back(REMOVED, "", None))


class GoneCard(Card):
    """Says of one record that it was removed, by whom and when; and brings it back.

    Of what was moved elsewhere nothing comes back: the card leads to what stands there, if that is
    on this laptop (`stands`).
    """

    wanted = Signal()
    """It is to be brought back."""
    followed = Signal(str)
    """The id of the record that stands in its place."""

    def __init__(self, gone: Gone, tongue: Tongue, *, stands: bool) -> None:
        super().__init__(line(gone, tongue))
        self.add(Label(MOVED_ON if gone.stands else HIDDEN, TextKind.MUTED))
        self.back: SecondaryButton | None = None
        self.follow: LinkButton | None = None
        if not gone.stands:
            self.back = SecondaryButton("Bring it back", "undo-2")
            self.add_row(self.back)
            self.back.clicked.connect(self.wanted)
        elif stands:
            self.follow = LinkButton("See what stands in its place")
            self.add(self.follow)
            self.follow.clicked.connect(lambda: self.followed.emit(gone.stands))
        else:
            self.add(Label(NOT_HERE))
