"""After a sync: tells the office what was opened here, and learns what others opened.

The text never waits for it, and what does not work now works the next time.
"""

from collections.abc import Sequence
from typing import Protocol

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.store import seen
from hah_desktop.store.store import Store

MOST = 500


class Readers(Protocol):
    """What is asked of the office. Raises a KnownError when it does not work."""

    def seen(self, after: int, opened: Sequence[Opened]) -> tuple[int, bool, list[Seen]]:
        """Tell what was opened here; get how far the answer goes, whether more, and the answer."""
        ...


def tell(store: Store, office: Readers) -> KnownError | None:
    """Ask until both sides know all. Returns what stopped it, which hurts nobody."""
    try:
        more = True
        while more:
            with store.reading() as connection:
                after, opened = seen.cursor(connection), seen.untold(connection, MOST)
            upto, more, found = office.seen(after, opened)
            with store.writing() as connection:
                seen.take(connection, opened, upto, found)
            more = (more and upto > after) or len(opened) == MOST
    except KnownError as fault:
        return fault
    return None
