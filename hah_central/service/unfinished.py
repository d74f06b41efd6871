"""Lets no request that does not come to its end keep the office from the others.

It counts seconds and bytes of a connection, and knows no message and nobody who asks.
"""

import asyncio
import ssl
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_MOST_WITHOUT_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a request may take to come: so long in silence, and by its bytes.

    It is more than the laptop's own patience allows: what a slow line carries is never cut here.
    """

    silent_s: float = 60.0
    first_s: float = 90.0
    slowest: float = 2048.0
    """Bytes in a second. What comes more slowly than this is taken for no request."""
    look_s: float = 2.0
    most: int = 0
    """So many connections may wait for their requests; 0 is half of the files that may be open."""

    def lasts(self, silent_s: float, since_s: float, came: int) -> bool:
        """Whether to go on waiting for the rest."""
        return silent_s <= self.silent_s and since_s <= self.first_s + came / self.slowest


class Bounded(H11Protocol):
    """One connection. What is unfinished for too long is cut, and so is what is one too many."""

    bounds: ClassVar[Bounds] = Bounds()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request; with too many that wait, the most silent one goes."""
        super().connection_made(transport)
        self._begins()
        self.loop.call_later(self.bounds.look_s, self._look)
        _make_room(self.connections, self.bounds)

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        self.heard = self.loop.time()
        self._came += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """The next request has its own time."""
        self._begins()
        super().on_response_complete()

    @property
    def waits(self) -> bool:
        """Whether nothing is done here because the rest of a request is not here."""
        if self.transport.is_closing():
            return False
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body

    def cut(self) -> None:
        """Let go of the connection at once. A laptop takes it for a line that broke off."""
        self.transport.abort()

    def _begins(self) -> None:
        self._since = self.heard = self.loop.time()
        self._came = 0

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        now = self.loop.time()
        # Where the office itself reads nothing for a while, nobody is too slow.
        if not self.waits or self.flow.read_paused:
            self._begins()
        elif not self.bounds.lasts(now - self.heard, now - self._since, self._came):
            self.cut()
            return
        self.loop.call_later(self.bounds.look_s, self._look)


class Shaken(asyncio.Protocol):
    """One connection on which TLS begins. Until it has begun, it waits like one without a request.

    The server would count it only afterwards: whoever never ends it could hold any number of them.
    """

    trust: ClassVar[ssl.SSLContext]
    then: ClassVar[type[Bounded]] = Bounded

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        self._then = self.then(config, server_state, app_state, _loop)
        self._is_lost = False
        self._came: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin with TLS; with too many that wait, the most silent one goes."""
        # Not a byte may be read before TLS reads it.
        transport.pause_reading()
        self._transport = transport
        self.heard = self._then.loop.time()
        self._then.connections.add(self)  # type: ignore[arg-type]  # all that it asks of one is here
        _make_room(self._then.connections, self._then.bounds)
        self._shaking = self._then.loop.create_task(self._shake())

    async def _shake(self) -> None:
        loop, in_time = self._then.loop, self._then.bounds.silent_s
        inner: asyncio.Transport | None = None
        with suppress(OSError):
            inner = await loop.start_tls(
                self._transport, self, self.trust, server_side=True, ssl_handshake_timeout=in_time
            )
        self._then.connections.discard(self)
        if inner is None or self._is_lost:
            return
        inner.set_protocol(self._then)
        self._then.connection_made(inner)
        for data in self._came:
            self._then.data_received(data)

    def data_received(self, data: bytes) -> None:
        """What comes with the end of the handshake is the beginning of a request."""
        self._came.append(data)

    @property
    def waits(self) -> bool:
        """Whether it is still to be cut."""
        return not self._is_lost

    def connection_lost(self, _exc: Exception | None) -> None:
        """It was given up before there was a request."""
        self._is_lost = True

    def cut(self) -> None:
        """Let go of the connection at once."""
        self._is_lost = True
        self._transport.abort()

    shutdown = cut


def behind_tls(trust: ssl.SSLContext, then: type[Bounded] = Bounded) -> type[Shaken]:
    """What serves one connection to an office that proves itself with this."""
    return type("Shaken", (Shaken,), {"trust": trust, "then": then})


def _make_room(connections: Iterable[object], bounds: Bounds) -> None:
    """With one too many that wait, let the most silent one go."""
    waiting = [each for each in connections if isinstance(each, Bounded | Shaken) and each.waits]
    if len(waiting) > (bounds.most or most_open()):
        min(waiting, key=lambda each: each.heard).cut()


def most_open() -> int:
    """Half of the files that this process may have open: the others are for its work."""
    if sys.platform == "win32":
        return _MOST_WITHOUT_LIMIT
    import resource  # noqa: PLC0415 - Windows has no such module

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = limit == resource.RLIM_INFINITY
    return _MOST_WITHOUT_LIMIT if unlimited else min(limit // 2, _MOST_WITHOUT_LIMIT)
