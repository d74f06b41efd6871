"""Killed while it keeps one attachment after another: nothing that was promised is lost."""

import hashlib
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.attachments.attachments import Attachments, kept
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from tests.house.at_work import at_work
from tests.store.attacher import DATABASE, PLANTED, content
from tests.store.hand import HandClock, raw_key
from tests.store.sound import faults

MEGA = 1 << 20
ROUNDS = 8
KILLS = 25
"""Each round kills so often."""


def killed(process: subprocess.Popen[str], start: int, chance: random.Random) -> list[str]:
    """Kill a fork at some moment while it keeps one file after another; return its promises."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{start}\n")
    process.stdin.flush()
    pid = int(process.stdout.readline().removeprefix("begun "))
    said = [process.stdout.readline() for _ in range(chance.randint(1, 4))]
    # A little work of our own, so that the kill falls anywhere inside the next write.
    hashlib.sha256(bytes(chance.randrange(4 * MEGA))).digest()
    os.kill(pid, signal.SIGKILL)
    said += iter(process.stdout.readline, "ended\n")
    return [line.strip() for line in said]


def broken(folder: Path, promises: list[str]) -> list[str]:
    """The promises that are not kept, and what is left over, after the next start."""
    store = Store.open(folder / DATABASE, raw_key, HandClock())
    attachments = Attachments(folder)
    swept = attachments.sweep(store)
    with store.reading() as connection:
        files = {file.id: file for file in kept(connection)}
        records = {
            held.record.id: held.record for held in reading.of_kind(connection, "attachment")
        }
    named = {r.content for r in records.values() if isinstance(r, Attachment)}
    wrong = [f"lost {file}" for file in swept.lost]
    if named != set(files):
        wrong.append("rows and records do not agree")
    if sorted(p.name for p in (folder / "attachments").iterdir()) != sorted(
        f"{file}.sealed" for file in files
    ):
        wrong.append("orphans are left")
    for promise in promises:
        number = int(promise.split()[1])
        record = records.get(RecordId(f"attachment-{number}"))
        if not isinstance(record, Attachment) or record.content not in files:
            wrong.append(f"not kept: {promise}")
        elif attachments.read(files[record.content]) != content(number):
            wrong.append(f"other content: {promise}")
    wrong += [p.name for p in (folder / "attachments").iterdir() if PLANTED in p.read_bytes()]
    wrong += faults(store)
    store.close()
    return wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nothing_that_was_promised_is_lost_by_a_kill(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments to kill at
    made = Store.create(tmp_path / DATABASE, raw_key, HandClock())
    made.keep_identity(Identity("00", laptop="laptop-one", adviser="ruth"))
    made.close()
    promises: list[str] = []
    with at_work("tests.store.attacher", str(tmp_path)) as process:
        for kill in range(KILLS):
            promises += killed(process, kill * 1_000, chance)
            assert broken(tmp_path, promises) == []
