"""Where laptops tell a restored office what they hold of others' changes that it has lost."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hah_central.database.database import Database
from hah_central.journal.journal import take_numbers
from hah_central.people import people
from hah_central.people.people import Asker
from hah_central.problems import cut
from hah_central.service import requests
from hah_central.sticks import by_hand, known
from hah_desktop.domain.clock import Clock
from hah_desktop.domain.exchange import Waits
from hah_desktop.domain.ids import ChangeId
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.hand import read_by_hand
from hah_desktop.sync.wire.witness import read_witness

_log = logging.getLogger("hah_central")


class WitnessDesk:
    """Answers laptops about what was lost."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/v1/known", self.known, methods=["POST"]),
            Route("/v1/witness", self.witness, methods=["POST"]),
            Route("/v1/told", self.told, methods=["POST"]),
            Route("/v1/by-hand", self.by_hand, methods=["POST"]),
        ]

    async def known(self, request: Request) -> Response:
        """Changes against those that the office does not have, as far as the laptop may know."""
        asked = requests.named_changes(await requests.plain(request))
        unknown = await run_in_threadpool(self._unknown, request, asked)
        return JSONResponse({"unknown": unknown})

    async def witness(self, request: Request) -> Response:
        """What a laptop holds of others' changes that the office has lost."""
        body = await requests.body(request)
        kept = await run_in_threadpool(self._witness, request, body)
        return JSONResponse({"kept": kept})

    async def told(self, request: Request) -> Response:
        """What a laptop told of those, against what waits of it and what is lacking."""
        asked = requests.named_changes(await requests.plain(request))
        waits = await run_in_threadpool(self._told, request, asked)
        return JSONResponse(asdict(waits))

    async def by_hand(self, request: Request) -> Response:
        """What a laptop has of a colleague's, from hand to hand."""
        body = await requests.body(request)
        came = await run_in_threadpool(self._by_hand, request, body)
        return JSONResponse({"kept": came})

    def _asker(self, request: Request) -> Asker:
        authorization = request.headers.get("Authorization", "")
        with self._database.reading() as connection:
            return people.asker(connection, authorization, self._clock())

    def _by_hand(self, request: Request, body: bytes) -> int:
        asker = self._asker(request)
        with _or_cut():
            hand = read_by_hand(body)
        with self._database.writing() as connection:
            take_numbers(connection, 0)
            came = by_hand.keep(connection, asker, hand, self._clock())
        _log.info("by-hand laptop=%s changes=%d", asker.laptop, came)
        return came

    def _unknown(self, request: Request, changes: Sequence[ChangeId]) -> list[ChangeId]:
        asker = self._asker(request)
        with self._database.reading() as connection:
            return known.unknown(connection, asker, changes)

    def _witness(self, request: Request, body: bytes) -> int:
        asker = self._asker(request)
        with _or_cut():
            items = read_witness(body)
        with self._database.writing() as connection:
            take_numbers(connection, 0)
            told = known.tell(connection, asker, items, self._clock())
        _log.warning("witness laptop=%s changes=%d", asker.laptop, told)
        return told

    def _told(self, request: Request, changes: Sequence[ChangeId]) -> Waits:
        asker = self._asker(request)
        with self._database.reading() as connection:
            return known.waits(connection, asker, changes)


@contextmanager
def _or_cut() -> Iterator[None]:
    """What is not ours inside was cut on its way: it is to be sent again."""
    try:
        yield
    except NotOurs as fault:
        raise cut() from fault
