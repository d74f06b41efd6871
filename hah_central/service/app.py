"""Joins the parts of the central service: the only module that knows them all."""

import logging
import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hah_central.attachments.blobs import Blobs, folder_beside
from hah_central.attachments.bundles import Bundles, folder_of
from hah_central.database import faults
from hah_central.database.database import Database
from hah_central.office import failures
from hah_central.problems import Problem, busy, full, no_such_page, our_fault
from hah_central.service.answers import Packed
from hah_central.service.metrics import Measure, Metrics
from hah_central.service.pacing import Allowances, Paced
from hah_central.service.routes import Desk, system_clock
from hah_desktop.domain.clock import Clock
from hah_desktop.domain.exchange import PROTOCOL
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.form import PROTOCOL_HEADER

OFFICE_NAME = "Help at Hand office"

_NOT_SIGNED_IN = 401
_MARKS = [
    (PROTOCOL_HEADER.lower().encode(), str(PROTOCOL).encode()),
    (b"accept-encoding", packing.TAKEN.encode()),
]

_log = logging.getLogger("hah_central")


def create_app(
    database: Database,
    *,
    clock: Clock = system_clock,
    name: str = OFFICE_NAME,
    bundles: Path | None = None,
    attachments: Path | None = None,
    metrics: Metrics | None = None,
    allowances: Allowances | None = None,
) -> Starlette:
    """The service over one database. Closing the database is the caller's business.

    `bundles` is where sealed bundles are kept; without it beside the embedded database.
    `attachments` is where letters and pictures are; without it beside the bundles.
    """
    folder = folder_of(database, bundles)
    contents = Blobs(database, folder_beside(database, bundles, attachments))
    contents.sweep(clock())
    contents.look()
    app = Starlette(
        routes=Desk(database, clock, name, Bundles(database, folder), contents).routes(),
        middleware=[
            Middleware(Measure, metrics=metrics or Metrics()),
            Middleware(Guard),
            Middleware(Paced, allowances=allowances or Allowances()),
            Middleware(Packed),
        ],
        exception_handlers={
            Problem: _Refusals(database, clock).answer,
            HTTPException: _no_such_page,
        },
    )
    # An address with a slash behind it is another one. No answer of ours sends anybody elsewhere.
    app.router.redirect_slashes = False
    return app


class _Refusals:
    """Says no, and counts of which laptop: a token that has run out is no failure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def answer(self, request: Request, fault: Exception) -> Response:
        """The answer to a request that came to nothing."""
        if not isinstance(fault, Problem):
            raise fault
        authorization = request.headers.get("Authorization", "")
        if authorization and fault.status != _NOT_SIGNED_IN:
            noted = (self._database, authorization, fault.name, self._clock())
            await run_in_threadpool(failures.note, *noted)
        return fault.answer()


async def _no_such_page(_request: Request, fault: Exception) -> Response:
    if not isinstance(fault, HTTPException):
        raise fault
    answer = no_such_page(fault.status_code).answer()
    # Which methods there are: HTTP asks for that with each 405.
    answer.headers.update(fault.headers or {})
    return answer


class Guard:
    """Marks every answer as ours, with what we take, and lets no trace of a fault out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *_MARKS]
            await send(message)

        try:
            await self._app(scope, receive, marked)
        except (DBAPIError, PoolTimeout) as fault:
            _note(fault)
            answer = _no_database(fault).answer()
        except Exception as fault:  # noqa: BLE001 - the one place where every bug ends
            _note(fault)
            answer = our_fault().answer()
        else:
            return
        if not started:
            await answer(scope, receive, marked)


def _no_database(fault: DBAPIError | PoolTimeout) -> Problem:
    if faults.is_full(fault):
        return full()
    return busy() if faults.may_pass(fault) else our_fault()


def _note(fault: Exception) -> None:
    """Log where it happened. A fault's own words may quote a record, so they stay out."""
    if isinstance(fault, DBAPIError) and (told := faults.in_words(fault, begun=True)):
        _log.error("%s", told.what)
        return
    places = "".join(traceback.format_tb(fault.__traceback__))
    _log.error("%s\n%s", type(fault).__name__, places)
