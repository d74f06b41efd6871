"""A service that runs for months holds nothing but what serving takes."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing

import httpx
import pytest

import tests.central.office
from hah_central.database.database import Database, head, revision
from hah_desktop.domain.exchange import Verdict
from tests.central.laptop import enrol, new_id, values, verdicts
from tests.central.office import Office

HEAVY = {
    "alembic",  # brings tables up
    "mako",
    "sqlite3",  # the other database
    "sqlalchemy.dialects.sqlite",
    "hah_desktop.intake",  # reads lists of places
    "hah_desktop.store",  # the laptop's side
    "hah_desktop.vault",
    "httpx",
    "PySide6",
    "reportlab",
}

TELLS = """
import sys
from hah_central import cli
cli.main(sys.argv[1:])
print(*sys.modules)
"""


@pytest.mark.postgres
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("new", [True, False])
def test_a_service_on_postgresql_holds_nothing_that_it_does_not_serve_with(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, *, new: bool
) -> None:
    if not new:
        Database(postgres_database).close()
    begun: list[subprocess.Popen[str]] = []

    def begin(words: Sequence[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", TELLS, *words]
        begun.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
        return begun[0]

    monkeypatch.setattr(tests.central.office, "begin", begin)
    with (
        Office.running(database=postgres_database) as office,
        httpx.Client(base_url=office.url) as client,
    ):
        ada, visit = enrol(client, office.enrol("Ada Example")), new_id()
        assert verdicts(ada.push(ada.visit(visit, impression="Quiet."))) == [Verdict.APPLIED]
        assert values(ada.pull(visit)[1], visit, "impression") == {"Quiet."}
        os.kill(office.pid, signal.SIGINT)
        with begun[0] as serving:
            said, _ = serving.communicate()
    held = set(said.split())
    assert {"hah_central.service.app", "psycopg"} < held
    assert HEAVY & held == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_where_the_process_that_brings_tables_up_is_killed_they_are_brought_up_here(
    empty_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed() -> int:
        return os.posix_spawn(sys.executable, [sys.executable, "-c", "exit(9)"], os.environ)

    monkeypatch.setattr(os, "fork", killed)
    with closing(Database(empty_address, apart=True)) as made, made.reading() as connection:
        assert revision(connection) == head()
