"""The sums of a file's parts: whatever is written, they are what adding all parts up would give."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, text, update

from hah_desktop.domain.digest import Part, digest_of
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.store.exchange import digests
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import DIGEST_PART, DIGEST_SUM, RECORD

ONE, OTHER = FileId("visit:1"), FileId("child:1")

records = st.sampled_from([f"r{number}" for number in range(6)])
lists = st.lists(records, min_size=1, max_size=4)
files = st.sampled_from(([ONE], [OTHER], [ONE, OTHER]))
heads = st.sampled_from(("{}", '{"name":["c1"]}', '{"name":["c2"]}'))
moves = st.one_of(
    st.tuples(st.just("keep"), lists, files, heads),
    st.tuples(st.just("begin"), lists, files, heads.filter(lambda told: told != "{}")),
    st.tuples(st.just("write"), lists, files, heads),
    st.tuples(st.just("remove"), lists, files, heads),
    st.tuples(st.just("renew"), lists, files, heads),
    st.tuples(st.just("drop"), lists, files, heads),
)


def put(connection: Connection, ids: Sequence[str], told: str) -> None:
    """What the office told of these records, whether they were here or not."""
    for id_ in ids:
        connection.execute(
            text(
                "INSERT INTO record (id, kind, files, body, heads, office_heads)"
                " VALUES (:id, 'child', '[]', '{}', :heads, :heads)"
                " ON CONFLICT (id) DO UPDATE SET heads = :heads, office_heads = :heads"
            ),
            {"id": id_, "heads": told},
        )


def do(
    connection: Connection, what: str, ids: Sequence[str], lie_in: Sequence[str], told: str
) -> None:
    """One of the moves."""
    if what == "keep":
        put(connection, ids, told)
        digests.keep_new(connection, [(id_, lie_in, told) for id_ in ids])
    elif what == "begin":
        put(connection, ids, told)
        spelled = str(list(lie_in)).replace("'", '"')
        digests.keep_begun(connection, [(id_, spelled, told) for id_ in ids])
    elif what == "write":
        connection.execute(
            update(RECORD).where(RECORD.c.id.in_(ids)).values(heads=told, office_heads=told)
        )
    elif what == "remove":
        connection.execute(delete(RECORD).where(RECORD.c.id.in_(ids)))
    elif what == "renew":
        digests.renew(connection, len(ids))
    else:
        digests.drop(connection, [RecordId(id_) for id_ in ids])


def added_up(connection: Connection) -> dict[str, tuple[int, int, int]]:
    """The sums of all parts, without those that came to nothing."""
    asked = text(
        "SELECT files, count(*), sum(low), sum(high) FROM digest_part"
        " WHERE low <> 0 OR high <> 0 GROUP BY files"
    )
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(asked)}


def kept(connection: Connection) -> dict[str, tuple[int, int, int]]:
    """The sums as they are kept, without those that came to nothing."""
    rows: list[Any] = list(connection.execute(DIGEST_SUM.select()))
    return {row[0]: (row[1], row[2], row[3]) for row in rows if tuple(row[1:]) != (0, 0, 0)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(moves, max_size=10))
def test_the_sums_are_those_of_the_parts(
    store: Store, done: Sequence[tuple[str, list[str], list[str], str]]
) -> None:
    with store.writing() as connection:
        for table in (RECORD, DIGEST_PART, DIGEST_SUM):
            connection.execute(delete(table))
        for what, ids, lie_in, told in done:
            do(connection, what, ids, lie_in, told)
            assert kept(connection) == added_up(connection)


def test_sums_that_went_wrong_are_put_right_before_a_file_is_read_again(store: Store) -> None:
    heads_of = '{"name":["c1"]}'
    with store.writing() as connection:
        do(connection, "keep", ["r1", "r2"], [ONE], heads_of)
        connection.execute(update(DIGEST_SUM).values(low=DIGEST_SUM.c.low + 1))
        parts = connection.execute(text("SELECT low, high FROM digest_part")).all()
        office = {ONE: digest_of(Part(*part) for part in parts)}
        assert digests.compare(connection, office).differing == (ONE,)
        digests.read_again(connection, [ONE])
        assert digests.compare(connection, office).differing == ()
