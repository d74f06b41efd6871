"""Pushes that are packed while the one before is judged, and sent before its receipts are taken.

Pure: whether anything is done at the same time is for the office that is given. At most two pushes
are held at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Told
from hah_desktop.domain.ids import FileId
from hah_desktop.sync.box import Box
from hah_desktop.sync.foretold import Cursors, Foretold
from hah_desktop.sync.question import Question
from hah_desktop.sync.wire.form import BEARABLE

Push = Question[tuple[Accepted, Told]]
"""One push, packed and signed."""


class Packs(Protocol):
    """An office to which a push can be sent without waiting for its answer."""

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> Push:
        """Pack changes and sign them as a batch; nothing is sent. Receipts say what they became.

        With cursors it also asks whether anything else is new `behind` them, and an office that
        has lost what this laptop has read takes nothing. It says which files this laptop `knows`
        to be no longer given, and behind which change.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch that is ready to be sent, or under way, and the cursors that it asks behind."""

    epoch: str
    batch: Sequence[Spelled]
    push: Push
    behind: Cursors | None = None

    def rest(self, accepted: Accepted) -> Foretold | None:
        """The page that its answer saves, if all receipts are taken."""
        if self.behind is None or accepted.rest is None:
            return None
        return Foretold(accepted.epoch, accepted.moved(self.behind), accepted.rest)


def oldest(
    office: Packs, box: Box, most: int, behind: int = 0, *, named: bool = False
) -> Ready | None:
    """The oldest changes that wait, behind so many that are under way, packed; None for none.

    With `named` nothing is asked behind cursors: the office has to be told the names of all files.
    """
    with box.at_once():
        _, epoch = box.office()
        batch = _bearable(box.unsent(most, behind))
        # A later one need not say it: an office that loses the one before is told by the numbers.
        read = box.behind(batch) if batch and not behind and not named else None
        known = box.known() if batch else None
    if not batch:
        return None
    cursors, is_last = read or (None, False)
    push = office.pack(epoch, batch, cursors, known)
    return Ready(epoch, batch, push, cursors if is_last else None)


def _bearable(batch: Sequence[Spelled]) -> Sequence[Spelled]:
    """As many, from the first, as are not too long together: at least one."""
    size = 0
    for at, change in enumerate(batch):
        size += len(change.encode())
        if at and size > BEARABLE:
            return batch[:at]
    return batch
