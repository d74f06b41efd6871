"""Carries the content of attachments, once the text is there: to the office, and from it.

It is stopped between any two chunks and goes on where it was: the office says what it has, and
what came is kept piece by piece. The text of a record never waits for any of this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from hah_desktop.domain.chunks import Standing, Taken, length_of
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.media import size_in_words
from hah_desktop.store.attachments import coming, travelling
from hah_desktop.store.attachments.attachments import Attachments, Unreadable
from hah_desktop.store.attachments.coming import NotFetched
from hah_desktop.store.attachments.travelling import Going, Wanted
from hah_desktop.store.store import Store
from hah_desktop.sync.errors import Cancelled, Refused
from hah_desktop.sync.wire.blobs import MOST_ASKED

SMALL = 5_000_000
"""What is no larger comes by itself at the end of a sync."""

NOT_THERE = "urn:hah:no-attachment"
UNKNOWN = "urn:hah:unknown-path"
WRONG_CONTENT = "urn:hah:wrong-content"


class Office(Protocol):
    """What is asked of the office. Each call raises a KnownError when it does not work."""

    def blobs_status(self, hashes: Sequence[str]) -> list[Standing]:
        """How far the office has these from this laptop."""
        ...

    def put_chunk(self, sha256: str, size: int, number: int, data: bytes) -> Taken:
        """Send one chunk."""
        ...

    def get_piece(self, sha256: str, first: int, after: int) -> bytes:
        """A piece of one."""
        ...


@dataclass(frozen=True, slots=True)
class Carried:
    """How far the carrying is: files received by the office and fetched, and of one its bytes."""

    sent: int = 0
    fetched: int = 0
    words: str = ""
    problem: KnownError | None = None


Tell = Callable[[Carried], None]
Stopped = Callable[[], bool]


def carry(store: Store, kept: Attachments, office: Office, tell: Tell, stopped: Stopped) -> Carried:
    """Send what the office does not have, then fetch what is small. Faults are returned."""
    carrying = _Carrying(store, kept, office, tell, stopped)
    try:
        carrying.send()
        carrying.fetch_small()
    except KnownError as fault:
        # An office that is older knows nothing of files: they wait until it does.
        if not (isinstance(fault, Refused) and fault.type == UNKNOWN):
            carrying.problem = fault
    return carrying.so_far()


def tidy(store: Store, kept: Attachments) -> None:
    """Take away the files of records that are here no more, and what was begun for them.

    What is gone or cut here and the office has, is to come from there again.
    """
    with store.reading() as connection:
        begun = travelling.is_fetching(connection)
    if begun:
        with store.writing() as connection:
            travelling.tidy(connection)
    if lost := kept.sweep(store).lost:
        with store.writing() as connection:
            travelling.let_come_again(connection, lost)


def is_anything_waiting(store: Store) -> bool:
    """Whether there is anything to carry, so that the office is asked for nothing in vain."""
    with store.reading() as connection:
        if travelling.going(connection):
            return True
        given_up = travelling.given_up(connection)
        wanted = travelling.wanted(connection)
    return any(_comes_by_itself(each, given_up) for each in wanted)


def _comes_by_itself(wanted: Wanted, given_up: frozenset[str]) -> bool:
    return wanted.size <= SMALL and wanted.id not in given_up


def fetch(
    store: Store,
    kept: Attachments,
    office: Office,
    record: str,
    *,
    tell: Callable[[int, int], None],
    stopped: Stopped,
) -> None:
    """Fetch the content of one attachment that is elsewhere. Raises the KnownError that stops it.

    What came until then stays here, and is not asked for again.
    """
    with store.reading() as connection:
        wanted = travelling.find_wanted(connection, record)
    if wanted is not None:
        _Carrying(store, kept, office, lambda _so_far: None, stopped).fetch(wanted, tell)


class NotThere(KnownError):
    """The office does not have it, or does not give it to this laptop."""

    def __init__(self) -> None:
        super().__init__(
            "The office does not have this file yet, or you no longer have its visit.",
            "What is written about it is here.",
            "Ask the adviser who added it to sync.",
        )


@dataclass
class _Carrying:
    """One carrying of files, there and back."""

    store: Store
    kept: Attachments
    office: Office
    tell: Tell
    stopped: Stopped
    sent: int = 0
    fetched: int = 0
    problem: KnownError | None = None

    def so_far(self, words: str = "") -> Carried:
        return Carried(self.sent, self.fetched, words, self.problem)

    def send(self) -> None:
        """Send what the office does not have whole, the smallest first."""
        with self.store.reading() as connection:
            going = travelling.going(connection)
        copies: dict[str, list[Going]] = {}
        for each in going:
            copies.setdefault(each.file.sha256, []).append(each)
        left = iter(copies)
        while batch := list(islice(left, MOST_ASKED)):
            _unless(self.stopped)
            told = self.office.blobs_status(batch)
            standings = {standing.sha256: standing for standing in told}
            for sha256 in batch:
                standing = standings.get(sha256)
                # Left out: the office did not take the record about it, or not yet.
                if standing is not None and standing.size == copies[sha256][0].file.size:
                    self._send_or_note(copies[sha256], standing)

    def _send_or_note(self, copies: Sequence[Going], standing: Standing) -> None:
        """One file that is damaged here, or that somebody spoils on the way, stops no other.

        Where the same was added twice, each copy will do.
        """
        before = self.problem
        for each in copies:
            try:
                self._send(each, standing)
            except Unreadable as fault:
                self.problem = fault
            except Refused as refusal:
                if refusal.type != WRONG_CONTENT:
                    raise
                self._note(standing.sha256, 0)
                self.problem = refusal
                return
            else:
                self.problem = before
                return

    def _send(self, each: Going, standing: Standing) -> None:
        sha256, size = standing.sha256, standing.size
        missing, whole = list(standing.missing), not standing.missing
        sent = size - sum(length_of(size, number) for number in missing)
        self._note(sha256, sent)
        for number in missing:
            _unless(self.stopped)
            self.tell(self.so_far(f"Sending a file: {_of(sent, size)}"))
            data = self.kept.chunk(each.file, number)
            whole = self.office.put_chunk(sha256, size, number, data).whole
            sent += len(data)
            self._note(sha256, sent)
        if whole:
            with self.store.writing() as connection:
                travelling.note_received(connection, sha256)
            self.sent += 1
            self.tell(self.so_far())

    def _note(self, sha256: str, sent: int) -> None:
        with self.store.writing() as connection:
            travelling.note_sent(connection, sha256, sent)

    def fetch_small(self) -> None:
        """Fetch what is small, the smallest first."""
        with self.store.reading() as connection:
            given_up = travelling.given_up(connection)
            wanted = travelling.wanted(connection)
        for each in wanted:
            if not _comes_by_itself(each, given_up):
                continue
            try:
                self.fetch(each, self._fetching)
            except (NotFetched, coming.NotTheSame) as fault:
                self.problem = fault
            except (NotThere, coming.NotNamed):
                continue
            else:
                self.fetched += 1
                self.tell(self.so_far())

    def _fetching(self, done: int, size: int) -> None:
        self.tell(self.so_far(f"Fetching a file: {_of(done, size)}"))

    def fetch(self, wanted: Wanted, tell: Callable[[int, int], None]) -> None:
        """Fetch one."""

        def get(first: int, after: int) -> bytes:
            _unless(self.stopped)
            return self.office.get_piece(wanted.sha256, first, after)

        try:
            coming.fetch(self.store, self.kept, wanted, get, tell)
        except Refused as refusal:
            if refusal.type not in (NOT_THERE, UNKNOWN):
                raise
            coming.forget(self.store, self.kept, wanted.id)
            raise NotThere from refusal


def _of(done: int, size: int) -> str:
    return f"{size_in_words(done)} of {size_in_words(size)}"


def _unless(stopped: Stopped) -> None:
    if stopped():
        raise Cancelled("The sync was stopped.", "What was sent and fetched until then is kept.")
