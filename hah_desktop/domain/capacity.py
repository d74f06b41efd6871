"""How much a line carries in one go: less after a cut, slowly more again after it. Pure.

What was cut has to be sent, or fetched, once more from its start. A line that is cut again and
again before anything is through would carry nothing at all if each try asked as much as the last.
"""

MOST = 2000
"""As many as ever go in one request, or in the answer to one."""

_FEW = 64
"""That so few were cut is no sign yet that the line does not carry them."""

_LONGEST = 4
"""After so many successes at the latest more is tried, however often it was cut."""


class Capacity:
    """How many records, or changes, go in one request. It outlives the sync that was cut."""

    def __init__(self) -> None:
        self.size = MOST
        self._cuts = 0
        self._since = 0

    def cut(self, count: int) -> None:
        """A request of so many, or an answer, was cut before it was through."""
        self.size = max(1, min(self.size, max(count, _FEW)) // 2)
        self._cuts = min(self._cuts + 1, _LONGEST)
        self._since = 0

    def carried(self, count: int) -> None:
        """So many were carried. Each cut asks for one more success before the next try of more.

        What is far less than was allowed says nothing of how much the line carries.
        """
        if self.size == MOST or 2 * count < self.size:
            return
        self._since += 1
        if self._since >= self._cuts:
            self.size, self._since = min(MOST, self.size * 2), 0
        if self.size == MOST:
            self._cuts = 0
