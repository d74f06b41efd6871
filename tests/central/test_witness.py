"""An office that was restored: what comes back by itself, and what waits for a person."""

import dataclasses as dc
import json
from dataclasses import asdict

import pytest
from sqlalchemy import select

from hah_central.database.rows import OFFICE, Change, Record
from hah_central.database.rows import Witness as Row
from hah_central.journal import witness
from hah_central.journal.holding import ITSELF
from hah_central.office import office
from hah_central.people.audit import Deed, entries
from hah_desktop.domain.exchange import Verdict, Witness
from hah_desktop.domain.ids import ChangeId, LaptopId, RecordId, visit_file
from hah_desktop.store.exchange import retelling
from hah_desktop.sync.errors import ManyRemovals
from hah_desktop.sync.retelling import tell_again
from hah_desktop.sync.wire.witness import read_kept, read_unknown, write_witness
from tests.central.bureau import Bureau
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.syncing import Shipped, Yard, backup, restore, waiting


def lost(yard: Yard) -> tuple[Shipped, Shipped, str, str]:
    """Two laptops of one adviser; the office lost what the first wrote and the second holds."""
    author, holder = yard.laptop("Ruth Amadi"), yard.laptop("Ruth Amadi")
    visit, later = new_id(), new_id()
    author.edit(visit, met_by="T. Lark")
    author.synced()
    holder.synced()
    kept = backup(yard.desk.database)
    author.edit(visit, impression="Loud.")
    author.edit(later, met_by="S. Wren")
    author.synced()
    holder.synced()
    restore(yard.desk.database, kept)
    return author, holder, visit, later


def run(yard: Yard, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """A command of the office, as it is typed."""
    beside = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert beside.run(*words) == 0
    return capsys.readouterr().out


def test_what_only_another_laptop_holds_waits_for_a_person(yard: Yard) -> None:
    _, holder, visit, later = lost(yard)
    before = holder.says(later)
    # Told at once; but before anything leaves the laptop, somebody is asked.
    assert isinstance(holder.sync().problem, ManyRemovals)
    assert holder.says(later) == before
    done = holder.synced(allow_removals=True)
    assert done.run.agrees is True
    assert holder.says(visit) == {"met_by": "T. Lark"}
    assert holder.says(later) == {}
    found = {each.record: each for each in waiting(yard)}
    assert {record: each.fields for record, each in found.items()} == {
        visit: {"impression": "Loud."},
        later: {"met_by": "S. Wren"},
    }
    assert {each.author for each in found.values()} == {"Ruth Amadi"}
    with yard.desk.database.reading() as connection:
        assert not connection.execute(select(Record.id).where(Record.id == later)).all()


def test_the_author_who_comes_back_closes_it_by_coming_back(yard: Yard) -> None:
    author, holder, visit, later = lost(yard)
    before = {record: author.says(record) for record in (visit, later)}
    holder.synced(allow_removals=True)
    assert author.synced().run.sent == 3
    assert waiting(yard) == []
    holder.synced()
    assert {record: holder.says(record) for record in (visit, later)} == before
    assert {record: author.says(record) for record in (visit, later)} == before
    with yard.desk.database.reading() as connection:
        closed = connection.execute(select(Row.closed, Row.closed_by)).all()
    assert all(at is not None and who == "" for at, who in closed)


def test_a_new_epoch_makes_every_laptop_give_back_what_it_has(yard: Yard) -> None:
    author, holder, visit, _ = lost(yard)
    before = holder.says(visit)
    with yard.desk.database.writing() as connection:
        epoch = witness.restored(connection, Deed("Ada", yard.desk.clock()))
        assert entries(connection)[-1].what == "put the office back from a backup"
    author.synced()
    holder.synced()
    assert holder.says(visit) == before
    assert author.epoch() == holder.epoch() == epoch


@pytest.mark.usefixtures("home")
def test_the_office_lists_what_waits_and_a_named_person_closes_it(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    if not yard.desk.database.is_sqlite:
        pytest.skip("the same commands, and one database is enough")
    _, holder, visit, _ = lost(yard)
    run(yard, capsys, "restored", "--who", "Ada")
    assert run(yard, capsys, "recovered") == "Nothing waits to be looked at.\n"
    holder.synced(allow_removals=True)
    listed = run(yard, capsys, "recovered")
    assert len(listed.splitlines()) == 2
    assert f"visit {visit}  by Ruth Amadi, " in listed
    assert "Loud." not in listed
    assert "    impression: Loud." in run(yard, capsys, "recovered", "--words")
    for line in listed.splitlines():
        run(yard, capsys, "recovered", "--close", line.split()[0], "--who", "Ada")
    assert run(yard, capsys, "recovered") == "Nothing waits to be looked at.\n"
    with yard.desk.database.reading() as connection:
        by_people = (entry for entry in entries(connection) if entry.who != ITSELF)
        done = [(entry.who, entry.what) for entry in by_people]
    assert done[-3:] == [
        ("Ada", "put the office back from a backup"),
        *[("Ada", "closed a lost change")] * 2,
    ]


@pytest.mark.usefixtures("home")
def test_what_does_not_wait_cannot_be_closed(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert beside.run("recovered", "--close", "nothing") == 1
    assert "waits to be looked at" in capsys.readouterr().err


def item(change: str, **fields: str) -> Witness:
    record, files = RecordId("r"), (visit_file("v"),)
    return Witness(
        ChangeId(change), record, "visit", files, LaptopId("l"), "ruth", "2026-11-22", fields
    )


def give(laptop: Laptop, *items: Witness) -> int:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    body = write_witness(items)
    return read_kept(good(laptop.client.post("/v1/witness", content=body, headers=headers)).json())


def test_what_two_laptops_have_of_one_change_is_kept_together(yard: Yard) -> None:
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    assert give(ada, item("c1", met_by="T. Lark"), item("c1", met_by="Twice")) == 1
    assert give(ben, item("c1", met_by="Another", impression="Loud."), item("c2", a="b")) == 2
    assert {each.change: dict(each.fields) for each in waiting(yard)} == {
        "c1": {"met_by": "T. Lark", "impression": "Loud."},
        "c2": {"a": "b"},
    }


ODD_NAMES = ["a\x00b", "half \ud83d", "x" * 201]
NAMES = ["change", "record", "kind", "laptop", "author", "made_at"]


@pytest.mark.parametrize("odd", ODD_NAMES, ids=["NUL", "half a character", "too long"])
def test_a_name_that_no_journal_can_hold_is_refused_on_both_databases(yard: Yard, odd: str) -> None:
    ada = yard.desk.laptop("Ada Example")
    headers = {"Authorization": f"Bearer {ada.token}"}
    good_one = asdict(item("c1", met_by="T. Lark"))
    wrongs: list[dict[str, object]] = [{name: odd} for name in NAMES]
    for wrong in [*wrongs, dict[str, object](files=[odd])]:
        # As whoever escapes it may spell it.
        line = json.dumps({**good_one, **wrong})
        body = f'{{}}\n{line}\n{{"end":true,"count":1}}'.encode()
        problem(ada.client.post("/v1/witness", content=body, headers=headers), 422, "cut")
    assert waiting(yard) == []


def test_what_a_record_says_may_hold_a_nul_but_no_half_character(yard: Yard) -> None:
    ada = yard.desk.laptop("Ada Example")
    assert give(ada, item("c1", **{"new\x00field": "Quiet\x00."})) == 1
    assert [each.fields for each in waiting(yard)] == [{"new\x00field": "Quiet\x00."}]
    for odd in ({"half \ud83d": "x"}, {"impression": "half \ud83d"}):
        line = json.dumps(asdict(item("c2", **odd)))
        body = f'{{}}\n{line}\n{{"end":true,"count":1}}'.encode()
        headers = {"Authorization": f"Bearer {ada.token}"}
        problem(ada.client.post("/v1/witness", content=body, headers=headers), 422, "cut")


def test_what_the_office_has_is_not_kept_a_second_time(yard: Yard) -> None:
    ada = yard.laptop("Ada Example")
    ada.edit(new_id(), met_by="T. Lark")
    ada.synced()
    with yard.desk.database.reading() as connection:
        known = connection.execute(select(Change.id)).scalars().first() or ""
    ada.name.sign_in()
    assert give(ada.name, item(known, met_by="Somebody else")) == 0
    assert waiting(yard) == []


def test_a_laptop_is_told_which_changes_are_unknown(yard: Yard) -> None:
    ada = yard.desk.laptop("Ada Example")
    headers = {"Authorization": f"Bearer {ada.token}"}
    sent = {"changes": ["c1", "c2"]}
    answer = ada.client.post("/v1/known", json=sent, headers=headers)
    assert read_unknown(good(answer).json()) == ["c1", "c2"]
    for wrong in ({}, {"changes": "c1"}, {"changes": [1]}):
        problem(ada.client.post("/v1/known", json=wrong, headers=headers), 422, "unreadable")


def unknown_to(laptop: Laptop, *changes: str) -> list[ChangeId]:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    asked = {"changes": list(changes)}
    return read_unknown(good(laptop.client.post("/v1/known", json=asked, headers=headers)).json())


def test_a_laptop_is_told_of_its_own_changes_and_of_those_in_its_files(yard: Yard) -> None:
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    hers = ada.visit(new_id(), impression="Quiet.")
    shared = ada.visit(new_id(), advisers=[ben.adviser])
    with yard.desk.database.reading() as connection:
        office_s = select(Change.id).where(Change.laptop == OFFICE)
        of_all = connection.execute(office_s).scalars().all()
    his = ben.visit(hers.record, [hers.id], impression="Set aside, and his all the same.")
    ada.push(hers, shared)
    ben.push(his)
    everything = (hers.id, shared.id, his.id, *of_all)
    assert of_all
    # What was set aside is told to nobody but its author's own laptop.
    assert unknown_to(ada, *everything) == [his.id]
    assert unknown_to(ben, *everything) == [hers.id]


def test_what_a_colleague_sent_again_and_was_set_aside_is_unknown_to_who_shows_it(
    yard: Yard,
) -> None:
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    shared = ada.visit(new_id(), advisers=[ben.adviser])
    ada.push(shared)
    odd = dc.replace(ada.visit(shared.record, [shared.id], impression="Loud."), kind="place")
    (receipt,) = ada.push(odd)
    assert receipt.verdict is Verdict.SET_ASIDE
    assert unknown_to(ben, shared.id, odd.id) == [odd.id]
    assert unknown_to(ada, shared.id, odd.id) == []


def test_a_laptop_is_told_of_the_files_that_it_was_once_given(yard: Yard) -> None:
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    shared = ada.visit(new_id(), advisers=[ben.adviser], impression="Loud.")
    ada.push(shared)
    other = yard.desk.laptop("Ben Example")
    ben.pull_all()
    with yard.desk.database.writing() as connection:
        office.withdraw(
            connection, ben.adviser, visit_file(shared.record), Deed("Ada", yard.desk.clock())
        )
    assert unknown_to(ben, shared.id) == []
    assert unknown_to(other, shared.id) == [shared.id]


@pytest.mark.parametrize("path", ["/v1/known", "/v1/told", "/v1/witness"])
def test_nobody_else_is_told_or_heard(yard: Yard, path: str) -> None:
    body = write_witness([]) if path == "/v1/witness" else b'{"changes": []}'
    problem(yard.desk.client.post(path, content=body), 401, "sign-in")


def test_a_witness_that_is_cut_is_not_kept(yard: Yard) -> None:
    ada = yard.desk.laptop("Ada Example")
    headers = {"Authorization": f"Bearer {ada.token}"}
    body = write_witness([item("c1", met_by="T. Lark")])[:-5]
    problem(ada.client.post("/v1/witness", content=body, headers=headers), 422, "cut")
    assert waiting(yard) == []


def meets(laptop: Shipped) -> None:
    laptop.synced(allow_removals=True)
    assert tell_again(laptop.store, laptop.line) is None


def kept_aside(laptop: Shipped) -> int:
    with laptop.store.reading() as connection:
        return len(retelling.every(connection))


def waiting_of(yard: Yard) -> dict[str, object]:
    return {each.record: each.fields for each in waiting(yard)}


def test_an_office_that_is_restored_twice_loses_nothing_that_it_was_told(yard: Yard) -> None:
    _, holder, visit, later = lost(yard)
    before = backup(yard.desk.database)
    for _ in range(2):
        restore(yard.desk.database, before)
        with yard.desk.database.writing() as connection:
            witness.restored(connection, Deed("Ada", yard.desk.clock()))
        meets(holder)
        assert waiting_of(yard) == {visit: {"impression": "Loud."}, later: {"met_by": "S. Wren"}}
        assert holder.says(later) == {}
    restore(yard.desk.database, before)
    meets(holder)
    assert waiting_of(yard).keys() == {visit, later}


def test_what_the_author_gave_back_or_a_person_closed_is_kept_on_no_other_laptop(
    yard: Yard,
) -> None:
    author, holder, _, later = lost(yard)
    meets(holder)
    assert kept_aside(holder) == 2
    (closed,) = (each.change for each in waiting(yard) if each.record == later)
    with yard.desk.database.writing() as connection:
        witness.close(connection, Deed("Ada", yard.desk.clock()), closed)
    meets(holder)
    assert kept_aside(holder) == 1
    author.synced()
    meets(holder)
    assert kept_aside(holder) == 0


def test_what_is_here_again_but_not_in_files_of_the_laptop_is_told_once_and_not_kept_twice(
    yard: Yard,
) -> None:
    author, holder = yard.laptop("Ruth Amadi"), yard.laptop("Sam Okoro")
    before = backup(yard.desk.database)
    visit = new_id()
    author.edit(visit, met_by="T. Lark")
    author.synced()
    with yard.desk.database.writing() as connection:
        adviser = RecordId(holder.name.enrolled.adviser)
        office.assign(connection, adviser, visit_file(visit), yard.desk.clock())
    holder.synced()
    restore(yard.desk.database, before)
    with yard.desk.database.writing() as connection:
        witness.restored(connection, Deed("Ada", yard.desk.clock()))
    author.synced()
    meets(holder)
    assert holder.says(visit) == {}
    # Only that the office gave the visit waits: its author brought the rest.
    assert [each.fields for each in waiting(yard)] == [{f"advisers:{adviser}": True}]
    assert kept_aside(holder) == 1
    with yard.desk.database.reading() as connection:
        noted = connection.execute(select(Row.fields).where(Row.laptop != OFFICE)).scalars()
        assert list(noted) == [{}]
