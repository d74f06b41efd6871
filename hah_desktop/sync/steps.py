"""One sync, step by step, over two ports: the office and the laptop's own box of changes. Pure.

It opens no socket and no database, so the same code runs in the app, in the tests that cut it at
every step, and in a simulation. Whatever stops it, starting again from the top is right: every
answer is taken in one transaction by the box, and the office knows what it has seen before.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Protocol

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import (
    OLDEST_PROTOCOL,
    PROTOCOL,
    Accepted,
    Hello,
    OwnChange,
    Page,
    Reached,
    Told,
    Witness,
    changes_told,
)
from hah_desktop.domain.ids import ChangeId, FileId
from hah_desktop.domain.removals import Agreed, Removals, nobody_agreed
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.ahead import Packs, Ready, oldest
from hah_desktop.sync.batches import Batches
from hah_desktop.sync.box import Box
from hah_desktop.sync.errors import (
    KEPT,
    BrokeOff,
    Differs,
    ManyRemovals,
    OfficeTooOld,
    OtherOffice,
    Refused,
    Restored,
    Revoked,
    TooOld,
    Unsendable,
    cancelled,
    other_receipts,
)
from hah_desktop.sync.foretold import Foretold
from hah_desktop.sync.pages import UNREAD, Pages, Pulls
from hah_desktop.sync.piecewise import ask_for, in_pieces
from hah_desktop.sync.wire.form import NotOurs

GAP = "urn:hah:gap"
NOT_THERE = 404


class OfficePort(Pulls, Packs, Protocol):
    """What the laptop asks of the office. Each call raises a KnownError when it does not work."""

    def hello(self) -> Hello:
        """Who is there."""
        ...

    def challenge(self) -> Sequence[SignedOrder]:
        """Begin to sign in. Whatever orders come with it, nobody has proved them yet."""
        ...

    def sign_in(self, office: str) -> Reached:
        """Prove which laptop this is. Returns how far the office has its changes."""
        ...

    def own(self, after: int, most: int) -> Sequence[OwnChange]:
        """This laptop's own changes behind a number, as the office has them: `most`, or fewer."""
        ...

    def push_opaque(
        self, epoch: str, change: Spelled, knows: Mapping[FileId, int]
    ) -> tuple[Accepted, Told]:
        """Send one change as its mere bytes: it could not be read as it was sent.

        It says which files this laptop `knows` to be no longer given, as every push does.
        """
        ...

    def waiting(self, count: int, ahead: int) -> None:
        """Tell when signing in from now on how much waits here, and how far the clock is ahead."""
        ...

    def differing(self, files: Sequence[FileId]) -> None:
        """Tell with each pull from now on that these files are not the same on both sides."""
        ...

    def unknown(self, changes: Sequence[ChangeId]) -> Sequence[ChangeId]:
        """Those of the changes that the office does not have."""
        ...

    def witness(self, items: Sequence[Witness]) -> int:
        """Give the office what others wrote and it has lost. Returns how many it has kept."""
        ...


class Doing(Enum):
    """What a sync is doing now."""

    ASKING = "asking the office who it is"
    SENDING = "sending"
    FETCHING = "fetching"
    COMPARING = "comparing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is."""

    sent: int = 0
    received: int = 0
    doing: Doing = Doing.ASKING
    to_send: int = 0
    """How many changes there were to send when sending began; 0 while nobody knows."""


Tell = Callable[[Progress], None]
Stopped = Callable[[], bool]


def exchange(
    office: OfficePort,
    box: Box,
    tell: Tell,
    stopped: Stopped,
    *,
    agreed: Agreed = nobody_agreed,
    met: bool = False,
    capacity: Capacity | None = None,
) -> Progress:
    """Send everything, fetch everything, and compare. Raises the KnownError that stopped it.

    It stops with ManyRemovals before much is taken off this laptop to which nobody `agreed`.
    `met` says that the office was met a moment ago and gave a token. While that holds it is the
    same office, with no new order; the page tells the rest. Otherwise they meet anew. `capacity` is
    what is known of the line from syncs before.
    """
    sync = _Sync(office, box, tell, stopped, agreed, capacity or Capacity())
    if met:
        try:
            return sync.go_on()
        except (Refused, NotOurs):
            # Whatever it is that has changed, it is told properly, or set right, by meeting.
            pass
    return sync.run()


@dataclass(slots=True)
class _Sync:
    """One sync under way.

    `met` says that they did not meet for it, so each page has to prove what that proves. `opaque`
    says that the office takes a change as its mere bytes, `named` that it has to be told the names
    of all files. `told` says that the office has heard in this sync what it lost.
    """

    office: OfficePort
    box: Box
    tell: Tell
    stopped: Stopped
    agreed: Agreed
    capacity: Capacity
    met: bool = False
    opaque: bool = False
    named: bool = False
    told: bool = False
    done: Progress = Progress()
    foretold: Foretold | None = None
    """The page that was told with the newest receipts, until it is taken."""

    def go_on(self) -> Progress:
        """The whole of it, with an office that was met before."""
        self.met = True
        self._push()
        self._fetch()
        self._prove()
        return self._ended()

    def run(self) -> Progress:
        """The whole of it, with an office that has to show first who it is."""
        self.met = False
        self.opaque = _meet(self.office, self.box, self.capacity).opaque
        self._tell()
        self._push()
        try:
            self._fetch()
        except Restored:
            # It was restored and nobody told it: now the box knows, and gives back what was lost.
            self._tell()
            self._push()
            self._fetch()
        self._prove()
        return self._ended()

    def _push(self) -> None:
        """Send all. While the office judges a batch, the next is packed and the last one taken."""
        batches = Batches(self.capacity)
        offered_again = False
        following: Ready | None = None
        self.foretold = None
        try:
            while now := following or self._oldest(batches):
                following, epoch = now, now.epoch
                self.unless_stopped()
                following = self._following(now, batches)
                try:
                    answer = self._answered(now, batches)
                except Refused as refusal:
                    if refusal.type == GAP and not (offered_again or self.met):
                        # The office lost what it once gave receipts for: it gets it back.
                        self.box.start_again(epoch)
                        self._tell()
                        offered_again, following = True, None
                        continue
                    raise
                except BrokeOff:
                    batches.cut(now.batch)
                    raise
                if answer is None:
                    following = None
                    continue
                if following and not self.stopped():
                    following.push.begin()
                self._take(now, answer)
                batches.taken(len(now.batch))
        except BaseException:
            if following:
                following.push.give_up()
            raise

    def _oldest(self, batches: Batches, behind: int = 0) -> Ready | None:
        return oldest(self.office, self.box, batches.size, behind, named=self.named)

    def _following(self, now: Ready, batches: Batches) -> Ready | None:
        """What goes after a batch that may not be all, ready to be sent; not after a refusal."""
        if not batches.is_full(now.batch):
            return None
        now.push.begin()
        return self._oldest(batches, len(now.batch))

    def _take(self, sent: Ready, answer: tuple[Accepted, Told]) -> None:
        accepted, told = answer
        whole = changes_told(told) == len(sent.batch) and accepted.epoch == sent.epoch
        rest = sent.rest(accepted) if whole else None
        taken = self.box.take_receipts(told, accepted if whole else None, rest)
        if not taken:
            raise other_receipts()
        self.foretold = rest
        self._did(sent=taken)

    def _answered(self, now: Ready, batches: Batches) -> tuple[Accepted, Told] | None:
        """What the office answers to a batch; None where it goes once more, or in smaller parts.

        One change that cannot be read, also by itself, goes as its bytes: the others follow it.
        """
        try:
            return now.push.answer()
        except Refused as refusal:
            if refusal.status not in UNREAD:
                raise
            if not batches.unread(now.batch):
                return None
            if not self.opaque:
                # Whether it takes bytes, an office says when they meet.
                raise (refusal if self.met else Unsendable(refusal)) from refusal
        try:
            answer = self.office.push_opaque(now.epoch, now.batch[0], self.box.known())
        except Refused as refusal:
            raise (Unsendable(refusal) if refusal.status in UNREAD else refusal) from refusal
        batches.found()
        return answer

    def _fetch(self) -> None:
        """Fetch everything. What a restored office lost is told to it before anything goes."""
        self._tell()
        self._pull()
        self._drop_lost()

    def _pull(self) -> None:
        pages = Pages(self.office, self.capacity, named=self.named, foretold=self.foretold)
        self.foretold = None
        try:
            while self._take_page(pages):
                pass
        finally:
            pages.drop()
            self.named = pages.named

    def _take_page(self, pages: Pages) -> bool:
        """Take the next page, while the one behind it is on its way. Returns whether there is one.

        Whoever stops the sync stops it before a request, with all taken that was fetched.
        """
        if not pages.are_coming:
            self.unless_stopped()
            with self.box.at_once():
                _, epoch = self.box.office()
                cursors = self.box.cursors()
            pages.ask(epoch, cursors)
        page, rows = pages.wait()
        self._check(page, pages.epoch)
        if any(page.files.get(file, seq) < seq for file, seq in pages.cursors.items()):
            # It is behind what it once told us and does not know it: it was restored.
            self.box.start_again(pages.epoch)
            raise Restored
        removals = self.box.removals(page, rows)
        _ask_first(self, removals, page)
        if removals.by_file:
            # An office that was restored unnoticed may have lost what goes: nobody could tell then.
            _tell_lost(self, self.box.going(page))
        looks_ahead = pages.may_look_ahead(page)
        stops = looks_ahead and self.stopped()
        if looks_ahead and not stops:
            pages.ask(pages.epoch, page.files)
        wants = pages.want(self.box.take_page(page, rows))
        self._did(received=len(rows))
        if stops:
            raise cancelled()
        return page.more or wants

    def _check(self, page: Page, epoch: str) -> None:
        """Raises Restored where the office is not as it was when they met."""
        if page.epoch != epoch:
            raise Restored
        if self.met and (page.reached is None or not self.box.is_whole(page.reached)):
            raise Restored

    def _drop_lost(self) -> None:
        if (lost := self.box.lost()) is not None:
            _ask_first(self, lost)
            self.box.drop_lost()

    def _tell(self) -> None:
        """Tell a restored office what it lost, before it is sent anything.

        Of two on a visit whoever sends first begins it anew there, and the other is let in by what
        was told of them: whoever comes between would be set aside.
        """
        if self.box.owes_witness(anew=self.told):
            self._witness()
            self.told = True

    def _witness(self, *, every: bool = False) -> None:
        after = 0
        while (found := self.box.heads(after, every=every))[0] != after:
            after, heads = found
            self.unless_stopped()
            lost = _tell_lost(self, heads)
            if lost is None:
                return  # An older office cannot be told; nothing goes before it can.
            self.box.lose(lost)
        self.box.gave_witness()

    def _prove(self) -> None:
        """Both sides hold the same of each file, or it is read again, or told: never silence."""
        differing = self._differing()
        if not differing:
            return
        self.office.differing(differing)
        self.box.read_again(differing)
        self._pull()
        if self._differing():
            # Something is here that the office does not have: perhaps it was restored unnoticed.
            # What reading again has shown to be left out may not be all of it.
            self._witness(every=True)
            self._drop_lost()
        if still := self._differing():
            raise Differs(len(still))

    def _ended(self) -> Progress:
        if self.box.unasked():
            self.box.note_unasked(0)
        return self.done

    def _differing(self) -> Sequence[FileId]:
        """The files that are not the same on both sides, also where a page named none."""
        found = self.box.compared()
        if found is None:
            self.named = True
            self._pull()
            found = self.box.compared()
        return found or ()

    def _did(self, sent: int = 0, received: int = 0) -> None:
        self.done = Progress(self.done.sent + sent, self.done.received + received)
        self.tell(self.done)

    def unless_stopped(self) -> None:
        """Raises KnownError where somebody stopped it."""
        if self.stopped():
            raise cancelled()


def _meet(office: OfficePort, box: Box, capacity: Capacity) -> Hello:
    there = office.hello()
    known_office, known_epoch = box.office()
    if there.office != known_office:
        raise OtherOffice
    if there.oldest > PROTOCOL:
        raise TooOld
    if there.protocol < OLDEST_PROTOCOL:
        raise OfficeTooOld
    box.met_office(dt.datetime.fromisoformat(there.now))
    if there.epoch != known_epoch:
        box.start_again(there.epoch)
    ended = box.take_orders(office.challenge())
    if ended is not None:
        raise Revoked(ended)
    reached = office.sign_in(there.office)
    _agree(office, box, reached, capacity)
    if box.is_behind(reached):
        box.start_again(there.epoch)
    return there


def _agree(office: OfficePort, box: Box, reached: Reached, capacity: Capacity) -> None:
    """Before anything is sent: the office's end of this laptop's chain has to be a part of it."""
    after = box.compare(reached)
    if after is None:
        return
    own: list[OwnChange] = []
    while (so_far := after + len(own)) < reached.number:
        behind = partial(office.own, so_far)
        _, page = ask_for(capacity, reached.number - so_far, behind)
        if not page:
            raise NotOurs(
                "The office did not give back what it has of this laptop.", KEPT, "Call the office."
            )
        own += page
    box.take_own(own, reached)


def _ask_first(sync: _Sync, removals: Removals, page: Page | None = None) -> None:
    """Raises ManyRemovals where a person has to be asked before it goes.

    What goes unasked is counted over all pages, also over syncs that were stopped: else much would
    go by little and little. It is noted before it goes: a cut then asks too soon, never too late.
    """
    if not removals.records:
        return
    box, before = sync.box, sync.box.unasked()
    if not removals.ask_first(before):
        box.note_unasked(before + removals.records)
    elif not sync.agreed(removals):
        if page is not None:
            box.note_known(page)
        raise ManyRemovals(removals)


def _tell_lost(sync: _Sync, heads: Sequence[ChangeId]) -> Sequence[ChangeId] | None:
    """Tell the office what those of these changes say that it does not know: they are returned.

    What it was told is kept, wherever it goes from here. None from an older office, which cannot
    be told.
    """
    office, line, may_go_on = sync.office, sync.capacity, sync.unless_stopped
    try:
        parts = in_pieces(line, heads, office.unknown, may_go_on)
        lost = [change for part in parts for change in part]
        for part in sync.box.words(lost):
            in_pieces(line, part, office.witness, may_go_on)
        if lost:
            sync.box.remember(lost)
    except Refused as refusal:
        if refusal.status == NOT_THERE:
            return None
        raise
    return lost
