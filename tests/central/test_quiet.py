"""What the receipts tell need not be pulled again; whatever else moved in a file, must."""

from collections.abc import Callable, Mapping

from hah_desktop.domain.changes import Change
from hah_desktop.domain.exchange import Accepted
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, child_file, visit_file
from tests.central.laptop import Laptop, new_id

Laptops = Callable[[str], Laptop]


def push(laptop: Laptop, *changes: Change) -> Accepted:
    return laptop.accepted(*changes)[0]


def read(laptop: Laptop, accepted: Accepted) -> None:
    """Move the cursors as a laptop does that has taken every receipt."""
    for file, last in accepted.files.items():
        assert laptop.cursors.get(file, 0) >= last
        laptop.cursors[file] = accepted.seq


def quiet(accepted: Accepted) -> Mapping[FileId, int]:
    return accepted.files


def test_a_new_visit_need_not_be_pulled_by_the_laptop_that_made_it(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    ada.pull_all()
    visit = new_id()
    accepted = push(ada, ada.visit(visit, impression="Quiet."))
    assert quiet(accepted) == {visit_file(visit): 0}
    read(ada, accepted)
    ben.push(ben.place(new_id(), name="Invented House"))
    assert {row.kind for row in ada.pull_all()} == {"place"}


def test_further_changes_follow_on_from_the_last_push(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    ada.pull_all()
    visit = new_id()
    first = ada.visit(visit, impression="Quiet.")
    read(ada, push(ada, first))
    second = ada.visit(visit, [first.id], impression="Loud.")
    third = ada.visit(visit, [second.id], impression="Quiet again.")
    read(ada, push(ada, second, third))
    assert visit not in {row.record for row in ada.pull_all()}


def test_a_file_in_which_somebody_else_wrote_has_to_be_pulled(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    ada.pull_all()
    theirs, own = new_id(), new_id()
    ben.push(ben.place(theirs, name="Invented House"))
    accepted = push(ada, ada.place(own, name="Another House"))
    assert quiet(accepted)[REFERENCE_FILE] > ada.cursors[REFERENCE_FILE]
    assert {row.record for row in ada.pull_all()} >= {theirs, own}


def test_a_record_that_was_not_read_yet_is_not_passed_over_when_it_moves(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    ada.pull_all()
    place = new_id()
    ben.push(ben.place(place, name="Invented House"))
    accepted = push(ada, ada.place(place, town="Elsewhere"))
    assert quiet(accepted)[REFERENCE_FILE] > ada.cursors[REFERENCE_FILE]


def test_what_somebody_has_to_decide_is_pulled(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, advisers=[ben.adviser], impression="Quiet."))
    ben.push(ben.visit(visit, impression="Loud."))
    assert quiet(push(ada, ada.visit(visit, notes="Later."))) != {}
    assert quiet(push(ada, ada.visit(visit, impression="Calm."))) == {}


def test_what_was_sent_before_is_pulled(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    change = ada.visit(new_id(), impression="Quiet.")
    ada.push(change)
    assert quiet(push(ada, change)) == {}


def test_what_is_set_aside_is_pulled(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet."))
    assert quiet(push(ben, ben.visit(visit, impression="Loud."))) == {}


def test_a_record_that_comes_into_a_file_is_pulled(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    ada.pull_all()
    visit, child, record = new_id(), new_id(), new_id()
    said = [visit_file(visit)]
    read(
        ada,
        push(
            ada,
            ada.visit(visit, impression="Quiet."),
            ada.change(record, "statement", said, {"text": "No."}),
        ),
    )
    both = [visit_file(visit), child_file(child)]
    first = ada.change(record, "statement", both, {"child": child})
    assert quiet(push(ada, first)) == {}
