"""The office's desk: each address, what is asked there, and what is answered.

A request is read and its signature checked before the database is touched, so that a slow line
never holds a lock. Nothing of a record is ever logged: only ids, counts and times.
"""

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hah_central.attachments.blobs import Blobs
from hah_central.attachments.bundles import Bundles
from hah_central.database.database import Database
from hah_central.database.rows import Clock
from hah_central.journal import evidence, holding, items, placing
from hah_central.journal.access import files_of
from hah_central.journal.journal import Sender, receive
from hah_central.journal.runs import folded
from hah_central.people import people
from hah_central.problems import Problem, cut, too_large
from hah_central.pulling import glance, mending, reads
from hah_central.pulling.glance import Glance
from hah_central.pulling.own import own
from hah_central.pulling.pull import Ask, no_news, pull, rest
from hah_central.service import requests
from hah_central.service.blob_desk import BlobDesk
from hah_central.service.joining_desk import JoiningDesk
from hah_central.service.requests import Sent
from hah_central.service.witness_desk import WitnessDesk
from hah_central.sticks import cards, carried
from hah_desktop.domain.clock import Clock as WallClock
from hah_desktop.domain.exchange import Accepted, Page, PulledRow
from hah_desktop.domain.ids import ChangeId, FileId
from hah_desktop.sync.wire.cards import write_cards
from hah_desktop.sync.wire.changes import (
    asks_rest,
    knows,
    takes_runs,
    write_own,
    write_page,
    write_receipts,
)
from hah_desktop.sync.wire.form import JSON_LINES, MAX_CHANGES, SIGNATURE_HEADER, NotOurs
from hah_desktop.sync.wire.hand import write_heard
from hah_desktop.sync.wire.seen import read_opened, write_seen

_log = logging.getLogger("hah_central")


class Desk:
    """Answers laptops from one database."""

    def __init__(
        self, database: Database, clock: WallClock, name: str, bundles: Bundles, blobs: Blobs
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._bundles = bundles
        self._contents = blobs
        self._blobs = BlobDesk(database, clock, blobs)

    def routes(self) -> list[Route]:
        """Every address of the service."""
        return [
            *JoiningDesk(self._database, self._clock, self._name, self._contents).routes(),
            Route("/v1/push", self.push, methods=["POST"]),
            Route("/v1/pull", self.pull, methods=["POST"]),
            Route("/v1/bundle", self.bundle, methods=["POST"]),
            Route("/v1/own", self.own, methods=["POST"]),
            *self._blobs.routes(),
            *WitnessDesk(self._database, self._clock).routes(),
            Route("/v1/cards", self.cards, methods=["POST"]),
            Route("/v1/carried", self.carried, methods=["POST"]),
            Route("/v1/seen", self.seen, methods=["POST"]),
        ]

    async def push(self, request: Request) -> Response:
        """Changes against receipts."""
        sent = await requests.sent(request)
        signature = request.headers.get(SIGNATURE_HEADER, "")
        done = await run_in_threadpool(self._push, _authorization(request), sent, signature)
        return Response(done, media_type=JSON_LINES)

    async def pull(self, request: Request) -> Response:
        """Cursors against what is new."""
        asked = await requests.plain(request)
        ask = requests.ask(asked)
        if differing := requests.differing(asked):
            await run_in_threadpool(self._mend, _authorization(request), differing)
        return Response(
            await run_in_threadpool(self._pull, _authorization(request), ask),
            media_type=JSON_LINES,
        )

    async def bundle(self, request: Request) -> Response:
        """What a laptop hands over sealed."""
        kept = await self._bundles.receive(request, self._clock())
        _log.info("bundle laptop=%s bytes=%d", kept.laptop, kept.size)
        return JSONResponse({"sha256": kept.sha256, "size": kept.size})

    async def own(self, request: Request) -> Response:
        """A number against what this laptop itself sent after it."""
        asked = await requests.plain(request)
        after, most = requests.count(asked, "after"), requests.count(asked, "most")
        found = await run_in_threadpool(self._own, _authorization(request), after, most)
        return Response(found, media_type=JSON_LINES)

    async def cards(self, request: Request) -> Response:
        """The laptop's own key against those of its adviser's colleagues."""
        sealing = requests.key(await requests.plain(request), "sealing")
        found = await run_in_threadpool(self._cards, _authorization(request), sealing)
        return Response(found, media_type=JSON_LINES)

    async def carried(self, request: Request) -> Response:
        """Changes from a colleague's hand against receipts for those that came here too."""
        asked = await requests.plain(request)
        said = (requests.changes(asked), requests.words_if_told(asked))
        given = requests.given_if_told(asked)
        found = await run_in_threadpool(self._carried, _authorization(request), *said, given)
        return Response(found, media_type=JSON_LINES)

    async def seen(self, request: Request) -> Response:
        """What its adviser opened against what others opened since."""
        body = await requests.body(request)
        found = await run_in_threadpool(self._seen, _authorization(request), body)
        return Response(found, media_type=JSON_LINES)

    def _push(self, authorization: str, sent: Sent, signature: str) -> bytes:
        with self._database.asking() as connection:
            asker = people.asker(connection, authorization, self._clock())
        digest = hashlib.sha256(sent.body).hexdigest()
        people.check_push(asker, digest, signature)
        pushed, as_runs = items.read(sent.body), takes_runs(sent.body)
        behind, known = requests.rest(asks_rest(sent.body)), requests.knows(knows(sent.body))
        sent.body = b""
        sender = Sender(
            asker.laptop,
            asker.adviser,
            digest,
            signature,
            sent.packed,
            knows=known,
            read=behind.read if behind else None,
        )
        took = _stopwatch()
        with self._database.journalling() as connection:
            accepted, receipts = receive(connection, sender, pushed, self._clock())
        _log.info("push laptop=%s changes=%d ms=%d", asker.laptop, len(pushed), took())
        told = folded(pushed, receipts) if as_runs else receipts
        if behind is not None:
            accepted = _with_rest(self._database, asker, behind, accepted)
        return write_receipts(accepted, told)

    def _pull(self, authorization: str, ask: Ask) -> bytes:
        took = _stopwatch()
        with self._database.asking() as connection:
            seen = glance.of_token(connection, authorization, self._clock())
        laptop, page, rows = seen.asker.laptop, no_news(seen, ask), list[PulledRow]()
        if page is None:
            page, rows = self._page(seen, ask)
        _log.info("pull laptop=%s records=%d more=%s ms=%d", laptop, len(rows), page.more, took())
        return write_page(page, rows, brief=ask.unnamed is not None)

    def _page(self, seen: Glance, ask: Ask) -> tuple[Page, list[PulledRow]]:
        laptop = seen.asker.laptop
        with self._database.reading() as connection:
            seen = glance.still(connection, seen)
            page, rows = pull(connection, seen, ask)
        if moves := holding.moves(seen.held, page.had, page.files):
            with self._database.writing() as connection:
                holding.note(connection, laptop, moves, self._clock())
        return page, rows

    def _mend(self, authorization: str, files: Collection[FileId]) -> None:
        """A laptop holds something else: whoever is right, the office's journal is asked first."""
        with self._database.reading() as connection:
            asker = people.asker(connection, authorization, self._clock())
            seen = files_of(connection, asker.adviser).intersection(files)
            altered = mending.altered(connection, seen)
        _log.warning(
            "differs laptop=%s files=%s altered=%s", asker.laptop, ",".join(sorted(seen)), altered
        )
        if altered:
            with self._database.writing() as connection:
                mending.mend(connection, altered)

    def _cards(self, authorization: str, sealing: str) -> bytes:
        with self._database.writing() as connection:
            asker = people.asker(connection, authorization, self._clock())
            cards.keep(connection, asker, sealing, self._clock())
            return write_cards(cards.of_colleagues(connection, asker))

    def _carried(
        self,
        authorization: str,
        ids: frozenset[ChangeId],
        words: Mapping[ChangeId, str],
        given: frozenset[str],
    ) -> bytes:
        with self._database.reading() as connection:
            asker = people.asker(connection, authorization, self._clock())
            epoch = connection.execute(select(Clock.epoch)).scalar_one()
            reached = placing.last_of(connection, asker.laptop)
            found = carried.receipts(connection, asker, ids, words)
            lacks = evidence.lacking(connection, given)
        return write_heard(Accepted(epoch, reached.number), found, lacks)

    def _seen(self, authorization: str, body: bytes) -> bytes:
        with self._database.reading() as connection:
            asker = people.asker(connection, authorization, self._clock())
        try:
            cursor, opened, epoch = read_opened(body)
        except NotOurs as fault:
            raise cut() from fault
        if len(opened) > MAX_CHANGES:
            raise too_large()
        if opened:
            with self._database.writing() as connection:
                reads.take(connection, asker, opened, self._clock(), epoch)
        with self._database.reading() as connection:
            return write_seen(reads.after(connection, asker, cursor, epoch))

    def _own(self, authorization: str, after: int, most: int) -> bytes:
        with self._database.reading() as connection:
            asker = people.asker(connection, authorization, self._clock())
            found = own(connection, asker, after, most)
        _log.info("own laptop=%s changes=%d", asker.laptop, len(found))
        return write_own(found)


def _authorization(request: Request) -> str:
    return request.headers.get("Authorization", "")


def _stopwatch() -> Callable[[], int]:
    started = time.monotonic()
    return lambda: round((time.monotonic() - started) * 1000)


def system_clock() -> dt.datetime:
    """Now."""
    return dt.datetime.now(dt.UTC)


def _with_rest(database: Database, asker: people.Asker, behind: Ask, told: Accepted) -> Accepted:
    """Tell also whether anything else is new: a laptop that is not told asks for the page."""
    try:
        with database.asking() as connection:
            seen = glance.of_laptop(connection, asker.laptop)
        return replace(told, rest=rest(seen, behind, told))
    except Problem:
        # Access ended meanwhile: that is told to whoever asks next.
        return told
    except SQLAlchemyError as fault:
        # The changes are kept, and that has to be said whatever else does not work. What the
        # database says of its fault may quote a record.
        _log.error("rest laptop=%s %s", asker.laptop, type(fault).__name__)
        return told
