"""Questions to a store, each in a transaction of its own or several in one. They write nothing.

For one thread: what one asks at once, another one does not ask within it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from hah_desktop.store.store import Store


class Looks:
    """Where somebody asks one thing after the other, of which some belong to one moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: Connection | None = None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All that is asked within is asked in one transaction."""
        with self._store.reading() as connection:
            self._open = connection
            try:
                yield
            finally:
                self._open = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads: the one that is open, or one of its own."""
        if self._open is not None:
            yield self._open
            return
        with self._store.reading() as connection:
            yield connection
