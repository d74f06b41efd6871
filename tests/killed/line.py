"""A faulty line between a laptop and the office: bytes both ways, cut wherever it is told to.

It sees no message, since these are encrypted; `tests/faults/proxy.py` does, where they are not.
While the office is down, whoever calls waits. It has no thread: its owner asks it to go on.
"""

import enum
import random
import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

_AT_ONCE = struct.pack("ii", 1, 0)
_PIECE = 1 << 16
_FULL = 1 << 18
"""So much waits here at most for an end that does not read."""


_STEADY = range(20_000, 30_000)
"""Ports that no system gives out by itself."""


def steady_port() -> int:
    """A port for whoever is killed and started again: meanwhile nobody else is given it."""
    for port in random.SystemRandom().sample(_STEADY, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


class Way(enum.Enum):
    """Which way bytes go."""

    TO_OFFICE = "to the office"
    TO_LAPTOP = "to the laptop"


@dataclass
class Cut:
    """After so many bytes that way nothing passes any more, and this is done."""

    way: Way
    after: int
    do: Callable[["Call"], None]
    lasts: bool = False
    """Also when the laptop that calls now has hung up."""


@dataclass
class End:
    """One of the two ends of a call, and what waits to be sent to it."""

    socket: socket.socket
    waiting: bytearray = field(default_factory=bytearray)
    over: bool = False

    def send(self) -> None:
        """Send what it takes without waiting."""
        while self.waiting:
            try:
                sent = self.socket.send(self.waiting)
            except BlockingIOError:
                return
            del self.waiting[:sent]


class Call:
    """One connection of a laptop, and the one to the office that belongs to it."""

    def __init__(self, line: "Line", laptop: socket.socket) -> None:
        self._line = line
        self._laptop = End(laptop)
        self._office: End | None = None
        self._frozen = False
        laptop.setblocking(False)

    def connect(self, port: int) -> None:
        """Reach the office."""
        try:
            reached = socket.create_connection(("127.0.0.1", port))
        except OSError:
            self.drop()
            return
        reached.setblocking(False)
        for end in (reached, self._laptop.socket):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._office = End(reached)
        self._watch()

    def drop(self, *, reset: bool = False) -> None:
        """Hang up at both ends."""
        self._line.calls.discard(self)
        for end in filter(None, (self._laptop, self._office)):
            with suppress(KeyError, ValueError):
                self._line.selector.unregister(end.socket)
            if reset:
                with suppress(OSError):
                    end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            end.socket.close()

    def go_on(self, ready: socket.socket, mask: int) -> None:
        """Pass on what can be passed on."""
        if self not in self._line.calls:
            return
        assert self._office is not None
        near, far = self._laptop, self._office
        if ready is far.socket:
            near, far = far, near
        way = Way.TO_LAPTOP if near is self._office else Way.TO_OFFICE
        try:
            if mask & selectors.EVENT_WRITE:
                near.send()
            if mask & selectors.EVENT_READ and not self._frozen:
                self._read(near, far, way)
        except OSError:
            near.over = True
        if self not in self._line.calls:
            return
        # What one end still said before it went is passed on.
        if any(gone.over and not left.waiting for gone, left in ((near, far), (far, near))):
            self.drop()
        else:
            self._watch()

    def _read(self, near: End, far: End, way: Way) -> None:
        data = near.socket.recv(_PIECE)
        if not data:
            near.over = True
            return
        cut = self._line.cut_in(way, len(data))
        far.waiting += data if cut is None else data[: cut.after]
        far.send()
        if cut is not None:
            self._frozen = True
            cut.do(self)

    def _watch(self) -> None:
        assert self._office is not None
        both = (self._laptop, self._office)
        for end, other in zip(both, reversed(both), strict=True):
            mask = selectors.EVENT_WRITE if end.waiting else 0
            if not end.over and not self._frozen and len(other.waiting) < _FULL:
                mask |= selectors.EVENT_READ
            self._register(end.socket, mask)

    def _register(self, end: socket.socket, mask: int) -> None:
        with suppress(KeyError):
            self._line.selector.unregister(end)
        if mask:
            self._line.selector.register(end, mask, self)


class Line:
    """The address that one laptop knows. `port` is the office's; it is open once the office is."""

    def __init__(self, selector: selectors.BaseSelector, port: int) -> None:
        self.selector = selector
        self.cuts: list[Cut] = []
        self.calls: set[Call] = set()
        self._port = port
        self._open = False
        self._waiting: list[Call] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        selector.register(self._listening, selectors.EVENT_READ, self)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def accept(self) -> None:
        """Somebody calls."""
        with suppress(BlockingIOError):
            call = Call(self, self._listening.accept()[0])
            self.calls.add(call)
            if self._open:
                call.connect(self._port)
            else:
                self._waiting.append(call)

    def open(self) -> None:
        """The office is there."""
        self._open = True
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.connect(self._port)

    def shut(self) -> None:
        """The office is gone. What it still said is on its way."""
        self._open = False

    def hang_up(self) -> None:
        """The laptop is gone."""
        self.cuts = [cut for cut in self.cuts if cut.lasts]
        self._waiting.clear()
        for call in list(self.calls):
            call.drop()

    def close(self) -> None:
        """Take no more calls."""
        self.hang_up()
        self.selector.unregister(self._listening)
        self._listening.close()

    def cut_in(self, way: Way, length: int) -> Cut | None:
        """The cut that falls into these bytes, if one does; they count for all of them."""
        due = None
        for cut in [cut for cut in self.cuts if cut.way is way]:
            if due is None and cut.after < length:
                due = cut
                self.cuts.remove(cut)
            else:
                cut.after = max(cut.after - length, 0)
        return due
