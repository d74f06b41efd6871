"""The usual batch is judged as a whole; it comes to the same as judging it change by change."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from hah_central.database.bulk import FEW
from hah_central.database.columns import Base
from hah_central.database.database import Database
from hah_central.database.rows import (
    Adviser,
    Barred,
    Holding,
    Laptop,
)
from hah_central.journal import items, journal, quick
from hah_central.journal.items import Item, Plain
from hah_central.journal.journal import Sender, receive
from hah_central.journal.judged import Judged
from hah_central.problems import Problem
from hah_desktop.domain.changes import Change, Edit, canonical, content_hash
from hah_desktop.domain.codec import MEMBER
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, child_file, visit_file
from hah_desktop.domain.removing import REMOVED
from hah_desktop.sync.wire.changes import write_spelled_push

NOW = dt.datetime(2026, 11, 27, 10, 0, tzinfo=dt.UTC)
ADVISERS = tuple(map(RecordId, ("ada", "bob")))
VISIT, CHILD, OTHER = (RecordId(name) for name in ("visit-1", "child-1", "child-2"))
BOTH = (visit_file(VISIT), child_file(CHILD))
RECORDS: dict[str, tuple[str, tuple[FileId, ...]]] = {
    VISIT: ("visit", (visit_file(VISIT),)),
    CHILD: ("child", (child_file(CHILD),)),
    OTHER: ("child", (child_file(OTHER),)),
    "said-1": ("statement", BOTH),
    "said-2": ("statement", BOTH),
    'said "3"': ("statement", (visit_file(VISIT), child_file(OTHER))),
    "later": ("from_the_future", BOTH),
    "for-all": ("place", (FileId("ref"),)),
    "bob": ("adviser", (FileId("ref"),)),
    "astray": ("statement", (FileId("ref"),)),
    "twice": ("statement", (visit_file(VISIT), visit_file(VISIT))),
}
TABLES = [table for table in Base.metadata.sorted_tables if table.name not in ("audit", "token")]


@dc.dataclass(frozen=True)
class Step:
    """One change to come: of which record and fields, and how much of them its author saw."""

    record: str
    fields: dict[str, Any]
    saw: str = "all"
    author: int | None = None


@dc.dataclass
class Sending:
    """What the laptops send, with all that was written of each field so far."""

    written: dict[tuple[str, str], list[ChangeId]] = dc.field(default_factory=dict)
    numbers: list[int] = dc.field(default_factory=lambda: [0, 0])
    chained: list[str] = dc.field(default_factory=lambda: ["", ""])
    made: int = 0

    def body(self, who: int, steps: Sequence[Step]) -> bytes:
        """The next batch of one of the laptops."""
        return write_spelled_push("", [self._spelled(who, step) for step in steps])

    def _spelled(self, who: int, step: Step) -> str:
        self.made += 1
        self.numbers[who] += 1
        kind, files = RECORDS.get(step.record, ("statement", BOTH))
        id_ = ChangeId(f"change-{self.made}")
        change = Change(
            id_,
            LaptopId(f"laptop-{who}"),
            self.numbers[who],
            self.chained[who],
            RecordId(step.record),
            kind,
            files,
            ADVISERS[who if step.author is None else step.author],
            "2026-11-27T09:00:00+00:00",
            {n: Edit(v, self._seen(step, n)) for n, v in step.fields.items()},
        )
        for name in step.fields:
            self.written.setdefault((step.record, name), []).append(id_)
        spelled = canonical(change).decode()
        self.chained[who] = content_hash(change)
        return spelled

    def _seen(self, step: Step, name: str) -> tuple[ChangeId, ...]:
        before = self.written.get((step.record, name), [])
        return {
            "all": tuple(before[-1:]),
            "every one": tuple(sorted(before)),
            "none": (),
            "the first": tuple(before[:1]),
            "another": (ChangeId("never sent"),),
        }[step.saw]


def found(connection: Connection) -> dict[str, list[str]]:
    """All that stands in the tables, but for numbers that say nothing."""
    return {
        table.name: sorted(
            repr({k: v for k, v in row.items() if (table.name, k) != (Holding.__tablename__, "id")})
            for row in connection.execute(select(table)).mappings()
        )
        for table in TABLES
    }


class Undone(Exception):
    """All that was written is taken back."""


@contextmanager
def an_office(database: Database, *, barred: bool = False) -> Iterator[Connection]:
    """Two advisers with a laptop each; afterwards nothing of it was ever there."""
    with suppress(Undone), database.writing() as connection:
        for number, id_ in enumerate(ADVISERS):
            connection.execute(insert(Adviser).values(id=id_, name=id_))
            row = {"id": f"laptop-{number}", "adviser": id_, "name": id_, "public_key": ""}
            more = {"last_number": 0, "last_hash": "", "enrolled": NOW}
            connection.execute(insert(Laptop).values(**row, **more))
        if barred:
            row = {"adviser": ADVISERS[0], "file": visit_file(VISIT)}
            connection.execute(insert(Barred).values(row))
        yield connection
        raise Undone


def sent(
    connection: Connection, batches: Sequence[tuple[int, Sequence[Step]]]
) -> tuple[list[object], dict[str, list[str]]]:
    """What the office answers to batches, one after the other, and what it holds then."""
    sending, answers = Sending(), list[object]()
    for who, steps in batches:
        sender = Sender(LaptopId(f"laptop-{who}"), ADVISERS[who], packed=b"packed")
        read = items.read(sending.body(who, steps))
        accepted, receipts = receive(connection, sender, read, NOW)
        answers.append((accepted, list(receipts)))
    return answers, found(connection)


def usual(judged: list[bool]) -> Any:
    """Note for each batch whether it was judged as a whole."""
    right = quick.judged

    def noted(*given: Any) -> Judged | None:
        done = right(*given)
        judged.append(done is not None)
        return done

    return patch.object(quick, "judged", noted)


def change_by_change() -> Any:
    return patch.object(journal, "_quickly", lambda *_: None)


def as_items(read: Sequence[Item]) -> list[Item]:
    return list(read)


values = st.sampled_from([None, True, 7, "here", 'she said "so"', "a\\b", "one\ntwo\tthree", "Zoë"])
names = st.sampled_from(
    ["text", "by", "type", "role", 'n"m', f"advisers{MEMBER}bob", REMOVED, "starts"]
)
seldom = st.sampled_from(["all"] * 12 + ["every one", "none", "the first", "another"])
steps = st.builds(
    Step,
    st.sampled_from([*RECORDS] + ["said-1", "said-2"] * 4),
    st.dictionaries(names.filter(lambda name: name != REMOVED), values, min_size=1, max_size=3)
    | st.dictionaries(names, values, min_size=1, max_size=2),
    seldom,
    st.sampled_from([None] * 12 + [0, 1]),
)
begun = [Step(id_, {"text": "begun"}) for id_ in (VISIT, CHILD, OTHER)]
batches = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1]), st.lists(steps, min_size=1, max_size=5)),
    min_size=1,
    max_size=6,
).map(lambda more: [(0, begun), *more])


@given(batches=batches, barred=st.sampled_from([False] * 5 + [True]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_judged_as_a_whole_comes_to_the_same(
    database: Database, batches: list[tuple[int, list[Step]]], *, barred: bool
) -> None:
    with an_office(database, barred=barred) as connection:
        as_a_whole = sent(connection, batches)
    with an_office(database, barred=barred) as connection, change_by_change():
        one_by_one = sent(connection, batches)

    assert as_a_whole == one_by_one


MANY = [Step(f"said-{n}", {"text": f"a\\b {n}\n", "type": "said"}) for n in range(10, FEW + 12)]
EDITS = [Step(step.record, {"type": f"now {n}"}) for n, step in enumerate(MANY)]
AGAIN = [Step(MANY[0].record, {"type": kind, "by": "her"}) for kind in ("one", "two", "three")]
USUAL = [(0, begun), (0, MANY), (0, EDITS), (0, AGAIN), (0, AGAIN[:1] + EDITS[:1])]


def test_what_a_laptop_usually_sends_is_judged_as_a_whole(database: Database) -> None:
    judged: list[bool] = []
    with an_office(database) as connection, usual(judged):
        as_a_whole = sent(connection, USUAL)
    with an_office(database) as connection, change_by_change():
        one_by_one = sent(connection, USUAL)

    assert judged == [True] * len(USUAL)
    assert as_a_whole == one_by_one


UNUSUAL: dict[str, list[tuple[int, list[Step]]]] = {
    "a field that another has changed meanwhile": [(0, [Step("said-1", {"text": "x"}, "none")])],
    "what replaces something unknown": [(0, [Step("said-2", {"text": "x"}, "another")])],
    "other words than were said": [(0, [Step("said-1", {"text": "x"})])],
    "a record that is removed": [(0, [Step("said-1", {REMOVED: True})])],
    "a field of the office’s": [(0, [Step("bob", {"role": "x"})])],
    "another author": [(0, [Step("said-1", {"text": "x"}, author=1)])],
    "another’s file": [(1, [Step("said-1", {"text": "x"})])],
    "private words in the file of all": [(0, [Step("astray", {"text": "x"})])],
    "a file that is named twice": [(0, [Step("twice", {"text": "x"})])],
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_of_all_else_nothing_is_said_as_a_whole(database: Database, what: str) -> None:
    judged: list[bool] = []
    before = [(0, [*begun, Step("said-1", {"text": "begun"})])]
    with an_office(database) as connection, usual(judged):
        sent(connection, [*before, *UNUSUAL[what]])

    assert judged == [True, False]


def test_a_batch_that_came_before_is_judged_change_by_change(database: Database) -> None:
    judged: list[bool] = []
    body = Sending().body(0, begun)
    with an_office(database) as connection, usual(judged):
        sender = Sender(LaptopId("laptop-0"), ADVISERS[0])
        first, receipts = receive(connection, sender, items.read(body), NOW)
        again, repeated = receive(connection, sender, items.read(body), NOW)

    assert judged == [True, False]
    assert (first.number, len(receipts)) == (again.number, len(repeated)) == (3, 3)
    assert {receipt.verdict.value for receipt in repeated} == {"duplicate"}


def test_whose_laptop_it_is_is_asked_of_what_can_be_read_alone(database: Database) -> None:
    odd = Sending().body(1, begun).replace(b"laptop-1", b"laptop-0", 1)
    with an_office(database) as connection, pytest.raises(Problem):
        receive(connection, Sender(LaptopId("laptop-1"), ADVISERS[1]), items.read(odd), NOW)


def test_the_items_of_a_plain_batch_are_those_that_are_read_one_by_one() -> None:
    spelled = Sending().body(0, [*begun, *MANY])
    read = items.read(spelled)
    lines = spelled.decode().split("\n")[1:-1]

    assert isinstance(read, Plain)
    assert as_items(read) == [items._read_unusual(line) for line in lines]
    assert read[1:3] == as_items(read)[1:3]
