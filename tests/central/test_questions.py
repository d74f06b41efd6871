"""What is asked with every request: alike on both databases, together or one by one."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

import hah_central.database.database
from hah_central.database.bulk import FEW, insert_many, inserting, update_many
from hah_central.database.database import Database
from hah_central.database.lookups import Each, Lookup
from hah_central.database.questions import AskedTooSoon, Deed, Question, together
from hah_central.database.rows import Adviser, Clock, Laptop, Record, Witness

NOW = dt.datetime(2026, 11, 26, 20, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
ODD = [
    "None",
    "a\tb",
    "\r",
    'a"b',
    "a\\b",
    '\\"',
    "a,b",
    "{a}",
    "NULL",
    "",
    " a ",
    "Zoë",
    "'",
    "a\nb",
    "%s",
]
SEQ = Question(select(Clock.seq))
TAKE = Question(
    update(Clock).values(seq=Clock.seq + bindparam("count")).returning(Clock.seq, Clock.epoch)
)
NEW = Deed(insert(Adviser))
NAMES = Lookup(select(Adviser.id, Adviser.name), Adviser.id)
ENROLLED = Question(select(Laptop.enrolled).where(Laptop.id == bindparam("laptop")))


def test_each_question_sees_what_those_before_it_did(database: Database) -> None:
    with database.writing() as connection:
        with together(connection):
            before, taken, after = (
                SEQ.ask(connection),
                TAKE.ask(connection, count=3),
                SEQ.ask(connection),
            )
            NEW.do(connection, id="ada", name="Ada Example")
            found = NAMES.rows(connection, ["ada", "nobody"])
        assert (next(before), next(taken)[0], next(after)) == ((0,), 3, (3,))
        assert list(found) == [("ada", "Ada Example")]


def test_a_moment_is_in_utc_whoever_asks(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(Laptop).values(enrolled=NOW))
        ((found,),) = ENROLLED.ask(connection, laptop="office")
    assert (found, found.tzinfo) == (NOW, dt.UTC)


def test_what_is_not_there_has_no_row_or_nothing_beside_it(database: Database) -> None:
    named = Each(lambda id_: select(func.max(Adviser.name)).where(Adviser.id == id_))
    with database.writing() as connection:
        for id_ in ODD:
            NEW.do(connection, id=id_, name=id_)
        found = dict(named.rows(connection, [*ODD, "nobody"]))
        assert found == {**dict(zip(ODD, ODD, strict=True)), "nobody": None}
        assert list(named.rows(connection, [])) == []
        assert list(NAMES.rows(connection, [])) == []


def name_twice(connection: Connection) -> None:
    with together(connection):
        for name in ("Ada Example", "Ada again"):
            NEW.do(connection, id="ada", name=name)


def test_a_refused_deed_is_a_fault_that_the_office_knows(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as connection:
        name_twice(connection)

    with database.reading() as connection:
        assert list(NAMES.rows(connection, ["ada"])) == []


def witnesses(count: int) -> Iterator[dict[str, Any]]:
    """Rows with what is hard to write: odd letters, JSON, moments, and nothing at all."""
    names = ("record", "kind", "laptop", "author", "made_at", "closed_by", "digest", "signature")
    for n in range(count):
        odd = ODD[n % len(ODD)]
        yield {
            **dict.fromkeys(names, odd),
            "change": f"change {n} {odd}",
            "files": [odd, None],
            "clock_trusted": n % 2 == 0,
            "clock_off": -n,
            "fields": {odd: [n, odd, None, 0.5]},
            "given_by": "office",
            "received": NOW,
            "closed": NOW if n % 3 else None,
        }


def written(connection: Connection) -> list[dict[str, Any]]:
    columns = Witness.__table__.columns
    rows = connection.execute(select(*columns).order_by(Witness.change)).mappings()
    return [dict(row) for row in rows]


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
@pytest.mark.parametrize("in_one", [True, False], ids=["together", "alone"])
def test_few_and_many_rows_are_written_alike(
    database: Database, count: int, *, in_one: bool
) -> None:
    rows = list(witnesses(count))
    with database.writing() as connection:
        with together(connection) if in_one else nullcontext():
            insert_many(connection, Witness, rows)
        assert written(connection) == sorted(rows, key=lambda row: row["change"])


@pytest.mark.parametrize("count", [0, 1, FEW + 1])
@pytest.mark.parametrize("in_one", [True, False], ids=["together", "alone"])
def test_rows_are_written_over_those_of_the_same_key_and_no_other(
    database: Database, count: int, *, in_one: bool
) -> None:
    rows = list(witnesses(FEW + 2))
    new = [
        {
            "change": row["change"],
            "closed": None if row["closed"] else row["received"],
            "fields": {"note": row["author"], "odd": [row["closed_by"]]},
            "clock_trusted": not row["clock_trusted"],
            "author": row["kind"],
        }
        for row in rows[:count]
    ]
    with database.writing() as connection:
        insert_many(connection, Witness, rows)
        with together(connection) if in_one else nullcontext():
            update_many(connection, Witness, new)
        expected = [
            {**row, **other} for row, other in zip(rows, [*new, *rows[count:]], strict=True)
        ]
        assert written(connection) == sorted(expected, key=lambda row: row["change"])


ASKED_INSIDE: dict[str, Callable[[Connection], object]] = {
    "a question": SEQ.ask,
    "a deed": lambda connection: NEW.do(connection, id="ada", name="Ada Example"),
    "a lookup": lambda connection: NAMES.rows(connection, ["ada"]),
    "more rows": lambda connection: insert_many(connection, Witness, list(witnesses(1))),
    "no rows": lambda connection: insert_many(connection, Witness, []),
    "other rows": lambda connection: update_many(connection, Witness, list(witnesses(1))),
    "a statement": lambda connection: connection.execute(select(Clock.seq)),
}


@pytest.mark.parametrize("count", [0, 1, FEW + 1])
@pytest.mark.parametrize("asked", ASKED_INSIDE.values(), ids=ASKED_INSIDE)
def test_nothing_may_be_asked_while_rows_are_written(
    database: Database, asked: Callable[[Connection], object], count: int
) -> None:
    with (
        pytest.raises(AskedTooSoon),
        database.writing() as connection,
        inserting(connection, Witness, list(witnesses(count))),
    ):
        asked(connection)

    with database.writing() as connection:
        assert written(connection) == []
        assert list(SEQ.ask(connection)) == [(0,)]


class Planted(Exception):
    """A fault in the midst of writing."""


@pytest.mark.parametrize("count", [1, FEW + 1])
@pytest.mark.parametrize("in_one", [True, False], ids=["together", "alone"])
def test_a_fault_while_rows_are_written_takes_them_back(
    database: Database, count: int, *, in_one: bool
) -> None:
    with (
        pytest.raises(Planted),
        database.writing() as connection,
        together(connection) if in_one else nullcontext(),
        inserting(connection, Witness, list(witnesses(count))),
    ):
        raise Planted

    with database.writing() as connection:
        assert written(connection) == []
        insert_many(connection, Witness, list(witnesses(count)))
        assert len(written(connection)) == count


@pytest.mark.postgres
@pytest.mark.parametrize("count", [1, FEW + 1])
def test_a_text_that_is_too_long_is_refused_and_not_cut(postgres_database: str, count: int) -> None:
    new = {"seq": 1, "heads": {}, "moved": {}}
    rows = [{"id": f"{n}", "kind": "k" * 201, **new} for n in range(count)]
    with (
        closing(Database(postgres_database)) as database,
        pytest.raises(DBAPIError, match="too long"),
        database.writing() as connection,
    ):
        insert_many(connection, Record, rows)


def ask_after_the_end(database: Database) -> None:
    """Ask on a connection that somebody else has ended meanwhile."""
    end = text("SELECT pg_terminate_backend(:pid, 10000)")
    with database.writing() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.engine.connect() as other:
            other.execute(end, {"pid": pid})
        list(SEQ.ask(connection))


@pytest.mark.postgres
def test_a_connection_that_was_lost_is_not_used_again(postgres_database: str) -> None:
    with closing(Database(postgres_database)) as database:
        with pytest.raises(OperationalError):
            ask_after_the_end(database)

        with database.reading() as connection:
            assert list(SEQ.ask(connection)) == [(0,)]


@pytest.mark.postgres
def test_a_connection_that_rested_is_asked_first_whether_it_is_still_there(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hah_central.database.database, "_TRUSTED_SECONDS", 0.0)
    others = text(
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    with closing(Database(postgres_database)) as rested, closing(Database(postgres_database)) as by:
        with by.writing() as connection:
            assert connection.execute(others).scalar_one() == 1

        with rested.reading() as connection:
            assert list(SEQ.ask(connection)) == [(0,)]
