"""How many changes go into the next push, and which is the one that cannot be read. Pure."""

from collections.abc import Sequence

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.changes import Spelled

FIRST_BATCH = 1000
"""How many changes go into the first push, and the most that ever do."""


class Batches:
    """How many changes go into the next push: half after a refusal, slowly more again after it.

    It is never more than the line carries.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._size = FIRST_BATCH
        self._refusals = 0
        self._since = 0
        self._alone = ""

    @property
    def size(self) -> int:
        """How many go into the next push."""
        return min(self._size, self._capacity.size)

    def is_full(self, batch: Sequence[Spelled]) -> bool:
        """Whether more may wait behind these, and none of the sizes was refused."""
        return not self._refusals and len(batch) == self.size

    def unread(self, batch: Sequence[Spelled]) -> bool:
        """The office cannot read these. Returns whether it is a single one that was sent twice.

        Halved until there is one, and that one tried again: a fault of the line has passed by then.
        """
        if len(batch) > 1:
            self.refused(len(batch))
            return False
        again = self._alone == batch[0]
        self._alone = batch[0]
        return again

    def found(self) -> None:
        """What nobody could read is out of the way: the others go as they always do."""
        self._size, self._refusals, self._since = FIRST_BATCH, 0, 0

    def refused(self, count: int) -> None:
        """The office would not take so many at once."""
        self._size = max(1, min(self.size, count) // 2)
        self._refusals += 1
        self._since = 0

    def cut(self, batch: Sequence[Spelled]) -> None:
        """The line was cut before the office’s word about these was here."""
        self._capacity.cut(len(batch))

    def taken(self, count: int) -> None:
        """The office took so many. Each refusal asks for one more success before the next try."""
        self._capacity.carried(count)
        self._since += 1
        if self._since >= self._refusals:
            self._size, self._since = min(FIRST_BATCH, self._size * 2), 0
