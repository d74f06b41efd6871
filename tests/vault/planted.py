"""What the tests of the vault plant: clocks that go when told, and disks that fail."""

import errno
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Never

from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.kdf import FLOOR, KdfCost
from hah_desktop.vault.vault import HEADER_NAME

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PASSPHRASE = "violet kettle orbit marsh"
OTHER_PASSPHRASE = "gravel tuba hinge walnut"
QUICK: KdfCost = FLOOR


class CutError(BaseException):
    """The power went: nothing that tidies up after an OSError gets to run."""


@dataclass
class Clockwork:
    """Two clocks that stand still until a test moves them."""

    wall: datetime = NOW
    steady: float = 1000.0
    clocks: Clocks = field(init=False)

    def __post_init__(self) -> None:
        self.clocks = Clocks(wall=lambda: self.wall, steady=lambda: self.steady)

    def pass_time(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def restart(self, steady: float = 5.0) -> Clocks:
        """Give the clocks of a laptop that was just switched on."""
        self.steady = steady
        return self.clocks


def contents(folder: Path) -> dict[str, bytes]:
    """Give every file of the folder, byte for byte."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_trailer(whole: bytes) -> bytes:
    """End the header with the right checksum, as anybody can."""
    return whole + hashlib.sha256(whole).hexdigest().encode() + b"\n"


def full_disk(*_args: object) -> Never:
    raise OSError(errno.ENOSPC, "No space left on device")


def cut(*_args: object) -> Never:
    raise CutError


def body_of(folder: Path) -> dict[str, object]:
    body: dict[str, object] = json.loads((folder / HEADER_NAME).read_bytes().split(b"\n")[1])
    return body


def slots_of(body: dict[str, object]) -> list[dict[str, object]]:
    slots = body["slots"]
    assert isinstance(slots, list)
    return slots


@contextmanager
def header_untouched(folder: Path) -> Iterator[None]:
    before = (folder / HEADER_NAME).read_bytes()
    yield
    assert (folder / HEADER_NAME).read_bytes() == before
