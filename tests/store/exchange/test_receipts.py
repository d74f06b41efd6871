"""Receipts that are kept as runs come to the same as receipts that are written into each change."""

import dataclasses as dc
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import Change, content_hash
from hah_desktop.domain.exchange import (
    Page,
    PulledChange,
    PulledRow,
    Receipt,
    Run,
    Verdict,
    hash_of_all,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import chain, digests, outbox
from hah_desktop.store.exchange import receipts as taking
from hah_desktop.store.exchange.receipts import Stretch
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.journal.standing import LAST, OFFICE_HEADS, PLACE, UNSENT
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.store.tables.rows import CHANGE, DIGEST_PART, RECEIVED, RECORD
from tests.simulation.memory import Image, LaptopDisk
from tests.store.hand import HandClock

FIELDS = ("met_by", "impression")


class Pair:
    """Two laptops to which the same happens; the second one is always taken the long way."""

    def __init__(self) -> None:
        self.stores = list(map(_store, _disks()))
        self.order = 0

    def saves(self, number: int, field: str) -> None:
        record = RecordId(f"v{number}")
        for store in self.stores:
            with store.reading() as connection:
                held = reading.get(connection, record)
            if held is None:
                store.add(Visit(id=record, met_by="D. Okafor"))
            elif isinstance(held.record, Visit):
                words = f"{getattr(held.record, field)}."
                store.save(Edited(dc.replace(held.record, **{field: words}), held.seen))  # type: ignore[arg-type]  # a text

    def _goes_the_long_way(self) -> None:
        with self.stores[1].writing() as connection:
            connection.execute(update(RECORD).where(RECORD.c.begun > LAST).values(begun=None))

    def hears(self, how: list[str], skipped: int) -> None:
        with self.stores[0].reading() as connection:
            sent = outbox.unsent(connection, skipped + len(how))[skipped:]
        first = self.order + 1
        given = list(map(self._receipt, sent, how))
        self._goes_the_long_way()
        with self.stores[1].writing() as connection:
            taking.mark(connection, [receipt for receipt in given if receipt.hash != "00"])
        for store in self.stores:
            with store.writing() as connection:
                if sent and store is self.stores[0] and set(how) == {"as it is"}:
                    outbox.take_part(connection, Stretch(sent[0].number, sent[-1].number, first))
                else:
                    outbox.take_receipts(connection, given)
                digests.keep_own(connection, [receipt.id for receipt in given])

    def _receipt(self, change: Change, how: str) -> Receipt:
        self.order += 2 if how == "later" else 1
        hash_ = "00" if how == "another hash" else content_hash(change)
        heads: dict[str, tuple[ChangeId, ...]] = {}
        verdict = Verdict.APPLIED
        if how == "set aside":
            verdict, heads = Verdict.SET_ASIDE, dict.fromkeys(change.edits, ())
        elif how == "replaced":
            verdict, heads = Verdict.DUPLICATE, dict.fromkeys(change.edits, (ChangeId("theirs"),))
        elif how == "again":
            verdict = Verdict.DUPLICATE
        elif how == "unreadable":
            verdict = Verdict.SET_ASIDE
        problem = Reason.UNREADABLE.why if how == "unreadable" else "No." if heads else ""
        return Receipt(change.id, hash_, verdict, self.order, heads, problem)

    def pulls(self, number: int) -> None:
        self.order += 1
        file = FileId(f"visit:v{number}")
        said = PulledChange(
            ChangeId("theirs"), self.order, "l2", "sam", "2026-03-02", fields={"met_by": "Sam"}
        )
        row = PulledRow(RecordId(f"v{number}"), "visit", (file,), self.order, (said,))
        for store in self.stores:
            with store.writing() as connection:
                outbox.take_page(connection, Page("e1", {file: self.order}, more=False), [row])

    def is_restored(self) -> None:
        for store in self.stores:
            with store.writing() as connection:
                outbox.start_again(connection, "e2")

    def told(self) -> list[dict[str, Any]]:
        return [_told(store, with_ids=_numbered(store)) for store in self.stores]


@cache
def _disks() -> tuple[LaptopDisk, LaptopDisk]:
    return LaptopDisk(), LaptopDisk()


@cache
def _empty() -> Image:
    return LaptopDisk().image()


def _store(disk: LaptopDisk) -> Store:
    disk.hold(_empty())
    store = Store(disk.engine, HandClock(), random.Random(1).randbytes)  # noqa: S311 - the same ids in both
    store.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="ruth"))
    return store


def _numbered(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        rows = connection.execute(select(CHANGE.c.id, CHANGE.c.number))
        return {row.id: f"own-{row.number}" for row in rows if row.number}


def _told(store: Store, with_ids: dict[str, str]) -> dict[str, Any]:
    """All that anybody can ask about what is received."""
    with store.writing() as connection:
        digests.renew(connection)
    with store.reading() as connection:
        records = select(RECORD.c.id, RECORD.c.body, RECORD.c.heads, RECORD.c.open, OFFICE_HEADS)
        parts = select(DIGEST_PART.c.record, DIGEST_PART.c.files, DIGEST_PART.c.low)
        return {
            "places": connection.execute(select(CHANGE.c.id, PLACE, UNSENT).order_by("id")).all(),
            "records": connection.execute(records.order_by("id")).all(),
            "parts": connection.execute(parts.order_by("record")).all(),
            "aside": outbox.set_aside(connection),
            "unsent": [change.id for change in outbox.unsent(connection, 100)],
            "received": chain._received(connection),
            "ids": with_ids,
        }


def set_aside_and_restored(pair: Pair) -> None:
    """What chance seldom brings: the office says another time something else of the same change."""
    pair.hears(["set aside"], 0)
    pair.is_restored()


numbers = st.integers(0, 3)
verdicts = st.sampled_from(
    ["as it is"] * 6 + ["later", "again", "set aside", "replaced", "another hash", "unreadable"]
)
steps = st.one_of(
    st.builds(lambda n, f: lambda pair: pair.saves(n, f), numbers, st.sampled_from(FIELDS)),
    st.builds(
        lambda how, skipped: lambda pair: pair.hears(how, skipped),
        st.lists(verdicts, min_size=1, max_size=5),
        st.sampled_from([0, 0, 0, 1]),
    ),
    st.builds(lambda n: lambda pair: pair.pulls(n), numbers),
    st.just(Pair.is_restored),
    st.just(set_aside_and_restored),
)


@settings(max_examples=25)
@given(st.lists(steps, min_size=3, max_size=10))
def test_whatever_happens_a_run_says_what_each_receipt_said(
    happens: list[Callable[[Pair], None]],
) -> None:
    pair = Pair()
    for step in happens:
        step(pair)
        short, long = pair.told()
        assert short == long


@pytest.fixture
def pair() -> Pair:
    return Pair()


@pytest.mark.parametrize("kind", ["new", "edited", "edited by others before"])
def test_many_receipts_are_one_row_and_change_nothing_else(pair: Pair, kind: str) -> None:
    for number in range(4):
        pair.saves(number, "met_by")
    if kind != "new":
        pair.hears(["as it is"] * 4, 0)
        if kind == "edited by others before":
            for number in range(4):
                pair.pulls(number)
        for number in range(4):
            pair.saves(number, "impression")
    store = pair.stores[0]
    with store.reading() as connection:
        before = connection.execute(select(CHANGE)).all(), connection.execute(select(RECORD)).all()
    pair.hears(["as it is"] * 4, 0)
    with store.reading() as connection:
        after = connection.execute(select(CHANGE)).all(), connection.execute(select(RECORD)).all()
        runs = connection.execute(select(func.count()).select_from(RECEIVED)).scalar_one()
        assert runs == (1 if kind == "new" else 2)
        assert outbox.unsent_count(connection) == 0
    assert after == before


def test_what_a_restored_office_takes_is_not_told_as_set_aside(pair: Pair) -> None:
    pair.saves(0, "met_by")
    set_aside_and_restored(pair)
    pair.hears(["as it is"], 0)
    short, long = pair.told()
    assert short == long
    assert not short["aside"]


@pytest.fixture
def three() -> Pair:
    """Two laptops with three changes that wait."""
    pair = Pair()
    for number in range(3):
        pair.saves(number, "met_by")
    return pair


def test_a_short_run_is_as_good_as_each_receipt_by_itself(three: Pair) -> None:
    with three.stores[0].reading() as connection:
        sent = outbox.unsent(connection, 9)
        run = Run(1, 3, 7, hash_of_all(map(content_hash, sent)))
        alone = [Receipt(c.id, content_hash(c), Verdict.APPLIED, 7 + n) for n, c in enumerate(sent)]
        assert taking.in_parts(connection, [run], 9) == [alone]
        assert taking.in_parts(connection, alone, 2) == [alone[:2], alone[2:]]
        other = dc.replace(run, first=2)
        assert taking.in_parts(connection, [alone[0], other], 9) == [alone[:1]]


def test_a_long_run_is_taken_in_stretches_between_the_receipts_beside_it(
    three: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_SHORT", 0)
    with three.stores[0].reading() as connection:
        first, *others = outbox.unsent(connection, 9)
        run = Run(2, 3, 8, hash_of_all(map(content_hash, others)))
        alone = Receipt(first.id, content_hash(first), Verdict.APPLIED, 7)
        parts = taking.in_parts(connection, [alone, run], 1)
        assert parts == [[alone], Stretch(2, 2, 8), Stretch(3, 3, 9)]
        assert taking.in_parts(connection, [run], 9) == [Stretch(2, 3, 8)]
        assert taking.in_parts(connection, [], 9) == []


@pytest.mark.parametrize("short", [0, 9])
@pytest.mark.parametrize(
    "run",
    [
        Run(1, 3, 7, "0" * 64),
        Run(1, 2, 7, hash_of_all(["0" * 64, "1" * 64])),
        Run(2, 9, 7, hash_of_all([])),
        Run(9, 9, 7, hash_of_all([])),
    ],
    ids=str,
)
def test_a_run_that_does_not_name_what_is_here_proves_nothing(
    three: Pair, run: Run, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_SHORT", short)
    with three.stores[0].reading() as connection:
        assert taking.in_parts(connection, [run], 9) == []


def test_a_stretch_says_of_what_began_a_record_no_more_than_that(three: Pair) -> None:
    three.saves(0, "impression")
    with three.stores[0].writing() as connection:
        last = outbox.unsent(connection, 9)[-1]
        taken = taking.take_part(connection, Stretch(1, 4, 7))
        assert (taken.count, len(taken.begun)) == (4, 2)
        assert [(receipt.id, receipt.order) for receipt in taken.others][-1] == (last.id, 10)
        assert outbox.unsent_count(connection) == 0
