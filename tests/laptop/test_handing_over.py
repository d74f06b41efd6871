"""What a revoked laptop sealed reaches a real office, and is removed on its word alone."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select

from hah_central.attachments import bundles
from hah_central.attachments.blobs import Blobs
from hah_central.database.database import Database, in_folder
from hah_central.database.rows import Clock, Laptop
from hah_central.office import keys, office
from hah_central.people.audit import Deed
from hah_central.sticks import handed
from hah_central.sticks.handed import Handed, Places
from hah_desktop.domain.exchange import Verdict
from hah_desktop.laptop import revoking
from hah_desktop.laptop.revoking import BUNDLE, Gone, Sealed, Sent, send, state
from hah_desktop.seals.bundle import Kind
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused, Unreachable
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.vault import signing
from tests.central.conftest import HandClock, served
from tests.faults.plain import real_now
from tests.laptop import ending
from tests.laptop.ending import SECRETS, SIGNING_KEY, order, unlock


@dataclass
class Desk:
    """An office that knows the laptop, and the laptop, which has sealed what it had."""

    database: Database
    there: Office
    folder: Path
    sealed: Sealed
    tmp: Path

    @property
    def places(self) -> Places:
        return Places(Blobs(self.database, self.tmp / "attachments"), self.tmp / "out")

    def opened(self, file: Path) -> Handed:
        with file.open("rb") as source:
            return handed.take_in(
                self.database, source, SECRETS, self.places, Deed("Ada", real_now())
            )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(in_folder(tmp_path / "office"))
    now = real_now()
    with database.writing() as connection:
        keys.publish(connection, SECRETS.public, Deed("Ada", now))
        adviser = office.add_adviser(connection, "Ruth Aldous", "adviser", now)
        name = connection.execute(select(Clock.office)).scalar_one()
        row = {"id": "laptop-one", "adviser": adviser, "name": "Ruth’s", "enrolled": now}
        key = {"public_key": signing.public_key(SIGNING_KEY), "last_number": 0, "last_hash": ""}
        connection.execute(insert(Laptop).values(**row, **key, revoked=now))
    with served(database, HandClock()) as client:
        url = str(client.base_url)
        who = Identity(SIGNING_KEY, url, "laptop-one", adviser, "Ruth Aldous", name, "")
        folder = tmp_path / "laptop"
        ending.make(folder, who)
        sealed = revoking.revoke(unlock(folder), folder, order(office=name), lambda _words: None)
        there = Office(sealed.office_url)
        yield Desk(database, there, folder, sealed, tmp_path)
        there.close()
    database.close()


def kept(desk: Desk) -> Path:
    """Where the office keeps what it received."""
    folder = bundles.folder_of(desk.database, None)
    return bundles.Bundles(desk.database, folder).path(desk.sealed.permission.sha256)


def assert_all_arrived(found: Handed) -> None:
    assert sum(found.verdicts.values()) == 2
    assert found.verdicts[Verdict.SET_ASIDE] == 0
    assert (found.count(Kind.DRAFT), found.count(Kind.FILE)) == (2, 1)
    typed = [path for path in found.written if path.suffix == ".json"]
    assert all("visit" in json.loads(path.read_bytes())["body"]["impression"] for path in typed)


def test_what_was_sealed_is_sent_and_removed_on_the_office_s_word(desk: Desk) -> None:
    assert state(desk.folder) == desk.sealed
    sent = send(desk.folder, desk.there)
    assert isinstance(sent, Sent)
    assert state(desk.folder) == sent
    assert sent.sha256 == desk.sealed.permission.sha256
    assert not (desk.folder / BUNDLE).exists()
    assert_all_arrived(desk.opened(kept(desk)))
    assert send(desk.folder, desk.there) == sent


def test_a_lost_answer_is_asked_for_again(desk: Desk) -> None:
    with (desk.folder / BUNDLE).open("rb") as source:
        desk.there.send_bundle(desk.sealed.permission, source)
    # The power went before the receipt was noted.
    assert isinstance(send(desk.folder, desk.there), Sent)
    with desk.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def test_an_office_that_cannot_be_reached_is_asked_again_later(desk: Desk) -> None:
    nowhere = Office("http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        send(desk.folder, nowhere)
    nowhere.close()
    assert state(desk.folder) == desk.sealed
    assert isinstance(send(desk.folder, desk.there), Sent)


@contextmanager
def _answering(answer: object) -> Iterator[Office]:
    """Somebody in the office's place."""

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        # As a line gives it: piece by piece, and once.
        body = httpx.ByteStream(json.dumps(answer).encode())
        return httpx.Response(200, headers={"Hah-Protocol": "1"}, stream=body)

    there = Office("https://office.example", transport=httpx.MockTransport(handle))
    yield there
    there.close()


@pytest.mark.parametrize("answer", [{"sha256": "00" * 32}, {"sha256": 3}, {}, []])
def test_another_receipt_removes_nothing(desk: Desk, answer: object) -> None:
    with _answering(answer) as there, pytest.raises(NotOurs):
        send(desk.folder, there)
    assert state(desk.folder) == desk.sealed
    assert (desk.folder / BUNDLE).exists()


def test_what_the_disk_spoiled_is_refused_and_stays(desk: Desk) -> None:
    data = (desk.folder / BUNDLE).read_bytes()
    (desk.folder / BUNDLE).write_bytes(data[:-1] + b"!")
    with pytest.raises(Refused):
        send(desk.folder, desk.there)
    assert state(desk.folder) == desk.sealed
    assert (desk.folder / BUNDLE).exists()


def test_what_somebody_took_away_is_said_to_be_gone(desk: Desk) -> None:
    (desk.folder / BUNDLE).rename(desk.tmp / "stick")
    with pytest.raises(Gone, match="stick"):
        send(desk.folder, desk.there)
    assert state(desk.folder) == desk.sealed


def test_a_laptop_that_is_in_use_sends_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert send(tmp_path / "other", desk.there) is None


def test_without_a_network_a_stick_does_as_well(desk: Desk) -> None:
    revoking.copy(desk.folder, desk.tmp / "stick")
    assert_all_arrived(desk.opened(desk.tmp / "stick"))
    assert isinstance(send(desk.folder, desk.there), Sent)


def test_the_whole_bundle_is_read_as_a_stream(desk: Desk) -> None:
    class Counted(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            self.largest = max(self.largest, len(found))
            return found

    data = (desk.folder / BUNDLE).read_bytes()
    assert len(data) > 150_000
    source = Counted(data)
    assert desk.there.send_bundle(desk.sealed.permission, source) == desk.sealed.permission.sha256
    assert source.largest < 150_000
