"""Many rows are found by their ids, whatever is in an id, on both databases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from hah_central.database.database import Database
from hah_central.database.lookups import listed, rows_for
from hah_central.database.rows import Adviser

ODD = ['a"b', "a\\b", '\\"', "a,b", "{a}", "NULL", "", " a ", "Zoë", "'", "a\nb"]
ids = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=9)


@pytest.mark.parametrize("id_", ODD)
def test_a_row_is_found_by_its_id(database: Database, id_: str) -> None:
    with database.writing() as connection:
        connection.execute(insert(Adviser), [{"id": each, "name": each} for each in ODD])
    with database.reading() as connection:
        found = rows_for(connection, select(Adviser.name), Adviser.id, [id_])
        assert [name for (name,) in found] == [id_]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ids))
def test_ids_are_listed_as_they_are(database: Database, asked: list[str]) -> None:
    with database.reading() as connection:
        assert [id_ for (id_,) in connection.execute(listed(connection, asked))] == asked
