"""Faults to plant in a fork, each of which the campaign has to find by its kills."""

import enum
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hah_central.database.database import Database
from hah_central.service import requests, routes
from hah_desktop.domain.changes import Change, Spelled, content_hash, from_spelled
from hah_desktop.domain.codec import difference, to_body
from hah_desktop.domain.exchange import Page, Receipt, Verdict
from hah_desktop.store.journal import saving
from hah_desktop.store.tables import meta
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.wire.form import JSON_LINES, SIGNATURE_HEADER
from tests.killed.fork import Voice
from tests.killed.plan import Kill, Plan
from tests.killed.stages import THRESHOLD, Moment, Side, Stage


class Planted(enum.StrEnum):
    """What is wrong with the programs under test."""

    NOTHING = "nothing"
    ANSWERS_FIRST = "the office answers a push before it commits it"
    RECEIPT_FIRST = "a laptop notes its receipts before it has them"
    CURSOR_FIRST = "a laptop moves its cursors before it has taken the page"
    PROMISE_FIRST = "a laptop says that it has saved before it has"


_END = 1_000_000
"""More work than any stage takes: the kill comes at its end."""

TIMES = 2

WHERE: dict[Planted, tuple[Kill, ...]] = {
    Planted.ANSWERS_FIRST: (Kill(Side.OFFICE, Moment(Stage.COMMITTING, statement=THRESHOLD)),),
    Planted.RECEIPT_FIRST: (Kill(Side.LAPTOP, Moment(Stage.PUSHING, statement=THRESHOLD)),),
    Planted.CURSOR_FIRST: (Kill(Side.LAPTOP, Moment(Stage.PART, 2, statement=THRESHOLD)),),
    Planted.PROMISE_FIRST: (Kill(Side.LAPTOP, Moment(Stage.SAVING, work=_END)),),
}
"""Where each of them does its harm."""


def plan_for(fault: Planted) -> Plan:
    """A few kills where that fault does its harm."""
    kills = WHERE[fault] * TIMES
    office = tuple(kill for kill in kills if kill.side is Side.OFFICE)
    return Plan(office, tuple(kill for kill in kills if kill.side is Side.LAPTOP))


def plant(fault: Planted, voice: Voice) -> None:
    """Spoil this process."""
    if fault is Planted.ANSWERS_FIRST:
        _answers_first()
    elif fault is Planted.RECEIPT_FIRST:
        _receipt_first()
    elif fault is Planted.CURSOR_FIRST:
        _cursor_first()
    elif fault is Planted.PROMISE_FIRST:
        _promise_first(voice)


def _answers_first() -> None:
    right = routes.Desk._push
    open_ends: list[Callable[[], None]] = []

    class Unfinished:
        """A transaction that is committed by somebody else."""

        def __init__(self, connection: Connection) -> None:
            self._connection = connection
            self._begun = connection.begin()

        def __enter__(self) -> Connection:
            return self._connection

        def __exit__(self, fault: object, *_: object) -> None:
            if fault is None:
                open_ends.append(self._end)
                return
            self._begun.rollback()
            self._connection.close()

        def _end(self) -> None:
            self._begun.commit()
            self._connection.close()

    class Late:
        """A database whose writing is committed later."""

        def __init__(self, database: Database) -> None:
            self.asking = database.asking
            self._database = database

        def journalling(self) -> Unfinished:
            return Unfinished(self._database.engine.connect())

    async def push(self: Any, request: Any) -> Response:
        sent = await requests.sent(request)
        signature = request.headers.get(SIGNATURE_HEADER, "")
        late = routes.Desk.__new__(routes.Desk)
        late.__dict__.update(self.__dict__, _database=Late(self._database))
        asked = (routes._authorization(request), sent, signature)
        done = await run_in_threadpool(right, late, *asked)
        return Response(done, media_type=JSON_LINES, background=BackgroundTask(open_ends.pop()))

    routes.Desk.push = push  # type: ignore[method-assign]  # the fault


def _receipt(change: Change) -> Receipt:
    return Receipt(change.id, content_hash(change), Verdict.APPLIED, change.number)


def _receipt_first() -> None:
    unsent, take = StoreBox.unsent, StoreBox.take_receipts

    def noted(self: StoreBox, most: int, behind: int = 0) -> list[Spelled]:
        batch = unsent(self, most, behind)
        take(self, [_receipt(from_spelled(change)) for change in batch])
        return batch

    def taken(_box: StoreBox, receipts: Any, *_how: object) -> int:
        return len(receipts)

    StoreBox.unsent = noted  # type: ignore[method-assign]  # the fault
    StoreBox.take_receipts = taken  # type: ignore[method-assign, assignment]  # the fault


def _cursor_first() -> None:
    right = StoreBox.take_page

    def take_page(self: StoreBox, page: Page, rows: Any) -> Any:
        right(self, page, ())
        return right(self, page, rows)

    StoreBox.take_page = take_page  # type: ignore[method-assign]  # the fault


def _promise_first(voice: Voice) -> None:
    right = saving.save

    def save(connection: Connection, edited: Any, stamp: Any) -> Any:
        done = right(connection, edited, stamp)
        for one in edited:
            end = meta.chain_end(connection)
            says = difference(one.seen.body, to_body(one.record))
            voice.say(saved=end.number, record=one.record.id, says=says)
        return done

    saving.save = save
