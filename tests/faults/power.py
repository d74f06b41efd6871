"""A disk that loses its power: what the system was told to flush is there, of the rest anything.

A laptop at work is watched by strace. Its writes are then done again on paper: a flush makes the
writes to that file before it certain; at the cut each sector of 512 bytes of every other write is
there or is not, by chance. Not modelled: a disk that lies about flushing, and names of files,
which are taken to be there at once. `-shm` is memory, and gone.
"""

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hah_desktop.store.disk import engine
from hah_desktop.store.store import Store
from tests.faults.plain import raw_key, real_now
from tests.faults.recorder import Fault, Recorder

ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
PAGES_BEFORE_MOVING = 24
CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync"

_CALL = re.compile(
    rb'^(?P<call>\w+)\((?P<file>\d+)<(?P<path>[^>]*)>(?:, "(?P<data>[^"]*)", \d+)?'
    rb"(?:, (?P<number>\d+))?\) += (?P<result>-?\d+)"
)
_OPENED = re.compile(rb'^openat\(.*"(?P<path>[^"]*)", [^)]*\) += \d+')


@dataclass(frozen=True)
class Event:
    """One thing that the watched program asked of the system."""

    call: str
    path: Path
    data: bytes = b""
    at: int = 0


@dataclass
class Disk:
    """The files as they certainly are, and what was written to each since its last flush."""

    certain: dict[Path, bytearray] = field(default_factory=dict)
    waiting: dict[Path, list[Event]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Do one thing."""
        self.certain.setdefault(event.path, bytearray())
        if event.call in ("fsync", "fdatasync"):
            for earlier in self.waiting.pop(event.path, []):
                _do(self.certain[event.path], earlier)
        elif event.call != "openat":
            self.waiting.setdefault(event.path, []).append(event)

    def after_a_cut(self, chance: random.Random) -> dict[Path, bytes]:
        """What is found when the power is back."""
        found = {}
        for path, content in self.certain.items():
            here = bytearray(content)
            for event in self.waiting.get(path, ()):
                for part in _sectors(event):
                    if chance.random() < 1 / 2:
                        _do(here, part)
            found[path] = bytes(here)
        return found


def _sectors(event: Event) -> Iterator[Event]:
    """A write in the pieces that a disk writes whole; anything else as it is."""
    at, data = event.at, event.data
    if event.call == "ftruncate":
        yield event
    while data:
        size = SECTOR - at % SECTOR
        yield Event(event.call, event.path, data[:size], at)
        at, data = at + size, data[size:]


def _do(content: bytearray, event: Event) -> None:
    if event.call == "ftruncate":
        kept = bytes(content[: event.at])
        content[:] = kept + bytes(event.at - len(kept))
        return
    content.extend(bytes(max(0, event.at - len(content))))
    content[event.at : event.at + len(event.data)] = event.data


def watched(database: Path, promises: int, synchronous: str) -> list[Event | str]:
    """What a laptop at work asked of the system, in order, and between it what it promised."""
    trace = database.with_suffix(".trace")
    watcher = ["strace", "-qq", "-e", f"trace={CALLS}", "-s", str(1 << 24), "-xx", "-y"]
    words = [str(database), str(promises), synchronous]
    program = [sys.executable, "-m", "tests.faults.power", *words]
    subprocess.run(
        [*watcher, "-o", str(trace), *program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    with trace.open("rb") as lines:
        return [event for line in lines if (event := _read(line, database)) is not None]


def _read(line: bytes, database: Path) -> Event | str | None:
    opened = _OPENED.match(line)
    if opened:
        path = Path(_plain(opened["path"]).decode())
        return Event("openat", path) if _ours(path, database) else None
    call = _CALL.match(line)
    if call is None:
        return None
    name, data = call["call"].decode(), _plain(call["data"] or b"")
    if name == "write" and call["file"] == b"1":
        return data.decode().strip()
    path = Path(_plain(call["path"]).decode())
    if not _ours(path, database):
        return None
    if name == "write":
        raise AssertionError("the database is written to without saying where")
    return Event(name, path, data, int(call["number"] or 0))


def _ours(path: Path, database: Path) -> bool:
    return path in (database, Path(f"{database}-wal"))


def _plain(escaped: bytes) -> bytes:
    return bytes.fromhex(escaped.replace(b"\\x", b"").decode()) if b"\\x" in escaped else escaped


class _Enough(BaseException):
    """So much was promised."""


def main(database: Path, promises: int, synchronous: str) -> None:
    """Work until so much was promised, then stop without tidying up."""
    real = engine.connect

    def connect(path: Path, key: engine.KeySpec, *given: object, **named: object) -> object:
        made = real(path, key, *given, **named)  # type: ignore[arg-type]  # passed on
        made.execute(f"PRAGMA wal_autocheckpoint={PAGES_BEFORE_MOVING}")
        made.execute(f"PRAGMA synchronous={synchronous}")
        return made

    vars(engine)["connect"] = connect
    said = 0

    def say(line: str) -> None:
        nonlocal said
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        said += 1
        if said == promises:
            raise _Enough

    store = Store.open(database, raw_key, real_now)
    try:
        Recorder(store, say, Fault.NONE).work(0)
    except _Enough:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
