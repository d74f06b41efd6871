"""The office's disk is full: laptops are told so, whoever runs it too, and nothing is half done."""

import logging

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from hah_central.database import faults
from hah_desktop.sync.wire.changes import write_push
from tests.central.conftest import Desk
from tests.central.laptop import good, new_id, problem


@pytest.fixture
def address(sqlite_address: str) -> str:
    """The embedded database only: it can be told how large it may get."""
    return sqlite_address


def test_a_full_disk_is_told_as_that_and_all_comes_once_there_is_room(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ada = desk.laptop("Ada Example")
    ada.push(ada.visit(new_id(), impression="Quiet."))
    with desk.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    room = f"PRAGMA max_page_count = {pages}"
    desk.database.engine.dispose()

    @event.listens_for(desk.database.engine, "connect")
    def opened(connection: object, _record: object) -> None:
        connection.execute(room)  # type: ignore[attr-defined]  # SQLite's own

    body = write_push(ada.enrolled.epoch, [ada.place(new_id(), name="a" * 5000) for _ in range(99)])
    with caplog.at_level(logging.ERROR, "hah_central"):
        refused = ada.push_body(body)
    told = problem(refused, 507, "full")
    assert told.startswith("The office’s disk is full")
    assert int(refused.headers["Retry-After"]) > 60
    assert "is full: there is no room left on its disk" in caplog.text
    assert "Traceback" not in caplog.text
    room = "PRAGMA max_page_count = 1000000"
    desk.database.engine.dispose()
    good(ada.push_body(body))


def test_postgresql_says_it_by_its_code() -> None:
    full, busy = psycopg.errors.DiskFull(), psycopg.errors.LockNotAvailable()
    assert faults.is_full(OperationalError("INSERT", {}, full))
    assert not faults.is_full(OperationalError("INSERT", {}, busy))
