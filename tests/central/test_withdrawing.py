"""What is taken back from an adviser: what is sent no more, still taken, comes again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from hah_central.cli import main
from hah_central.database.rows import Holding
from hah_central.office import office
from hah_central.people import audit
from hah_central.people.audit import Deed
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, child_file, visit_file
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values, verdicts

Laptops = Callable[[str], Laptop]


def withdraw(desk: Desk, adviser: RecordId, file: FileId) -> tuple[FileId, ...]:
    with desk.database.writing() as connection:
        return office.withdraw(connection, adviser, file, Deed("Grace Example", desk.clock()))


def assign(desk: Desk, adviser: RecordId, file: FileId) -> None:
    with desk.database.writing() as connection:
        office.assign(connection, adviser, file, desk.clock())


def holding(desk: Desk, laptop: Laptop) -> dict[str, bool]:
    """The files that the laptop was ever given, and whether it holds them still."""
    listed = select(Holding.file, Holding.dropped).where(Holding.laptop == laptop.enrolled.laptop)
    with desk.database.reading() as connection:
        rows = connection.execute(listed.order_by(Holding.id)).all()
    return {file: dropped is None for file, dropped in rows}


def test_a_page_neither_names_nor_carries_what_was_taken_back(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    assert withdraw(desk, ben.adviser, visit_file(visit)) == (visit_file(visit),)
    ada.push(ada.visit(visit, met_by="The manager"))

    page, rows = ben.pull(visit)

    assert page.files.keys() == {REFERENCE_FILE}
    assert rows == []


def test_the_visit_names_the_adviser_no_more(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))

    assert values(ada.pull_all(), visit, f"advisers:{ben.adviser}") == {None}


def test_what_a_laptop_was_not_told_yet_does_not_make_its_changes_worthless(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))

    receipts = ben.push(ben.visit(visit, met_by="The deputy"))

    assert verdicts(receipts) == [Verdict.APPLIED]
    assert values(ada.pull_all(), visit, "met_by") == {"The deputy"}


def test_whoever_lost_a_visit_is_told_no_head_of_anybody_else(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    ada.push(ada.visit(visit, met_by="The manager"))

    (receipt,) = ben.push(ben.visit(visit, met_by="The deputy"))

    assert receipt.verdict is Verdict.CONFLICT
    assert receipt.heads == {}


def test_of_its_own_words_it_is_told_which_stand(desk: Desk, ben: Laptop, visit: str) -> None:
    first = ben.visit(visit, met_by="The deputy")
    second = ben.visit(visit, [first.id], met_by="The manager")
    ben.push(first, second)
    withdraw(desk, ben.adviser, visit_file(visit))

    (receipt,) = ben.push(first)

    assert receipt.heads == {"met_by": (second.id,)}


def test_whoever_lost_a_visit_gives_it_to_nobody(
    desk: Desk, ben: Laptop, laptop: Laptops, visit: str
) -> None:
    cai = laptop("Cai Example")
    withdraw(desk, ben.adviser, visit_file(visit))

    receipts = ben.push(ben.visit(visit, advisers=[cai.adviser], met_by="The deputy"))

    assert verdicts(receipts) == [Verdict.APPLIED]
    assert cai.pull()[0].files.keys() == {REFERENCE_FILE}


def test_once_the_laptop_says_that_it_is_gone_its_changes_are_set_aside(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    for _ in range(2):
        ben.pull()

    (receipt,) = ben.push(ben.visit(visit, met_by="The deputy"))

    assert receipt.verdict is Verdict.SET_ASIDE
    assert "no longer given to this adviser" in receipt.problem
    assert values(ada.pull_all(), visit, "met_by") == set()


def test_a_lost_answer_does_not_count_as_told(desk: Desk, ben: Laptop, visit: str) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    had = dict(ben.cursors)
    ben.pull()
    ben.cursors = had

    assert verdicts(ben.push(ben.visit(visit, met_by="The deputy"))) == [Verdict.APPLIED]


def test_the_office_knows_what_each_laptop_holds(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    file = visit_file(visit)
    assert holding(desk, ben) == holding(desk, ada) == {file: True}

    withdraw(desk, ben.adviser, file)
    ben.pull()
    assert holding(desk, ben) == {file: True}
    ben.pull()

    assert holding(desk, ben) == {file: False}
    assert holding(desk, ada) == {file: True}


def test_what_a_laptop_began_counts_before_it_fetches_anything(desk: Desk, ada: Laptop) -> None:
    begun = new_id()

    ada.push(ada.visit(begun, impression="Quiet."))

    assert holding(desk, ada) == {visit_file(begun): True}


def test_claiming_to_hold_a_file_gives_no_right_to_write_in_it(ada: Laptop, ben: Laptop) -> None:
    hers = new_id()
    ada.push(ada.visit(hers, impression="Quiet."))
    ben.cursors = {visit_file(hers): 1}
    ben.pull()

    assert verdicts(ben.push(ben.visit(hers, met_by="Me"))) == [Verdict.SET_ASIDE]


def test_naming_the_adviser_again_does_not_give_back_what_was_taken(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))

    ada.push(ada.visit(visit, advisers=[ben.adviser]))

    assert visit_file(visit) not in ben.pull()[0].files


def test_a_file_that_nobody_has_is_not_had_by_whoever_comes_first(
    desk: Desk, ada: Laptop, ben: Laptop, laptop: Laptops, visit: str
) -> None:
    for one in (ada, ben):
        withdraw(desk, one.adviser, visit_file(visit))
    cai = laptop("Cai Example")

    assert verdicts(cai.push(cai.visit(visit, met_by="Me"))) == [Verdict.SET_ASIDE]
    assert visit_file(visit) not in cai.pull()[0].files


def test_a_file_that_is_assigned_again_comes_whole(desk: Desk, ben: Laptop, visit: str) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    ben.pull()

    assign(desk, ben.adviser, visit_file(visit))

    rows = ben.pull_all()
    assert values(rows, visit, "impression") == {"Quiet."}
    assert values(rows, visit, f"advisers:{ben.adviser}") == {True}
    assert holding(desk, ben) == {visit_file(visit): True}


def test_a_laptop_that_dropped_a_file_and_gets_it_again_holds_it_again(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    for _ in range(2):
        ben.pull()

    assign(desk, ben.adviser, visit_file(visit))
    ben.pull()

    assert holding(desk, ben) == {visit_file(visit): True}


def test_a_file_that_is_assigned_while_a_laptop_reads_comes_whole(
    desk: Desk, ada: Laptop, laptop: Laptops, visit: str
) -> None:
    for start in (0, MAX_CHANGES):
        count = MAX_CHANGES - start // 2
        ada.push(*(ada.place(new_id(), name=f"Invented House {n}") for n in range(count)))
    cai = laptop("Cai Example")
    page, rows = cai.pull()
    assert page.more

    assign(desk, cai.adviser, visit_file(visit))

    rows = cai.pull_all()
    assert values(rows, visit, "impression") == {"Quiet."}


def test_the_children_who_were_met_on_a_visit_alone_go_with_it(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    here, elsewhere, given, other = new_id(), new_id(), new_id(), new_id()
    ada.push(
        *(ada.child(met, known_as="Sky") for met in (here, elsewhere, given)),
        *(ada.conversation(visit, met) for met in (here, elsewhere, given)),
        ada.visit(other, advisers=[ben.adviser]),
        ada.conversation(other, elsewhere),
    )
    withdraw(desk, ben.adviser, child_file(given))
    assign(desk, ben.adviser, child_file(given))

    taken = withdraw(desk, ben.adviser, visit_file(visit))

    assert taken == (visit_file(visit), child_file(here))
    kept = {REFERENCE_FILE, visit_file(other), child_file(elsewhere), child_file(given)}
    assert ben.pull()[0].files.keys() == kept


def test_a_child_who_came_with_a_visit_and_was_then_assigned_outlasts_the_visit(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    met = new_id()
    ada.push(ada.child(met, known_as="Sky"), ada.conversation(visit, met))
    assert values(ben.pull_all(), met, "known_as") == {"Sky"}

    assign(desk, ben.adviser, child_file(met))
    taken = withdraw(desk, ben.adviser, visit_file(visit))

    assert taken == (visit_file(visit),)
    assert ben.pull()[0].files.keys() == {REFERENCE_FILE, child_file(met)}


def test_a_child_whom_the_adviser_was_first_to_meet_stays_once_assigned(
    desk: Desk, ben: Laptop
) -> None:
    visit, met = new_id(), new_id()
    ben.push(ben.visit(visit), ben.child(met, known_as="Sky"), ben.conversation(visit, met))

    assign(desk, ben.adviser, child_file(met))

    assert withdraw(desk, ben.adviser, visit_file(visit)) == (visit_file(visit),)


def test_a_child_who_was_taken_back_does_not_come_with_a_visit(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    met = new_id()
    ada.push(ada.child(met, known_as="Sky"), ada.conversation(visit, met))
    withdraw(desk, ben.adviser, child_file(met))

    ada.push(ada.conversation(visit, met))

    assert child_file(met) not in ben.pull()[0].files
    assign(desk, ben.adviser, child_file(met))
    assert values(ben.pull_all(), met, "known_as") == {"Sky"}


def test_a_child_first_met_after_the_visit_was_taken_back_goes_with_it(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    met = new_id()
    withdraw(desk, ben.adviser, visit_file(visit))

    late = ben.push(ben.child(met, known_as="Sky"), ben.conversation(visit, met))

    assert verdicts(late) == [Verdict.APPLIED, Verdict.APPLIED]
    assert ben.pull()[0].files.keys() == {REFERENCE_FILE}
    assert values(ada.pull_all(), met, "known_as") == {"Sky"}


def test_what_an_adviser_does_not_have_cannot_be_taken_back(
    desk: Desk, laptop: Laptops, visit: str
) -> None:
    cai = laptop("Cai Example")
    for file in (visit_file(visit), visit_file("nothing"), FileId("ref"), FileId("visit:")):
        with pytest.raises(office.NotKnown):
            withdraw(desk, cai.adviser, file)
    with desk.database.reading() as connection:
        assert "took files back" not in {entry.what for entry in audit.entries(connection)}


def test_another_adviser_takes_over_in_one_deed(
    desk: Desk, ada: Laptop, laptop: Laptops, visit: str
) -> None:
    cai = laptop("Cai Example")
    met = new_id()
    ada.push(ada.child(met, known_as="Sky"), ada.conversation(visit, met))

    with desk.database.writing() as connection:
        taken = office.reassign(
            connection,
            visit_file(visit),
            ada.adviser,
            cai.adviser,
            Deed("Grace Example", desk.clock()),
        )

    assert taken == (visit_file(visit), child_file(met))
    assert ada.pull()[0].files.keys() == {REFERENCE_FILE}
    assert values(cai.pull_all(), met, "known_as") == {"Sky"}
    with desk.database.reading() as connection:
        done = [(entry.who, entry.what) for entry in audit.entries(connection)][-2:]
    assert done == [("Grace Example", "gave a file"), ("Grace Example", "took files back")]


def test_the_commands_say_what_they_did(
    desk: Desk,
    visit: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = visit_file(visit)
    where = ("--who", "Grace Example", *where_of(desk, address))

    assert main(["withdraw", "Ben Example", file, *where]) == 0
    assert f"Ben Example no longer has {file}." in capsys.readouterr().out
    assert main(["reassign", file, "Ada Example", "Ben Example", *where]) == 0
    told = capsys.readouterr().out
    assert f"Ben Example has {file}" in told
    assert f"Ada Example no longer has {file}." in told
    assert main(["withdraw", "Ada Example", file, *where]) == 1
    assert f"Ada Example does not have {file}. Nothing was changed." in capsys.readouterr().err


def where_of(desk: Desk, address: str) -> tuple[str, str]:
    """How a command is told of the office of a test."""
    beside = desk.database.engine.url.database if desk.database.is_sqlite else None
    return ("--data", str(Path(beside).parent)) if beside else ("--database", address)
