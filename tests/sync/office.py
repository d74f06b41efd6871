"""An office in memory: the rule of `domain.heads` and the order of arrival, nothing else."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from hah_desktop.domain.changes import Change, Spelled, content_hash, from_spelled
from hah_desktop.domain.digest import Digest, digest_of, part, whole
from hah_desktop.domain.exchange import (
    Accepted,
    ByHand,
    Card,
    Heard,
    Hello,
    Opened,
    OwnChange,
    Page,
    PulledChange,
    PulledRow,
    Reached,
    Receipt,
    SeenPage,
    Told,
    Verdict,
    Waits,
    Witness,
)
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.pages import NAMES, Pulled
from hah_desktop.sync.steps import GAP
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.sync.questions import AtOnce, InTurn, begun

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
Field = tuple[RecordId, str]


Answer = tuple[Accepted, list[Receipt]]


class Journal:
    """What a backup holds."""

    def __init__(self) -> None:
        self.changes: dict[ChangeId, tuple[int, Change]] = {}
        self.heads: dict[Field, FieldHeads] = {}
        self.moved: dict[Field, int] = {}
        self.records: dict[RecordId, Change] = {}
        self.numbers: dict[LaptopId, int] = {}

    def copy(self) -> Self:
        """The same journal, to go on by itself."""
        other = type(self)()
        for name, kept in vars(self).items():
            setattr(other, name, dict(kept))
        return other

    def keep(self, change: Change) -> Verdict:
        """Store one change; one that is known has no effect."""
        if change.id in self.changes:
            return Verdict.DUPLICATE
        for name, edit in change.edits.items():
            field = (change.record, name)
            known = frozenset(edit.replaces) & self.changes.keys()
            before = self.heads.get(field, FieldHeads())
            self.heads[field] = take(before, change.id, edit.replaces, known)
            self.moved[field] = len(self.changes) + 1
        self.changes[change.id] = (len(self.changes) + 1, change)
        self.records[change.record] = change
        self.numbers[change.laptop] = max(self.numbers.get(change.laptop, 0), change.number)
        return Verdict.APPLIED

    def receipt(self, change: Change, verdict: Verdict) -> Receipt:
        """The office's word for a change that it holds."""
        heads = {name: self.heads_of(change.record, name) for name in change.edits}
        return Receipt(
            change.id,
            content_hash(change),
            verdict,
            self.changes[change.id][0],
            {name: ids for name, ids in heads.items() if ids != (change.id,)},
        )

    def heads_of(self, record: RecordId, name: str) -> tuple[ChangeId, ...]:
        """The heads of a field, in a fixed order."""
        return tuple(sorted(self.heads[record, name].heads))

    def digests(self, files: Iterable[FileId]) -> dict[FileId, Digest]:
        """What each file holds."""
        heads: dict[RecordId, dict[str, frozenset[ChangeId]]] = {}
        for (record, name), state in self.heads.items():
            heads.setdefault(record, {})[name] = state.heads
        return {
            file: digest_of(
                part(record, fields)
                for record, fields in heads.items()
                if file in self.records[record].files
            )
            for file in files
        }

    def rows(self, laptop: LaptopId | None, fields: Iterable[Field]) -> list[PulledRow]:
        """These fields with all of their heads; in full, unless the laptop has said them."""
        heads: dict[RecordId, dict[ChangeId, list[str]]] = {}
        for record, name in fields:
            for change in self.heads_of(record, name):
                heads.setdefault(record, {}).setdefault(change, []).append(name)
        return [
            PulledRow(
                record,
                self.records[record].kind,
                self.records[record].files,
                max(seq for (r, _), seq in self.moved.items() if r == record),
                tuple(self._pulled(change, names, laptop) for change, names in said.items()),
            )
            for record, said in heads.items()
        ]

    def _pulled(
        self, change: ChangeId, names: Sequence[str], laptop: LaptopId | None
    ) -> PulledChange:
        order, said = self.changes[change]
        if said.laptop == laptop:
            return PulledChange(change, order, own=tuple(names))
        return PulledChange(
            change,
            order,
            laptop=said.laptop,
            author=said.author,
            made_at=said.made_at,
            clock_trusted=said.clock_trusted,
            fields={name: said.edits[name].value for name in names},
            replaces={name: ids for name in names if (ids := said.edits[name].replaces)},
        )


class MemoryOffice:
    """An office that can be restored from a copy, and that tells of `page` changes at once."""

    def __init__(self, *, page: int = 3, largest: int = 1000) -> None:
        self.id = "office-1"
        self.epoch = "epoch-1"
        self.page = page
        self.largest = largest
        self.journal = Journal()
        self.orders: list[SignedOrder] = []
        self.witnessed: dict[ChangeId, Witness] = {}

    def backup(self) -> Journal:
        """A copy of everything that was received."""
        return self.journal.copy()

    def restore(self, journal: Journal) -> None:
        """Go back to a copy, and say so by a new epoch."""
        self.journal = journal.copy()
        self.witnessed = {}
        self.epoch = f"epoch-{int(self.epoch.removeprefix('epoch-')) + 1}"

    def push(self, laptop: LaptopId, changes: Sequence[Change]) -> Answer:
        """Store every change and give a receipt for each."""
        if len(changes) > self.largest:
            raise Refused("urn:hah:too-large", "That is too much at once.", status=413)
        expected = self.journal.numbers.get(laptop, 0) + 1
        if changes[0].number > expected:
            raise Refused(GAP, f"Change {expected} is missing.", status=409)
        verdicts = [(change, self.journal.keep(change)) for change in changes]
        receipts = [self.journal.receipt(change, verdict) for change, verdict in verdicts]
        return Accepted(self.epoch, self.journal.numbers[laptop]), receipts

    def pull(
        self, laptop: LaptopId, cursors: Mapping[FileId, int], want: Sequence[RecordId]
    ) -> tuple[Page, list[PulledRow]]:
        """What moved after the cursors, and in full what is wanted."""
        journal = self.journal
        end = len(journal.changes)
        # A cursor beyond the end was given by an office that has been lost since.
        known = {file: seq if seq <= end else 0 for file, seq in cursors.items()}
        wanted = [field for field in journal.moved if field[0] in want]
        due = {
            field: seq
            for field, seq in journal.moved.items()
            if seq > min(known.get(file, 0) for file in journal.records[field[0]].files)
        }
        places = sorted(set(due.values()))
        sent = set(places[: self.page])
        more = len(sent) < len(places)
        reached = max(sent) if more else end
        rows = journal.rows(laptop, [field for field, seq in due.items() if seq in sent])
        files = {file for change in journal.records.values() for file in change.files}
        upto = {file: max(reached, known.get(file, 0)) for file in files | known.keys()}
        digests = {} if more else journal.digests(upto)
        return Page(self.epoch, upto, more, digests), [*journal.rows(None, wanted), *rows]


def unnamed(page: Page) -> Page:
    """The page as a brief pull gets it."""
    return dc.replace(page, digests={}, whole=whole(page.digests) if page.digests else "")


class Line:
    """One laptop's line to the office."""

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        self.office = office
        self.laptop = LaptopId(laptop)
        self.pushed: list[int] = []
        self.behind: list[Mapping[FileId, int] | None] = []
        self.knows: list[Mapping[FileId, int]] = []
        self.pulled: list[Sequence[RecordId]] = []
        self.most: list[int] = []
        self.differs: list[Sequence[FileId]] = []
        self.told_waiting = 0

    def hello(self) -> Hello:
        return Hello(self.office.id, self.office.epoch, "Help at Hand", NOON.isoformat())

    def challenge(self) -> list[SignedOrder]:
        return list(self.office.orders)

    def sign_in(self, office: str) -> Reached:
        assert office == self.office.id
        mine = self._own()
        return Reached(mine[-1].number, content_hash(mine[-1])) if mine else Reached()

    def own(self, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
        behind = [change for change in self._own() if change.number > after]
        orders = self.office.journal.changes
        return [
            OwnChange(change, orders[change.id][0], Verdict.APPLIED)
            for change in behind[: min(most, self.office.page)]
        ]

    def _own(self) -> list[Change]:
        changes = (change for _, change in self.office.journal.changes.values())
        mine = [change for change in changes if change.laptop == self.laptop]
        return sorted(mine, key=lambda change: change.number)

    def seen(self, after: int, _opened: Sequence[Opened], _epoch: str) -> SeenPage:
        """Nobody else has opened anything."""
        return SeenPage(after, False, [])

    def cards(self, _sealing: str) -> list[Card]:
        return []

    def carried(self, _changes: Mapping[ChangeId, str], _given: Sequence[str]) -> Heard:
        """Nobody gives this office anything but the laptop itself."""
        return Heard([])

    def by_hand(self, _hand: ByHand) -> int:
        return 0

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> InTurn[tuple[Accepted, Told]]:
        self.behind.append(behind)
        self.knows.append(dict(knows or {}))
        return InTurn(lambda: self.push(epoch, changes))

    def push(self, epoch: str, changes: Sequence[Spelled]) -> Answer:
        assert epoch == self.office.epoch
        self.pushed.append(len(changes))
        return self.office.push(self.laptop, list(map(from_spelled, changes)))

    def push_opaque(self, epoch: str, change: Spelled, knows: Mapping[FileId, int]) -> Answer:
        self.knows.append(dict(knows))
        return self.push(epoch, [change])

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        assert epoch == self.office.epoch
        if brief:
            self.check_names(cursors)
        self.pulled.append(want)
        page, rows = self.office.pull(self.laptop, cursors, want)
        return unnamed(page) if brief else page, rows

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> AtOnce[Pulled]:
        self.most.append(most)
        return begun(lambda: self.pull(epoch, cursors, want, brief=brief))

    def check_names(self, cursors: Mapping[FileId, int]) -> None:
        """As an office that cannot know which files are meant: they have to be named then."""
        page, _ = self.office.pull(self.laptop, cursors, [])
        if page.files.keys() != cursors.keys() or any(
            seq > len(self.office.journal.changes) for seq in cursors.values()
        ):
            raise Refused(NAMES, "Name them.", status=409)

    def waiting(self, count: int, _ahead: int) -> None:
        self.told_waiting = count

    def differing(self, files: Sequence[FileId]) -> None:
        self.differs.append(files)

    def unknown(self, changes: Sequence[ChangeId]) -> list[ChangeId]:
        return [change for change in changes if change not in self.office.journal.changes]

    def waits(self, told: Sequence[ChangeId]) -> Waits:
        due = [change for change in told if change not in self.office.journal.changes]
        lacking = [change for change in due if change not in self.office.witnessed]
        return Waits([change for change in due if change not in lacking], lacking)

    def witness(self, items: Sequence[Witness]) -> int:
        self.office.witnessed.update({item.change: item for item in items})
        return len(items)
