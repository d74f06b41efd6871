"""A line is cut at once whatever hangs on it, and a slow answer is waited for by its bytes."""

import gzip
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from hah_desktop.sync import line
from hah_desktop.sync.errors import Cancelled, Unreachable
from hah_desktop.sync.line import Line, Patience, way_out
from hah_desktop.sync.wire.form import NotOurs
from tests.sync.server import OURS, Answer, serving

AT_ONCE_S = 1.0
HEAD = b"HTTP/1.1 200 OK\r\nHah-Protocol: 1\r\nContent-Length: 100000\r\n\r\n"
Talk = Callable[[socket.socket, threading.Event], None]


def says_nothing(end: socket.socket, over: threading.Event) -> None:
    end.recv(1)
    over.wait()


def reads_nothing_and_is_not_there(end: socket.socket, over: threading.Event) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    over.wait()


def a_byte_now_and_then(end: socket.socket, over: threading.Event) -> None:
    end.recv(4096)
    with suppress(OSError):
        end.sendall(HEAD)
        while not over.wait(0.05):
            end.sendall(b"x")


def only_the_head(end: socket.socket, over: threading.Event) -> None:
    end.recv(4096)
    end.sendall(HEAD)
    over.wait()


@contextmanager
def answering(talk: Talk) -> Iterator[str]:
    """An address where somebody answers like this, to one caller."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                end, _ = listening.accept()
                with end:
                    talk(end, over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def lines_open() -> int:
    return sum(thread.name == "line" for thread in threading.enumerate())


@pytest.mark.parametrize(
    "talk", [says_nothing, reads_nothing_and_is_not_there, a_byte_now_and_then, only_the_head]
)
@pytest.mark.parametrize("size", [0, 20_000_000], ids=["a question", "a large body"])
def test_a_line_is_cut_at_once_whatever_the_other_end_does(talk: Talk, size: int) -> None:
    with answering(talk) as url:
        asked = Line(url)
        # Cut while it is certainly waiting: from another thread, as a person does.
        timer = threading.Timer(0.3, asked.cut)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            asked.ask("POST", "/", b"x" * size, {})
        assert time.monotonic() - began < 0.3 + AT_ONCE_S
        timer.join()
        with pytest.raises(Cancelled):
            asked.ask("GET", "/", b"", {})
        asked.close()
        while lines_open():
            assert time.monotonic() - began < 0.3 + 2 * AT_ONCE_S, "something still hangs on it"


def test_an_address_that_swallows_every_call_is_cut_at_once_too() -> None:
    # A full queue of callers: the system answers nobody any more.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        asked = Line(f"http://127.0.0.1:{port}")
        timer = threading.Timer(0.3, asked.cut)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            asked.ask("GET", "/", b"", {})
        assert time.monotonic() - began < 0.3 + AT_ONCE_S
        timer.join()
        asked.close()
        for one in waiting:
            one.close()


def test_an_answer_that_trickles_is_given_up_though_every_byte_comes_in_time() -> None:
    short = Patience(connect_s=0.2, silent_s=0.4, slowest=4096)
    with answering(a_byte_now_and_then) as url:
        asked = Line(url, patience=short)
        began = time.monotonic()
        with pytest.raises(Unreachable):
            asked.ask("GET", "/", b"", {})
        assert time.monotonic() - began < 0.6 + 2 * AT_ONCE_S
        asked.close()


def test_a_silent_office_is_given_up() -> None:
    with answering(says_nothing) as url:
        asked = Line(url, patience=Patience(connect_s=0.2, silent_s=0.2))
        with pytest.raises(Unreachable):
            asked.ask("GET", "/", b"", {})
        asked.close()


def test_a_slow_line_is_waited_for_as_long_as_its_bytes_ask() -> None:
    patience = Patience(connect_s=10, silent_s=60, slowest=4096)
    assert patience.lasts(70.0, 0)
    assert not patience.lasts(71.0, 0)
    assert patience.lasts(300.0, 1024 * 1024)
    assert not patience.lasts(330.0, 1024 * 1024)


def test_the_bytes_of_both_ways_are_counted() -> None:
    with serving() as server:
        server.answers["/a"] = Answer(b"four", headers=OURS)
        asked = Line(server.url)
        asked.ask("POST", "/a", b"sixsix", {})
        asked.ask("POST", "/a", io.BytesIO(b"two more"), {})
        asked.close()
    assert (asked.moved.sent, asked.moved.fetched, asked.moved.all) == (14, 8, 22)
    assert [one.body for one in server.asked] == [b"sixsix", b"two more"]


BOMB = gzip.compress(b"0" * (line.LONGEST_ANSWER + 1))
NOT_OURS = {
    "a bomb": (BOMB, "gzip"),
    "a packing that nobody asked for": (b"x", "br"),
    "cut inside the packing": (gzip.compress(b"whole" * 100)[:-9], "gzip"),
    "something behind the packing": (gzip.compress(b"whole") + b"more", "gzip"),
    "no packing at all": (b"whole", "gzip"),
}


@pytest.mark.parametrize(("body", "packing"), NOT_OURS.values(), ids=NOT_OURS)
def test_an_answer_that_does_not_unpack_to_a_whole_one_is_none(body: bytes, packing: str) -> None:
    with serving() as server:
        server.answers["/a"] = Answer(body, headers=OURS | {"Content-Encoding": packing})
        asked = Line(server.url)
        with pytest.raises(NotOurs):
            asked.ask("GET", "/a", b"", {})
        asked.close()


def test_looking_for_the_way_out_asks_nobody_and_never_fails() -> None:
    assert way_out() == way_out()
