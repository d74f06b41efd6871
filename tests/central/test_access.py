"""Who may see and write what, as it follows from the records."""

import dataclasses as dc
from collections.abc import Callable

import pytest
from sqlalchemy import select

from hah_central.database.rows import Change, RecordFile
from hah_central.office import office
from hah_central.proof.verify import verify
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, child_file, visit_file
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values, verdicts

Laptops = Callable[[str], Laptop]


def seen(laptop: Laptop) -> set[str]:
    """Every record that a laptop gets that starts from nothing."""
    laptop.cursors = {}
    return {row.record for row in laptop.pull_all()}


def test_whoever_begins_a_visit_has_it(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()

    ada.push(ada.visit(visit, impression="Quiet."))

    assert visit in seen(ada)
    assert visit not in seen(ben)


def test_another_laptop_of_the_same_adviser_has_it_too(laptop: Laptops) -> None:
    first, second = laptop("Ada Example"), laptop("Ada Example")
    visit = new_id()

    first.push(first.visit(visit, impression="Quiet."))

    assert values([*second.pull_all()], visit, "impression") == {"Quiet."}


def test_an_adviser_whom_the_visit_names_gets_it_whole(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit, area = new_id(), new_id()
    ada.push(
        ada.visit(visit, impression="Quiet."),
        ada.change(area, "area", [visit_file(visit)], {"visit": visit, "saw": "A door."}),
    )
    ben.pull_all()
    ada.push(ada.visit(visit, advisers=[ben.adviser]))

    rows = ben.pull_all()

    assert {visit, area} <= {row.record for row in rows}
    assert values(rows, visit, "impression") == {"Quiet."}
    assert values(rows, area, "saw") == {"A door."}


def test_a_visit_that_names_nobody_we_know_is_still_taken(laptop: Laptops) -> None:
    ada = laptop("Ada Example")

    assert verdicts(ada.push(ada.visit(new_id(), advisers=["nobody"]))) == [Verdict.APPLIED]


def test_a_child_met_on_a_visit_comes_to_everybody_who_has_the_visit(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit, met = new_id(), new_id()
    ada.push(ada.visit(visit, advisers=[ben.adviser]), ada.child(met, known_as="Sky"))
    assert met not in seen(ben)

    ada.push(ada.conversation(visit, met))

    assert met in seen(ben)


def test_whoever_gets_a_visit_later_gets_its_children_too(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit, met = new_id(), new_id()
    ada.push(
        ada.visit(visit, impression="Quiet."),
        ada.child(met, known_as="Sky"),
        ada.conversation(visit, met),
    )
    ben.pull_all()

    ada.push(ada.visit(visit, advisers=[ben.adviser]))

    assert values(ben.pull_all(), met, "known_as") == {"Sky"}


def test_a_record_that_joins_a_file_later_comes_whole(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    first, second, area = new_id(), new_id(), new_id()
    ada.push(
        ada.visit(first, impression="Quiet."),
        ada.visit(second, advisers=[ben.adviser]),
        ada.change(area, "area", [visit_file(first)], {"visit": first, "saw": "A door."}),
    )
    ben.pull_all()

    ada.push(ada.change(area, "area", [visit_file(second)], {"visit": second}))

    assert values(ben.pull_all(), area, "saw") == {"A door."}


def test_a_record_that_joins_a_file_is_sent_anew_to_whoever_has_another_of_its_files(
    desk: Desk, laptop: Laptops
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    first, second, area = new_id(), new_id(), new_id()
    ada.push(
        ada.visit(first, advisers=[ben.adviser]),
        ada.visit(second, impression="Quiet."),
        ada.change(area, "area", [visit_file(first)], {"visit": first, "saw": "A door."}),
    )
    ben.pull_all()

    ada.push(ada.change(area, "area", [visit_file(second)], {"visit": second}))

    assert values(ben.pull_all(), area, "saw") == {"A door."}
    lies_in = select(RecordFile.file, RecordFile.joined == RecordFile.seq)
    with desk.database.reading() as connection:
        found = connection.execute(lies_in.where(RecordFile.record == area)).all()
        assert verify(connection).faults == []
    assert set(found) == {(visit_file(first), True), (visit_file(second), True)}


def test_what_an_adviser_may_not_write_is_set_aside_while_all_else_flows(
    desk: Desk, laptop: Laptops
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    hers, his = new_id(), new_id()
    ada.push(ada.visit(hers, impression="Quiet."))

    receipts = ben.push(
        ben.visit(his, impression="Loud."),
        ben.visit(hers, impression="Not his to say."),
        ben.visit(his, left_at="16:40"),
    )

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE, Verdict.APPLIED]
    assert "has not been given the visit" in receipts[1].problem
    assert values(ada.pull(hers)[1], hers, "impression") == {"Quiet."}
    assert values(ben.pull(his)[1], his, "left_at") == {"16:40"}
    with desk.database.reading() as connection:
        kept = select(Change.body, Change.verdict).where(Change.id == receipts[1].id)
        body, verdict = connection.execute(kept).one()
    assert "Not his to say." in body
    assert verdict == "set_aside"


def test_a_change_set_aside_is_told_so_again_when_it_is_repeated(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    hers = new_id()
    ada.push(ada.visit(hers, impression="Quiet."))
    change = ben.visit(hers, impression="Not his to say.")

    assert ben.push(change) == ben.push(change)


def test_of_a_record_that_he_may_not_see_an_adviser_is_told_no_head(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    hers = new_id()
    ada.push(ada.visit(hers, impression="Quiet."))

    (receipt,) = ben.push(ben.visit(hers, impression="Not his to say."))

    assert receipt.heads == {"impression": ()}


def test_naming_a_child_does_not_open_the_childs_file(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    met, visit = new_id(), new_id()
    ada.push(ada.child(met, known_as="Sky"))

    receipts = ben.push(ben.visit(visit, impression="Loud."), ben.conversation(visit, met))

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE]
    assert met not in seen(ben)


def test_claiming_ones_own_visit_does_not_open_somebody_elses_record(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    hers, his, area = new_id(), new_id(), new_id()
    ada.push(
        ada.visit(hers, impression="Quiet."),
        ada.change(area, "area", [visit_file(hers)], {"saw": "A door."}),
    )

    receipts = ben.push(
        ben.visit(his, impression="Loud."),
        ben.change(area, "area", [visit_file(his)], {"heard": "Mine now."}),
    )

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE]
    assert area not in seen(ben)


def test_who_has_a_child_from_elsewhere_may_add_to_what_was_said(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    first, second, met = new_id(), new_id(), new_id()
    ada.push(
        ada.visit(first, impression="Quiet."),
        ada.child(met, known_as="Sky"),
        ada.conversation(first, met),
        ada.visit(second, advisers=[ben.adviser]),
        ada.conversation(second, met),
    )
    files = [visit_file(first), child_file(met)]
    withdrawn = ben.change(new_id(), "permission", files, {"reader": "place", "answer": "NO"})

    assert verdicts(ben.push(withdrawn)) == [Verdict.APPLIED]
    assert withdrawn.record in seen(ada)


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("statement", [REFERENCE_FILE]),
        ("statement", [visit_file("one"), REFERENCE_FILE]),
        ("statement", ["visit:"]),
        ("statement", ["elsewhere:one"]),
        ("visit", [visit_file("another")]),
        ("visit", [REFERENCE_FILE]),
        ("child", [child_file("another")]),
        ("place", [visit_file("one")]),
        ("from-the-future", [REFERENCE_FILE]),
    ],
)
def test_a_record_cannot_lie_where_its_kind_does_not_belong(
    laptop: Laptops, kind: str, files: list[str]
) -> None:
    ada = laptop("Ada Example")

    (receipt,) = ada.push(ada.change(new_id(), kind, files, {"text": "Words."}))

    assert receipt.verdict is Verdict.SET_ASIDE
    assert "cannot lie in" in receipt.problem


def test_a_kind_from_a_newer_version_is_taken_and_handed_on(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit, record = new_id(), new_id()
    ada.push(ada.visit(visit, impression="Quiet."))
    change = ada.change(record, "from-the-future", [visit_file(visit)], {"new": "Words."})

    assert verdicts(ada.push(change)) == [Verdict.APPLIED]
    assert values(ada.pull(record)[1], record, "new") == {"Words."}


def test_a_record_does_not_become_one_of_another_kind(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    place = new_id()
    ada.push(ada.place(place, name="Invented House"))

    (receipt,) = ada.push(ada.change(place, "inspection", [REFERENCE_FILE], {"grade": "good"}))

    assert receipt.verdict is Verdict.SET_ASIDE
    assert "another kind" in receipt.problem


def test_only_the_office_changes_its_advisers(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    change = ada.change(ada.adviser, "adviser", [REFERENCE_FILE], {"role": "manager"})

    (receipt,) = ada.push(change)

    assert receipt.verdict is Verdict.SET_ASIDE
    assert "Only the office" in receipt.problem
    assert len(receipt.heads["role"]) == 1
    assert values(ada.pull_all(), ada.adviser, "role") == {"adviser"}


def test_nobody_writes_in_the_name_of_another_adviser(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    own, other = ada.visit(visit, impression="Quiet."), ada.visit(visit, met_by="The manager")
    forged = dc.replace(other, author=ben.adviser)

    receipts = ada.push(own, forged)

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE]
    assert "names another author" in receipts[1].problem


def test_the_office_gives_a_visit_by_naming_the_adviser_in_it(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet."))

    with desk.database.writing() as connection:
        office.assign(connection, ben.adviser, visit_file(visit), desk.clock())

    assert values(ben.pull_all(), visit, "impression") == {"Quiet."}
    assert values(ada.pull_all(), visit, f"advisers:{ben.adviser}") == {True}


def test_the_office_gives_a_child(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    met = new_id()
    ada.push(ada.child(met, known_as="Sky"))

    for _ in range(2):
        with desk.database.writing() as connection:
            office.assign(connection, ben.adviser, child_file(met), desk.clock())

    assert values(ben.pull_all(), met, "known_as") == {"Sky"}


@pytest.mark.parametrize("file", ["visit:nothing", "child:nothing", "ref", "place:nothing", ""])
def test_the_office_cannot_give_what_it_does_not_have(desk: Desk, file: str) -> None:
    desk.code("Ada Example")
    with desk.database.writing() as connection:
        adviser = office.adviser_named(connection, "ada example")
        with pytest.raises(office.NotKnown, match="The office has no"):
            office.assign(connection, adviser, FileId(file), desk.clock())
