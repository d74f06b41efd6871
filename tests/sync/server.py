"""A small real web server that answers as the test says, and remembers what it was asked."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from hah_desktop.domain.exchange import PROTOCOL
from hah_desktop.sync.wire.form import PROTOCOL_HEADER

OURS = {PROTOCOL_HEADER: str(PROTOCOL)}


@dataclass(frozen=True)
class Answer:
    """One answer. `cut` sends fewer bytes than were promised."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """The server's address, what it will answer by path, and what it was asked."""

    url: str
    answers: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(shows: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server on the loopback address; over HTTPS if it has a certificate to show."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            server.asked.append(asked)
            found = server.answers.get(self.path, Answer(status=404, headers=OURS))
            answer = found if isinstance(found, Answer) else found(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])

        do_GET = do_POST = _answer  # noqa: N815 - the names that the standard library calls

        def log_message(self, *_: object) -> None:
            """Say nothing on the screen."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    if shows:
        listening.socket = shows.wrap_socket(listening.socket, server_side=True)
    scheme = "https" if shows else "http"
    server = Server(f"{scheme}://127.0.0.1:{listening.server_port}")
    thread = Thread(target=lambda: listening.serve_forever(poll_interval=0.01))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
