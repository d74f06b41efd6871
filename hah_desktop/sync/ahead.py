"""Pushes that are packed while the one before is judged, and sent before its receipts are taken.

Pure: whether anything is done at the same time is for the office that is given. At most two pushes
are held at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Told
from hah_desktop.sync.question import Question

Push = Question[tuple[Accepted, Told]]
"""One push, packed and signed."""


class Packs(Protocol):
    """An office to which a push can be sent without waiting for its answer."""

    def pack(self, epoch: str, changes: Sequence[Spelled]) -> Push:
        """Pack changes and sign them as a batch; nothing is sent. Receipts say what they became."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch that is ready to be sent, or under way."""

    batch: Sequence[Spelled]
    push: Push


def ready(office: Packs, epoch: str, batch: Sequence[Spelled]) -> Ready | None:
    """The batch, packed; None for an empty one."""
    return Ready(batch, office.pack(epoch, batch)) if batch else None
