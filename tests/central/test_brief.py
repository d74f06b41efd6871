"""A pull that leaves files unnamed: what it costs, and that access is as it always was."""

import json

import httpx
import pytest
from sqlalchemy import select, update

from hah_central.database.rows import Clock, Holding
from hah_central.office import office
from hah_central.people import audit
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, visit_file
from hah_desktop.domain.removals import Removals
from hah_desktop.store.exchange import outbox
from hah_desktop.sync.wire.changes import read_page, write_brief_pull
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.syncing import Shipped, Yard

VISITS = 60
A_FEW_BYTES = 1000


@pytest.fixture
def ada(yard: Yard) -> Shipped:
    """A laptop with many visits, all of them received."""
    ada = yard.laptop("Ada Example")
    for number in range(VISITS):
        ada.edit(new_id(), met_by=f"Manager {number}")
    for _ in range(2):
        assert ada.synced().run.agrees is True
    return ada


def cursors(of: Shipped) -> dict[FileId, int]:
    with of.store.reading() as connection:
        return outbox.cursors(connection)


def held(desk: Desk, of: Shipped) -> set[str]:
    there = select(Holding.file).where(Holding.laptop == of.name.enrolled.laptop)
    with desk.database.reading() as connection:
        return set(connection.execute(there.where(Holding.dropped.is_(None))).scalars())


def ask(of: Laptop, cursors: dict[FileId, int], **other: object) -> httpx.Response:
    asked = json.loads(write_brief_pull(of.enrolled.epoch, cursors, [])) | other
    headers = {"Authorization": f"Bearer {of.token}"}
    return of.client.post("/v1/pull", json=asked, headers=headers)


def test_a_sync_without_news_moves_a_few_bytes_however_many_files_there_are(ada: Shipped) -> None:
    before = ada.line.moved
    sent, fetched = before.sent, before.fetched
    assert ada.synced().run.compared_files == VISITS + 1
    assert ada.line.moved.sent - sent < A_FEW_BYTES
    assert ada.line.moved.fetched - fetched < A_FEW_BYTES


def test_what_others_wrote_comes_without_a_name_of_a_file_that_did_not_move(
    yard: Yard, ada: Shipped
) -> None:
    ben, shared = yard.laptop("Ben Example"), min(cursors(ada).keys() - {REFERENCE_FILE})
    with yard.desk.database.writing() as connection:
        office.assign(connection, ben.name.adviser, shared, yard.desk.clock())
    for laptop in (ben, ada):
        laptop.synced()
    ben.edit(shared.removeprefix("visit:"), impression="Quiet.")
    ben.synced()
    sent, fetched = ada.line.moved.sent, ada.line.moved.fetched
    assert (done := ada.synced().run).agrees is True
    assert done.received == 1
    assert ada.says(shared.removeprefix("visit:"))["impression"] == "Quiet."
    assert ada.line.moved.sent - sent < A_FEW_BYTES
    assert ada.line.moved.fetched - fetched < A_FEW_BYTES


def test_a_file_that_is_taken_back_leaves_the_laptop_that_names_none(
    yard: Yard, ada: Shipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Removals, "ask_first", lambda *_: False)
    gone = min(cursors(ada).keys() - {REFERENCE_FILE})
    deed = audit.Deed("Grace Example", yard.desk.clock())
    with yard.desk.database.writing() as connection:
        office.withdraw(connection, ada.name.adviser, gone, deed)
    assert gone in held(yard.desk, ada)
    ada.synced()
    assert gone not in cursors(ada)
    ada.synced()
    assert held(yard.desk, ada) == cursors(ada).keys() - {REFERENCE_FILE}


def given(yard: Yard, to: Shipped, name: str = "Ben Example") -> str:
    """A visit of somebody else, that the office has given to one more adviser."""
    ben, visit = yard.laptop(name), new_id()
    ben.edit(visit, met_by="Nobody")
    ben.synced()
    with yard.desk.database.writing() as connection:
        office.assign(connection, to.name.adviser, visit_file(RecordId(visit)), yard.desk.clock())
    return visit


def test_a_file_that_is_given_comes_to_the_laptop_that_names_none(yard: Yard, ada: Shipped) -> None:
    visit = given(yard, ada)
    sent, fetched = ada.line.moved.sent, ada.line.moved.fetched
    assert ada.synced().run.agrees is True
    assert ada.line.moved.sent - sent < A_FEW_BYTES
    assert ada.line.moved.fetched - fetched < A_FEW_BYTES
    assert ada.says(visit)["met_by"] == "Nobody"
    assert visit_file(RecordId(visit)) in held(yard.desk, ada)


def test_files_that_come_and_go_at_once_are_named_and_no_others(
    yard: Yard, ada: Shipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Removals, "ask_first", lambda *_: False)
    visit = given(yard, ada)
    came, went = visit_file(RecordId(visit)), min(cursors(ada).keys() - {REFERENCE_FILE})
    deed = audit.Deed("Grace Example", yard.desk.clock())
    with yard.desk.database.writing() as connection:
        office.withdraw(connection, ada.name.adviser, went, deed)
    had = cursors(ada)
    answer = good(ask(ada.name, had)).content
    page, rows = read_page(answer, had)
    assert (page.given, page.gone) == (frozenset({came}), frozenset({went}))
    assert page.had == had.keys()
    assert visit in [row.record for row in rows]
    assert min(cursors(ada).keys() - {went, REFERENCE_FILE}).encode() not in answer
    ada.synced()
    assert cursors(ada).keys() == had.keys() - {went} | {came}
    ada.synced()
    assert held(yard.desk, ada) == cursors(ada).keys() - {REFERENCE_FILE}


def test_an_older_laptop_is_asked_to_name_its_files_once_others_are_given(
    yard: Yard, ada: Shipped
) -> None:
    had = cursors(ada)
    good(ask(ada.name, had, moves=False))
    given(yard, ada)
    problem(ask(ada.name, had, moves=False), 409, "names")


def test_whoever_has_other_files_than_the_office_knows_of_has_to_name_them(
    yard: Yard, ada: Shipped
) -> None:
    had = cursors(ada)
    given(yard, ada)
    problem(ask(ada.name, had | {FileId("visit:other"): max(had.values())}), 409, "names")
    few = dict(list(had.items())[1:])
    problem(ask(ada.name, few), 409, "names")


def test_an_office_that_is_behind_a_cursor_is_told_each_of_them(yard: Yard, ada: Shipped) -> None:
    told = cursors(ada)
    with yard.desk.database.writing() as connection:
        connection.execute(update(Clock).values(seq=max(told.values()) - 1))
    problem(ask(ada.name, told), 409, "names")


def test_a_brief_pull_is_refused_wherever_it_means_anything_else(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    ada.push(ada.visit(new_id(), met_by="Nobody"))
    ada.pull_all()
    page, rows = read_page(good(ask(ada, ada.cursors)).content, ada.cursors)
    assert (page.files, rows, bool(page.whole)) == (ada.cursors, [], True)
    problem(ask(ada, ada.cursors, epoch="another"), 409, "names")
    problem(ask(ada, {REFERENCE_FILE: page.upto}), 409, "names")
    problem(ask(ada, ada.cursors | {FileId("visit:other"): page.upto}), 409, "names")
    problem(ask(ada, ada.cursors, at=-1), 422, "unreadable")
    problem(ask(ada, ada.cursors, but=[]), 422, "unreadable")
    problem(ask(ada, ada.cursors, but={"ref": "1"}), 422, "unreadable")
    problem(ask(ada, ada.cursors, named=None), 422, "unreadable")
