"""How long the adviser looks at nothing: from starting the program to its first painted window."""

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Results, Sitting, compared, in_turn
from benchmarks.stores import clock
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault

PART = "start"
PAINTED = "start to the first painted window"
WORKED = f"{PAINTED}, the processor’s time alone"
OURS = "the program, locked"
EMPTY = "an empty PySide6 window"
PASSPHRASE = "copper lantern under seven quiet hills"  # noqa: S105 - of invented laptops
LONGEST_S = 120


@dataclass(frozen=True)
class Sizes:
    """How often each is started."""

    rounds: int = 7


def run(folder: Path, sizes: Sizes, chance: random.Random) -> Results:
    """Measure fresh processes that draw in memory."""
    _, keys = Vault.create(folder / "laptop", PASSPHRASE, cost=FLOOR, now=clock())
    keys.wipe()
    sittings: dict[str, Sitting] = {
        OURS: lambda: _start("benchmarks.windows.locked", str(folder / "laptop")),
        EMPTY: lambda: _start("benchmarks.windows.empty"),
    }
    for sit in sittings.values():
        sit()  # once for the files to be in memory and compiled
    return Results(compared(PART, in_turn(sittings, sizes.rounds, chance), OURS, {}))


def _start(module: str, *arguments: str) -> Mapping[str, float]:
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    started = perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        first = process.stdout.readline() if process.stdout else b""
        took = perf_counter() - started
        _, said = process.communicate(timeout=LONGEST_S)
    if not first or process.returncode:
        raise RuntimeError(f"{module} painted nothing:\n{said.decode(errors='replace')}")
    return {PAINTED: took, WORKED: float(first.split()[1])}
