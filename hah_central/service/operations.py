"""The office's own page on how it stands, and what a watching machine asks. Read only.

It names advisers and their laptops, so it is never on the port that laptops reach: it listens on
this machine alone, and shows the page to whoever brings a token that the command line printed.
"""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from hah_central.database import faults
from hah_central.database.database import Database, head, revision
from hah_central.office import standing
from hah_central.office.standing import Standing
from hah_central.people import people
from hah_central.service import operations_page
from hah_central.service.metrics import CONTENT_TYPE, Metrics
from hah_desktop.domain.clock import Clock

HERE = "127.0.0.1"
LEAST_FREE = 1 << 30
"""With less of its disk free than this, the office is not well."""

_COOKIE = "hah_operations"
_FIELD = b"token="
_LONGEST = 200

_log = logging.getLogger("hah_central")


class Operations:
    """Answers whoever looks after the office."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, folder: Path) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._folder = folder

    def app(self) -> Starlette:
        """The service on its own port. A name that is not this machine's is refused."""
        return Starlette(
            routes=[
                Route("/operations", self.page, methods=["GET"]),
                Route("/operations", self.sign_in, methods=["POST"]),
                Route("/health", self.health),
                Route("/metrics", self.metrics),
            ],
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HERE, "localhost"])],
            exception_handlers={DBAPIError: _no_database, PoolTimeout: _no_database},
        )

    async def page(self, request: Request) -> Response:
        """The page, or the form that asks for the token."""
        if not await run_in_threadpool(self._may_read, request.cookies.get(_COOKIE, "")):
            return _html(operations_page.sign_in(wrong=False), 401)
        return _html(operations_page.page(await run_in_threadpool(self._standing)))

    async def sign_in(self, request: Request) -> Response:
        """The token against a cookie that no script can read and no other page can send."""
        body = (await request.body())[: len(_FIELD) + _LONGEST]
        token = body.removeprefix(_FIELD).decode("ascii", "replace")
        if not await run_in_threadpool(self._may_read, token):
            return _html(operations_page.sign_in(wrong=True), 401)
        answer = RedirectResponse("/operations", 303)
        lasts = int(people.OPERATIONS_LASTS.total_seconds())
        answer.set_cookie(
            _COOKIE, token, lasts, path="/operations", httponly=True, samesite="strict"
        )
        return answer

    async def health(self, _request: Request) -> Response:
        """Whether database, disk and tables are as they should be: 200, or 503 and what is not."""
        checks = {
            "database": self._database_answers,
            "disk": lambda: shutil.disk_usage(self._folder).free >= LEAST_FREE,
            "migrations": self._is_migrated,
        }
        found = {name: await run_in_threadpool(_holds, check) for name, check in checks.items()}
        return JSONResponse(found, 200 if all(found.values()) else 503)

    async def metrics(self, _request: Request) -> Response:
        """What is counted."""
        text = self._metrics.text(await run_in_threadpool(self._standing))
        return PlainTextResponse(text, headers={"Content-Type": CONTENT_TYPE})

    def _may_read(self, token: str) -> bool:
        with self._database.reading() as connection:
            return people.may_read_operations(connection, token, self._clock())

    def _standing(self) -> Standing:
        with self._database.reading() as connection:
            return standing.taken(connection, self._clock())

    def _database_answers(self) -> bool:
        with self._database.reading() as connection:
            return standing.seq(connection) >= 0

    def _is_migrated(self) -> bool:
        with self._database.reading() as connection:
            return revision(connection) == head()


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever goes wrong here is the answer
        return False


async def _no_database(request: Request, fault: Exception) -> Response:
    """What is wrong with the database, which is what somebody who looks here has to know."""
    told = None
    if isinstance(fault, DBAPIError | PoolTimeout):
        told = faults.in_words(fault, begun=True)
    if told is None:
        raise fault
    _log.error("%s", told.what)
    if request.url.path == "/metrics":
        return PlainTextResponse(f"{told}\n", 503)
    return _html(operations_page.no_database(told), 503)


def _html(words: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(words, status, headers=operations_page.HEADERS)
