"""What is new, page by page: asked in a few words, and one page ahead where that is known. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.exchange import Page, PulledRow
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.sync.errors import BrokeOff, Refused
from hah_desktop.sync.foretold import Foretold
from hah_desktop.sync.question import Question
from hah_desktop.sync.wire.form import MAX_CHANGES

NAMES = "urn:hah:names"
"""What an office answers that has to be told which files are on the laptop."""

UNREAD = frozenset({400, 413, 422})
"""What is answered to what is too large or cannot be read, as by an office of an older version."""

Pulled = tuple[Page, list[PulledRow]]
Coming = Question[Pulled]
"""A page that is under way."""


class Pulls(Protocol):
    """An office of which pages can be asked."""

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> Coming:
        """Ask for one page of what is new in the laptop's files, without waiting for it.

        It has `most` records that moved, or fewer. `brief` leaves files unnamed both ways. An
        office that has to be told their names refuses.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """A page that was told with the receipts of a push."""

    foretold: Foretold

    def begin(self) -> None:
        """There is nothing to ask."""

    def answer(self) -> Pulled:
        """No record is in it."""
        return self.foretold.page(), []

    def give_up(self) -> None:
        """Nothing is under way."""


class Pages:
    """The pages of one pull. `named` says that the office has to be told the names of all files.

    The first of them may be `foretold`. None is larger than what the line carries.
    """

    def __init__(
        self,
        office: Pulls,
        capacity: Capacity,
        *,
        named: bool,
        foretold: Foretold | None = None,
    ) -> None:
        self._office = office
        self._capacity = capacity
        self.named = named
        self._foretold = foretold
        self.epoch = ""
        self.cursors: Mapping[FileId, int] = {}
        self._coming: Coming | None = None
        self._brief = False
        self._want: list[RecordId] = []
        self._asking: Sequence[RecordId] = ()
        self._asked: set[RecordId] = set()

    @property
    def are_coming(self) -> bool:
        """Whether one was asked for that nobody has waited for."""
        return self._coming is not None

    def want(self, records: Iterable[RecordId]) -> bool:
        """Ask for these in full, each once. Returns whether any is still to be asked for."""
        for record in records:
            if record not in self._asked:
                self._asked.add(record)
                self._want.append(record)
        return bool(self._want)

    def ask(self, epoch: str, cursors: Mapping[FileId, int]) -> None:
        """Ask for the page behind these cursors, with few words where those do.

        A file of which nothing was read is named: it may be one that is no longer given.
        """
        self.epoch, self.cursors = epoch, cursors
        self._asking, self._want = self._want, []
        self._brief = bool(cursors) and not self.named and all(cursors.values())
        known, self._foretold = self._foretold, None
        # With the receipts the cursors have moved to where it would move them, or not yet.
        is_known = known and known.epoch == epoch and cursors in (known.cursors, known.moved)
        self._coming = _Known(known) if known and is_known and self._brief else self._begin()

    def wait(self) -> Pulled:
        """The page that was asked for. It is asked for by name where few words did not do."""
        coming, self._coming = self._coming, None
        if coming is None:
            raise RuntimeError("waited for a page that nobody asked for")
        try:
            page, rows = self._carried(coming)
        except BrokeOff:
            self._capacity.cut(self._capacity.size)
            raise
        self._capacity.carried(len(rows))
        return page, rows

    def _carried(self, coming: Coming) -> Pulled:
        try:
            return coming.answer()
        except Refused as refusal:
            # Other files are given than are here, or it is an older office.
            if not self._brief or (refusal.type != NAMES and refusal.status not in UNREAD):
                raise
        self.named = True
        self._brief = False
        return self._begin().answer()

    def _begin(self) -> Coming:
        return self._office.begin_pull(
            self.epoch, self.cursors, self._asking, brief=self._brief, most=self._capacity.size
        )

    def may_look_ahead(self, page: Page) -> bool:
        """Whether the next page can be asked for before this one is taken.

        A file that is given no more is first taken off: whoever asks without it has it no more.
        """
        return page.more and self.cursors.keys() <= page.files.keys()

    def drop(self) -> None:
        """Whatever is still coming, nobody takes it."""
        if self._coming is not None:
            self._coming.give_up()
            self._coming = None
