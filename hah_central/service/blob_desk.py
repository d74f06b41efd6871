"""Where laptops send and fetch the content of attachments: what is asked and answered, and how.

A request is checked before its body is read, and read whole before anything is kept.
"""

import hashlib
import logging
import re
from collections.abc import Iterator
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from hah_central.attachments.blobs import Blobs, Chunk
from hah_central.database.database import Database
from hah_central.people import people
from hah_central.people.people import Asker
from hah_central.problems import no_attachment, no_range, unreadable
from hah_central.service import requests
from hah_desktop.domain.chunks import CHUNK, Standing, is_digest
from hah_desktop.domain.clock import Clock
from hah_desktop.sync.wire.blobs import CONTENT, MOST_ASKED, write_status, write_taken
from hah_desktop.sync.wire.form import DIGEST_HEADER, SIZE_HEADER

_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_NUMBER = re.compile(r"\d{1,9}")

_log = logging.getLogger("hah_central")


class BlobDesk:
    """Answers laptops about the content of attachments."""

    def __init__(self, database: Database, clock: Clock, blobs: Blobs) -> None:
        self._database = database
        self._clock = clock
        self._blobs = blobs

    def routes(self) -> list[Route]:
        """The addresses of attachments."""
        return [
            Route("/v1/blobs/status", self.status, methods=["POST"]),
            Route("/v1/blobs/{sha256}/{number}", self.put, methods=["PUT"]),
            Route("/v1/blobs/{sha256}", self.get, methods=["GET"]),
        ]

    async def status(self, request: Request) -> Response:
        """Hashes against how far the office has them from this laptop."""
        hashes = _hashes((await requests.plain(request)).get("sha256"))
        found = await run_in_threadpool(self._status, request, hashes)
        return JSONResponse(write_status(found))

    async def put(self, request: Request) -> Response:
        """One chunk."""
        chunk = _chunk(request)
        asker = await run_in_threadpool(self._expected, request, chunk)
        data = await requests.body(request)
        taken = await run_in_threadpool(self._blobs.take, asker, chunk, data, self._clock())
        if taken.whole:
            _log.info("attachment laptop=%s bytes=%d", asker.laptop, chunk.size)
        return JSONResponse(write_taken(taken))

    async def get(self, request: Request) -> Response:
        """All of it, or the part that is asked for."""
        sha256 = request.path_params["sha256"]
        return await run_in_threadpool(self._get, request, sha256)

    def _asker(self, request: Request) -> Asker:
        authorization = request.headers.get("Authorization", "")
        with self._database.reading() as connection:
            return people.asker(connection, authorization, self._clock())

    def _status(self, request: Request, hashes: frozenset[str]) -> list[Standing]:
        return self._blobs.status(self._asker(request), hashes, self._clock())

    def _expected(self, request: Request, chunk: Chunk) -> Asker:
        asker = self._asker(request)
        self._blobs.check(asker, chunk)
        return asker

    def _get(self, request: Request, sha256: str) -> Response:
        file, size = self._blobs.open(self._asker(request), sha256)
        try:
            first, after = _range(request, size)
            return _answer(file, first, after, size)
        except BaseException:
            file.close()
            raise


def _hashes(asked: object) -> frozenset[str]:
    if not isinstance(asked, list) or len(asked) > MOST_ASKED:
        raise unreadable(f"“sha256” is not a list of at most {MOST_ASKED}")
    if not all(isinstance(sha256, str) and is_digest(sha256) for sha256 in asked):
        raise unreadable("“sha256” holds something else than SHA-256")
    return frozenset(asked)


def _chunk(request: Request) -> Chunk:
    sha256, number = request.path_params["sha256"], request.path_params["number"]
    digest, size = (request.headers.get(name, "") for name in (DIGEST_HEADER, SIZE_HEADER))
    if not is_digest(sha256):
        raise no_attachment()
    if not is_digest(digest) or not _NUMBER.fullmatch(number) or not _NUMBER.fullmatch(size):
        raise unreadable("it does not say which part of the file it is")
    return Chunk(sha256, int(number), digest, int(size))


def _range(request: Request, size: int) -> tuple[int, int]:
    """Where to begin and before which byte to end; 0 and the size for all of it."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        return 0, size
    first, last = int(asked[1]), int(asked[2] or size - 1)
    if not first <= last or first >= size:
        raise no_range()
    return first, min(last + 1, size)


def _answer(file: BinaryIO, first: int, after: int, size: int) -> Response:
    """A part that fits into a chunk comes with its hash, so that a laptop can compare it."""
    part = after - first < size
    # Named, so that nobody packs what is packed already.
    headers = {"Accept-Ranges": "bytes", "Content-Encoding": "identity"}
    if part:
        headers["Content-Range"] = f"bytes {first}-{after - 1}/{size}"
    file.seek(first)
    if after - first <= CHUNK:
        with file:
            data = file.read(after - first)
        headers[DIGEST_HEADER] = hashlib.sha256(data).hexdigest()
        return Response(data, 206 if part else 200, headers, CONTENT)
    headers["Content-Length"] = str(after - first)
    return StreamingResponse(_pieces(file, after - first), 206 if part else 200, headers, CONTENT)


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (data := file.read(min(CHUNK, left))):
            left -= len(data)
            yield data
