"""One laptop's line to the office, with the weather on it.

Everything is spelled and read as on the real wire. A request can be lost, its answer can be lost
or cut short, it can arrive twice, or much later than a newer one; the office can stop dead.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from hah_central.problems import Problem
from hah_desktop.domain.changes import Change, Spelled, from_spelled
from hah_desktop.domain.exchange import (
    Accepted,
    ByHand,
    Card,
    Heard,
    Hello,
    OwnChange,
    Page,
    PulledRow,
    Reached,
    Receipt,
    Run,
    Told,
    Verdict,
    Waits,
    Witness,
)
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.errors import Refused, broke_off, unreachable
from hah_desktop.sync.pages import UNREAD, Coming
from hah_desktop.sync.wire.cards import read_cards
from hah_desktop.sync.wire.changes import (
    read_own,
    read_page,
    read_told,
    write_brief_pull,
    write_pull,
    write_spelled_push,
)
from hah_desktop.sync.wire.form import MAX_CHANGES
from hah_desktop.sync.wire.hand import read_heard, write_by_hand
from hah_desktop.sync.wire.opaque import write_opaque
from hah_desktop.sync.wire.witness import write_witness
from tests.simulation.desk import ask_after, keep_by_hand, swap_cards
from tests.simulation.memory import PowerCut
from tests.simulation.office import Office
from tests.simulation.truth import DIVERGED, UNSETTLED, WRONG_ACCESS, Access, Truth, tokens
from tests.sync.questions import InTurn, begun

T = TypeVar("T")
Request = Callable[[], bytes]
STATEMENTS = 25
"""About as many as one request has at the office: the power goes at any of them."""


@dataclass
class Weather:
    """How often something goes wrong on the way, and what hangs there still."""

    chance: random.Random
    how_often: float = 0.0
    late: list[tuple[str, Request]] = field(default_factory=list)
    tell: Callable[[str], None] = lambda _: None

    def blows(self) -> bool:
        """Whether something goes wrong this time."""
        return self.chance.random() < self.how_often

    def bring_one(self) -> None:
        """Let one of the late requests arrive, any of them. Nobody waits for its answer."""
        if self.late:
            name, request = self.late.pop(self.chance.randrange(len(self.late)))
            self.tell(f"    a late {name} arrives")
            try:
                request()
            except (Problem, DBAPIError):
                self.tell("    and is refused")


@dataclass
class Line:
    """What `OfficePort` and `Colleagues` ask for, over `Weather`, to the shipped office.

    What is `unread` does not get through but as its mere bytes.
    """

    office: Office
    laptop: LaptopId
    weather: Weather
    truth: Truth
    access: Access
    page: int = 1000
    meanwhile: Callable[[], None] = lambda: None
    unread: set[ChangeId] = field(default_factory=set)
    differs: list[FileId] = field(default_factory=list)
    heads_told: dict[str, dict[str, Sequence[ChangeId]]] = field(default_factory=dict)
    heads_here: Callable[[], Mapping[str, Mapping[str, Sequence[ChangeId]]]] = dict

    def hello(self) -> Hello:
        return self._asked(self.office.hello)

    def challenge(self) -> Sequence[SignedOrder]:
        return self._asked(lambda: self.office.orders(self.laptop))

    def sign_in(self, office: str) -> Reached:
        assert office == self.office.hello().office
        return self._asked(lambda: self.office.reached(self.laptop))

    def own(self, after: int, most: int) -> Sequence[OwnChange]:
        asked, most = f"own after {after}", min(most, self.page)
        return self._sent(asked, lambda: self.office.own(self.laptop, after, most), read_own)

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> InTurn[tuple[Accepted, Told]]:
        return InTurn(lambda: self.push(epoch, changes, behind, knows))

    def push(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> tuple[Accepted, Told]:
        sent = list(map(from_spelled, changes))
        if self.unread.isdisjoint(change.id for change in sent):
            return self._push(write_spelled_push(epoch, changes, behind, knows), sent)
        return self._sent("push", self._chokes, read_told)

    def push_opaque(
        self, epoch: str, change: Spelled, knows: Mapping[FileId, int]
    ) -> tuple[Accepted, Told]:
        return self._push(write_opaque(epoch, change, knows), [from_spelled(change)])

    def _chokes(self) -> bytes:
        status = self.weather.chance.choice(sorted(UNREAD))
        raise Problem(status, "unreadable", "The request cannot be read.")

    def _push(self, body: bytes, sent: Sequence[Change]) -> tuple[Accepted, Told]:
        def arrive() -> bytes:
            answer = self.office.push(self.laptop, body)
            for accepted in self.access.follow(self.office):
                self.truth.accuse(WRONG_ACCESS, f"accepted {accepted}")
            return answer

        self._believes_the_receipts()
        numbers = f"push {sent[0].number}–{sent[-1].number} of {self.laptop}"
        answer = self._sent(numbers, arrive, read_told)
        singly = {each.id: each for each in answer[1] if isinstance(each, Receipt)}
        runs = [each for each in answer[1] if isinstance(each, Run)]
        for change in sent:
            in_a_run = any(run.first <= change.number <= run.last for run in runs)
            told = in_a_run or change.id in singly
            # Of what it could not read the office names no heads.
            if told and change.id not in self.office.unread:
                named = _named(change, singly.get(change.id))
                self.heads_told.setdefault(change.record, {}).update(named)
        return answer

    def _believes_the_receipts(self) -> None:
        """Once it has taken receipts, a laptop knows the heads; it does not guess them."""
        here = self.heads_here() if self.heads_told else {}
        for record, names in self.heads_told.items():
            for name, heads in names.items():
                # Of what was taken off it meanwhile, a laptop is told and knows nothing.
                if record in here and sorted(here[record].get(name, ())) != sorted(heads):
                    self.truth.accuse(DIVERGED, f"{self.laptop} guesses {name} of {record}")
        self.heads_told = {}

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> tuple[Page, list[PulledRow]]:
        self._believes_the_receipts()
        if brief:
            body, named = write_brief_pull(epoch, cursors, want, most), cursors
        else:
            body, named = write_pull(epoch, cursors, want, self.differs, most), None

        def arrive() -> bytes:
            answer = self.office.pull(self.laptop, body)
            self._check(answer, named)
            return answer

        return self._sent(f"pull of {self.laptop}", arrive, lambda answer: read_page(answer, named))

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
        most: int = MAX_CHANGES,
    ) -> Coming:
        """The page may be made before the one before it is taken, or only when it is waited for."""

        def pull() -> tuple[Page, list[PulledRow]]:
            return self.pull(epoch, cursors, want, brief=brief, most=most)

        return begun(pull) if self.weather.chance.random() < 1 / 2 else InTurn(pull)

    def differing(self, files: Sequence[FileId]) -> None:
        """The digests differ: that must not happen, whether or not reading again mends it."""
        self.differs = list(files)
        if not self.office.was_restored:
            self.truth.accuse(DIVERGED, f"{self.laptop} holds something else of {self.differs}")

    def waiting(self, count: int, ahead: int) -> None:
        """Only the list of laptops shows it."""

    def unknown(self, changes: Sequence[ChangeId]) -> Sequence[ChangeId]:
        return self._asked(lambda: self.office.unknown(self.laptop, changes))

    def waits(self, told: Sequence[ChangeId]) -> Waits:
        return self._asked(lambda: self.office.waits(self.laptop, told))

    def witness(self, items: Sequence[Witness]) -> int:
        body = write_witness(items)
        return self._sent("witness", lambda: self.office.witness(self.laptop, body), int)

    def cards(self, sealing: str) -> Sequence[Card]:
        asked = f"cards of {self.laptop}"
        return self._sent(asked, lambda: swap_cards(self.office, self.laptop, sealing), read_cards)

    def carried(self, changes: Mapping[ChangeId, str], given: Sequence[str]) -> Heard:
        asked = f"carried of {self.laptop}"
        request = partial(ask_after, self.office, self.laptop, changes, given)
        return self._sent(asked, request, read_heard)

    def by_hand(self, hand: ByHand) -> int:
        body = write_by_hand(hand)
        return self._sent("by hand", lambda: keep_by_hand(self.office, self.laptop, body), int)

    def _check(self, answer: bytes, named: Mapping[FileId, int] | None) -> None:
        """Whatever leaves the office lies in a file that the adviser has at this moment."""
        self.access.follow(self.office)
        adviser = self.office.advisers[self.laptop]
        page, rows = read_page(answer, named)
        given = {*page.files, *(file for row in rows for file in row.files)}
        for file in sorted(given):
            if not self.access.has(adviser, file):
                self.truth.accuse(WRONG_ACCESS, f"{self.laptop} was given {file}")
        for row in rows:
            if not any(self.access.has(adviser, f) for f in self.access.lies_in[row.record]):
                self.truth.accuse(WRONG_ACCESS, f"{self.laptop} was given {row.record}")
        self._check_moved(adviser, rows)

    def _check_moved(self, adviser: RecordId, rows: Sequence[PulledRow]) -> None:
        """What was moved from a child's file is read by nobody who may not read it where it is."""
        for moved in self.truth.moves:
            if not self.access.in_force.issuperset(moved.saved):
                continue
            if any(self.access.has(adviser, file) for file in moved.there):
                continue
            known = (c for row in rows for c in row.changes if c.id in moved.known)
            if found := moved.words.intersection(tokens([c.fields for c in known])):
                words = f"{self.laptop} was given {sorted(found)} of {moved.left}, moved away"
                self.truth.accuse(WRONG_ACCESS, words)

    def _asked(self, request: Callable[[], T]) -> T:
        """A small question: it is answered or not."""
        if self.weather.blows():
            raise unreachable()
        return request()

    def _sent(self, name: str, request: Request, read: Callable[[bytes], T]) -> T:
        self.meanwhile()
        if self.weather.late and self.weather.chance.random() < 1 / 4:
            self.weather.bring_one()
        if self.weather.blows():
            return self._through(name, request, read)
        return read(self._answer(request))

    def _through(self, name: str, request: Request, read: Callable[[bytes], T]) -> T:
        """What the weather makes of a request."""
        chance, tell = self.weather.chance, self.weather.tell
        what = chance.choice(("lost", "late", "answer lost", "cut", "twice", "office stops"))
        tell(f"    {name}: {what}")
        if what == "late":
            self.weather.late.append((name, request))
        elif what == "twice":
            first = self._answer(request)
            second = self._answer(request)
            return read(chance.choice((first, second)))
        elif what == "office stops":
            self.office.disk.power.goes_at(chance.randrange(STATEMENTS))
            try:
                request()
            except PowerCut:
                tell("    in the middle of it")
            finally:
                self.office.disk.starts()
        elif what != "lost":
            answer = self._answer(request)
            if what == "cut" and read is not int:
                read(answer[: chance.randrange(len(answer))])
                raise AssertionError("a cut answer was taken for a whole one")
        raise broke_off()

    def _answer(self, request: Request) -> bytes:
        try:
            return request()
        except Problem as problem:
            type_ = f"urn:hah:{problem.name}"
            raise Refused(type_, problem.what, status=problem.status) from problem
        except DBAPIError as fault:
            self.truth.accuse(UNSETTLED, f"the office fails: {fault.orig}")
            raise Refused("urn:hah:fault", "Something went wrong.", status=500) from fault


def _named(change: Change, receipt: Receipt | None) -> dict[str, Sequence[ChangeId]]:
    """The heads that the laptop has to know then. What was set aside may leave them unnamed."""
    if receipt is None:
        return dict.fromkeys(change.edits, (change.id,))
    heads = {name: receipt.heads.get(name, (change.id,)) for name in change.edits}
    return {name: ids for name, ids in heads.items() if ids or receipt.verdict != Verdict.SET_ASIDE}
