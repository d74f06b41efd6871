"""After a sync: tells a restored office once more what it was told, where it was restored again.

Nothing here decides whether the sync went well: what does not work now works the next time.
"""

from collections.abc import Sequence
from typing import Protocol

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Waits, Witness
from hah_desktop.domain.ids import ChangeId
from hah_desktop.store.exchange import retelling
from hah_desktop.store.store import Store
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.piecewise import in_pieces

ASKED_AFTER = 100
"""So much of what the office was told is asked after at once."""

NOT_THERE = 404
"""What an older office answers to what it does not know."""


class Listener(Protocol):
    """What is asked of the office. Each call raises a KnownError when it does not work."""

    def waits(self, told: Sequence[ChangeId]) -> Waits:
        """What became of what this laptop told of others' changes."""
        ...

    def witness(self, items: Sequence[Witness]) -> int:
        """Tell of others' changes. Returns how many the office has kept."""
        ...


def tell_again(store: Store, office: Listener) -> KnownError | None:
    """Tell what is lacking, and forget what needs no telling. Returns what stopped it."""
    try:
        _tell_again(store, office)
    except KnownError as fault:
        # An older office keeps what it was told, and cannot say whether it has it.
        older = isinstance(fault, Refused) and fault.status == NOT_THERE
        return None if older else fault
    return None


def _tell_again(store: Store, office: Listener) -> None:
    """An office that has what it was told last has what it was told before.

    It is told the oldest first: after a cut the last is lacking still, and all is asked after anew.
    """
    with store.reading() as connection:
        newest = retelling.newest(connection, ASKED_AFTER)
    if not newest or not _lacking(store, office, newest):
        return
    with store.reading() as connection:
        told = retelling.every(connection)
    for first in range(0, len(told), ASKED_AFTER):
        lacking = _lacking(store, office, told[first : first + ASKED_AFTER])
        with store.reading() as connection:
            parts = list(retelling.words(connection, lacking))
        for part in parts:
            in_pieces(store.capacity, part, office.witness, lambda: None)


def _lacking(store: Store, office: Listener, told: Sequence[ChangeId]) -> list[ChangeId]:
    """Those of what was told that the office lacks; what it needs no more is forgotten."""
    waits = office.waits(told)
    lacking = set(waits.lacking)
    if done := set(told).difference(waits.waiting, lacking):
        with store.writing() as connection:
            retelling.forget(connection, done)
    return [change for change in told if change in lacking]
