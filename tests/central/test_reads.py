"""Who opened a record is written down for good, and told to those who have the record."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from hah_central.database.rows import Reading
from hah_central.journal import witness
from hah_central.people.audit import Deed
from hah_central.proof.export import export
from hah_central.pulling import reads
from hah_desktop.domain.exchange import Opened, Seen, SeenPage
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.wire.seen import read_seen, write_opened
from tests.central.conftest import START, Desk
from tests.central.laptop import Laptop, good, new_id, problem

AT = "2026-11-22T10:00:00+00:00"


def ask(laptop: Laptop, after: int = 0, *opened: Opened, epoch: str = "") -> SeenPage:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    body = write_opened(after, opened, epoch)
    return read_seen(good(laptop.client.post("/v1/seen", content=body, headers=headers)).content)


def rows(desk: Desk) -> list[tuple[str, int, str]]:
    """What the office has written down: of which record, up to where, and when."""
    with desk.database.reading() as connection:
        found = select(Reading.record, Reading.upto, Reading.at).order_by(Reading.id)
        return [(row.record, row.upto, row.at) for row in connection.execute(found)]


def shared_visit(ada: Laptop, ben: Laptop) -> RecordId:
    change = ada.visit(new_id(), advisers=[ada.adviser, ben.adviser], impression="Quiet.")
    ada.push(change)
    return change.record


def test_who_opened_a_record_is_told_to_its_others_and_not_to_oneself(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)

    own = ask(ben, 0, Opened(visit, 3, AT))
    told = ask(ada)

    assert (own.more, own.seen) == (False, [])
    assert told.seen == [Seen(visit, ben.adviser, 3, AT)]
    assert ask(ada, told.after) == told._replace(seen=[])


def test_the_program_tells_and_learns_it(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    ask(ben, 0, Opened(visit, 3, AT))
    office = Office(str(desk.client.base_url), Signed(ada.enrolled.laptop, ada.key.sign))
    with closing(office):
        office.sign_in(ada.enrolled.office)

        found = office.seen(0, [Opened(visit, 2, AT)], ada.enrolled.epoch)

    assert (found.after > 0, found.more) == (True, False)
    assert (found.seen, found.epoch) == ([Seen(visit, ben.adviser, 3, AT)], ada.enrolled.epoch)
    assert ask(ben).seen == [Seen(visit, ada.adviser, 2, AT)]


def test_it_is_written_down_once_a_day_for_each_state_of_the_record(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    later = "2026-11-22T23:00:00+00:00"
    next_day = "2026-11-23T08:00:00+00:00"

    for _ in range(2):
        opened = (Opened(visit, 2, AT), Opened(visit, 2, later), Opened(visit, 3, later))
        ask(ben, 0, *opened, Opened(visit, 2, next_day))

    assert len(ask(ada).seen) == 3


def test_nothing_is_taken_or_told_of_what_one_may_not_see(desk: Desk) -> None:
    ada, ben, cleo = (desk.laptop(f"{name} Example") for name in ("Ada", "Ben", "Cleo"))
    visit = shared_visit(ada, ben)
    place = ada.place(new_id(), name="Invented House")
    ada.push(place)
    ask(ben, 0, Opened(visit, 3, AT))

    told = ask(cleo, 0, Opened(visit, 3, AT), Opened(place.record, 3, AT))

    assert told.seen == []
    assert [seen.adviser for seen in ask(ada).seen] == [ben.adviser]


@pytest.mark.parametrize("upto", [10_000, -1])
def test_what_is_not_in_the_journal_cannot_have_been_read(desk: Desk, upto: int) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)

    ask(ben, 0, Opened(visit, upto, AT))

    assert ask(ada).seen == []


def test_more_than_fits_comes_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST", 2)
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visits = [shared_visit(ada, ben) for _ in range(3)]
    ask(ben, 0, *(Opened(visit, 1, AT) for visit in visits))

    first = ask(ada)
    second = ask(ada, first.after)

    assert (first.more, second.more) == (True, False)
    assert [seen.record for seen in (*first.seen, *second.seen)] == visits


def test_a_number_from_an_office_that_was_lost_begins_again(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    ask(ben, 0, Opened(shared_visit(ada, ben), 1, AT))

    assert len(ask(ada, 1_000).seen) == 1


def test_a_number_of_another_epoch_begins_again(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    before = ask(ben, 0, Opened(visit, 1, AT), epoch=ada.enrolled.epoch).after
    with desk.database.writing() as connection:
        epoch = witness.restored(connection, Deed("Grace Example", START))

    assert len(ask(ada, before, epoch=ada.enrolled.epoch).seen) == 1
    assert ask(ada, before, epoch=epoch) == SeenPage(before, False, [], epoch)


@pytest.mark.parametrize("upto", [4, 0])
def test_what_was_opened_before_a_restore_is_kept_and_measures_nothing(
    desk: Desk, tmp_path: Path, upto: int
) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    with desk.database.writing() as connection:
        epoch = witness.restored(connection, Deed("Grace Example", START))
    # The office was restored while it was told; or a laptop that knows it tells of all once more.
    told_in = ben.enrolled.epoch if upto else epoch
    for _ in range(2):
        ask(ben, 0, Opened(visit, upto, AT), epoch=told_in)

    assert (rows(desk), ask(ada).seen) == ([(visit, 0, AT)], [])
    export(desk.database, visit_file(visit), tmp_path / "out", Deed("Grace Example", START))
    assert AT in (tmp_path / "out" / "read.jsonl").read_text("utf-8")
    ask(ben, 0, Opened(visit, 3, AT), Opened(visit, 0, AT), epoch=epoch)
    assert rows(desk)[1:] == [(visit, 3, AT)], "the same day once more, and now with a place"


def test_what_is_known_with_a_place_is_not_written_down_without_one(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    next_day = "2026-11-23T08:00:00+00:00"

    opened = (Opened(visit, 0, AT), Opened(visit, 0, next_day), Opened(visit, 3, AT))
    ask(ben, 0, *opened)
    ask(ben, 0, *opened)

    assert rows(desk) == [(visit, 3, AT), (visit, 0, next_day)]


def test_nobody_has_opened_anything_before_there_was_a_laptop_or_in_days_to_come(
    desk: Desk,
) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    odd = ("0001-01-01T00:00:00+14:00", "1999-01-01T00:00+00:00", "9999-12-31T23:59:59-12:00")
    days = [f"{year}-01-01T00:00:00+00:00" for year in range(3000, 3100)]

    for at in (*odd, *days):
        ask(ben, 0, Opened(visit, 3, at))

    assert rows(desk) == [(visit, 3, desk.clock().isoformat())]


def test_what_is_no_moment_or_no_record_is_refused(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    headers = {"Authorization": f"Bearer {ada.token}"}
    for odd in (Opened(RecordId("a\x00b"), 1, AT), Opened(RecordId("a"), 1, "soon")):
        body = write_opened(0, [odd])
        problem(desk.client.post("/v1/seen", content=body, headers=headers), 422, "cut")


def test_what_an_older_office_wrote_down_without_a_moment_is_not_told(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    who = {"adviser": ben.adviser, "laptop": ben.enrolled.laptop, "received": START}
    with desk.database.writing() as connection:
        row = {**who, "record": visit, "upto": 3}
        connection.execute(insert(Reading), [{**row, "at": "soon"}, {**row, "at": AT}])

    assert [seen.at for seen in ask(ada).seen] == [AT]


@pytest.mark.parametrize("after", [-(2**70), 2**70])
def test_a_number_that_no_database_counts_begins_again(desk: Desk, after: int) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    ask(ben, 0, Opened(shared_visit(ada, ben), 1, AT))

    assert len(ask(ada, after).seen) == 1


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

    assert len(ask(ada).seen) == 1


def test_an_export_says_who_read_what(desk: Desk, tmp_path: Path) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = shared_visit(ada, ben)
    ask(ben, 0, Opened(visit, 2, AT))

    export(desk.database, visit_file(visit), tmp_path / "out", Deed("Grace Example", START))

    line = json.loads((tmp_path / "out" / "read.jsonl").read_text("utf-8"))
    assert (line["who"], line["record"], line["at"]) == ("Ben Example", visit, AT)
    assert "Ben Example on laptop" in (tmp_path / "out" / "readable.txt").read_text("utf-8")
