"""A laptop at work, to be killed at any moment, and what it promised: a line is a promise.

What a line names was on the disk before the line was written. `work` runs in a forked process;
`broken` says afterwards which promises are not kept.
"""

import dataclasses as dc
import enum
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count

from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.exchange import Page, PulledChange, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal import drafts, reading, saving
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store

Say = Callable[[str], None]


class Fault(enum.StrEnum):
    """What is wrong with the program under test; the checker has to notice it."""

    NONE = "none"
    TOO_EARLY = "it says that it has saved before the transaction has ended"


def words(number: int) -> str:
    """What is typed the n-th time."""
    return f"Note {number}. " * 40


class Recorder:
    """Types, saves, edits and syncs without end."""

    def __init__(self, store: Store, say: Say, fault: Fault) -> None:
        self._store = store
        self._say = say
        self._fault = fault

    def work(self, first: int) -> None:
        """Work until killed; the records are numbered from `first`."""
        for number in count(first):
            self._type(number)
            if number % 4 != 3:
                self._save(number)
                self._edit(number)
            if number % 3 == 0:
                self._hear_from_the_office(number)

    @contextmanager
    def _promised(self, line: str) -> Iterator[Transaction]:
        with self._store.writing() as connection:
            yield connection
            if self._fault is Fault.TOO_EARLY:
                self._say(line)
        if self._fault is not Fault.TOO_EARLY:
            self._say(line)

    def _type(self, number: int) -> None:
        """A draft, kept over and over as it grows."""
        for part in (1, 2):
            body = {"impression": words(number)[: part * 150]}
            typed = Draft(_visit(number), "visit", "", body, NOTHING)
            with self._promised(f"draft {number} {part}") as connection:
                drafts.keep(connection, typed)

    def _save(self, number: int) -> None:
        visit = Visit(id=_visit(number), impression=words(number))
        with self._promised(f"saved {number}") as connection:
            saving.save(connection, [Edited(visit)], self._store._stamp(connection))

    def _edit(self, number: int) -> None:
        with self._store.reading() as connection:
            held = reading.get(connection, _visit(number))
        if held is None or not isinstance(held.record, Visit):
            raise LookupError(number)
        edited = Edited(dc.replace(held.record, met_by=f"Person {number}"), held.seen)
        with self._promised(f"edited {number}") as connection:
            saving.save(connection, [edited], self._store._stamp(connection))

    def _hear_from_the_office(self, number: int) -> None:
        """Receipts for all that is only here, then a page with somebody else's record."""
        with self._store.reading() as connection:
            given = [
                Receipt(c.id, content_hash(c), Verdict.APPLIED, c.number)
                for c in outbox.unsent(connection, 50)
            ]
        if given:
            with self._promised(f"received {given[-1].order}") as connection:
                outbox.take_receipts(connection, given)
        file = FileId(f"visit:pulled-{number}")
        theirs = PulledChange(
            ChangeId(f"theirs-{number}"), number, "two", "amir", fields={"met_by": words(number)}
        )
        row = PulledRow(RecordId(f"pulled-{number}"), "visit", (file,), number, (theirs,))
        with self._promised(f"pulled {number}") as connection:
            outbox.take_page(connection, Page("", {file: number}, more=False), [row])
            outbox.note_run(connection, SyncRun("", "", len(given), 1))


def _visit(number: int) -> RecordId:
    return RecordId(f"visit-{number}")


def broken(store: Store, promises: Iterable[str]) -> list[str]:
    """The promises that are not kept."""
    with store.reading() as connection:
        return [line for line in promises if not _kept(connection, line.split())]


def _kept(connection: Transaction, promise: list[str]) -> bool:
    """Whether one promise holds; a later one of the same record may have taken its place."""
    kind, number = promise[0], int(promise[1])
    if kind == "received":
        waiting = outbox.unsent(connection, 1)
        return not waiting or waiting[0].number > number
    if kind == "pulled":
        held = reading.get(connection, f"pulled-{number}")
        moved = outbox.cursors(connection).get(FileId(f"visit:pulled-{number}"))
        return moved == number and _says(held, "met_by") == words(number)
    held = reading.get(connection, _visit(number))
    if kind == "draft" and held is None:
        draft = drafts.get(connection, _visit(number))
        whole = draft.body["impression"] if draft else ""
        return len(str(whole)) >= int(promise[2]) * 150 and words(number).startswith(str(whole))
    saved = _says(held, "impression") == words(number)
    return saved and (kind != "edited" or _says(held, "met_by") == f"Person {number}")


def _says(held: reading.Held | None, name: str) -> object:
    return held.seen.body.get(name) if held else None
