"""What is only on this laptop is told for many records by one question each."""

import datetime as dt

from sqlalchemy import event

from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Visit
from hah_desktop.store.exchange import carrying, outbox, waiting
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.exchange.waiting import Due
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CHANGE, RECORD

KINDS = (Visit.kind, Action.kind)


def visits(count: int) -> list[Visit]:
    return [Visit(id=RecordId(f"v{n:03}"), met_by="T. Lark") for n in range(count)]


def test_only_records_with_something_that_is_only_here_are_counted(store: Store) -> None:
    store.add(*visits(3))
    with store.writing() as connection:
        connection.execute(CHANGE.update().where(CHANGE.c.record == "v001").values(received=7))
    with store.reading() as connection:
        asked = ["v000", "v001", "unknown"]
        assert waiting.of_records(connection, asked) == {"v000": Due(1)}
        assert waiting.of_records(connection, []) == {}


def test_all_that_lies_in_a_file_is_counted_also_what_was_removed(store: Store) -> None:
    store.add(*visits(2), Action(id=RecordId("a"), visit="v000", what="Mend the bell"))
    with store.writing() as connection:
        # What nobody can read is of no record, and of no file.
        row = {"id": "odd", "record": "", "content": "no JSON", "verdict": "set_aside"}
        connection.execute(CHANGE.insert().values(**row, received=9))
        told = CHANGE.update().where(CHANGE.c.record == "v000")
        connection.execute(told.values(received=7, verdict="set_aside"))
        connection.execute(RECORD.delete().where(RECORD.c.id == "a"))
        assert waiting.of_file(connection, visit_file("v000")) == Due(own=1, aside=1)
        assert waiting.of_file(connection, visit_file("v001")) == Due(own=1)
        assert waiting.of_file(connection, visit_file("v002")) == Due()
        assert waiting.of_all(connection) == Due(own=2, aside=2)


def test_what_was_written_by_hand_is_listed_in_the_order_of_its_kinds(store: Store) -> None:
    store.add(Place(id=RecordId("p"), name="Rowan House"))
    store.add(Action(id=RecordId("a"), what="Mend the bell"), *visits(3))
    with store.reading() as connection:
        found, total = waiting.listed(connection, KINDS, 3)
        assert (found, total) == ([("v000", 1), ("v001", 1), ("v002", 1)], 5)
        everything, _ = waiting.listed(connection, KINDS, 20)
        assert [record for record, _ in everything] == ["v000", "v001", "v002", "a"]


def test_it_takes_two_questions_whether_there_are_five_or_five_hundred(store: Store) -> None:
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for _ in range(2):
        store.add(*(Visit(id=store.new_id(), met_by="T. Lark") for _ in range(250)))
        with store.reading() as connection:
            asked.clear()
            waiting.listed(connection, KINDS, 20)
            assert len([one for one in asked if one.startswith("SELECT")]) == 2


def test_what_is_due_is_counted_without_looking_at_every_change(store: Store) -> None:
    asked: list[tuple[str, object]] = []
    with store.reading() as connection:
        event.listen(
            store._engine, "before_cursor_execute", lambda *given: asked.append(given[2:4])
        )
        assert waiting.of_all(connection) == Due()
        assert waiting.of_file(connection, visit_file("v000")) == Due()
        assert outbox.set_aside(connection) == []
        assert carrying.to_ask_after(connection, 5) == {}
        plans = [
            step
            for statement, values in list(asked)
            for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as they were
        ]
    looked_in = [step for step in plans if " change " in f"{step} "]
    assert sum("change_by_hand" in step for step in looked_in) == 3
    assert sum("change_aside" in step for step in looked_in) == 3
    assert [step for step in looked_in if step.startswith("SCAN")] == []


def test_the_last_sync_that_went_well_is_remembered(store: Store) -> None:
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC).isoformat()
    with store.writing() as connection:
        assert waiting.last_well(connection) == ""
        outbox.note_run(connection, SyncRun(noon, noon, 1, 2, sent_bytes=300, office="office"))
        outbox.note_run(connection, SyncRun("later", "later", 0, 0, "The office did not answer."))
        assert waiting.last_well(connection) == noon
        assert outbox.runs(connection)[1].sent_bytes == 300


def test_the_last_sync_that_went_well_is_remembered_however_many_did_not(store: Store) -> None:
    with store.writing() as connection:
        for day in ("2026-03-01", "2026-03-02"):
            outbox.note_run(connection, SyncRun(day, day, 1, 0))
        for number in range(outbox.RUNS_KEPT + 1):
            outbox.note_run(connection, SyncRun("later", f"{number}", 0, 0, "Not agreed to."))
        assert waiting.last_well(connection) == "2026-03-02"
        ended = [run.finished for run in outbox.runs(connection)]
    assert (len(ended), ended[-1]) == (outbox.RUNS_KEPT + 1, "2026-03-02")
