"""Other programs that sync, with the same records: PouchDB, RxDB, Kinto, and Joplin.

They are no part of the project. `HAH_PEERS` names a folder in which somebody has installed them,
as docs/benchmarks.md says; what is missing there is left out, and a note says so.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from socket import create_connection, socket
from tempfile import mkdtemp
from time import perf_counter, sleep

import httpx

from benchmarks import joplin
from benchmarks.invented import Invention
from benchmarks.machine import forget_peak, peak_mb
from benchmarks.measure import Fact, Results
from benchmarks.slow_line import CAR_PARK, slow_line
from benchmarks.syncing import Visitor
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.records.child import Statement
from tests.central.office import Office
from tests.house import postgres

PART = "peers"
OURS, POUCH, KINTO = "the program", "PouchDB on leveldb", "Kinto on PostgreSQL"
RX = "RxDB, all in memory"
SCRIPTS = {POUCH: ("pouchdb", "pouch.cjs", "_id"), RX: ("rxdb", "rx.cjs", "id")}
"""The peers that run on Node: the package, our script, and what they call a record's id."""

BATCH = 25
"""How many requests Kinto takes in one, if nobody sets it otherwise."""

START_SECONDS = 60
MOST_SECONDS = 1200
"""A peer that meets a fault of its own may try again for ever."""

_KINTO = """[server:main]
use = egg:waitress
host = 127.0.0.1
port = {port}
threads = 4
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.bucket_create_principals = system.Everyone
kinto.userid_hmac_secret = {secret}
multiauth.policies = basicauth
"""
_MAKE = "CREATE TABLE record (id TEXT PRIMARY KEY, body TEXT)"
_PUT = "INSERT OR REPLACE INTO record VALUES (?, ?)"


@dataclass(frozen=True)
class Sizes:
    """How many records there are: on the quick line, on the slow one, as notes, on a later day."""

    records: int = 10_000
    slow: int = 500
    notes: int = 1_000
    day: int = 100
    characters: int = 700


Took = Mapping[str, float]
Measure = Callable[[Path, str, Sequence[Statement], int], Took]
"""Fills an office at an address and another laptop from it. Returns seconds by what was done, and
as `memory` the most megabytes that the laptops' side held at once."""


@dataclass(frozen=True)
class Peer:
    """A running office: where it listens, which process it is, and how to use it."""

    port: int
    pid: int
    measure: Measure


def plain(records: Sequence[Statement], name: str) -> list[dict[str, object]]:
    """The records as documents of others."""
    return [{name: record.id, **to_body(record)} for record in records]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(words: Sequence[str], port: int, folder: Path) -> Iterator[int]:
    """The process of a program that listens on a port, until the end."""
    with (folder / "said.txt").open("a") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said)  # noqa: S603 - our own words
    try:
        for _ in range(START_SECONDS * 10):
            with suppress(OSError), create_connection(("127.0.0.1", port), 1):
                break
            sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS)


class Timed:
    """Seconds by what was done, in this process."""

    def __init__(self) -> None:
        forget_peak()
        self._took: dict[str, float] = {}

    def took(self) -> Took:
        """All of it, and the most memory meanwhile."""
        return {**self._took, "memory": peak_mb(os.getpid())}

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Time what happens inside."""
        begun = perf_counter()
        yield
        self._took[what] = perf_counter() - begun


def kinto(folder: Path, url: str, records: Sequence[Statement], day: int) -> Took:
    """Push and pull as Kinto's own clients do: batches of puts, and what is new since an ETag."""
    timed, held = Timed(), sqlite3.connect(folder / f"kinto-{len(records)}.db")
    held.execute(_MAKE)
    docs = plain(records, "id")
    with httpx.Client(base_url=f"{url}/v1", auth=("bench", "bench"), timeout=600) as client:
        path = f"/buckets/b/collections/c{len(records)}"
        client.put("/buckets/b")
        client.put(path).raise_for_status()
        newest = ""

        def push(sent: Sequence[dict[str, object]]) -> None:
            for first in range(0, len(sent), BATCH):
                puts = [
                    {"method": "PUT", "path": f"/v1{path}/records/{d['id']}", "body": {"data": d}}
                    for d in sent[first : first + BATCH]
                ]
                client.post("/batch", json={"requests": puts}).raise_for_status()

        def pull() -> None:
            nonlocal newest
            since = {"_since": newest} if newest else {}
            answer = client.get(f"{path}/records", params=since).raise_for_status()
            newest = answer.headers["ETag"]
            with held:
                held.executemany(_PUT, [(d["id"], json.dumps(d)) for d in answer.json()["data"]])

        with timed.doing("push"):
            push(docs)
        with timed.doing("pull"):
            pull()
        with timed.doing("nothing"):
            pull()
        with timed.doing("pushDay"):
            push([{**doc, "by": "The key worker"} for doc in docs[:day]])
        with timed.doing("pullDay"):
            pull()
    held.close()
    return timed.took()


def on_node(node: str, script: Path, name: str) -> Measure:
    """A peer in a process of its own that runs its own script."""

    def measure(folder: Path, url: str, records: Sequence[Statement], day: int) -> Took:
        place = folder / f"{script.stem}-{len(records)}"
        place.mkdir()
        written = place / "records.json"
        written.write_text(json.dumps(plain(records, name)), encoding="utf-8")
        words = [node, str(script), "sync", url, str(place), str(written), str(day)]
        done = subprocess.run(  # noqa: S603 - our own words
            words, check=True, capture_output=True, text=True, timeout=MOST_SECONDS
        )
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found

    return measure


def ours(office: Office) -> Measure:
    """The program itself, over any line to the office."""

    def measure(folder: Path, url: str, records: Sequence[Statement], day: int) -> Took:
        place, timed = folder / f"ours-{len(records)}", Timed()
        first, second = (Visitor(place / name, office) for name in ("first", "second"))
        for one in (first, second):
            one.unlocked = replace(one.unlocked, who=replace(one.unlocked.who, office_url=url))
        try:
            # What the adviser has from before is not what is measured.
            first.sync()
            second.sync()
            first.store.add(*records)
            with timed.doing("push"):
                first.sync()
            with timed.doing("pull"):
                second.sync()
            with timed.doing("nothing"):
                second.sync()
            first.edit(day)
            with timed.doing("pushDay"):
                first.sync()
            with timed.doing("pullDay"):
                second.sync()
        finally:
            first.unlocked.lock()
            second.unlocked.lock()
        return timed.took()

    return measure


def run(folder: Path, sizes: Sizes, _chance: random.Random) -> Results:
    """Measure everybody who is there."""
    peers = Path(os.environ.get("HAH_PEERS", ""))
    programs = postgres.programs()
    if not os.environ.get("HAH_PEERS") or programs is None:
        return Results(notes=["HAH_PEERS names no folder with peers: they were not measured."])
    results = Results()
    with postgres.server(programs) as server:
        # One after the other: another's service, though nobody asks it, slows whoever is measured.
        for name, begin in _all(peers, server):
            for measure in (_on_the_quick_line, _at_the_car_park):
                # Anew for each line, with nothing in it.
                place = Path(mkdtemp(dir=folder))
                with begin(place) as peer:
                    if peer is None:
                        results.notes.append(f"{name} is not installed, so it was not measured.")
                        break
                    results.facts.extend(measure(place, sizes, name, peer))
    node, main = shutil.which("node"), peers / "joplin" / joplin.MAIN
    if not node or not main.is_file():
        results.notes.append(f"{joplin.NAME} is not installed, so it was not measured.")
        return results
    place, notes = folder / "joplin", Invention(1).statements(sizes.notes, sizes.characters)
    took = joplin.measure(node, main, place, notes, sizes.day)
    results.facts.extend(_facts(joplin.NAME, sizes.notes, sizes.day, took))
    return results


Begin = Callable[[Path], AbstractContextManager[Peer | None]]
"""Begins a peer in an empty folder: None where it is not installed."""


def _all(peers: Path, server: str) -> Iterator[tuple[str, Begin]]:
    """Everybody by name."""
    yield OURS, partial(_ours_at, server)
    for name in SCRIPTS:
        yield name, partial(_node_at, peers, name)
    yield KINTO, partial(_kinto_at, peers, server)


@contextmanager
def _ours_at(server: str, _folder: Path) -> Iterator[Peer]:
    with postgres.database(server, "ours") as url:
        office = Office(database=url)
        # As an office begins: its keys are made, and its tables with them, before it serves.
        office.make_keys()
        office.start()
        try:
            yield Peer(office.port, office.pid, ours(office))
        finally:
            office.stop()


@contextmanager
def _node_at(peers: Path, name: str, folder: Path) -> Iterator[Peer | None]:
    package, script, id_name = SCRIPTS[name]
    node = shutil.which("node")
    if not node or not (peers / "node_modules" / package).is_dir():
        yield None
        return
    # Node looks for what a script asks for beside the script.
    copied = Path(shutil.copy(Path(__file__).with_name(script), peers))
    place, port = folder / package, free_port()
    place.mkdir()
    with started([node, str(copied), "serve", str(place), str(port)], port, folder) as pid:
        yield Peer(port, pid, on_node(node, copied, id_name))


@contextmanager
def _kinto_at(peers: Path, server: str, folder: Path) -> Iterator[Peer | None]:
    if not (peers / "kinto" / "bin" / "kinto").is_file():
        yield None
        return
    port, ini = free_port(), folder / "kinto.ini"
    with postgres.database(server, "kinto") as url:
        address = url.replace("+psycopg", "")
        ini.write_text(_KINTO.format(port=port, url=address, secret="0" * 64), encoding="utf-8")
        program = str(peers / "kinto" / "bin" / "kinto")
        subprocess.run([program, "migrate", "--ini", str(ini)], check=True, capture_output=True)  # noqa: S603 - our own words
        with started([program, "start", "--ini", str(ini)], port, folder) as pid:
            yield Peer(port, pid, kinto)


def _facts(name: str, records: int, day: int, took: Took) -> Iterator[Fact]:
    yield Fact(PART, f"{name}: push", records / took["push"], "a second")
    yield Fact(PART, f"{name}: pull", records / took["pull"], "a second")
    yield Fact(PART, f"{name}: nothing has changed", took["nothing"] * 1000, "ms")
    yield Fact(PART, f"{name}: push a day of {day}", took["pushDay"] * 1000, "ms")
    yield Fact(PART, f"{name}: pull a day of {day}", took["pullDay"] * 1000, "ms")


def _on_the_quick_line(folder: Path, sizes: Sizes, name: str, peer: Peer) -> Iterator[Fact]:
    records = Invention(1).statements(sizes.records, sizes.characters)
    took = peer.measure(folder, f"http://127.0.0.1:{peer.port}", records, sizes.day)
    yield from _facts(name, sizes.records, sizes.day, took)
    yield Fact(PART, f"{name}: most memory, laptops’ side", took["memory"], "MB")
    yield Fact(PART, f"{name}: most memory, office", peak_mb(peer.pid), "MB")


def _at_the_car_park(folder: Path, sizes: Sizes, name: str, peer: Peer) -> Iterator[Fact]:
    with slow_line(CAR_PARK, peer.port) as line:
        few = Invention(2).statements(sizes.slow, sizes.characters)
        took = peer.measure(folder, line.url, few, sizes.day)
    there = f"{name}, car park: "
    yield Fact(PART, f"{there}push {sizes.slow}", took["push"], "s")
    yield Fact(PART, f"{there}pull {sizes.slow}", took["pull"], "s")
    yield Fact(PART, f"{there}nothing has changed", took["nothing"], "s")
    yield Fact(PART, f"{there}push a day of {sizes.day}", took["pushDay"], "s")
    yield Fact(PART, f"{there}pull a day of {sizes.day}", took["pullDay"], "s")
    yield Fact(PART, f"{there}sent in all", line.sent / 1000, "kB")
    yield Fact(PART, f"{there}received in all", line.received / 1000, "kB")
    yield Fact(PART, f"{there}requests in all", line.requests, "")
