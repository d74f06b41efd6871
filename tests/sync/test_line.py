"""A line is cut at once whatever hangs on it, and a slow answer is waited for by its bytes."""

import gzip
import io
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from hah_desktop.sync import line
from hah_desktop.sync.errors import BrokeOff, Cancelled, Unreachable, Untrusted
from hah_desktop.sync.line import Asked, Line, Patience, way_out
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.form import NotOurs
from tests.central.authority import Authority
from tests.faults.made import in_plain_english
from tests.sync.hanging import (
    PATIENCE_S,
    Call,
    Looks,
    Talk,
    a_byte_now_and_then,
    answering,
    only_the_head,
    reads_nothing_and_is_not_there,
    says_nothing,
)
from tests.sync.server import OURS, Answer, serving

TALKS = (says_nothing, reads_nothing_and_is_not_there, a_byte_now_and_then, only_the_head)
ENDLESS = Patience(connect_s=3600, silent_s=3600)
"""So that nothing ends but by being cut."""


class Watched(Line):
    """A line that says when it calls."""

    def __init__(self, url: str, calls: Event) -> None:
        super().__init__(url, patience=ENDLESS)
        self._calls = calls

    def _trace(self, asked: Asked, event: str, told: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self._calls.set()
        super()._trace(asked, event, told)


def cut_once(hangs: Event, asked: Line) -> Thread:
    """Cut the line from another thread, as a person does, once it hangs."""

    def cut() -> None:
        hangs.wait(PATIENCE_S)
        asked.cut()

    thread = Thread(target=cut)
    thread.start()
    return thread


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("size", [0, 20_000_000], ids=["a question", "a large body"])
def test_a_line_is_cut_at_once_whatever_the_other_end_does(
    talk: Talk, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    with answering(talk) as call:
        asked = Line(call.url, patience=ENDLESS)
        cutting = cut_once(call.hangs, asked)
        with pytest.raises(Cancelled):
            asked.ask("POST", "/", b"x" * size, {})
        cutting.join()
        with pytest.raises(Cancelled):
            asked.ask("GET", "/", b"", {})
        asked.close()
        assert looks.nobody_hangs()
    assert looks.count == 0


def test_an_address_that_swallows_every_call_is_cut_at_once_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, calls = Looks(monkeypatch), Event()
    # A full queue of callers: the system answers nobody any more.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        asked = Watched(f"http://127.0.0.1:{port}", calls)
        cutting = cut_once(calls, asked)
        with pytest.raises(Cancelled):
            asked.ask("GET", "/", b"", {})
        cutting.join()
        asked.close()
        for one in waiting:
            one.close()
    assert looks.count == 0


def test_an_answer_that_trickles_is_given_up_though_every_byte_comes_in_time() -> None:
    short = Patience(connect_s=0.2, silent_s=0.4, slowest=4096)
    with answering(a_byte_now_and_then) as call:
        asked = Line(call.url, patience=short)
        # Who is patient with it has a whole answer in the end.
        with pytest.raises(BrokeOff, match="did not answer in time"):
            asked.ask("GET", "/", b"", {})
        asked.close()


def test_a_silent_office_is_given_up() -> None:
    with answering(says_nothing) as call:
        asked = Line(call.url, patience=Patience(connect_s=0.2, silent_s=0.2))
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


BOMBS = {how: packing.pack(b"0" * (line.LONGEST_ANSWER + 1), how) for how in ("gzip", "zstd")}
NOT_OURS = {
    **{f"a bomb of {how}": (bomb, how) for how, bomb in BOMBS.items()},
    "a packing that nobody asked for": (b"x", "br"),
    "cut inside the packing": (gzip.compress(b"whole" * 100)[:-9], "gzip"),
    "something behind the packing": (gzip.compress(b"whole") + b"more", "gzip"),
    "cut inside another packing": (packing.pack(b"whole" * 100, "zstd")[:-9], "zstd"),
    "something behind another packing": (packing.pack(b"whole", "zstd") + b"more", "zstd"),
    "no packing at all": (b"whole", "gzip"),
}


@pytest.mark.parametrize(("body", "how"), NOT_OURS.values(), ids=NOT_OURS)
def test_an_answer_that_does_not_unpack_to_a_whole_one_is_none(body: bytes, how: str) -> None:
    with serving() as server:
        server.answers["/a"] = Answer(body, headers=OURS | {"Content-Encoding": how})
        server.answers["/b"] = Answer(body, headers={"Content-Encoding": how})
        asked = Line(server.url)
        with pytest.raises(NotOurs, match="this program cannot read it"):
            asked.ask("GET", "/a", b"", {})
        with pytest.raises(NotOurs, match="Something other than the office"):
            asked.ask("GET", "/b", b"", {})
        asked.close()


def says(words: bytes) -> Talk:
    """Whoever is asked says this and hangs up."""

    def talk(end: socket.socket, _call: Call) -> None:
        end.recv(65_536)
        end.sendall(words)
        end.close()

    return talk


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"


@pytest.mark.parametrize(
    "words", [b"", b"HTTP/1", HEAD, HEAD + b"\r\nabc"], ids=["nothing", "line", "head", "body"]
)
def test_whoever_hangs_up_before_the_end_has_broken_the_line_off(words: bytes) -> None:
    with answering(says(words)) as call:
        asked = Line(call.url)
        with pytest.raises(BrokeOff, match="broke off"):
            asked.ask("GET", "/", b"", {})
        asked.close()


@pytest.mark.parametrize(
    "words", [b"SSH-2.0-OpenSSH\r\n\r\n", HEAD + b"no header\r\n\r\n", b"\x15\x03\x01\x02\x02\x46"]
)
def test_whoever_speaks_something_else_is_not_the_office(words: bytes) -> None:
    with answering(says(words)) as call:
        asked = Line(call.url)
        with pytest.raises(NotOurs, match="Something other than the office"):
            asked.ask("GET", "/", b"", {})
        asked.close()


def test_an_office_that_falls_silent_in_its_answer_is_told_as_too_slow() -> None:
    with answering(only_the_head) as call:
        asked = Line(call.url, patience=Patience(connect_s=5, silent_s=0.2))
        with pytest.raises(BrokeOff, match="did not answer in time"):
            asked.ask("GET", "/", b"", {})
        asked.close()


# The certificate of whoever answers

OURS_ALONE = Authority("The office’s")


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Answer over HTTPS, with a certificate that lasts from one day to another; its address."""
    with ExitStack() as open_:

        def answer(since: int = -1, until: int = 1) -> str:
            certificate, key = OURS_ALONE.certify(tmp_path, since=since, until=until)
            shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            shows.load_cert_chain(certificate, key)
            server = open_.enter_context(serving(shows))
            server.answers["/a"] = Answer(b"four", headers=OURS)
            return server.url

        yield answer


def why_not(url: str, authority: str) -> str:
    asked = Line(url, authority=authority)
    with pytest.raises(Untrusted) as fault:
        asked.ask("GET", "/a", b"", {})
    asked.close()
    assert in_plain_english(fault.value)
    return str(fault.value)


def test_a_certificate_is_believed_that_is_of_the_authority(secured: Callable[..., str]) -> None:
    asked = Line(secured(), authority=OURS_ALONE.certificate)
    assert asked.ask("GET", "/a", b"", {}).content == b"four"
    asked.close()


def test_a_certificate_that_nobody_here_trusts_is_said_to_be_that(
    secured: Callable[..., str],
) -> None:
    url = secured()
    for authority in ("", Authority("Another").certificate):
        assert "cannot prove that it is the office" in why_not(url, authority)
    elsewhere = url.replace("127.0.0.1", "localhost")
    assert "cannot prove that it is the office" in why_not(elsewhere, OURS_ALONE.certificate)


@pytest.mark.parametrize("authority", ["no certificate", "né"])
def test_what_was_kept_as_an_authority_and_is_none_lets_nobody_be_believed(authority: str) -> None:
    with pytest.raises(Untrusted):
        Line("https://office.invalid", authority=authority)


@pytest.mark.parametrize(("since", "until"), [(-3, -1), (1, 3)])
def test_a_certificate_of_another_day_asks_to_look_at_the_clock(
    secured: Callable[..., str], since: int, until: int
) -> None:
    said = why_not(secured(since, until), OURS_ALONE.certificate)
    assert "not valid on the day" in said
    assert "Check the laptop’s date and time" in said


def test_looking_for_the_way_out_asks_nobody_and_never_fails() -> None:
    assert way_out() == way_out()
