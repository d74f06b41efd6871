"""Who opened a record is written down for good, and told to those who have the record."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hah_central import reads
from hah_central.audit import Deed
from hah_central.export import export
from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.wire.seen import read_seen, write_opened
from tests.central.conftest import START, Desk
from tests.central.laptop import Laptop, good, new_id, problem

AT = "2026-11-22T10:00:00+00:00"


def ask(laptop: Laptop, after: int = 0, *opened: Opened) -> tuple[int, bool, list[Seen]]:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    body = write_opened(after, opened)
    return read_seen(good(laptop.client.post("/v1/seen", content=body, headers=headers)).content)


def shared_visit(ada: Laptop, ben: Laptop) -> RecordId:
    change = ada.visit(new_id(), advisers=[ada.adviser, ben.adviser], impression="Quiet.")
    ada.push(change)
    return change.record


def test_who_opened_a_record_is_told_to_its_others_and_not_to_oneself(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)

    _, more, own = ask(ben, 0, Opened(visit, 3, AT))
    after, _, told = ask(ada)

    assert (more, own) == (False, [])
    assert told == [Seen(visit, ben.adviser, 3, AT)]
    assert ask(ada, after) == (after, False, [])


def test_the_program_tells_and_learns_it(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    ask(ben, 0, Opened(visit, 3, AT))
    office = Office(str(desk.client.base_url), Signed(ada.enrolled.laptop, ada.key.sign))
    with closing(office):
        office.sign_in(ada.enrolled.office)

        after, more, told = office.seen(0, [Opened(visit, 2, AT)])

    assert (after > 0, more, told) == (True, False, [Seen(visit, ben.adviser, 3, AT)])
    assert ask(ben)[2] == [Seen(visit, ada.adviser, 2, AT)]


def test_it_is_written_down_once_a_day_for_each_state_of_the_record(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    later = "2026-11-22T23:00:00+00:00"
    next_day = "2026-11-23T08:00:00+00:00"

    for _ in range(2):
        opened = (Opened(visit, 2, AT), Opened(visit, 2, later), Opened(visit, 3, later))
        ask(ben, 0, *opened, Opened(visit, 2, next_day))

    assert len(ask(ada)[2]) == 3


def test_nothing_is_taken_or_told_of_what_one_may_not_see(desk: Desk) -> None:
    ada, ben, cleo = (desk.laptop(f"{name} Example") for name in ("Ada", "Ben", "Cleo"))
    visit = shared_visit(ada, ben)
    place = ada.place(new_id(), name="Invented House")
    ada.push(place)
    ask(ben, 0, Opened(visit, 3, AT))

    _, _, told = ask(cleo, 0, Opened(visit, 3, AT), Opened(place.record, 3, AT))

    assert told == []
    assert [seen.adviser for seen in ask(ada)[2]] == [ben.adviser]


@pytest.mark.parametrize("upto", [10_000, -1])
def test_what_is_not_in_the_journal_cannot_have_been_read(desk: Desk, upto: int) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)

    ask(ben, 0, Opened(visit, upto, AT))

    assert ask(ada)[2] == []


def test_more_than_fits_comes_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST", 2)
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visits = [shared_visit(ada, ben) for _ in range(3)]
    ask(ben, 0, *(Opened(visit, 1, AT) for visit in visits))

    after, more, first = ask(ada)
    _, over, second = ask(ada, after)

    assert (more, over) == (True, False)
    assert [seen.record for seen in first + second] == visits


def test_a_number_from_an_office_that_was_lost_begins_again(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    ask(ben, 0, Opened(shared_visit(ada, ben), 1, AT))

    assert len(ask(ada, 1_000)[2]) == 1


def test_what_is_cut_or_too_much_is_refused(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    headers = {"Authorization": f"Bearer {ada.token}"}
    body = write_opened(0, [Opened(RecordId(new_id()), 1, AT)] * 2001)

    cut = desk.client.post("/v1/seen", content=body[:-3], headers=headers)
    problem(cut, 422, "cut")
    problem(desk.client.post("/v1/seen", content=body, headers=headers), 413, "too-large")


@pytest.mark.parametrize("statement", ["UPDATE reading SET upto = 0", "DELETE FROM reading"])
def test_what_was_written_is_neither_altered_nor_taken_away(desk: Desk, statement: str) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    ask(ben, 0, Opened(shared_visit(ada, ben), 1, AT))

    with pytest.raises(DBAPIError, match="only added to"), desk.database.writing() as connection:
        connection.execute(text(statement))

    assert len(ask(ada)[2]) == 1


def test_an_export_says_who_read_what(desk: Desk, tmp_path: Path) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    ask(ben, 0, Opened(visit, 2, AT))

    export(desk.database, visit_file(visit), tmp_path / "out", Deed("Grace Example", START))

    line = json.loads((tmp_path / "out" / "read.jsonl").read_text("utf-8"))
    assert (line["who"], line["record"], line["at"]) == ("Ben Example", visit, AT)
    assert "Ben Example on laptop" in (tmp_path / "out" / "readable.txt").read_text("utf-8")
