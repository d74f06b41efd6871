"""After a sync: tells the office what was opened here, and learns what others opened.

The text never waits for it, and what does not work now works the next time.
"""

from collections.abc import Sequence
from typing import Protocol

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Opened, SeenPage
from hah_desktop.store.exchange import seen
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta

MOST = 500


class Readers(Protocol):
    """What is asked of the office. Raises a KnownError when it does not work."""

    def seen(self, after: int, opened: Sequence[Opened], epoch: str) -> SeenPage:
        """Tell what was opened here in an epoch; get what others opened behind a number of it."""
        ...


def tell(store: Store, office: Readers) -> KnownError | None:
    """Ask until both sides know all. Returns what stopped it, which hurts nobody."""
    try:
        more = True
        while more:
            with store.reading() as connection:
                epoch = meta.enrolled(connection).epoch
                after, opened = seen.cursor(connection), seen.untold(connection, MOST)
            page = office.seen(after, opened, epoch)
            if page.epoch not in ("", epoch):
                # It was restored since the sync: the next one begins all of this anew.
                return None
            with store.writing() as connection:
                seen.take(connection, opened, page.after, page.seen)
            more = (page.more and page.after > after) or len(opened) == MOST
    except KnownError as fault:
        return fault
    return None
