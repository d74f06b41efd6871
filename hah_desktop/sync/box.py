"""The laptop's own box of changes, as a sync sees it: a port, and nothing behind it. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import (
    Accepted,
    OwnChange,
    Page,
    PulledRow,
    Reached,
    Told,
    Witness,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.removals import Removals
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.foretold import Foretold


class Box(Protocol):
    """The laptop's side: each call is one transaction of the encrypted store, or all are one."""

    def at_once(self) -> AbstractContextManager[None]:
        """All that is asked within is asked in one transaction; nothing is written in it."""
        ...

    def office(self) -> tuple[str, str]:
        """The office's id and epoch as this laptop knows them."""
        ...

    def unsent(self, most: int, behind: int = 0) -> list[Spelled]:
        """The oldest changes without a receipt, as they are kept, behind so many of them."""
        ...

    def behind(self, batch: Sequence[Spelled]) -> tuple[Mapping[FileId, int], bool] | None:
        """How far this laptop has read, and whether these are the last of the unsent.

        If they are, these are the cursors that there are once the office has heard of them. None
        while something is to be read from its start.
        """
        ...

    def take_receipts(
        self, told: Told, accepted: Accepted | None = None, rest: Foretold | None = None
    ) -> int:
        """Mark as received what the office has. Returns how many were new.

        With `accepted` something is told of each change that was sent: if all are new, the files
        that it names have been read as far as it says, and with `rest` all files as far as that.
        """
        ...

    def cursors(self) -> dict[FileId, int]:
        """How far each file has been read."""
        ...

    def take_page(self, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
        """Take a page, and off this laptop what it no longer gives.

        Returns the records to ask for in full.
        """
        ...

    def removals(self, page: Page) -> Removals:
        """What taking the page would take off this laptop, as its files are given no more."""
        ...

    def going(self, page: Page) -> Sequence[ChangeId]:
        """The changes that the office named of what taking the page would take off this laptop."""
        ...

    def note_known(self, page: Page) -> None:
        """A person is asked about what the page no longer gives, and so knows it."""
        ...

    def known(self) -> Mapping[FileId, int]:
        """What is here and known to be no longer given, with the last change made before."""
        ...

    def compared(self) -> Sequence[FileId] | None:
        """The files of which this laptop holds something else than the newest page says.

        None where there are some, and the page that left them unnamed does not say which.
        """
        ...

    def read_again(self, files: Sequence[FileId]) -> None:
        """Ask for all of these files with the next pull."""
        ...

    def is_behind(self, reached: Reached) -> bool:
        """Whether the office has less of this laptop's changes than it gave receipts for."""
        ...

    def owes_witness(self, *, anew: bool) -> bool:
        """Whether the office was restored and not asked yet what it lost.

        Also while something is still here that it was told, unless only what is `anew` counts.
        """
        ...

    def heads(self, after: int, *, every: bool) -> tuple[int, Sequence[ChangeId]]:
        """Where to go on, and the changes that the next records name; at the end, no further.

        Without `every` they may be fewer: only those that the office is known to have left out.
        """
        ...

    def words(self, changes: Sequence[ChangeId]) -> Sequence[Sequence[Witness]]:
        """What these changes say, as far as it is known here, in parts to be sent at once."""
        ...

    def remember(self, changes: Sequence[ChangeId]) -> None:
        """The office was told what these say: it may be restored to before, and need it again."""
        ...

    def lose(self, changes: Sequence[ChangeId]) -> None:
        """The office does not know these, and has been told what they say."""
        ...

    def gave_witness(self) -> None:
        """The office has been asked about all that is here."""
        ...

    def lost(self) -> Removals | None:
        """What would go from this laptop with what the office has lost; None if that is nothing."""
        ...

    def drop_lost(self) -> None:
        """What the office has lost leaves the heads of the records here."""
        ...

    def start_again(self, epoch: str) -> None:
        """The office was restored: offer every change again, read from the start."""
        ...

    def met_office(self, office_now: dt.datetime) -> None:
        """Compare clocks."""
        ...

    def compare(self, reached: Reached) -> int | None:
        """Compare this laptop's history with the office's. Returns None when they agree.

        Otherwise, where a safety copy was put back here, the number behind which the office has
        what is missing. Raises the KnownError that tells that the histories differ.
        """
        ...

    def is_whole(self, reached: Reached) -> bool:
        """Whether they agree, and the office has all changes that it gave receipts for."""
        ...

    def take_own(self, own: Sequence[OwnChange], reached: Reached) -> None:
        """Take back changes of this laptop itself: all of them, or none and a KnownError."""
        ...

    def take_orders(self, orders: Sequence[SignedOrder]) -> SignedOrder | None:
        """Obey what the pinned key signed for this laptop and is new; nothing else.

        Returns the order that ends this laptop's access, if it came.
        """
        ...
