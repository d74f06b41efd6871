"""What it costs to keep a large file: sealed and hashed, against copying it in the clear."""

import hashlib
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Fact, Results, Sitting, compared, in_turn, stopwatch
from benchmarks.stores import encrypted, new_store
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.store import Store

PART = "attachment"
KEEP = "keep a file, on the disk"
READ = "read it back"
OURS = "sealed"
COPY = "plain copy"
COPY_AND_HASH = "plain copy with its SHA-256"
SIZE = "size of the sealed file, as a multiple of the plain one"
COPY_REQUIRED = 1.6
SIZE_REQUIRED = 1.05
_PIECE = 1 << 20


@dataclass(frozen=True)
class Sizes:
    """How large the file is, and how often it is kept."""

    bytes: int = 200 * (1 << 20)
    rounds: int = 7


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure one file of random bytes, which nothing can pack."""
    source = folder / "original"
    with source.open("wb") as file:
        for at in range(0, sizes.bytes, _PIECE):
            file.write(chance.randbytes(min(_PIECE, sizes.bytes - at)))
    store = new_store(folder / "records.db", encrypted)
    kept = Attachments(folder)
    sealed: list[int] = []
    sittings: dict[str, Sitting] = {
        OURS: lambda: _keep(kept, store, source, sealed),
        COPY: lambda: _copy(source, folder / "copy", hashed=False),
        COPY_AND_HASH: lambda: _copy(source, folder / "copy", hashed=True),
    }
    found = in_turn(sittings, sizes.rounds, chance)
    store.close()
    lines = [
        replace(line, most=COPY_REQUIRED) if (line.what, line.against) == (KEEP, COPY) else line
        for line in compared(PART, found, OURS, {})
    ]
    return Results(lines, [Fact(PART, SIZE, sealed[0] / sizes.bytes, "times", SIZE_REQUIRED)])


def _keep(kept: Attachments, store: Store, source: Path, sealed: list[int]) -> Mapping[str, float]:
    took: dict[str, float] = {}
    with stopwatch(took, KEEP):
        file = kept.keep(store, source)
    with stopwatch(took, READ):
        for _ in kept.chunks(file):
            pass
    sealed.append(kept.path(file.id).stat().st_size)
    kept.path(file.id).unlink()
    return took


def _copy(source: Path, target: Path, *, hashed: bool) -> Mapping[str, float]:
    took: dict[str, float] = {}
    buffer = memoryview(bytearray(_PIECE))
    with stopwatch(took, KEEP), source.open("rb") as plain, target.open("wb") as copy:
        digest = hashlib.sha256()
        while read := plain.readinto(buffer):
            copy.write(buffer[:read])
            if hashed:
                digest.update(buffer[:read])
        copy.flush()
        os.fsync(copy.fileno())
    with stopwatch(took, READ), target.open("rb") as copy:
        while read := copy.readinto(buffer):
            if hashed:
                digest.update(buffer[:read])
    target.unlink()
    return took
