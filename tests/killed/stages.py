"""Where each side can be killed: in the middle of which piece of the shipped code.

Nothing of that code is replaced. A process that is to be killed in a stage says when it enters it,
and waits there, at a statement or at its end, so that no kill comes too late for its stage.
"""

import enum
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from hah_central.attachments.blobs import Blobs
from hah_central.people import people
from hah_central.pulling import mending
from hah_central.service import routes
from hah_desktop.store.attachments import coming
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import chain, digests, outbox, witness
from hah_desktop.store.journal import saving
from hah_desktop.store.store import Store
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.files import _Carrying
from hah_desktop.sync.steps import _Sync

Say = Callable[[str], None]

THRESHOLD = 0
"""Instead of the number of a statement: before anything of the stage is done."""


class Side(enum.StrEnum):
    """Who is killed."""

    OFFICE = "the office"
    LAPTOP = "a laptop"
    DATABASE = "PostgreSQL"


@dataclass(frozen=True)
class Follows:
    """Only once another piece of code has run, on the same thing: what that is in either call."""

    owner: Any
    name: str
    there: Callable[[Sequence[Any]], object]
    here: Callable[[Sequence[Any]], object]


@dataclass(frozen=True)
class Place:
    """A piece of code."""

    owner: Any
    name: str
    statements: int = 0
    """So many it always asks of the database, so a kill can be made to fall on each of them."""
    needs_letter: bool = False
    follows: Follows | None = None


class Stage(enum.Enum):
    """In the middle of what."""

    # Of the office.
    STARTING = "starting"
    SIGNING_IN = "letting a laptop in"
    TAKING = "taking a push, in its transaction"
    COMMITTING = "committing a push"
    ANSWERING = "having committed a push, before it answers"
    READING = "reading a page"
    CHUNK = "taking a chunk"
    JOINING = "joining the chunks"
    # Of a laptop.
    OPENING = "opening its database"
    SAVING = "saving, in its transaction"
    SAVED = "having saved, before it says so"
    PUSHING = "sending changes"
    RECEIPTS = "taking receipts"
    PAGE = "taking a page"
    PART = "taking a part of a page, in its transaction"
    COMPARING = "comparing"
    NOTING = "noting how a sync went"
    KEEPING = "keeping a letter"
    SENDING = "sending a letter"
    FETCHING = "fetching a letter"
    # Of both: what is on the line can be cut, since the line sees no more than bytes.
    LINE = "with a part of an answer on the line"


_PUSH = Follows(routes, "receive", lambda given: given[0].connection, lambda given: given[1])
"""The commit is that of the connection in which a push was received."""

PLACES: dict[Stage, Place] = {
    Stage.STARTING: Place(mending, "bring_up", statements=1),
    Stage.SIGNING_IN: Place(people, "new_token", statements=1),
    Stage.TAKING: Place(routes, "receive", statements=5),
    Stage.COMMITTING: Place(DefaultDialect, "do_commit", follows=_PUSH),
    Stage.ANSWERING: Place(routes, "write_receipts"),
    Stage.READING: Place(routes, "pull", statements=3),
    Stage.CHUNK: Place(Blobs, "take", statements=1, needs_letter=True),
    Stage.JOINING: Place(Blobs, "_join", statements=1, needs_letter=True),
    Stage.OPENING: Place(Store, "open", statements=1),
    Stage.SAVING: Place(saving, "save", statements=5),
    Stage.SAVED: Place(Store, "save_all", statements=5),
    Stage.PUSHING: Place(_Sync, "_answered"),
    Stage.RECEIPTS: Place(StoreBox, "take_receipts", statements=3),
    Stage.PAGE: Place(StoreBox, "take_page", statements=2),
    Stage.PART: Place(outbox, "take_page", statements=1),
    Stage.COMPARING: Place(StoreBox, "compared", statements=1),
    Stage.NOTING: Place(outbox, "note_run", statements=3),
    Stage.KEEPING: Place(Attachments, "keep", statements=2),
    Stage.SENDING: Place(_Carrying, "_send", statements=2, needs_letter=True),
    Stage.FETCHING: Place(coming, "fetch", statements=2, needs_letter=True),
}

OF_OFFICE = (*list(PLACES)[:8], Stage.LINE)
OF_LAPTOP = (*list(PLACES)[8:], Stage.LINE)


@dataclass(frozen=True)
class Moment:
    """When in a stage: at which statement of it, or after how much work of whoever kills.

    It is the stage's `nth` time in that process. On the line `work` is a number of bytes.
    """

    stage: Stage
    nth: int = 1
    statement: int | None = None
    work: int = 0


class Stopping:
    """Says when this process is in its stage, and stops it at its statement or at its end."""

    def __init__(self, moment: Moment, say: Say, stop: Callable[[], None]) -> None:
        self._moment = moment
        self._say = say
        self._stop = stop
        self._times = 0
        self._inside: int | None = None
        self._statements = 0
        self._followed: set[int] = set()

    def arm(self) -> None:
        """Watch that one piece of code."""
        place = PLACES[self._moment.stage]
        follows = place.follows
        if follows is not None:
            seen = follows.there
            _around(
                follows.owner,
                follows.name,
                lambda _given: None,
                lambda given: self._followed.add(id(seen(given))),
            )
        _around(place.owner, place.name, self._enter, self._leave)
        if self._moment.statement:
            event.listen(Engine, "before_cursor_execute", self._at_statement)

    def _enter(self, given: Sequence[Any]) -> None:
        follows = PLACES[self._moment.stage].follows
        if follows is not None:
            known = id(follows.here(given))
            if known not in self._followed:
                return
            self._followed.discard(known)
        if self._inside is not None:
            return
        self._times += 1
        if self._times == self._moment.nth:
            self._inside = threading.get_ident()
            self._say("inside")
            if self._moment.statement == THRESHOLD:
                self._halt("threshold")

    def _leave(self, _given: Sequence[Any]) -> None:
        if self._inside == threading.get_ident():
            self._halt("end")

    def _at_statement(self, *_: object) -> None:
        if self._inside != threading.get_ident():
            return
        self._statements += 1
        if self._statements == self._moment.statement:
            self._halt("statement")

    def _halt(self, where: str) -> None:
        self._say(where)
        self._stop()
        # Whoever is let go on, since PostgreSQL was killed in its place, is not stopped again.
        self._inside = 0


Given = Callable[[Sequence[Any]], object]


def _around(owner: Any, name: str, before: Given, after: Given) -> None:
    """Call the one before and the other after a piece of code, however it ends."""
    real = owner.__dict__[name]
    called = real.__func__ if isinstance(real, classmethod) else real

    @wraps(called)
    def watched(*given: Any, **named: Any) -> Any:
        before(given)
        try:
            return called(*given, **named)
        finally:
            after(given)

    setattr(owner, name, classmethod(watched) if isinstance(real, classmethod) else watched)


HEALING = (
    (outbox, "start_again"),
    (digests, "read_again"),
    (chain, "take_own"),
    (witness, "lose"),
)
"""What mends a difference between laptop and office. No kill may ever bring it about."""


def tell_healing(say: Say) -> None:
    """Have it said whenever anything is mended. What is asked for nothing mends nothing."""
    for owner, name in HEALING:

        def tell(given: Sequence[Any], what: str = name) -> None:
            if all(given[1:]):
                say(what)

        _around(owner, name, tell, lambda _given: None)
