"""Pushes that are packed while the one before is judged, and sent before its receipts are taken.

Pure: whether anything is done at the same time is for the office that is given. One that only
pushes does it in turn, and a sync over it is the same. At most two pushes are held at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import Accepted, Told


class Pushing(Protocol):
    """One push, packed and signed."""

    def begin(self) -> None:
        """Send it, and wait for nothing. No fault is raised here."""
        ...

    def answer(self) -> tuple[Accepted, Told]:
        """Send it if that was not done, and wait. Raises what a push raises."""
        ...

    def give_up(self) -> None:
        """Nobody wants its answer any more; the office may have taken it all the same."""
        ...


@runtime_checkable
class Packs(Protocol):
    """An office to which a push can be sent without waiting for its answer."""

    def pack(self, epoch: str, changes: Sequence[Spelled]) -> Pushing:
        """Pack changes and sign them as a batch; nothing is sent."""
        ...


class Pushes(Protocol):
    """An office that takes a push and answers it at once."""

    def push(self, epoch: str, changes: Sequence[Spelled]) -> tuple[Accepted, Told]:
        """Send changes; the receipts say what became of them."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch that is ready to be sent, or under way."""

    batch: Sequence[Spelled]
    push: Pushing


@dataclass(frozen=True, slots=True)
class _InTurn:
    """A push over an office that answers at once: sent when its answer is asked for."""

    office: Pushes
    epoch: str
    changes: Sequence[Spelled]

    def begin(self) -> None:
        """Its turn has not come."""

    def answer(self) -> tuple[Accepted, Told]:
        """Send it and wait."""
        return self.office.push(self.epoch, self.changes)

    def give_up(self) -> None:
        """It was not sent."""


def ready(office: Pushes, epoch: str, batch: Sequence[Spelled]) -> Ready | None:
    """The batch, packed if the office can be sent it so; None for an empty one."""
    if not batch:
        return None
    if isinstance(office, Packs):
        return Ready(batch, office.pack(epoch, batch))
    return Ready(batch, _InTurn(office, epoch, batch))
