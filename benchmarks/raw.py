"""The raw limits: the same rows and the same bytes, with nothing of ours around them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import psycopg
from sqlcipher3 import dbapi2

from benchmarks.stores import raw_key

BATCH = 1000
"""Rows in one transaction, as many as one push has changes."""

_TABLE = "CREATE TABLE bare (id text PRIMARY KEY, seq bigint, record text, body text)"


class Row(NamedTuple):
    """A change as a bare table has it."""

    id: str
    seq: int
    record: str
    body: str


def insert_encrypted(path: Path, rows: Sequence[Row]) -> float:
    """Insert into a new encrypted file, which is gone afterwards. Returns seconds."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.set_key(raw_key())
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-64000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(_TABLE)
    started = perf_counter()
    for at in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", rows[at : at + BATCH])
        connection.execute("COMMIT")
    took = perf_counter() - started
    connection.close()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    return took


@contextmanager
def _bare_table(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(_TABLE)
        connection.commit()
        yield connection


def copy(address: str, rows: Sequence[Row]) -> float:
    """COPY into PostgreSQL, the quickest way in that there is. Returns seconds."""
    with _bare_table(address) as connection:
        started = perf_counter()
        for at in range(0, len(rows), BATCH):
            with connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as into:
                for row in rows[at : at + BATCH]:
                    into.write_row(row)
            connection.commit()
        return perf_counter() - started


def executemany(address: str, rows: Sequence[Row]) -> float:
    """INSERT into PostgreSQL, as programs usually do it. Returns seconds."""
    with _bare_table(address) as connection:
        started = perf_counter()
        for at in range(0, len(rows), BATCH):
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO bare VALUES (%s, %s, %s, %s)", rows[at : at + BATCH]
                )
            connection.commit()
        return perf_counter() - started


def select(address: str, rows: Sequence[Row]) -> float:
    """Read the rows back out of PostgreSQL. Returns seconds."""
    copy(address, rows)
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        started = perf_counter()
        connection.execute("SELECT * FROM bare ORDER BY seq").fetchall()
        return perf_counter() - started
