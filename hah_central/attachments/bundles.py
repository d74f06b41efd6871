"""Bundles that laptops hand over: taken in whole or not at all, and kept sealed in a folder.

A laptop whose access has ended gets no token, so its signature over this one file at this one
office is what permits it. Nothing here can open a bundle: the service has no key that does.
"""

import datetime as dt
import hashlib
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, insert, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from hah_central.database.database import HOME_FOLDER, Database
from hah_central.database.disk import sync_folder
from hah_central.database.rows import Bundle, Clock
from hah_central.journal.journal import take_numbers
from hah_central.people import people
from hah_central.problems import Problem, cut, unreadable
from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.wire.form import DIGEST_HEADER, LAPTOP_HEADER, SIGNATURE_HEADER, SIZE_HEADER
from hah_desktop.sync.wire.signed import signed_bundle

FOLDER = "bundles"
LARGEST = 4 << 30
WAITING = 5
"""So many bundles of one laptop may lie unopened, and so many be under way: each may fill 4 GiB of
the office's disk."""

SPARE = 1 << 30
"""So much of the disk stays free for everything else."""

_SUFFIX = ".bundle"
_UNFINISHED = ".part"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"[0-9]{1,10}")
_WRITE_BYTES = 1 << 20
_SHORTEST = 6


class NoBundle(KnownError):
    """There is no such bundle, or more than one."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a laptop says it is about to send, and its signature over that."""

    laptop: str
    sha256: str
    size: int
    signature: str


@dataclass(frozen=True, slots=True)
class Line:
    """A bundle as the office lists it."""

    sha256: str
    laptop: str
    size: int
    received: dt.datetime
    opened: dt.datetime | None


class Bundles:
    """The folder of bundles and its table."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._under_way = Counter[str]()

    def path(self, sha256: str) -> Path:
        """Where a bundle lies."""
        return self._folder / f"{sha256}{_SUFFIX}"

    async def receive(self, request: Request, now: dt.datetime) -> Offered:
        """Take one in. Returns once it is on the disk and noted. Raises Problem."""
        offered = _offered(request)
        await run_in_threadpool(self._check, offered)
        with self._one_more(offered.laptop):
            unfinished = await run_in_threadpool(self._new_file, offered.size)
            try:
                await _write(request, offered, unfinished)
                await run_in_threadpool(self._keep, offered, unfinished, now)
            finally:
                with suppress(OSError):
                    unfinished.unlink()
        return offered

    @contextmanager
    def _one_more(self, laptop: str) -> Iterator[None]:
        """Count what is under way: whoever sends many at once may not fill the disk either."""
        if self._under_way[laptop] >= WAITING:
            raise _too_many()
        self._under_way[laptop] += 1
        try:
            yield
        finally:
            self._under_way[laptop] -= 1

    def _check(self, offered: Offered) -> None:
        """Whether it may be sent, before a byte of it is read. Raises Problem."""
        with self._database.reading() as connection:
            office = connection.execute(select(Clock.office)).scalar_one()
            key = people.public_key(connection, offered.laptop)
            people.check_bundle(
                key, signed_bundle(office, offered.sha256, offered.size), offered.signature
            )
            if find(connection, offered.sha256) is None:
                _check_waiting(connection, offered.laptop)

    def _new_file(self, size: int) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The office's own database may lie on the same disk, and goes on.
        if shutil.disk_usage(self._folder).free < size + SPARE:
            raise Problem(507, "no-room", "The office has no room for this at the moment.")
        path = self._folder / f"{secrets.token_hex(16)}{_UNFINISHED}"
        path.touch(mode=0o600, exist_ok=False)
        return path

    def _keep(self, offered: Offered, unfinished: Path, now: dt.datetime) -> None:
        unfinished.replace(self.path(offered.sha256))
        sync_folder(self._folder)
        with self._database.writing() as connection:
            note(connection, offered.sha256, offered.laptop, offered.size, now)


def folder_of(database: Database, named: Path | None) -> Path:
    """Where bundles are kept: as somebody said, or beside the embedded database, or at home."""
    if named is not None:
        return named
    beside = database.engine.url.database if database.is_sqlite else None
    return (Path(beside).parent if beside else Path.home() / HOME_FOLDER) / FOLDER


def note(connection: Connection, sha256: str, laptop: str, size: int, now: dt.datetime) -> None:
    """Write down that a bundle is here; the same one twice is one."""
    take_numbers(connection, 0)
    if find(connection, sha256) is None:
        row = {"sha256": sha256, "laptop": laptop, "size": size, "received": now}
        connection.execute(insert(Bundle).values(row))


def find(connection: Connection, sha256: str) -> Line | None:
    """One bundle, if it was ever received."""
    found = connection.execute(_LINES.where(Bundle.sha256 == sha256)).one_or_none()
    return Line(*found) if found else None


def lines(connection: Connection) -> list[Line]:
    """Every bundle that was received, the oldest first."""
    return [Line(*row) for row in connection.execute(_LINES.order_by(Bundle.received))]


def named(connection: Connection, name: str) -> Line:
    """The bundle whose id begins with these letters. Raises NoBundle."""
    if len(name) >= _SHORTEST and _DIGEST.fullmatch(name.ljust(64, "0")):
        found = connection.execute(_LINES.where(Bundle.sha256.startswith(name))).all()
        if len(found) == 1:
            return Line(*found[0])
    raise NoBundle(
        f"There is no file and no single bundle called “{name}”.",
        "Nothing was changed.",
        "Without a name this command lists the bundles.",
    )


_LINES = select(Bundle.sha256, Bundle.laptop, Bundle.size, Bundle.received, Bundle.opened)


def _check_waiting(connection: Connection, laptop: str) -> None:
    waiting = select(func.count()).where(Bundle.laptop == laptop, Bundle.opened.is_(None))
    if connection.execute(waiting).scalar_one() >= WAITING:
        raise _too_many()


def _too_many() -> Problem:
    return Problem(
        429,
        "too-many-bundles",
        "The office holds several bundles of this laptop that nobody has opened yet.",
        do="Call the office.",
    )


def _offered(request: Request) -> Offered:
    names = (LAPTOP_HEADER, DIGEST_HEADER, SIZE_HEADER, SIGNATURE_HEADER)
    laptop, digest, size, signature = (request.headers.get(name, "") for name in names)
    if not _DIGEST.fullmatch(digest) or not _SIZE.fullmatch(size):
        raise unreadable("it does not say what is sent")
    if int(size) > LARGEST:
        raise Problem(413, "too-large", "This bundle is too large.", do="Call the office.")
    return Offered(laptop, digest, int(size), signature)


async def _write(request: Request, offered: Offered, path: Path) -> None:
    """Write the body to the file and wait for the disk. Raises Problem if it is another one."""
    digest = hashlib.sha256()
    size = 0
    held = bytearray()
    with path.open("r+b") as file:

        def write() -> None:
            digest.update(held)
            file.write(held)
            held.clear()

        try:
            async for piece in request.stream():
                held += piece
                size += len(piece)
                if size > offered.size:
                    raise unreadable("it is longer than was said")
                if len(held) >= _WRITE_BYTES:
                    await run_in_threadpool(write)
        except ClientDisconnect as fault:
            raise cut() from fault
        await run_in_threadpool(write)
        if size < offered.size:
            raise cut()
        if digest.hexdigest() != offered.sha256:
            raise unreadable("it was changed on the way")
        file.flush()
        await run_in_threadpool(os.fsync, file.fileno())
