"""A stick is taken in while PostgreSQL goes away: that is said, and later all of it is taken."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from hah_central.attachments.blobs import Blobs
from hah_central.commands.common import PASSPHRASE_VARIABLE
from hah_central.database import faults
from hah_central.database.database import Database
from hah_central.database.rows import IN_FORCE, Witness
from hah_central.database.rows import Change as Row
from hah_central.people.audit import Deed
from hah_central.proof.verify import verify
from hah_central.sticks import handed
from hah_central.sticks.handed import Handed, Places
from hah_desktop.domain.changes import Change
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.wire.hand import part_name, write_by_hand
from tests.central.bureau import DRAFT, Bureau, changes, sealed_by
from tests.central.bureau import handed as from_hand
from tests.central.conftest import START, Desk, HandClock, served
from tests.central.laptop import Laptop, new_id
from tests.central.test_going_away import Thrown, address, admin
from tests.central.trust import PASSPHRASE, SECRETS, publish
from tests.house import postgres

pytestmark = pytest.mark.postgres

__all__ = ["address", "admin"]


@dataclass
class Stick:
    """What a laptop hands over: changes, a letter, a draft, and what it had from a colleague."""

    own: list[Change]
    colleagues: Change
    letter: bytes
    data: bytes

    @classmethod
    def of(cls, ruth: Laptop, ben: Laptop) -> "Stick":
        letter = new_id().encode() * 1000
        visit, sha256 = new_id(), hashlib.sha256(letter).hexdigest()
        about: dict[str, Json] = {
            "visit": visit,
            "hash": sha256,
            "size": len(letter),
            "content": "0" * 32,
        }
        own = [
            ruth.visit(visit, advisers=[ruth.adviser], impression="Never sent"),
            ruth.change(new_id(), "attachment", [visit_file(visit)], about),
        ]
        theirs = ben.place(new_id(), name="Invented House")
        hand = from_hand(ben.key, ben.enrolled.laptop, changes(theirs))
        parts = (
            changes(*own),
            DRAFT,
            Part("0123456789abcdef", Kind.FILE, [letter]),
            Part(part_name(1), Kind.FILE, [write_by_hand(hand)]),
        )
        data = sealed_by(ruth.key, ruth.enrolled.laptop, *parts)
        return cls(own, theirs, letter, data)

    def in_force(self, database: Database) -> int:
        """How many of its own changes the journal has."""
        ids = [change.id for change in self.own]
        with database.reading() as connection:
            asked = select(Row.id).where(Row.id.in_(ids), IN_FORCE)
            return len(connection.execute(asked).all())

    def check_taken(self, database: Database, places: Places) -> None:
        """All of it is where it belongs."""
        assert self.in_force(database) == len(self.own)
        sha256 = hashlib.sha256(self.letter).hexdigest()
        assert places.contents.path(sha256).read_bytes() == self.letter
        assert places.out is not None
        assert [path.name for path in places.out.iterdir()] == [DRAFT.name]
        with database.reading() as connection:
            waits = select(Witness.digest).where(Witness.change == self.colleagues.id)
            assert connection.execute(waits).scalar_one() != ""
            assert verify(connection).faults == []


def test_a_stick_is_taken_in_whole_wherever_postgresql_goes_away(
    desk: Desk, admin: psycopg.Connection, tmp_path: Path
) -> None:
    ruth, ben = desk.laptop("Ruth Aldous"), desk.laptop("Ben Example")
    contents = Blobs(desk.database, tmp_path / "attachments")
    thrown = Thrown(desk.database, admin, idle=False)
    while True:
        stick = Stick.of(ruth, ben)
        places = Places(contents, tmp_path / f"out-{len(thrown.hits)}")

        def take(stick: Stick = stick, places: Places = places) -> Handed | DBAPIError:
            deed = Deed("Grace Example", START)
            try:
                return handed.take_in(desk.database, io.BytesIO(stick.data), SECRETS, places, deed)
            except DBAPIError as fault:
                return fault

        stopped = thrown.at(len(thrown.hits) + 1, take)
        if stopped is None:
            break
        assert isinstance(stopped, DBAPIError)
        assert faults.in_words(stopped, begun=True) is not None
        assert stick.in_force(desk.database) in (0, len(stick.own))
        again = take()
        assert isinstance(again, Handed)
        assert again.refused == ""
        stick.check_taken(desk.database, places)
    assert thrown.hits.count("COMMIT") > 3


@pytest.fixture
def away() -> Iterator[tuple[postgres.Cluster, Desk]]:
    """An office on a PostgreSQL of its own, which can be stopped."""
    bin_folder = postgres.programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL is not installed")
    clock = HandClock()
    with (
        postgres.cluster(bin_folder) as cluster,
        closing(Database(f"{cluster.address}postgres")) as database,
    ):
        publish(database, clock())
        with served(database, clock) as client:
            yield cluster, Desk(database, clock, client)


@pytest.mark.usefixtures("home")
def test_while_postgresql_is_stopped_a_stick_waits_and_then_is_taken(
    away: tuple[postgres.Cluster, Desk],
    key_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    cluster, desk = away
    bureau = Bureau(desk, key_files, f"{cluster.address}postgres")
    ruth = bureau.laptop(revoked=False)
    first = ruth.visit(new_id(), advisers=[ruth.adviser], impression="Never sent")
    path = tmp_path / "stick"
    path.write_bytes(bureau.sealed(ruth, changes(first)))
    other = bureau.sealed(ruth, DRAFT)
    cluster.stop_at_once()
    try:
        assert bureau.open(str(path), tmp_path / "out") == 1
        said = capsys.readouterr().err
        assert "no PostgreSQL answers at that address. Nothing was changed." in said
        assert not (tmp_path / "out").exists()
        with pytest.raises(Refused) as refused:
            bureau.send(ruth, other)
        assert refused.value.status == 503
        assert bureau.kept() == []
    finally:
        cluster.start()
    assert bureau.open(str(path), tmp_path / "out") == 0
    assert bureau.journal() == [("applied", 1)]
    assert bureau.send(ruth, other)
