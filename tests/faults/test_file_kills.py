"""Killed while letters travel: what counts as received is there, and nothing is left over."""

import hashlib
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from hah_desktop.domain.chunks import CHUNK
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, Sealed, find
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.engine import sync
from tests.central.laptop import enrol
from tests.faults.carrier import office_of
from tests.faults.made import Post
from tests.faults.plain import real_now
from tests.house.at_work import at_work
from tests.store.attacher import DATABASE
from tests.store.hand import raw_key
from tests.store.sound import faults

KILLS = int(os.environ.get("HAH_KILLS_OF_FILES", "5"))
VISIT = RecordId("00000000-0000-7000-8000-00000000f11e")


def carried(process: subprocess.Popen[str], folder: Path, kill: random.Random | None) -> list[str]:
    """Let a fork carry; kill it at some moment. Returns what it said."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{folder}\n")
    process.stdin.flush()
    said = [process.stdout.readline().strip()]
    pid = int(said[0].removeprefix("begun "))
    steps = kill.randint(0, 4) if kill else 1_000
    while len(said) <= steps and not said[-1].startswith("done"):
        said.append(process.stdout.readline().strip())
    if kill is not None:
        # A little work of our own, so that the kill falls anywhere inside the next step.
        hashlib.sha256(bytes(kill.randrange(8 * CHUNK))).digest()
    os.kill(pid, signal.SIGKILL)
    while said[-1] != "ended":
        said.append(process.stdout.readline().strip())
    return said


def enrolled(post: Post, folder: Path, adviser: str) -> str:
    """Make a laptop in a folder; returns whose it is."""
    folder.mkdir()
    with httpx.Client(base_url=post.url, trust_env=False) as client:
        made = enrol(client, post.code(adviser))
    store = Store.create(folder / DATABASE, raw_key, real_now)
    who = made.enrolled
    key = made.key.private_bytes_raw().hex()
    store.keep_identity(
        Identity(key, post.url, who.laptop, who.adviser, adviser, who.office, who.epoch)
    )
    store.close()
    return who.adviser


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Store, Attachments]]:
    with closing(Store.open(folder / DATABASE, raw_key, real_now)) as store:
        yield store, Attachments(folder)


def synced(store: Store) -> None:
    with closing(office_of(store)) as office:
        assert sync(store, office, lambda _p: None, lambda: False).problem is None


def added(store: Store, kept: Attachments, content: bytes) -> None:
    def described(sealed: Sealed) -> list[Edited]:
        file = sealed.file
        known = {"content": file.id, "size": file.size, "hash": file.sha256}
        made = Attachment(id=store.new_id(), visit=VISIT, **known)  # type: ignore[arg-type]  # by name
        return [Edited(made, NOTHING)]

    kept.keep(store, BytesIO(content), described)


def letters(store: Store) -> list[Attachment]:
    with store.reading() as connection:
        found = [held.record for held in reading.of_kind(connection, Attachment.kind)]
    return [one for one in found if isinstance(one, Attachment)]


def broken(folder: Path, office: Path) -> list[str]:
    """What is wrong on the laptop after the next start."""
    with opened(folder) as (store, kept):
        swept = kept.sweep(store)
        wrong = [f"lost {file}" for file in swept.lost] + faults(store)
        known = set()
        for one in letters(store):
            with store.reading() as connection:
                way = travelling.way(connection, one)
                file = find(connection, one.content)
            known |= {f"{one.content}.sealed"} if file else {f"{one.content}.coming"}
            if file and hashlib.sha256(kept.read(file)).hexdigest() != one.hash:
                wrong.append(f"other bytes: {one.id}")
            if way.received and _hash(office / one.hash) != one.hash:
                wrong.append(f"not at the office: {one.id}")
        lying = {path.name for path in (folder / "attachments").iterdir()}
        return wrong + [f"left over: {name}" for name in lying - known]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_nothing_that_counts_as_received_is_lost_by_a_kill(post: Post, tmp_path: Path) -> None:
    chance = random.Random(4)  # noqa: S311 - moments to kill at
    name = post.database.engine.url.database
    assert name is not None
    office = Path(name).parent / "attachments"
    ruth, sam = tmp_path / "ruth", tmp_path / "sam"
    advisers = frozenset(
        enrolled(post, folder, f"{folder.name} of {tmp_path.name}") for folder in (ruth, sam)
    )
    with opened(ruth) as (store, _):
        store.add(Visit(id=VISIT, advisers=advisers))
    with at_work("tests.faults.carrier") as process:
        for number in range(KILLS):
            with opened(ruth) as (store, kept):
                if number % 2 == 0:
                    added(store, kept, chance.randbytes(chance.randrange(1, 5 * CHUNK)))
                synced(store)
            carried(process, ruth, chance)
            assert broken(ruth, office) == []
            with opened(sam) as (store, kept):
                synced(store)
                (sam / "attachments").mkdir(exist_ok=True)
            carried(process, sam, chance)
            assert broken(sam, office) == []
        for folder in (ruth, sam):
            assert "done" in carried(process, folder, None)
            assert broken(folder, office) == []
    hashes: set[str] = set()
    for folder in (ruth, sam):
        with opened(folder) as (store, _):
            found = letters(store)
            with store.reading() as connection:
                assert all(travelling.way(connection, one).received for one in found)
            assert len(found) == (KILLS + 1) // 2
            hashes |= {one.hash for one in found}
    assert hashes <= {path.name for path in office.iterdir()}
    assert not [path for path in office.iterdir() if path.name[:64] in hashes and path.is_dir()]
