"""A line to an office in memory, used as the client of the network is."""

import threading
from collections.abc import Mapping, Sequence

from hah_desktop.domain import exchange
from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.sync.errors import unreachable
from hah_desktop.sync.line import Moved
from tests.sync.office import Line

WAIT_S = 120


class OfficeLine(Line):
    """A line that a test can cut, or hold up before anything is fetched."""

    is_down = False
    says_no: KnownError | None = None
    asked = 0
    hold: threading.Event | None = None

    def hello(self) -> exchange.Hello:
        self.asked += 1
        if self.is_down:
            raise unreachable()
        if self.says_no is not None:
            raise self.says_no
        return super().hello()

    def is_there(self) -> None:
        """Say nothing but that."""
        self.hello()

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[exchange.Page, list[exchange.PulledRow]]:
        if self.hold is not None:
            assert self.hold.wait(WAIT_S)
        return super().pull(epoch, cursors, want, brief=brief)

    def push(
        self, epoch: str, changes: Sequence[Spelled]
    ) -> tuple[exchange.Accepted, list[exchange.Receipt]]:
        if self.hold is not None:
            assert self.hold.wait(WAIT_S)
        return super().push(epoch, changes)

    @property
    def moved(self) -> Moved:
        """As many bytes as nobody counted."""
        return Moved()

    def cut(self) -> None:
        """Stop what waits, as the client of the network does."""
        if self.hold is not None:
            self.hold.set()

    def close(self) -> None:
        """Hang up."""
