"""A laptop's changes reach the office once, whole, and come back to whoever may see them."""

import dataclasses as dc
from collections.abc import Callable

from sqlalchemy import func, select

from hah_central.database.rows import Change
from hah_central.journal import records
from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import REFERENCE_FILE, RecordId, visit_file
from hah_desktop.sync.wire.changes import write_push
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, problem, values, verdicts

Laptops = Callable[[str], Laptop]


def stored(desk: Desk) -> int:
    """How many changes of laptops the journal holds."""
    with desk.database.reading() as connection:
        counted = select(func.count()).select_from(Change).where(Change.laptop != "office")
        return connection.execute(counted).scalar_one()


def test_a_receipt_names_the_hash_of_what_the_laptop_sent(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    change = ada.visit(new_id(), impression="Quiet.")

    (receipt,) = ada.push(change)

    assert receipt.verdict is Verdict.APPLIED
    assert receipt.hash == content_hash(change)
    assert receipt.heads == {}


def test_the_office_says_how_far_it_has_come_with_a_laptop(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    changes = [ada.visit(new_id(), impression="Quiet.") for _ in range(3)]

    accepted, _ = ada.accepted(*changes)

    assert accepted.number == 3
    assert accepted.epoch == ada.enrolled.epoch


def test_what_one_laptop_pushed_the_other_pulls(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    ada.push(ada.place(place, name="Invented House"))

    rows = ben.pull_all()

    assert values(rows, place, "name") == {"Invented House"}
    (row,) = (row for row in rows if row.record == place)
    assert (row.kind, row.files) == ("place", (REFERENCE_FILE,))


def test_a_pulled_change_says_who_made_it_when_and_on_which_laptop(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    change = ada.place(new_id(), name="Invented House")
    (receipt,) = ada.push(change)

    (pulled,) = (c for row in ben.pull_all() for c in row.changes if c.id == change.id)

    assert (pulled.laptop, pulled.author, pulled.made_at, pulled.order) == (
        change.laptop,
        change.author,
        change.made_at,
        receipt.order,
    )
    assert pulled.clock_trusted
    assert not pulled.by_office


def test_how_far_a_wrong_clock_was_off_comes_with_what_was_written_by_it(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    right = ada.place(new_id(), name="Invented House")
    wrong = dc.replace(right, clock_trusted=False, clock_off=3600)
    ada.push(wrong)

    (pulled,) = (c for row in ben.pull_all() for c in row.changes if c.id == wrong.id)

    assert (pulled.clock_trusted, pulled.clock_off) == (False, 3600)


def test_the_offices_own_changes_are_marked_as_such(laptop: Laptops) -> None:
    ada = laptop("Ada Example")

    rows = ada.pull_all()

    (row,) = (row for row in rows if row.record == ada.adviser)
    assert all(change.by_office for change in row.changes)
    assert values(rows, ada.adviser, "name") == {"Ada Example"}


def test_the_same_push_three_times_has_one_effect(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit = new_id()
    first = ada.visit(visit, impression="Quiet.")
    second = ada.visit(visit, [first.id], impression="Quiet at first.")

    ada.push(first, second)
    for _ in range(2):
        receipts = ada.push(first, second)
        assert verdicts(receipts) == [Verdict.DUPLICATE, Verdict.DUPLICATE]
        assert receipts[0].heads == {"impression": (second.id,)}
        assert receipts[1].heads == {}

    assert stored(desk) == 2
    with desk.database.reading() as connection:
        body = records.shown(connection, [RecordId(visit)])[RecordId(visit)].body
    assert body == {"impression": "Quiet at first."}


def test_a_push_whose_first_half_is_known_takes_the_rest(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    first, second = (ada.visit(new_id(), impression=text) for text in ("One.", "Two."))
    ada.push(first)

    assert verdicts(ada.push(first, second)) == [Verdict.DUPLICATE, Verdict.APPLIED]


def test_a_laptops_own_words_come_back_as_names_only(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    change = ada.visit(new_id(), impression="Quiet.", met_by="The manager")
    ada.push(change)

    (pulled,) = (c for row in ada.pull_all() for c in row.changes if c.id == change.id)

    assert set(pulled.own) == {"impression", "met_by"}
    assert pulled.fields == {}


def test_a_wanted_record_comes_back_in_full(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet.", met_by="The manager"))
    ada.pull_all()

    _, rows = ada.pull(visit)

    assert values(rows, visit, "impression") == {"Quiet."}
    assert values(rows, visit, "met_by") == {"The manager"}


def test_a_wanted_record_of_somebody_elses_visit_stays_away(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet."))

    _, rows = ben.pull(visit)

    assert visit not in {row.record for row in rows}


def test_nothing_new_is_an_empty_page(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    ada.pull_all()

    page, rows = ada.pull()

    assert rows == []
    assert not page.more


def test_only_the_fields_that_moved_are_sent(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    first = ada.place(place, name="Invented House", region="Nowhere")
    ada.push(first)
    ben.pull_all()
    ada.push(ada.place(place, [first.id], region="Elsewhere"))

    (row,) = ben.pull_all()

    assert row.heads().keys() == {"region"}


def test_two_laptops_that_change_one_field_unseen_make_a_conflict_with_both(
    laptop: Laptops,
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    first = ada.visit(visit, met_by="Nobody", advisers=[ben.adviser])
    ada.push(first)
    ben.pull_all()
    of_ada = ada.visit(visit, [first.id], met_by="The manager")
    of_ben = ben.visit(visit, [first.id], met_by="The deputy")

    assert verdicts(ada.push(of_ada)) == [Verdict.APPLIED]
    (receipt,) = ben.push(of_ben)

    assert receipt.verdict is Verdict.CONFLICT
    assert receipt.heads == {"met_by": tuple(sorted((of_ada.id, of_ben.id)))}
    (row,) = (row for row in ada.pull_all() if row.record == visit)
    both = row.heads()["met_by"]
    assert {change.id for change in both} == {of_ada.id, of_ben.id}
    assert values([row], visit, "met_by") == {"The deputy"}
    assert values(ben.pull(visit)[1], visit, "met_by") == {"The manager", "The deputy"}


def test_a_person_who_decides_replaces_both(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, met_by="The manager", advisers=[ben.adviser]))
    ben.pull_all()
    ben.push(ben.visit(visit, met_by="The deputy"))
    ada.pull_all()

    decided = ada.visit(visit, sorted(ada.heads[visit, "met_by"]), met_by="Both of them")

    assert verdicts(ada.push(decided)) == [Verdict.APPLIED]
    _, rows = ben.pull(visit)
    assert values(rows, visit, "met_by") == {"Both of them"}
    (told,) = (c for row in rows for c in row.changes if c.id == decided.id)
    assert told.replaces == {"met_by": decided.edits["met_by"].replaces}


def test_small_facts_that_meet_are_merged_and_both_are_kept(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    ada.push(ada.place(place, name="Invented House"))

    (receipt,) = ben.push(ben.place(place, name="Invented Home"))

    assert receipt.verdict is Verdict.MERGED
    assert values(ada.pull(place)[1], place, "name") == {"Invented House", "Invented Home"}


def test_two_laptops_that_change_different_fields_are_both_applied(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    ada.push(ada.visit(visit, met_by="The manager", advisers=[ben.adviser]))
    ben.pull_all()

    assert verdicts(ben.push(ben.visit(visit, left_at="16:40"))) == [Verdict.APPLIED]
    assert verdicts(ada.push(ada.visit(visit, impression="Quiet."))) == [Verdict.APPLIED]

    rows = ada.pull(visit)[1]
    assert values(rows, visit, "left_at") == {"16:40"}
    assert values(rows, visit, "impression") == {"Quiet."}


def test_a_change_that_comes_after_the_one_that_replaced_it_is_no_head(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    early = ada.place(place, name="Invented House")
    ben.push(ben.place(place, [early.id], name="Invented Home"))

    (receipt,) = ada.push(early)

    assert receipt.verdict is Verdict.APPLIED
    assert early.id not in receipt.heads["name"]
    assert values(ada.pull(place)[1], place, "name") == {"Invented Home"}


def test_a_missing_number_is_a_problem_that_says_what_is_expected(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    ada.push(ada.visit(new_id(), impression="One."))
    ada.visit(new_id(), impression="Lost.")
    third = ada.visit(new_id(), impression="Three.")

    answer = ada.push_body(write_push(ada.enrolled.epoch, [third]))

    assert "number 2" in problem(answer, 409, "gap")
    assert answer.json()["expected"] == 2
    assert stored(desk) == 1


def test_another_change_under_a_known_number_is_a_fork(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    ada.push(ada.visit(new_id(), impression="One."))
    ada.number, ada.previous = 0, ""
    copied = ada.visit(new_id(), impression="Of a copied laptop.")

    answer = ada.push_body(write_push(ada.enrolled.epoch, [copied]))

    told = problem(answer, 409, "forked")
    assert "call the office" in told
    assert f"“Laptop of the test” ({ada.enrolled.laptop})" in told
    assert stored(desk) == 1


def test_a_change_that_does_not_name_the_one_before_breaks_the_chain(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    ada.push(ada.visit(new_id(), impression="One."))
    ada.previous = "0" * 64

    answer = ada.push_body(write_push(ada.enrolled.epoch, [ada.visit(new_id(), impression="Two.")]))

    problem(answer, 409, "chain")
    assert stored(desk) == 1


def test_changes_under_another_laptops_name_are_refused(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    of_ben = ben.visit(new_id(), impression="Quiet.")

    problem(ada.push_body(write_push(ada.enrolled.epoch, [of_ben])), 422, "wrong-laptop")

    assert stored(desk) == 0


def test_another_epoch_starts_from_nothing(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    ada.push(ada.place(place, name="Invented House"))
    ben.pull_all()

    page, rows = ben.pull(epoch="of a time before the office was restored")

    assert place in {row.record for row in rows}
    assert page.epoch == ben.enrolled.epoch


def test_a_cursor_that_the_office_never_gave_starts_from_nothing(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    ada.push(ada.place(place, name="Invented House"))
    ben.pull_all()
    ben.cursors[REFERENCE_FILE] += 1000

    _, rows = ben.pull()

    assert place in {row.record for row in rows}


def test_an_empty_push_is_answered(laptop: Laptops) -> None:
    assert laptop("Ada Example").push() == []


def test_every_file_of_the_adviser_is_in_the_answer(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet."))

    page, _ = ada.pull()

    assert page.files.keys() == {REFERENCE_FILE, visit_file(visit)}
    assert len(set(page.files.values())) == 1


def test_an_edit_that_nobody_saw_who_removed_the_record_is_a_conflict(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    first = ada.place(place, name="Invented House")
    ada.push(first)
    (removed,) = ada.push(ada.place(place, [first.id], removed=True))

    (unseen,) = ben.push(ben.place(place, region="Nowhere"))
    (again,) = ada.push(ada.place(place, [unseen.id], region="Elsewhere"))
    seen = [first.id, removed.id, again.id]
    (decided,) = ben.push(ben.place(place, seen, removed=True))

    assert verdicts([removed, unseen, again, decided]) == [
        Verdict.APPLIED,
        Verdict.CONFLICT,
        Verdict.CONFLICT,
        Verdict.APPLIED,
    ]
