"""A service that takes what it is sent and does nothing: the least that HTTP costs."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import socket
from time import perf_counter

import httpx
from starlette.types import Receive, Scope, Send

START_SECONDS = 30.0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the request to its end, and answer with nothing."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@contextmanager
def running() -> Iterator[str]:
    """Run it in a process of its own and yield its address."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.nothing:app", "--port", str(port)]
    with subprocess.Popen([*command, "--log-level", "critical"]) as process:  # noqa: S603 - ours
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    until = perf_counter() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while True:
            try:
                client.post(address)
            except httpx.TransportError:
                if perf_counter() > until:
                    raise
                time.sleep(0.05)
            else:
                return


def post(address: str, bodies: Sequence[bytes]) -> float:
    """Post the bodies one after the other over one connection. Returns seconds."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/")
        started = perf_counter()
        for body in bodies:
            client.post("/", content=body)
        return perf_counter() - started
