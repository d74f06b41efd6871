"""Changes a header over and over until it is killed, and says what it promised.

A program of its own that forks for every round: forking is not for a program with threads.
Usage: writer.py FOLDER ROUNDS CUT WAY. Goes on for so many rounds, and until so many of them were
cut in the middle of a write. Prints, as JSON, how many rounds there were, how many were cut, and
what was lost or could not be read.
"""

import dataclasses
import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault import copies, files
from hah_desktop.vault.header import Header, to_bytes
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.slots import PassphraseSlot

SALT = bytes(range(16))
KEYS = KeyHolder(bytearray([7] * 32), SALT)
SLOT = PassphraseSlot("00" * 8, FLOOR, b"s" * 16, b"n" * 12, b"w" * 48)
FIRST = Header("ab" * 16, 1, datetime(2026, 11, 22, 9, 30, tzinfo=UTC), SALT, (SLOT,))


def careful(folder: Path, after: Header) -> None:
    copies.replace(folder, after, KEYS)


def careless(folder: Path, after: Header) -> None:
    """How it must not be done: one file, written where it lies."""
    (folder / files.SECOND_NAME).unlink(missing_ok=True)
    (folder / files.HEADER_NAME).write_bytes(to_bytes(after, KEYS))


WAYS = {"careful": careful, "careless": careless}


def write_on(folder: Path, way: str, generation: int, promises: int) -> NoReturn:
    while True:
        generation += 1
        WAYS[way](folder, dataclasses.replace(FIRST, generation=generation))
        os.write(promises, b"%d\n" % generation)


def killed(folder: Path, way: str, generation: int, chance: random.Random) -> int:
    """Let a child write, kill it at some moment, and return the last number it promised."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        write_on(folder, way, generation, theirs)
    os.close(theirs)
    with os.fdopen(ours) as promises:
        said = [promises.readline()]
        start = time.perf_counter()
        said.append(promises.readline())
        # Anywhere in the next write, however long the disk takes for one.
        now = time.perf_counter()
        until = now + chance.uniform(0, now - start)
        while time.perf_counter() < until:
            pass
        os.kill(child, signal.SIGKILL)
        said += promises.readlines()
    os.waitpid(child, 0)
    return int([line for line in said if line.endswith("\n")][-1])


def campaign(folder: Path, rounds: int, to_cut: int, way: str) -> dict[str, object]:
    chance = random.Random(2026)  # noqa: S311 - moments to kill at, not secrets
    copies.create(folder, FIRST, KEYS)
    generation, cut, lost, number = 1, 0, [], 0
    while number < rounds or cut < to_cut:
        number += 1
        promised = killed(folder, way, generation, chance)
        cut += len(list(folder.iterdir())) > len(copies.NAMES)
        try:
            found = copies.read(folder)
            found.newest.prove(KEYS)
        except KnownError as fault:
            lost.append(f"round {number}: {fault}")
            generation = promised
            continue
        cut += len(found.whole) > 1
        generation = found.newest.header.generation
        if generation < promised:
            lost.append(f"round {number}: {promised} was promised, {generation} is there")
    return {"rounds": number, "cut": cut, "lost": lost}


if __name__ == "__main__":
    at, rounds, to_cut, way = sys.argv[1:]
    sys.stdout.write(json.dumps(campaign(Path(at), int(rounds), int(to_cut), way)))
