"""A process that may be killed: a fork that has everything imported, and speaks over a pipe.

It says a line at a time; what a line names was so before the line was written. Where it is to be
killed it waits on its leash, and ends when whoever holds that is gone.
"""

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tests.killed.plan import Kill

Line = dict[str, Any]

HALTS = frozenset({"threshold", "statement", "end"})
"""Where in a stage a fork waits to be killed."""


class Voice:
    """The fork's own ends of the two pipes."""

    def __init__(self, speaking: int, leash: int) -> None:
        self._speaking = speaking
        self._leash = leash

    def say(self, **line: Any) -> None:
        """Say a line, at once."""
        os.write(self._speaking, json.dumps(line).encode() + b"\n")

    def wait(self) -> None:
        """Go no further until let go; for ever, if killed here."""
        if not os.read(self._leash, 1):
            os._exit(1)


@dataclass
class Fork:
    """One process, as whoever started it sees it. `work` is what is left to do until its kill."""

    name: str
    pid: int
    ear: int
    leash: int
    kill: Kill | None
    work: int | None = None
    where: str = ""
    is_shot: bool = False
    is_asked: bool = False
    _heard: bytes = field(default=b"", repr=False)

    @property
    def is_halted(self) -> bool:
        """Whether it waits to be killed."""
        return self.kill is not None and self.where in HALTS

    def hear(self) -> list[Line] | None:
        """What it has said since; None once it has ended."""
        piece = os.read(self.ear, 1 << 16)
        if not piece:
            return None
        *lines, self._heard = (self._heard + piece).split(b"\n")
        return [json.loads(line) for line in lines]

    def let_go(self) -> None:
        """Let it go on from where it waits."""
        os.write(self.leash, b"1")

    def shoot(self) -> None:
        """Kill it."""
        self.is_shot = True
        os.kill(self.pid, signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Ask it to end by itself."""
        self.is_asked = True
        os.kill(self.pid, signal.SIGTERM)

    def bury(self) -> int:
        """Wait until it has ended, and say how."""
        _, status = os.waitpid(self.pid, 0)
        os.close(self.ear)
        os.close(self.leash)
        return os.waitstatus_to_exitcode(status)


def fork(name: str, kill: Kill | None, log: Path, be: Callable[[Voice], object]) -> Fork:
    """Start a process that is this one but for what it does from here."""
    ear, speaking = os.pipe()
    held, leash = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(Voice(speaking, held), (speaking, held), log, be)
    os.close(speaking)
    os.close(held)
    os.set_blocking(ear, True)
    return Fork(name, pid, ear, leash, kill)


def _become(
    voice: Voice, keep: tuple[int, int], log: Path, be: Callable[[Voice], object]
) -> NoReturn:
    """Never returns: a fork may not go back to its parent's work."""
    code = 1
    try:
        # An open end in here would keep alive what is to end with its owner.
        _close_all_but(keep)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 2)
        be(voice)
        code = 0
    except BaseException as fault:  # noqa: BLE001 - told to the parent, who judges it
        with suppress(OSError):
            voice.say(fault=f"{type(fault).__name__}: {fault}")
    finally:
        os._exit(code)


def _close_all_but(keep: tuple[int, int]) -> None:
    low, high = sorted(keep)
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))
