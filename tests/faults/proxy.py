"""A line to the office that breaks as a test says: before the office, or after it has committed."""

import enum
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import BinaryIO, cast

_AT_ONCE = struct.pack("ii", 1, 0)


class Fault(enum.Enum):
    """Where the line breaks."""

    IN_REQUEST = "part of the request reaches the office, then the line is reset"
    IN_ANSWER = "the office has done it, and part of its answer arrives"
    SWALLOW = "the office has done it, and nothing of its answer arrives"


class Cut(Exception):
    """The line is broken here."""


@dataclass
class Line:
    """The address of the line, and where it breaks next: once, at the next call of that path."""

    url: str
    chance: random.Random
    fault: Fault | None = None
    path: str = ""
    cuts: int = 0
    carries: int | None = None
    """The bytes of the longest message that comes through: where it breaks each time."""

    def cut(self, fault: Fault, path: str) -> None:
        """Break once, at the next request to this path."""
        self.fault, self.path = fault, path

    def take(self, request: bytes) -> Fault | None:
        """The fault for this request, if it is the one that is waited for."""
        if self.fault is None or f" {self.path} ".encode() not in request.split(b"\r\n")[0]:
            return None
        fault, self.fault = self.fault, None
        self.cuts += 1
        return fault

    def breaks_in(self, message: bytes) -> bool:
        """Whether a message is longer than the line ever carries."""
        is_longer = self.carries is not None and len(message) > self.carries
        self.cuts += is_longer
        return is_longer

    def part(self, whole: bytes) -> bytes:
        """Some bytes of a message, never all of it."""
        return whole[: self.chance.randrange(1, len(whole))]


@contextmanager
def line_to(url: str, seed: int = 0) -> Iterator[Line]:
    """Run a line to the service at `url`."""
    host, port = url.removeprefix("http://").split(":")

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(Cut, OSError), socket.create_connection((host, int(port))) as office:
                answers = office.makefile("rb")
                while request := _message(cast("BinaryIO", self.rfile)):
                    self._pass_on(request, office, answers)

        def _pass_on(self, request: bytes, office: socket.socket, answers: BinaryIO) -> None:
            fault = line.take(request)
            if fault is Fault.IN_REQUEST or line.breaks_in(request):
                office.sendall(line.part(request))
                self._reset(office)
            office.sendall(request)
            answer = _message(answers)
            breaks = line.breaks_in(answer)
            if fault is None and not breaks:
                self.wfile.write(answer)
                return
            if fault is Fault.IN_ANSWER or breaks:
                self.wfile.write(line.part(answer))
            self._reset(self.connection)

        def _reset(self, end: socket.socket) -> None:
            if line.chance.random() < 1 / 2:
                # Closing then says RST; else FIN, as a proxy that gives up does.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            raise Cut

    ThreadingTCPServer.allow_reuse_address = True
    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        line = Line(f"http://127.0.0.1:{server.server_address[1]}", random.Random(seed))  # noqa: S311 - a fault to run again
        thread = Thread(target=lambda: server.serve_forever(poll_interval=0.01))
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()


def _message(source: BinaryIO) -> bytes:
    """One HTTP message, head and body; empty when the other end has gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        read = source.readline()
        if not read:
            return b""
        head += read
    length = next(
        (int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if b"content-length:" in h), 0
    )
    return head + source.read(length)
