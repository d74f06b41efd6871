"""How many changes there are of each verdict is told without going through the journal."""

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from hah_central.database.rows import Change
from hah_central.journal import set_aside
from hah_central.office import standing
from hah_central.people.audit import Deed
from hah_central.sticks import by_hand
from tests.central.bureau import changes
from tests.central.conftest import Desk
from tests.central.laptop import new_id
from tests.central.test_by_hand import Laptops, Shared, give, signed


def all_sorts(desk: Desk, laptop: Laptops) -> None:
    """A journal with every verdict, and with what came by hand before its author sent it."""
    shared = Shared(desk, laptop)
    ada, ben = shared.ada, shared.ben
    place = new_id()
    ben.push(ben.place(place, name="Invented House"))
    theirs = ben.visit(new_id(), impression="Ben’s.")
    ben.push(theirs)
    not_hers = ada.visit(theirs.record, [theirs.id], impression="Not hers.")
    give(ben, signed(ada, changes(shared.quiet, not_hers)))
    with desk.database.writing() as connection:
        by_hand.take(connection, Deed("Grace", desk.clock()), shared.quiet.id)
    lodge = ada.place(place, name="Invented Lodge")
    ada.push(shared.quiet, shared.other, shared.loud, not_hers, lodge)


def by_going_through_it(connection: Connection) -> Counter[str]:
    counted = select(Change.verdict, func.count()).group_by(Change.verdict)
    return Counter(dict(connection.execute(counted).all()))


def test_what_is_counted_is_what_there_is(desk: Desk, laptop: Laptops) -> None:
    with desk.database.reading() as connection:
        assert standing.verdicts(connection) == by_going_through_it(connection) == Counter()
    all_sorts(desk, laptop)
    with desk.database.reading() as connection:
        counted = standing.verdicts(connection)
        assert counted == by_going_through_it(connection)
        assert connection.execute(select(func.count()).where(Change.number < 0)).scalar_one() == 2
    assert {"applied", "merged", "set_aside", "duplicate"} <= counted.keys()


@pytest.mark.parametrize("ask", [standing.verdicts, set_aside.counted])
def test_the_journal_is_not_gone_through(desk: Desk, laptop: Laptops, ask: Any) -> None:
    all_sorts(desk, laptop)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, words: str, values: Any, *_: object) -> None:
        if "FROM change" in words and not words.startswith("EXPLAIN"):
            asked.append((words, values))

    with desk.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        ask(connection)
        plans = [_plan(connection, *each) for each in asked]
    assert plans
    assert all("ix_change_odd" in plan for plan in plans)


def _plan(connection: Connection, words: str, values: Any) -> str:
    if connection.dialect.name == "sqlite":
        how = "EXPLAIN QUERY PLAN "
    else:
        # So few rows are read as fast without it.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN (FORMAT JSON) "
    return json.dumps([list(row) for row in connection.exec_driver_sql(how + words, values)])
