"""Keeps the words by which records are found: of each record what people wrote in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, delete

from hah_desktop.domain.fields import Text
from hah_desktop.domain.records.base import Json, described
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.store.tables.asking import do_each
from hah_desktop.store.tables.rows import SEARCH

_PUT = "INSERT INTO search (rowid, words) VALUES (?, ?)"
_PUT_AGAIN = "REPLACE INTO search (rowid, words) VALUES (?, ?)"


def words_of(kind: str, body: Mapping[str, Json]) -> str:
    """What is found of a record: codes and dates are not looked for as words."""
    texts = _texts(kind)
    return "\n".join([str(value) for name, value in body.items() if name in texts])


@lru_cache(64)
def _texts(kind: str) -> frozenset[str]:
    record = BY_KIND.get(kind)
    fields = described(record) if record else {}
    return frozenset(name for name, found in fields.items() if isinstance(found, Text))


def put(connection: Connection, words: Sequence[tuple[int, str]]) -> None:
    """Write down the words of records that are new here, each with the number of its row."""
    do_each(connection, _PUT, words)


def put_again(connection: Connection, words: Sequence[tuple[int, str]]) -> None:
    """The same of records of which others may be written down."""
    do_each(connection, _PUT_AGAIN, words)


def drop(connection: Connection, rids: Iterable[int]) -> None:
    """Records that go are found no more."""
    connection.execute(delete(SEARCH).where(SEARCH.c.rowid.in_(list(rids))))
