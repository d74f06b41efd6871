"""Starts the office's service as a fork of a process that has loaded it once.

Loading takes a new process more than a second of computing, several times as long as the service
then takes to be up. A fork is a process of its own all the same: it has its own memory and files,
is killed as one, and nothing ran in the one that it comes from. That the service also starts from
nothing is tested where its starting is, in `tests/central/test_starting.py`.
"""

import multiprocessing
import os
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from hah_central import cli
from tests.central import office

_LATER = (
    "alembic.command",
    "anyio._backends._asyncio",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
)
"""What the service loads only once it runs."""


class Forked:
    """What the tests ask of a process, as `subprocess.Popen` answers it."""

    def __init__(self, words: Sequence[str]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, *_LATER])
        self._process = context.Process(target=_run, args=(words,), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("hah_central", timeout or 0)
        return self._process.exitcode


def _run(words: Sequence[str]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    raise SystemExit(cli.main(words))


@pytest.fixture(scope="session", autouse=True)
def load_once() -> Iterator[None]:
    if not hasattr(os, "fork"):
        yield
        return
    with pytest.MonkeyPatch.context() as planted:
        planted.setattr(office, "begin", Forked)
        yield
