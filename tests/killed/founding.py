"""Founds an office with its keys, and enrols laptops with it, each behind a line of its own."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from hah_central.database.database import Database
from hah_central.office import office
from hah_central.office.enrolment import new_code
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.wire.signed import write_code
from tests.central.laptop import enrol
from tests.central.trust import SECRETS, publish
from tests.faults.plain import raw_key, real_now
from tests.killed.fork import Fork
from tests.killed.line import Line
from tests.killed.person import DATABASE, Seat
from tests.killed.plan import Kill


@dataclass
class Desk:
    """One seat, its line, its laptop's name at the office, and whoever works there now."""

    seat: Seat
    line: Line
    laptop: str
    at_work: Fork | None = None
    kill: Kill | None = None
    tries: int = 0
    lives: int = 0
    received: int = 0


def codes(address: str, laptops: int) -> list[tuple[str, str]]:
    """Make the office's keys, and for each laptop its adviser's name and what is read out."""
    with closing(Database(address)) as database:
        publish(database, real_now())
        return [_code(database, f"Adviser {place}") for place in range(laptops)]


def _code(database: Database, adviser: str) -> tuple[str, str]:
    with database.writing() as connection:
        added = office.add_adviser(connection, adviser, "adviser", real_now())
        letters = new_code(connection, added, real_now()).letters
    return adviser, write_code(letters, SECRETS.public.fingerprint())


def enrolled(
    folder: Path,
    certificate: Path,
    url: str,
    read_out: Sequence[tuple[str, str]],
    line: Callable[[], Line],
) -> list[Desk]:
    """Let laptops in at the office of this address. Each of them knows its line only."""
    trust = ssl.create_default_context(cafile=str(certificate))
    with httpx.Client(base_url=url, trust_env=False, verify=trust) as client:
        made = [(name, enrol(client, code)) for name, code in read_out]
    everybody = tuple(one.enrolled.adviser for _, one in made)
    found = []
    for place, (name, one) in enumerate(made):
        who, way = one.enrolled, line()
        seat = Seat(place, folder / f"laptop-{place}", who.adviser, everybody, certificate)
        seat.folder.mkdir()
        key = one.key.private_bytes_raw().hex()
        with closing(Store.create(seat.folder / DATABASE, raw_key, real_now)) as store:
            store.keep_identity(
                Identity(key, way.url, who.laptop, who.adviser, name, who.office, who.epoch)
            )
        found.append(Desk(seat, way, who.laptop))
    return found


def received_too_early(address: str, desks: Sequence[Desk]) -> Iterator[str]:
    """Who counts changes as received that are not in the journal."""
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        last = connection.execute("SELECT laptop, max(number) FROM change GROUP BY laptop")
        held: dict[str, int] = dict(last.fetchall())
    for one in desks:
        there = held.get(one.laptop, 0)
        if one.received > there:
            yield f"laptop {one.seat.place} counts {one.received} as received, not {there}"
