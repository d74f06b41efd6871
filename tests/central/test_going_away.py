"""PostgreSQL goes away in the middle of a request: that is told as that, and the next one goes on.

Thrown out before each statement of each kind of request, and before its end, by an administrator
or by PostgreSQL itself, which waits only so long for who has begun something and asks nothing.
"""

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import DataError, InternalError, OperationalError

from hah_central.attachments.blobs import Blobs
from hah_central.database import faults
from hah_central.database.database import Database
from hah_central.database.rows import Bundle
from hah_central.database.rows import Laptop as Row
from hah_central.people.audit import Deed
from hah_central.sticks import handed
from hah_central.sticks.handed import Places
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.sync.wire.form import DIGEST_HEADER, LAPTOP_HEADER, SIGNATURE_HEADER, SIZE_HEADER
from hah_desktop.sync.wire.signed import read_code, signed_bundle
from tests.central.bureau import Bureau, changes, sealed_by
from tests.central.conftest import START, Desk
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.test_operations import watched
from tests.central.trust import SECRETS, enrolment
from tests.house.in_turn import InTurn

Ask = Callable[[], httpx.Response]
T = TypeVar("T")

pytestmark = pytest.mark.postgres


@pytest.fixture
def address(migrated_in_turn: InTurn) -> str:
    """PostgreSQL only: the embedded database goes nowhere."""
    return migrated_in_turn.fresh()


@pytest.fixture
def admin(postgres_url: str) -> Iterator[psycopg.Connection]:
    """Who may throw others out."""
    url = postgres_url.replace("+psycopg", "") + "postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@dataclass
class Thrown:
    """Throws a request out before one of the things that it asks of the database."""

    database: Database
    admin: psycopg.Connection
    idle: bool
    asked: int = 0
    before: int = 0
    hits: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        event.listen(self.database.engine, "before_cursor_execute", self._statement)
        event.listen(self.database.engine, "commit", self._out)

    def at(self, place: int, ask: Callable[[], T]) -> T | None:
        """The answer to who is thrown out there; none where nothing more was asked."""
        self.asked, self.before = 0, place
        hits = len(self.hits)
        answer = ask()
        self.before = 0
        return answer if len(self.hits) > hits else None

    def _statement(self, connection: Connection, _cursor: object, words: str, *_: object) -> None:
        self._out(connection, words)

    def _out(self, connection: Connection, words: str = "COMMIT") -> None:
        self.asked += 1
        if self.asked != self.before:
            return
        self.hits.append(words)
        driver: Any = connection.connection.driver_connection
        pid = driver.info.backend_pid
        if not self.idle:
            self.admin.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
            return
        driver.execute("SET idle_in_transaction_session_timeout = 1")
        there = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state LIKE 'idle in%%'"
        while self.admin.execute(there, (pid,)).fetchone() != (0,):
            pass


def signed(laptop: Laptop) -> dict[str, str]:
    return {"Authorization": f"Bearer {laptop.token}"}


def _enrols(desk: Desk, _ada: Laptop, _ben: Laptop, _visit: str) -> Ask:
    sent = enrolment(read_code(desk.code("Cleo Example"))[0], "5a" * 32)
    return lambda: desk.client.post("/v1/enrol", json=sent)


def _pulls(_desk: Desk, ada: Laptop, ben: Laptop, _visit: str) -> Ask:
    ben.push(ben.visit(new_id(), advisers=[ada.adviser], impression="Loud."))
    asked = {"epoch": ada.enrolled.epoch, "files": ada.cursors, "want": []}
    return lambda: ada.client.post("/v1/pull", json=asked, headers=signed(ada))


def _is_not_the_same(_desk: Desk, ada: Laptop, _ben: Laptop, visit: str) -> Ask:
    asked = {"epoch": ada.enrolled.epoch, "files": ada.cursors, "differs": [visit_file(visit)]}
    return lambda: ada.client.post("/v1/pull", json=asked, headers=signed(ada))


def _has_its_own_back(_desk: Desk, ada: Laptop, _ben: Laptop, _visit: str) -> Ask:
    asked = {"after": 0, "most": 5}
    return lambda: ada.client.post("/v1/own", json=asked, headers=signed(ada))


def _asks_after_changes(_desk: Desk, ada: Laptop, _ben: Laptop, _visit: str) -> Ask:
    asked = {"changes": [new_id()]}
    return lambda: ada.client.post("/v1/known", json=asked, headers=signed(ada))


def _sends_a_letter(_desk: Desk, ada: Laptop, _ben: Laptop, visit: str) -> Ask:
    content = new_id().encode()
    sha256 = hashlib.sha256(content).hexdigest()
    fields: dict[str, Json] = {
        "visit": visit,
        "hash": sha256,
        "size": len(content),
        "content": "0" * 32,
    }
    ada.push(ada.change(new_id(), "attachment", [visit_file(visit)], fields))
    told = {**signed(ada), "Hah-Sha256": sha256, "Hah-Size": str(len(content))}

    def ask() -> httpx.Response:
        status = {"sha256": [sha256]}
        answer = ada.client.post("/v1/blobs/status", json=status, headers=signed(ada))
        if answer.is_success:
            answer = ada.client.put(f"/v1/blobs/{sha256}/0", content=content, headers=told)
        if answer.is_success:
            answer = ada.client.get(f"/v1/blobs/{sha256}", headers=signed(ada))
        return answer

    return ask


def _hands_over(desk: Desk, ada: Laptop, _ben: Laptop, _visit: str) -> Ask:
    laptop = ada.enrolled.laptop
    data = sealed_by(ada.key, laptop, changes(ada.place(new_id(), name="One")))
    sha256 = hashlib.sha256(data).hexdigest()
    signed_for = signed_bundle(ada.enrolled.office, sha256, len(data))
    told = {
        LAPTOP_HEADER: laptop,
        DIGEST_HEADER: sha256,
        SIZE_HEADER: str(len(data)),
        SIGNATURE_HEADER: ada.key.sign(signed_for).hex(),
    }
    with desk.database.writing() as connection:
        # Only a few may wait unopened.
        connection.execute(update(Bundle).values(opened=START))
    return lambda: desk.client.post("/v1/bundle", content=data, headers=told)


KINDS = [
    _hands_over,
    _enrols,
    _pulls,
    _is_not_the_same,
    _has_its_own_back,
    _asks_after_changes,
    _sends_a_letter,
]


@pytest.mark.parametrize("idle", [False, True], ids=["by an administrator", "as it idles"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_who_is_thrown_out_is_told_to_wait_and_goes_on(
    desk: Desk,
    visit: str,
    ada: Laptop,
    ben: Laptop,
    admin: psycopg.Connection,
    kind: Callable[[Desk, Laptop, Laptop, str], Ask],
    caplog: pytest.LogCaptureFixture,
    *,
    idle: bool,
) -> None:
    thrown = Thrown(desk.database, admin, idle)
    while True:
        ask = kind(desk, ada, ben, visit)
        answer = thrown.at(len(thrown.hits) + 1, ask)
        if answer is None:
            break
        if not answer.is_success:  # A question that stands alone does not idle.
            problem(answer, 503, "busy")
        good(ask())
    assert thrown.hits
    assert "Traceback" not in caplog.text
    assert "does not answer any more" in caplog.text
    assert desk.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a queue


def test_a_refusal_stays_what_it_is_where_it_cannot_be_counted(
    desk: Desk, ada: Laptop, admin: psycopg.Connection
) -> None:
    thrown = Thrown(desk.database, admin, idle=True)
    for place in (1, 2):
        answer = thrown.at(place, lambda: ada.push_body(b"{"))
        assert answer is not None
        problem(answer, 422, "cut")


def test_two_refusals_at_once_are_both_told(desk: Desk, ada: Laptop) -> None:
    """The first of a day is counted by two: who comes second finds that it is there already."""
    begun: list[str] = []

    @event.listens_for(desk.database.engine, "before_cursor_execute")
    def asked(_connection: object, _cursor: object, words: str, *_: object) -> None:
        if words.startswith("INSERT INTO failure") and not begun:
            begun.append(words)
            problem(ada.push_body(b"{"), 422, "cut")

    problem(ada.push_body(b"{"), 422, "cut")
    assert begun


@pytest.mark.parametrize(
    "fault",
    [
        psycopg.errors.IdleInTransactionSessionTimeout(),
        psycopg.errors.AdminShutdown(),
        psycopg.errors.ReadOnlySqlTransaction(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_command_that_is_thrown_out_says_so(fault: psycopg.Error) -> None:
    wrapped = InternalError("SELECT", {}, fault)
    assert faults.may_pass(wrapped)
    assert faults.in_words(wrapped, begun=True) is not None


def test_what_the_driver_would_not_send_is_a_fault_of_ours(database: Database) -> None:
    with database.reading() as connection, pytest.raises(DataError) as raised:
        connection.execute(select(Row.id).where(Row.id == "a\x00b"))
    assert not faults.may_pass(raised.value)
    assert faults.in_words(raised.value, begun=True) is None


def test_a_database_that_lets_nobody_in_is_not_said_to_be_missing() -> None:
    said = psycopg.OperationalError('database "office" is not currently accepting connections')
    told = faults.in_words(OperationalError("", {}, said), begun=False)
    assert "takes nobody in at the moment" in str(told)


def test_the_page_of_operations_says_what_is_wrong(
    desk: Desk, admin: psycopg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = desk.database.engine.url.database
    with watched(desk, tmp_path) as client, caplog.at_level(logging.ERROR):
        assert client.get("/metrics").is_success
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        out = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
        admin.execute(out, (name,))
        desk.database.engine.dispose()
        try:
            page, figures = client.get("/operations"), client.get("/metrics")
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert (page.status_code, figures.status_code) == (503, 503)
        assert "takes nobody in at the moment" in page.text
        assert "takes nobody in at the moment" in figures.text
        assert client.get("/metrics").is_success
    assert "Traceback" not in caplog.text


class Slow(io.BytesIO):
    """A bundle on a stick, and how much of it was read while something was begun."""

    begun = False
    read_meanwhile = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.read_meanwhile += len(found) if self.begun else 0
        return found


def test_letters_of_a_bundle_are_not_read_while_all_wait_for_the_counter(
    desk: Desk, tmp_path: Path, key_files: Path, address: str
) -> None:
    bureau = Bureau(desk, key_files, address)
    ruth = bureau.laptop()
    letter = Part("0123456789abcdef", Kind.FILE, [bytes(1 << 20)] * 8)
    source = Slow(bureau.sealed(ruth, changes(ruth.place(new_id(), name="One")), letter))

    def begins(*_: object) -> None:
        source.begun = True

    def ends(*_: object) -> None:
        source.begun = False

    event.listen(desk.database.engine, "begin", begins)
    for name in ("commit", "rollback"):
        event.listen(desk.database.engine, name, ends)
    places = Places(Blobs(desk.database, tmp_path / "attachments"), tmp_path / "out")
    deed = Deed("Grace Example", START)
    found = handed.take_in(desk.database, source, SECRETS, places, deed)
    assert sum(found.verdicts.values()) == 1
    assert [path.name for path in found.written] == [letter.name]
    assert source.read_meanwhile < 3 << 20
