"""The command that runs the service. Where it listens and with what is settled before it starts."""

import argparse
import errno
import ipaddress
import logging
import os
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from hah_central.attachments.blobs import folder_beside
from hah_central.attachments.bundles import folder_of
from hah_central.commands.common import (
    attachments_option,
    bundles_option,
    database,
    typed_unseen,
)
from hah_central.people.naming import checked_name
from hah_central.pulling import mending
from hah_central.service.app import OFFICE_NAME, create_app
from hah_central.service.memory import keep_little
from hah_central.service.metrics import Metrics
from hah_central.service.operations import HERE, Operations
from hah_central.service.routes import system_clock
from hah_central.service.unfinished import Bounded, behind_tls
from hah_desktop.domain.errors import KnownError

_SECONDS_TO_FINISH = 10

_SECONDS_OF_A_TURN = 0.0005
"""How long one thread may compute while others want to. Whoever writes in the journal comes back
from the database several times, and waits each time for those who only read what came."""

_LARGEST_PORT = 0xFFFF
_BACKLOG = 2048
_PROXIES_HERE = ("127.0.0.1", "::1")
_NOT_STARTED = "The service was not started."

_log = logging.getLogger("hah_central")


class NotServed(KnownError):
    """The service cannot be started like this."""


def options(serve: argparse.ArgumentParser) -> None:
    """What `serve` can be told."""
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=8470, help="the port (%(default)s)")
    serve.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, PEM")
    serve.add_argument(
        "--proxy",
        type=_proxy,
        action="append",
        metavar="ADDRESS",
        help="believe what the proxy at this address says about who asks, in X-Forwarded-For: an "
        "address, or a network such as 10.0.0.0/8; may be given several times. One on this machine "
        "is always believed",
    )
    bundles_option(serve)
    attachments_option(serve)
    serve.add_argument(
        "--operations-port",
        type=_port,
        metavar="PORT",
        help="also show how the office stands, to this machine alone, on this port",
    )
    serve.add_argument("--name", default=OFFICE_NAME, help="what laptops show (%(default)s)")


def _port(word: str) -> int:
    # Several digits at most: Python reads no number of thousands of them.
    if not (word.isascii() and word.isdecimal() and len(word) <= len(str(_LARGEST_PORT))):
        raise argparse.ArgumentTypeError(f"“{word}” is no number of a port")
    if (port := int(word)) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{port} is no port: they go up to {_LARGEST_PORT}")
    return port


def _proxy(word: str) -> str:
    # What is no address would be believed by nobody, and nobody would be told.
    try:
        network = ipaddress.ip_network(word)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(
            f"“{word}” is neither an address nor a network such as 10.0.0.0/8"
        ) from fault
    if network.prefixlen == 0:
        raise argparse.ArgumentTypeError(f"“{word}” is everybody: whoever asks is no proxy")
    return word


def serve(told: argparse.Namespace) -> None:
    """Run the service until somebody stops it. Raises NotServed."""
    name = checked_name(told.name)
    trust = _trust(told.tls_cert, told.tls_key)
    with ExitStack() as open_until_the_end:
        # Before the database: a port that is taken may be that of this very office, which goes on.
        taken = [open_until_the_end.enter_context(_listening(told.host, told.port, "--port"))]
        if told.operations_port is not None:
            here = _listening(HERE, told.operations_port, "--operations-port")
            taken.append(open_until_the_end.enter_context(here))
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        opened = open_until_the_end.enter_context(database(told, may_be_new=True, apart=True))
        bundles = _usable(folder_of(opened, told.bundles))
        attachments = _usable(folder_beside(opened, told.bundles, told.attachments))
        keep_little()
        sys.setswitchinterval(_SECONDS_OF_A_TURN)
        mending.bring_up(opened)
        metrics = Metrics()
        if told.operations_port is not None:
            page = Operations(opened, system_clock, metrics, bundles.parent).app()
            open_until_the_end.enter_context(_beside(page, taken[1]))
        app = create_app(
            opened, name=name, bundles=bundles, attachments=attachments, metrics=metrics
        )
        _run(app, taken[0], trust, [*_PROXIES_HERE, *(told.proxy or ())])


def _run(
    app: ASGIApp, sockets: list[socket.socket], trust: ssl.SSLContext | None, proxies: list[str]
) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=behind_tls(trust) if trust else Bounded,
        ws="none",
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    for each in sockets:
        host, port = each.getsockname()[:2]
        _log.info("laptops: %s, %s, port %d", "https" if trust else "http", host, port)
    # It ends what is under way when somebody stops it, and then says that it was stopped.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets)


@contextmanager
def _beside(page: ASGIApp, sockets: list[socket.socket]) -> Iterator[None]:
    """Serve the page of operations while the office serves the laptops."""
    config = uvicorn.Config(page, log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    # Not the main thread: that one belongs to the laptops' service and its signals.
    thread = threading.Thread(target=server.run, args=(sockets,), name="operations")
    thread.start()
    _log.info("operations: http://%s:%d/operations", *sockets[0].getsockname())
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _listening(host: str, port: int, option: str) -> Iterator[list[socket.socket]]:
    """Sockets at which whoever comes waits until they are served. Raises NotServed."""
    with ExitStack() as opened:
        try:
            # As asyncio asks: a socket that is not named TCP would hold small answers back.
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            sockets = []
            for family, _, proto, _, address in dict.fromkeys(found):
                if (made := _made(family, proto)) is not None:
                    sockets.append(opened.enter_context(made))
                    _bind(made, address)
        except (OSError, UnicodeError) as fault:
            raise _not_listening(host, port, option, fault) from fault
        yield sockets


def _made(family: int, proto: int) -> socket.socket | None:
    # A machine may know IPv6 by name only.
    with suppress(OSError):
        return socket.socket(family, socket.SOCK_STREAM, proto)
    return None


def _bind(made: socket.socket, address: Any) -> None:
    if os.name == "posix":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(address)
    # At once: until somebody listens, another program may take the same port.
    made.listen(_BACKLOG)


def _not_listening(host: str, port: int, option: str, fault: Exception) -> NotServed:
    code = getattr(fault, "errno", None)
    if code == errno.EADDRINUSE:
        what = f"Another program listens on port {port} already, perhaps this service itself."
        do = f"Stop that one, or name another port with {option}."
    elif code in (errno.EACCES, errno.EPERM):
        what = f"Whoever runs this may not listen on port {port}."
        do = f"Name a port from 1024 on with {option}."
    else:
        what = f"“{host}” is no address of this machine."
        do = "Name one with --host: 0.0.0.0 is all of them."
    return NotServed(what, _NOT_STARTED, do)


def _trust(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What the service proves itself with to laptops. Raises NotServed."""
    if certificate is None:
        if key is None:
            return None
        raise NotServed(
            "There is a key for TLS and no certificate.", _NOT_STARTED, "Name it with --tls-cert."
        )
    _check_readable(certificate, "--tls-cert")
    _check_readable(key or certificate, "--tls-key")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(certificate)
    except ssl.SSLError as fault:
        raise NotServed(
            f"{certificate} holds no certificate in the form PEM.",
            _NOT_STARTED,
            "Name the file of the certificate chain with --tls-cert.",
        ) from fault
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        trust.load_cert_chain(certificate, key, _typed)
    except ssl.SSLError as fault:
        raise _no_key(certificate, key, fault) from fault
    return trust


def _typed() -> str:
    # A service that starts by itself has nobody who could type it.
    return typed_unseen("Passphrase of the key for TLS: ") if sys.stdin.isatty() else ""


def _no_key(certificate: Path, key: Path | None, fault: ssl.SSLError) -> NotServed:
    if fault.reason == "KEY_VALUES_MISMATCH":
        return NotServed(
            f"The key in {key or certificate} is not that of the certificate in {certificate}.",
            _NOT_STARTED,
            "Name the two that were made for each other.",
        )
    return NotServed(
        f"{key or certificate} holds no key in the form PEM that can be opened.",
        _NOT_STARTED,
        "Name the file of the certificate’s private key with --tls-key. If it is under a "
        "passphrase, type that at the start, or name one that is not.",
    )


def _check_readable(file: Path, option: str) -> None:
    try:
        file.open("rb").close()
    except OSError as fault:
        raise NotServed(
            f"{file} cannot be read: {fault.strerror or fault}.",
            _NOT_STARTED,
            f"Name another file with {option}, or let whoever runs this read it.",
        ) from fault


def _usable(folder: Path) -> Path:
    """The folder, made if it is missing. Raises NotServed where nothing can be kept in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What does not come to its end is taken away by the system.
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as fault:
        raise NotServed(
            f"Nothing can be kept in the folder {folder}: {fault.strerror or fault}.",
            _NOT_STARTED,
            "Name another one, or let whoever runs this write there.",
        ) from fault
