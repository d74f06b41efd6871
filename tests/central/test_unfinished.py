"""What is begun and not finished keeps nobody else from the office."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hah_central.service.unfinished import Bounded, Bounds, behind_tls, most_open
from hah_desktop.sync.line import PATIENCE, public_trust
from tests.central.certificate import certificate
from tests.central.conftest import Service

HALF = b"POST / HTTP/1.1\r\nHost: office.invalid\r\nContent-Length: 1000\r\n\r\n{"
NEVER = 3600.0


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@contextmanager
def bounded(by: Bounds, tls: Path | None = None) -> Iterator[tuple[str, int]]:
    """A service that waits only so long and for so many; with the certificate in a folder."""

    class Here(Bounded):
        bounds = by

    app = Starlette(routes=[Route("/", _length, methods=["GET", "POST"])])
    http = behind_tls(proving(tls), Here) if tls else Here
    server = Service(uvicorn.Config(app, http=http, log_config=None, access_log=False))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.end()
            thread.join()


def proving(folder: Path) -> ssl.SSLContext:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(*certificate(folder))
    return trust


def begun(where: tuple[str, int]) -> socket.socket:
    """A connection on which nobody goes on with TLS."""
    line = socket.create_connection(where)
    line.sendall(b"\x16\x03\x01\x02\x00")
    return line


def is_cut(line: socket.socket) -> bool:
    """Wait until the other end lets go; it never answers."""
    with suppress(ConnectionResetError):
        return line.recv(1) == b""
    return True


def asked(where: tuple[str, int], body: bytes = b"") -> str:
    with httpx.Client(trust_env=False, verify=public_trust()) as client:
        return client.post(f"http://{where[0]}:{where[1]}/", content=body).text


@pytest.mark.parametrize("sent", [b"", b"POST / HT", HALF], ids=["nothing", "half a head", "half"])
def test_a_request_that_does_not_go_on_is_cut(sent: bytes) -> None:
    quick = Bounds(silent_s=0.05, look_s=0.01)
    with bounded(quick) as where, socket.create_connection(where) as line:
        line.sendall(sent)

        assert is_cut(line)


def test_a_request_that_trickles_is_cut() -> None:
    trickle = Bounds(silent_s=NEVER, first_s=0.05, slowest=1e9, look_s=0.01)
    with bounded(trickle) as where, socket.create_connection(where) as line:
        line.sendall(HALF)

        assert is_cut(line)


def test_with_one_too_many_the_most_silent_goes_and_the_others_are_answered() -> None:
    with bounded(Bounds(silent_s=NEVER, first_s=NEVER, most=3)) as where, ExitStack() as lines:
        first, second = (lines.enter_context(socket.create_connection(where)) for _ in range(2))
        first.sendall(HALF)
        second.sendall(HALF)
        for _ in range(20):
            lines.enter_context(socket.create_connection(where)).sendall(HALF)

        assert is_cut(first)
        assert is_cut(second)
        assert asked(where, b"four") == "4"


def test_one_who_asks_again_and_again_begins_anew_each_time() -> None:
    brief = Bounds(silent_s=NEVER, first_s=NEVER, look_s=0.001)
    with bounded(brief) as where, httpx.Client(trust_env=False, verify=public_trust()) as client:
        for size in range(50):
            told = client.post(f"http://{where[0]}:{where[1]}/", content=b"x" * size)
            assert told.text == str(size)


def test_whoever_the_laptop_would_wait_for_is_waited_for() -> None:
    by = Bounds()
    for came in (0, 4096, 1 << 20, 64 << 20):
        seconds = came / PATIENCE.slowest + by.first_s
        assert by.lasts(by.silent_s, seconds, came)
    # Four thousand bytes in a second, for half an hour.
    assert by.lasts(1.0, 1800.0, 1800 * 4000)
    assert not by.lasts(by.silent_s + 1, 1.0, 1 << 30)
    assert not by.lasts(0.0, 3600.0, 3600 * 1000)


def test_half_of_the_files_are_left_for_the_work() -> None:
    assert 0 < most_open() <= 512


def test_tls_that_does_not_go_on_is_cut(tmp_path: Path) -> None:
    quick = Bounds(silent_s=0.05, look_s=0.01)
    with bounded(quick, tmp_path) as where, begun(where) as line:
        assert is_cut(line)


def test_with_one_too_many_that_never_end_tls_the_others_are_answered(tmp_path: Path) -> None:
    patient = Bounds(silent_s=NEVER, first_s=NEVER, most=3)
    with bounded(patient, tmp_path) as where, ExitStack() as lines:
        first, second = (lines.enter_context(begun(where)) for _ in range(2))
        for _ in range(20):
            lines.enter_context(begun(where))

        assert is_cut(first)
        assert is_cut(second)
        trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        with httpx.Client(trust_env=False, verify=trust) as client:
            for size in (4, 1 << 20):
                told = client.post(f"https://{where[0]}:{where[1]}/", content=b"x" * size)
                assert told.text == str(size)


def test_whoever_speaks_no_tls_is_let_go_and_the_others_are_answered(tmp_path: Path) -> None:
    with bounded(Bounds(silent_s=NEVER), tmp_path) as where:
        for sent in (b"GET / HTTP/1.1\r\n\r\n", b""):
            with socket.create_connection(where) as line:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass
        trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        with (
            socket.create_connection(where) as line,
            trust.wrap_socket(line, server_hostname=where[0]) as spoken,
        ):
            # At once, so that it comes with the end of the handshake.
            spoken.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxx")
            assert spoken.recv(4096).startswith(b"HTTP/1.1 200")
