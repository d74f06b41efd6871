"""Whatever goes wrong, a command says what happened, what is kept and what to do, in English."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert

import hah_central.database.database
from hah_central import cli
from hah_central.database.database import FILE_NAME, Database, in_folder
from hah_central.database.rows import Adviser
from hah_central.office import office
from hah_central.people import audit
from hah_central.people.audit import Did
from tests.central.conftest import START
from tests.central.refusing import COMMAND, refused
from tests.central.trust import publish
from tests.house import postgres
from tests.house.ports import free_port

Capsys = pytest.CaptureFixture[str]

NAME = "Łucja “Lu” Żak"


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """The folder of an office without anything in it."""
    made = tmp_path / "office"
    made.mkdir()
    shutil.copy(migrated_file, made)
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment for a lock where people wait ten seconds."""
    pragmas = ("PRAGMA busy_timeout = 50", "PRAGMA foreign_keys = ON")
    monkeypatch.setattr(hah_central.database.database, "_SQLITE_PRAGMAS", pragmas)
    limits = ("SET lock_timeout = '50ms'",)
    monkeypatch.setattr(hah_central.database.database, "_POSTGRES_LIMITS", limits)


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it."""
    environment = os.environ | variables
    return subprocess.run(
        [*COMMAND, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding=variables.get("PYTHONIOENCODING", "utf-8"),
    )


@contextmanager
def altered(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        yield connection


def test_a_database_that_somebody_holds_is_busy(
    folder: Path, impatient: None, capsys: Capsys
) -> None:
    del impatient
    with altered(folder) as holding:
        holding.execute("BEGIN IMMEDIATE")
        said = refused(capsys, "restored", "--data", str(folder))
    assert "is busy: another command or program holds it." in said
    assert "What was finished is kept, and nothing is half done." in said
    assert cli.main(["restored", "--data", str(folder)]) == 0


@pytest.mark.postgres
def test_a_row_that_somebody_holds_is_busy(
    postgres_database: str, impatient: None, capsys: Capsys
) -> None:
    del impatient
    Database(postgres_database).close()
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as holding:
        holding.execute("SELECT * FROM clock FOR UPDATE")
        said = refused(capsys, "restored", "--database", postgres_database)
    assert "is busy: another command or program holds it." in said


def test_a_database_of_a_newer_version_is_left_as_it_is(folder: Path, capsys: Capsys) -> None:
    with altered(folder) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    before = (folder / FILE_NAME).read_bytes()

    said = refused(capsys, "advisers", "--data", str(folder))

    assert "A newer version of the program has worked with this database" in said
    assert "Nothing was changed. Update the program here" in said
    assert (folder / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE letters (words)",
        "CREATE TABLE alembic_version AS SELECT '9f3c' AS version_num",
    ],
)
def test_a_database_of_another_program_gets_none_of_our_tables(
    tmp_path: Path, made: str, capsys: Capsys
) -> None:
    with altered(tmp_path) as connection:
        connection.execute(made)

    assert "belongs to another program" in refused(capsys, "advisers", "--data", str(tmp_path))

    with altered(tmp_path) as connection:
        assert len(connection.execute("SELECT * FROM sqlite_master").fetchall()) == 1


def test_a_file_that_is_no_database_is_kept(tmp_path: Path, capsys: Capsys) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(b"a letter to the office " * 500)

    said = refused(capsys, "advisers", "--data", str(tmp_path))

    assert "the file there is not a database. Nothing was changed." in said
    assert file.read_bytes() == b"a letter to the office " * 500


def test_a_damaged_database_is_told_of(folder: Path, capsys: Capsys) -> None:
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek(8192)
        file.write(b"x" * 100_000)

    said = refused(capsys, "verify", "--data", str(folder))

    assert "is damaged: a part of it cannot be read." in said
    assert "put back the newest backup" in said


def test_a_folder_that_is_a_file_is_told_of(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "file").touch()
    said = refused(capsys, "import-places", "list.csv", "--data", str(tmp_path / "file"))
    assert f"the folder {tmp_path / 'file'} cannot be made" in said


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://office:secret@host/name", "another kind of database"),
        ("postgresql+asyncpg://office:secret@host/name", "another kind of database"),
        ("secret", "its address cannot be read"),
        ("", "its address cannot be read"),
        ("postgresql://office:secret@host:port/name", "its address cannot be read"),
        ("sqlite://", "names no file, so nothing would be kept"),
        ("sqlite:////no/such/folder/secret", "none in that place"),
        ("postgresql://office:secret@127.0.0.1:{free}/name", "no PostgreSQL answers"),
        ("postgresql://office:secret@host.invalid/name", "no machine of the name"),
        ("postgresql://office:secret@127.0.0.1:99999/name", "PostgreSQL understands"),
        ("postgresql://office:secret@127.0.0.1/name?sec=ret", "PostgreSQL understands"),
    ],
)
def test_an_address_without_a_database_is_told_of_without_its_password(
    address: str, says: str, capsys: Capsys
) -> None:
    said = refused(capsys, "advisers", "--database", address.format(free=free_port()))
    assert says in said
    assert "Nothing was changed." in said
    assert "secret" not in said


@pytest.mark.postgres
def test_a_name_that_postgres_does_not_know_is_told_of(postgres_url: str, capsys: Capsys) -> None:
    said = refused(capsys, "advisers", "--database", f"{postgres_url}no_such")
    assert "PostgreSQL has no database of that name. Nothing was changed." in said
    stranger = postgres_url.replace(f"//{postgres.SUPERUSER}@", "//stranger@")
    said = refused(capsys, "advisers", "--database", f"{stranger}postgres")
    assert "PostgreSQL does not let this user in." in said


@pytest.mark.postgres
def test_a_password_that_postgres_refuses_is_told_of_and_not_shown(capsys: Capsys) -> None:
    programs = postgres.programs()
    assert programs is not None
    with postgres.cluster(programs, hurried=True) as made:
        (made.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        made.stop_at_once()
        made.start()
        for user in (postgres.SUPERUSER, f"{postgres.SUPERUSER}:guessed"):
            address = f"postgresql://{user}@127.0.0.1:{made.port}/postgres"
            said = refused(capsys, "advisers", "--database", address)
            assert "PostgreSQL does not let this user in. Nothing was changed." in said
            assert "guessed" not in said


@pytest.mark.postgres
def test_a_user_who_may_not_write_is_told_of(postgres_database: str, capsys: Capsys) -> None:
    Database(postgres_database).close()
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = postgres_database.replace(f"//{postgres.SUPERUSER}@", "//reader@")
    said = refused(capsys, "restored", "--database", reader)
    assert "may not be written to by whoever runs this." in said


@pytest.mark.postgres
def test_a_database_that_goes_away_meanwhile_is_told_of(
    postgres_database: str, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = office.find_adviser

    def thrown_out(connection: object, name: str) -> object:
        with psycopg.connect(postgres_database.replace("+psycopg", "")) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return taken(connection, name)  # type: ignore[arg-type]  # as given

    Database(postgres_database).close()
    monkeypatch.setattr(office, "find_adviser", thrown_out)
    said = refused(capsys, "assign", "Ada", "visit:x", "--database", postgres_database)
    assert "does not answer any more" in said
    assert "see with “log” whether this was done" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("recovered", "--close", ""), "Nothing of the id “” waits to be looked at."),
        (("recovered", "--take", ""), "Nothing of the id “” waits"),
        (("bundle", "a" * 5000, "--keys", ".", "--out", "."), "There is no file and no single"),
        (("laptops", "--holds", ""), "no laptop is called “”"),
        (
            ("export", "visit:x", "--out", "."),
            "The office has no visit, child, place, inspection or adviser visit:x.",
        ),
    ],
)
def test_what_names_nothing_changes_nothing(
    folder: Path, words: tuple[str, ...], says: str, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database(in_folder(folder))) as opened:
        publish(opened, START)
    monkeypatch.chdir(folder.parent)
    assert says in refused(capsys, *words, "--data", str(folder))


def test_an_office_is_not_made_where_nobody_named_a_folder(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["advisers", "--data", ""])
    assert ended.value.code == 2
    assert "argument --data: no folder is named" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_told_of_as_one_without_what_it_quotes(
    folder: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ValueError("a child's words")

    monkeypatch.setattr(office, "advisers", broken)
    assert cli.main(["advisers", "--data", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The program itself has a fault (ValueError at ")
    assert "laptops.py:" in said
    assert "a child's words" not in said


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("A" * 201, "201 letters; at most 200"),
        ("Ada\nBen", "cannot be shown (U+000A)"),
        ("A\udcff", "in no encoding that can be read"),
    ],
)
def test_nobody_acts_under_a_name_that_the_log_cannot_keep(
    folder: Path, who: str, says: str, capsys: Capsys
) -> None:
    where = ("--data", str(folder))
    assert says in refused(capsys, "restored", "--who", who, *where)
    assert cli.main(["log", *where]) == 0
    assert capsys.readouterr().out == ""


def test_what_a_laptop_wrote_does_nothing_to_the_terminal(folder: Path, capsys: Capsys) -> None:
    with closing(Database(in_folder(folder))) as opened, opened.writing() as connection:
        connection.execute(insert(Adviser).values(id="a", name="Ada\x1b[2J\x9b1m"))
    assert cli.main(["advisers", "--data", str(folder)]) == 0
    assert capsys.readouterr().out == "a  Ada\\x1b[2J\\x9b1m  files: 0\n"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", NAME),
        ("cp850", '\\u0141ucja "Lu" \\u017bak'),
        ("ascii", '\\u0141ucja "Lu" \\u017bak'),
    ],
)
def test_a_name_is_shown_on_any_terminal(folder: Path, encoding: str, shown: str) -> None:
    with closing(Database(in_folder(folder))) as opened, opened.writing() as connection:
        connection.execute(insert(Adviser).values(id="a", name=NAME))
    done = run("advisers", "--data", str(folder), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"a  {shown}  files: 0\n"


def test_a_command_is_done_where_nobody_hears_it(folder: Path) -> None:
    closed = 'import os, sys; sys.stdout.write("x"); os.close(1); os.close(2); '
    run_it = "from hah_central import cli; sys.exit(cli.main(sys.argv[1:]))"
    words = ["restored", "--data", str(folder)]
    subprocess.run([sys.executable, "-c", closed + run_it, *words], check=False)
    with closing(Database(in_folder(folder))) as opened, opened.reading() as connection:
        assert [entry.what for entry in audit.entries(connection)] == [Did.RESTORED]


def test_help_is_shown_on_any_terminal() -> None:
    done = run("--help", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Make the office's keys" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="others have no /dev/full")
def test_nobody_who_reads_on_and_no_room_are_no_fault_of_the_program(folder: Path) -> None:
    assert run("restored", "--data", str(folder)).returncode == 0
    reading, writing = os.pipe()
    os.close(reading)
    command = [*COMMAND, "log", "--data", str(folder)]
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("What this command says cannot be written: No space")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_a_command_that_is_stopped_says_so(folder: Path) -> None:
    keys = folder.parent / "keys"
    with subprocess.Popen(
        [*COMMAND, "keys", str(keys), "--data", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Without a terminal it asks for the passphrase here, and nobody types one.
        start_new_session=True,
    ) as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate()
    assert waiting.returncode == 130
    assert b"Traceback" not in said
    assert said.decode().endswith(
        "This was stopped. What was finished is kept, and nothing is half done in the office’s "
        "database. The command “log” says what that is.\n"
    )
    assert not keys.exists()
