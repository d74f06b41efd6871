"""One line to one address, which can be cut from another thread at any moment.

It carries bytes and knows no message. Whoever waits for an answer waits here, and never longer
than the bytes that moved give reason for. It keeps nothing on disk.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from threading import Event, Thread
from typing import Any, BinaryIO

import httpx

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.errors import (
    Untrusted,
    broke_off,
    cancelled,
    not_ours,
    too_slow,
    unreachable,
    untrusted,
    untrusted_today,
)
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.form import PROTOCOL_HEADER, NotOurs, cut
from hah_desktop.sync.wire.packing import Damaged, Unpacker

LONGEST_ANSWER = 256 * 1024 * 1024
"""An answer that unpacks to more is none of ours."""

_LOOK_S = 0.25
_PIECE = 16 * 1024
_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take: so long to connect, so long in silence, and by its bytes."""

    connect_s: float = 10.0
    silent_s: float = 60.0
    slowest: float = 4096.0
    """Bytes in a second. Whatever moves more slowly than this is taken for no answer."""

    def lasts(self, waited_s: float, moved: int) -> bool:
        """Whether to go on waiting, after so many seconds in which so many bytes moved."""
        return waited_s <= self.connect_s + self.silent_s + moved / self.slowest


PATIENCE = Patience()


@dataclass
class Moved:
    """How many bytes went each way, without the headers."""

    sent: int = 0
    fetched: int = 0

    @property
    def all(self) -> int:
        """Both ways together."""
        return self.sent + self.fetched


class Line:
    """Asks one address, and waits for one answer at a time. No address raises Unreachable.

    `authority` holds certificates as PEM: whoever answers has to have one of an authority among
    them, and no other is believed. Without any, the public ones are.
    """

    def __init__(
        self,
        url: str,
        *,
        authority: str = "",
        transport: httpx.BaseTransport | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self.moved = Moved()
        self._patience = patience
        self._sockets: list[socket.socket] = []
        self._is_cut = False
        self._waiting: Event | None = None
        timeout = httpx.Timeout(patience.silent_s, connect=patience.connect_s)
        # A proxy or a redirect of somebody else's network must never be followed with our words.
        try:
            self._http = httpx.Client(
                base_url=url,
                timeout=timeout,
                follow_redirects=False,
                trust_env=False,
                verify=trust_in(authority),
                transport=transport,
            )
        except httpx.InvalidURL as fault:
            raise unreachable() from fault
        except ssl.SSLError as fault:
            raise untrusted() from fault

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def cut(self) -> None:
        """Stop at once whatever is asked, and ask nothing any more. For any thread."""
        self._is_cut = True
        waiting = self._waiting
        if waiting is not None:
            waiting.set()

    def ask(
        self, method: str, path: str, content: bytes | BinaryIO, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Ask and wait. Raises Unreachable, NotOurs, or Cancelled once the line was cut."""
        return self.answer(self.begin(method, path, content, headers))

    def begin(
        self, method: str, path: str, content: bytes | BinaryIO, headers: Mapping[str, str]
    ) -> "Asked":
        """Ask, and go on without waiting: `answer` waits, unless it is dropped."""
        # Names are looked up and hands are shaken where nothing can interrupt them: in a thread
        # that is left to itself when nobody wants its answer any more.
        asked = Asked(self._http, self.moved, self._trace)
        sent = method, path, content, {"Accept-Encoding": packing.TAKEN, **headers}
        if not self._is_cut:
            Thread(target=asked.go, args=sent, name="line", daemon=True).start()
        return asked

    def answer(self, asked: "Asked") -> httpx.Response:
        """Wait for what was asked. Raises as `ask` does."""
        self._waiting = asked.ended
        try:
            self._wait(asked.ended)
        except BaseException:
            self.drop(asked)
            raise
        return asked.result()

    def drop(self, asked: "Asked") -> None:
        """Nobody wants the answer any more."""
        asked.is_wanted = False
        self._hang_up()

    def _wait(self, ended: Event) -> None:
        began, moved = time.monotonic(), self.moved.all
        while not self._is_cut and not ended.wait(_LOOK_S):
            since = self.moved.all - moved
            if not self._patience.lasts(time.monotonic() - began, since):
                raise too_slow() if since else unreachable()
        if self._is_cut:
            raise cancelled()

    def _trace(self, asked: "Asked", event: str, told: Mapping[str, Any]) -> None:
        if event in _OPENED:
            end = told["return_value"].get_extra_info("socket")
            self._sockets.append(end)
            if not asked.is_wanted:
                # Answered at the very moment when it was given up: nobody else would wake it.
                _shut(end)

    def _hang_up(self) -> None:
        """Wake whoever reads or writes: closing alone would leave it waiting."""
        for end in list(self._sockets):
            _shut(end)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        # The plain one, since that of TLS would first say goodbye.
        socket.socket.shutdown(end, socket.SHUT_RDWR)


_Trace = Callable[["Asked", str, Mapping[str, Any]], None]


@cache
def public_trust() -> ssl.SSLContext:
    """Whom anybody trusts. Reading the list takes longer than a sync without news."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def trust_in(authority: str) -> ssl.SSLContext:
    """Trust in these certificates alone; in whom anybody trusts where there are none.

    Raises ssl.SSLError for what is no certificate.
    """
    if not authority:
        return public_trust()
    if not authority.isascii():
        raise ssl.SSLError("a certificate as PEM is ASCII")
    return ssl.create_default_context(cadata=authority)


class Asked:
    """One question under way in a thread of its own."""

    def __init__(self, http: httpx.Client, moved: Moved, trace: _Trace) -> None:
        self.ended = Event()
        self.is_wanted = True
        self._http = http
        self._moved = moved
        self._trace = trace
        self._answer: httpx.Response | None = None
        self._fault: BaseException | None = None

    def go(
        self, method: str, path: str, content: bytes | BinaryIO, headers: Mapping[str, str]
    ) -> None:
        """Ask, and keep the answer or the fault."""
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        length = _length(source)
        try:
            with self._http.stream(
                method,
                path,
                content=self._sent(source) if length else None,
                headers={**headers, "Content-Length": str(length)} if length else headers,
                extensions={"trace": partial(self._trace, self)},
            ) as answer:
                body = self._fetched(answer)
                said = [(k, v) for k, v in answer.headers.items() if k not in _OF_THE_LINE]
                self._answer = httpx.Response(answer.status_code, headers=said, content=body)
        except BaseException as fault:  # noqa: BLE001 - told to whoever waits, in its own thread
            self._fault = fault
        finally:
            self.ended.set()

    def result(self) -> httpx.Response:
        """The answer, or the fault in words."""
        if self._answer is not None:
            return self._answer
        fault = self._fault
        if fault is None:
            raise RuntimeError("asked for the result of what has not ended")
        said = _in_words(fault)
        if said is None:
            raise fault
        raise said from fault

    def _sent(self, source: BinaryIO) -> Iterator[bytes]:
        while piece := source.read(_PIECE):
            yield piece
            self._moved.sent += len(piece)

    def _fetched(self, answer: httpx.Response) -> bytes:
        unpack = _unpacking(answer)
        body = bytearray()
        for piece in answer.iter_raw():
            self._moved.fetched += len(piece)
            try:
                body += unpack.take(piece, LONGEST_ANSWER - len(body))
            except Damaged as fault:
                raise _unread(answer) from fault
            if len(body) > LONGEST_ANSWER:
                raise _unread(answer)
        if not unpack.is_whole:
            raise _unread(answer)
        return bytes(body)


def _unread(answer: httpx.Response) -> NotOurs:
    return cut() if PROTOCOL_HEADER in answer.headers else not_ours()


def _in_words(fault: BaseException) -> KnownError | None:
    """What happened to a question, for the person; None for what is not of the line."""
    if isinstance(fault, _NEVER_THERE):
        return _unproved(fault) or unreachable()
    if isinstance(fault, httpx.TimeoutException):
        return too_slow()
    if isinstance(fault, httpx.RemoteProtocolError) and not str(fault).startswith(_CUT):
        # It said something, and that is no HTTP.
        return not_ours()
    return broke_off() if isinstance(fault, httpx.TransportError) else None


def _unproved(fault: BaseException | None) -> Untrusted | None:
    """The words where it was the certificate that stopped it."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return untrusted_today() if fault.verify_code in _OF_THE_DAY else untrusted()
        # What httpx was told by the layer below, which hides it.
        fault = fault.__cause__ or fault.__context__
    return None


_NEVER_THERE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    ssl.SSLError,
)

_CUT = ("Server disconnected", "peer closed connection")
"""How httpx begins to say that the other end hung up: it has one kind for this and for nonsense."""

_OF_THE_DAY = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is not valid yet, and for one that has run out."""


_OF_THE_LINE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""How the body travelled; it does not travel any more."""


class _Plain:
    """A body as it is."""

    def take(self, piece: bytes, _room: int) -> bytes:
        """What the piece says."""
        return piece

    @property
    def is_whole(self) -> bool:
        """The line itself tells when a body without packing is cut."""
        return True


def _unpacking(answer: httpx.Response) -> _Plain | Unpacker:
    named = answer.headers.get("Content-Encoding", packing.PLAIN).strip().lower()
    try:
        return _Plain() if named == packing.PLAIN else Unpacker(named)
    except Damaged:
        raise _unread(answer) from None


def _length(source: BinaryIO) -> int:
    here = source.tell()
    end = source.seek(0, io.SEEK_END)
    source.seek(here)
    return end - here


def way_out() -> tuple[str, ...]:
    """The addresses under which this laptop would go out: another network gives others.

    Nothing is sent, nobody is asked, and it says nothing about whether anybody can be reached.
    """
    found = []
    for family, beyond in _BEYOND:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as end:
            # Without a packet: the system only looks up which way it would take.
            end.connect((beyond, 9))
            found.append(str(end.getsockname()[0]))
    return tuple(found)


_BEYOND = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses kept for examples, which nobody has."""
