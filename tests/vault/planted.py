"""What the tests of the vault plant: clocks that go when told, and disks that fail."""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Never

import pytest

from hah_desktop.seals import recovery
from hah_desktop.seals.recovery import Purpose
from hah_desktop.seals.sealing import OfficeSecrets
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.copies import NAMES
from hah_desktop.vault.kdf import FLOOR, KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.recovering import prepare
from hah_desktop.vault.vault import HEADER_NAME, Opened

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PASSPHRASE = "violet kettle orbit marsh"
OTHER_PASSPHRASE = "gravel tuba hinge walnut"
WRONG = "not the passphrase at all"
QUICK: KdfCost = FLOOR
DEARER = KdfCost(96 * 1024, 3, 4)

OFFICE = OfficeSecrets.generate()
SECRET, RECOVERY = prepare(OFFICE.public)


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


def code(count: int) -> str:
    """What the office reads out as the `count`-th code for RECOVERY."""
    return recovery.code(SECRET, Purpose.OPEN, count)


def spec(of: KeyHolder | Opened) -> bytes:
    """Give what opens the database, and forget the keys."""
    holder = of.keys if isinstance(of, Opened) else of
    found = bytes(holder.database_spec())
    of.wipe()
    return found


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


def cut_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the power go before the `step`-th time that something is synced or moved in place."""
    left = [step]

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def or_cut(*args: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise CutError
            real(*args)

        return or_cut

    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(os, "replace", counted(os.replace))


def watch_new_keys(monkeypatch: pytest.MonkeyPatch) -> list[KeyHolder]:
    """Give the list that every freshly made vault key is put in."""
    made: list[KeyHolder] = []
    real_new = KeyHolder.new

    def watched(salt: bytes) -> KeyHolder:
        made.append(real_new(salt))
        return made[-1]

    monkeypatch.setattr(KeyHolder, "new", watched)
    return made


def body_of(folder: Path) -> dict[str, object]:
    body: dict[str, object] = json.loads((folder / HEADER_NAME).read_bytes().split(b"\n")[1])
    return body


def slots_of(body: dict[str, object]) -> list[dict[str, object]]:
    slots = body["slots"]
    assert isinstance(slots, list)
    return slots


def tampered(folder: Path, change: Callable[[dict[str, object]], object]) -> bytes:
    """Change the header as well as anybody can who has the file but not the key."""
    first, _, mac, *_ = (folder / HEADER_NAME).read_bytes().split(b"\n")
    body = body_of(folder)
    change(body)
    compact = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return with_trailer(b"\n".join((first, compact, mac, b"")))


def put_both(folder: Path, data: bytes) -> None:
    """Put the same header in both places."""
    for name in NAMES:
        (folder / name).write_bytes(data)


@contextmanager
def headers_untouched(folder: Path) -> Iterator[None]:
    before = {name: (folder / name).read_bytes() for name in NAMES}
    yield
    assert {name: (folder / name).read_bytes() for name in NAMES} == before
