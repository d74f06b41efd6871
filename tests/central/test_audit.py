"""The audit: what was done stays written down, whoever would like it otherwise."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hah_central.database.database import Database
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from tests.central.conftest import START

DEED = Deed("Grace Example", START)


def test_entries_are_told_in_the_order_of_the_deeds(database: Database) -> None:
    for did in Did:
        with database.writing() as connection:
            audit.note(connection, DEED, did, laptop="one", detail="for Ada Example")

    with database.reading() as connection:
        entries = audit.entries(connection)
    assert [entry.what for entry in entries] == list(Did)
    assert {(e.at, e.who, e.laptop, e.detail) for e in entries} == {
        (START, "Grace Example", "one", "for Ada Example")
    }


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'Nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"],
)
def test_what_was_written_is_neither_altered_nor_taken_away(
    database: Database, statement: str
) -> None:
    with database.writing() as connection:
        audit.note(connection, DEED, Did.REVOKED, laptop="one")

    with (
        pytest.raises(DBAPIError, match="only added to"),
        database.writing() as connection,
    ):
        connection.execute(text(statement))

    with database.reading() as connection:
        assert [entry.who for entry in audit.entries(connection)] == ["Grace Example"]


@pytest.mark.postgres
def test_on_postgresql_the_audit_is_not_emptied_either(postgres_database: str) -> None:
    database = Database(postgres_database)
    with (
        pytest.raises(DBAPIError, match="only added to"),
        database.writing() as connection,
    ):
        connection.execute(text("TRUNCATE audit"))
    database.close()


def test_what_breaks_off_is_not_in_the_audit(database: Database) -> None:
    def broken() -> None:
        with database.writing() as connection:
            audit.note(connection, DEED, Did.REVOKED)
            raise OSError("the power went")

    with pytest.raises(OSError, match="power"):
        broken()
    with database.reading() as connection:
        assert audit.entries(connection) == []
