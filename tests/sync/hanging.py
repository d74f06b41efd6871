"""Offices that take a call and never answer it well, and whoever waits on a line to one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from hah_desktop.sync import line

PATIENCE_S = 120.0
"""Only what hangs waits so long, and then its test fails."""

TRICKLE = 1000
HEAD = b"HTTP/1.1 200 OK\r\nHah-Protocol: 1\r\nContent-Length: %d\r\n\r\n" % TRICKLE


@dataclass
class Call:
    """Somebody calls; the office is at its bad answer by then, and stays there until it is over."""

    url: str = ""
    hangs: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


Talk = Callable[[socket.socket, Call], None]


def says_nothing(end: socket.socket, call: Call) -> None:
    end.recv(1)
    call.hangs.set()
    call.over.wait()


def reads_nothing_and_is_not_there(end: socket.socket, call: Call) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    call.hangs.set()
    call.over.wait()


def a_byte_now_and_then(end: socket.socket, call: Call) -> None:
    """A whole answer in the end, but none that a person would wait for."""
    end.recv(4096)
    with suppress(OSError):
        end.sendall(HEAD)
        for _ in range(TRICKLE):
            if call.over.wait(0.05):
                return
            end.sendall(b"x")
            call.hangs.set()


def only_the_head(end: socket.socket, call: Call) -> None:
    end.recv(4096)
    end.sendall(HEAD)
    call.hangs.set()
    call.over.wait()


@contextmanager
def answering(talk: Talk) -> Iterator[Call]:
    """An address where somebody answers like this, to one caller."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        call = Call(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            with suppress(OSError):
                end, _ = listening.accept()
                with end:
                    talk(end, call)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield call
        finally:
            call.over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


class Looks:
    """How often somebody who waits on a line looked at the clock, instead of being woken.

    And who hangs on one that was not there before.
    """

    def __init__(self, planted: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._before = frozenset(_on_a_line())
        # Who is not woken looks much later, so that it is seen however slow the machine is.
        planted.setattr(line, "_LOOK_S", PATIENCE_S)
        planted.setattr(line.Patience, "lasts", self._lasts)

    def _lasts(self, *_of_the_wait: object) -> bool:
        self.count += 1
        return False

    def nobody_hangs(self) -> bool:
        """Whether every thread that asked since has ended, or ends now."""
        asking = _on_a_line() - self._before
        for thread in asking:
            thread.join(PATIENCE_S)
        return not any(thread.is_alive() for thread in asking)


def _on_a_line() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "line"}
