"""Where laptops learn who the office is, are enrolled, and sign in."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hah_central.attachments.blobs import Blobs
from hah_central.database.database import Database
from hah_central.database.rows import Clock
from hah_central.office import enrolment, keys, orders
from hah_central.people import people
from hah_central.problems import Problem, no_keys
from hah_central.service import requests
from hah_central.service.throttle import SignIns, Throttle
from hah_desktop.domain.clock import Clock as WallClock
from hah_desktop.domain.exchange import Hello, Reached
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.wire.form import LAPTOP_HEADER
from hah_desktop.sync.wire.joining import write_challenge, write_token

_log = logging.getLogger("hah_central")


class JoiningDesk:
    """Answers whoever has no token yet."""

    def __init__(self, database: Database, clock: WallClock, name: str, blobs: Blobs) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._blobs = blobs
        self._throttle = Throttle(lambda: clock().timestamp())
        self._sign_ins = SignIns(lambda: clock().timestamp())

    def routes(self) -> list[Route]:
        """Its seven addresses."""
        return [
            Route("/health", self.health),
            Route("/v1/hello", self.hello),
            Route("/v1/keys", self.keys),
            Route("/v1/enrol", self.enrol, methods=["POST"]),
            Route("/v1/return", self.let_back, methods=["POST"]),
            Route("/v1/challenge", self.challenge, methods=["POST"]),
            Route("/v1/token", self.token, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        """Whether the service and its database are there."""
        await run_in_threadpool(self._office)
        return JSONResponse({"status": "ok"})

    async def hello(self, request: Request) -> Response:
        """Who the office is; for a laptop that names itself, with what it has to sign."""
        office, epoch = await run_in_threadpool(self._office)
        now = self._clock().isoformat()
        told = asdict(Hello(office, epoch, self._name, now, opaque=True))
        if laptop := request.headers.get(LAPTOP_HEADER):
            # One that nobody enrolled is told so when it signs in.
            with suppress(Problem):
                words, ordered = await run_in_threadpool(self._challenge, laptop)
                told |= write_challenge(words, ordered)
        return JSONResponse(told)

    async def keys(self, _request: Request) -> Response:
        """What laptops seal for the office with, and know its orders by."""
        return JSONResponse(await run_in_threadpool(self._keys))

    async def enrol(self, request: Request) -> Response:
        """A one-time code against a place among the laptops."""
        asked = await requests.plain(request)
        code, new = requests.text(asked, "code"), _laptop(asked)
        return JSONResponse(await run_in_threadpool(self._enrol, code, new))

    async def let_back(self, request: Request) -> Response:
        """A one-time code against the place that a laptop had before the office was put back."""
        asked = await requests.plain(request)
        was = enrolment.Place(
            LaptopId(requests.made_id(asked, "laptop")),
            RecordId(requests.made_id(asked, "adviser")),
        )
        code, laptop = requests.text(asked, "code"), _laptop(asked)
        return JSONResponse(await run_in_threadpool(self._let_back, code, laptop, was))

    async def challenge(self, request: Request) -> Response:
        """Words to sign, and what the office orders this laptop to do."""
        laptop = requests.text(await requests.plain(request), "laptop")
        words, ordered = await run_in_threadpool(self._challenge, laptop)
        return JSONResponse(write_challenge(words, ordered))

    async def token(self, request: Request) -> Response:
        """The signed words against a token."""
        asked = await requests.plain(request)
        laptop, words, signature = (
            requests.text(asked, field) for field in ("laptop", "challenge", "signature")
        )
        said = people.Said(
            requests.count_if_told(asked, "waiting"),
            requests.text_if_told(asked, "program"),
            requests.seconds_if_told(asked, "ahead"),
        )
        with self._sign_ins.of(laptop, request.client.host if request.client else "").one_try():
            token, reached = await run_in_threadpool(self._token, laptop, words, signature, said)
        lacks = await run_in_threadpool(self._lacks, token)
        lasts = int(people.TOKEN_LASTS.total_seconds())
        return JSONResponse(write_token(token, lasts, reached, lacks))

    def _office(self) -> tuple[str, str]:
        with self._database.asking() as connection:
            office, epoch = connection.execute(select(Clock.office, Clock.epoch)).one()
            return office, epoch

    def _keys(self) -> dict[str, str]:
        with self._database.reading() as connection:
            found = keys.published(connection)
        if found is None:
            raise no_keys()
        return found.to_plain()

    def _enrol(self, code: str, new: enrolment.NewLaptop) -> dict[str, str]:
        with self._throttle.one_try(), self._database.writing() as connection:
            done = enrolment.enrol(connection, code, new, self._clock())
        _log.info("enrolled laptop=%s adviser=%s", done.laptop, done.adviser)
        return asdict(done)

    def _let_back(
        self, code: str, laptop: enrolment.NewLaptop, was: enrolment.Place
    ) -> dict[str, str]:
        with self._throttle.one_try(), self._database.writing() as connection:
            done = enrolment.let_back(connection, code, laptop, was, self._clock())
        _log.info("let in again laptop=%s adviser=%s", done.laptop, done.adviser)
        return asdict(done)

    def _challenge(self, laptop: str) -> tuple[str, list[SignedOrder]]:
        with self._database.writing() as connection:
            words = people.challenge(connection, laptop, self._clock())
            return words, orders.newest(connection, laptop)

    def _token(
        self, laptop: str, words: str, signature: str, said: people.Said
    ) -> tuple[str, Reached]:
        # The challenge is spent even if the signature is wrong, so it is spent for good first.
        with self._database.writing() as connection:
            spent = people.spend(connection, laptop, words, self._clock())
        people.check_token_request(spent, words, signature)
        with self._database.writing() as connection:
            return people.new_token(connection, laptop, self._clock(), said)

    def _lacks(self, token: str) -> list[str]:
        """What the office has lost of the attachments that this laptop may still have."""
        if not self._blobs.is_lacking:
            return []
        with self._database.reading() as connection:
            asker = people.asker(connection, f"Bearer {token}", self._clock())
        return self._blobs.lacked(asker)


def _laptop(asked: Mapping[str, Any]) -> enrolment.NewLaptop:
    key, name = (requests.text(asked, field) for field in ("public_key", "laptop_name"))
    return enrolment.NewLaptop(key, name, requests.recovery(asked))
