"""Receipts, pages and history: what the office says is taken whole, and only when it fits."""

import dataclasses as dc
import json
from collections.abc import Mapping

import pytest
from msgspec import structs
from sqlalchemy import select

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Accepted, Page, PulledChange, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox, witness
from hah_desktop.store.exchange.outbox import RUNS_KEPT, SyncRun
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.store.tables.rows import CHANGE, RECORD
from tests.store.sound import faults

VISIT = RecordId("v1")
FILE = FileId("visit:v1")
PAGE = Page("e1", {FILE: 9}, more=False)


def held(store: Store, record: str = VISIT) -> Held:
    with store.reading() as connection:
        found = reading.get(connection, record)
    assert found is not None
    return found


def body(store: Store, record: str = VISIT) -> Mapping[str, Json]:
    with store.reading() as connection:
        text = connection.execute(select(RECORD.c.body).where(RECORD.c.id == record)).scalar_one()
    return dict(json.loads(text))


def receipts(store: Store, verdict: Verdict = Verdict.APPLIED) -> list[Receipt]:
    with store.reading() as connection:
        changes = outbox.unsent(connection, 100)
    return [Receipt(c.id, content_hash(c), verdict, c.number + 10) for c in changes]


def take(store: Store, *given: Receipt) -> int:
    with store.writing() as connection:
        return outbox.take_receipts(connection, given)


def unsent(store: Store) -> int:
    with store.reading() as connection:
        return outbox.unsent_count(connection)


def pull(store: Store, *rows: PulledRow, page: Page = PAGE) -> list[RecordId]:
    with store.writing() as connection:
        return outbox.take_page(connection, page, rows)


def theirs(change: str, order: int, **fields: Json) -> PulledChange:
    return PulledChange(ChangeId(change), order, "l2", "sam", "2026-03-02", fields=fields)


def row(*changes: PulledChange, kind: str = "visit", record: RecordId = VISIT) -> PulledRow:
    return PulledRow(record, kind, (FILE,), max(c.order for c in changes), changes)


def test_a_receipt_makes_a_change_received(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    assert take(store, *receipts(store)) == 1
    assert unsent(store) == 0


def test_a_receipt_with_another_hash_makes_nothing_received(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    wrong = [dc.replace(receipt, hash="00" * 32) for receipt in receipts(store)]
    assert take(store, *wrong) == 0
    assert unsent(store) == 1


def test_a_receipt_for_somebody_elses_change_is_left_alone(store: Store) -> None:
    assert take(store, Receipt(ChangeId("unknown"), "0f", Verdict.APPLIED, 3)) == 0


def test_a_receipt_counts_once(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    given = receipts(store)
    assert [take(store, *given), take(store, *given)] == [1, 0]


def test_an_answer_is_taken_whole_or_not_at_all(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    given = receipts(store)
    with pytest.raises(RuntimeError, match="power"), store.writing() as connection:  # noqa: PT012 - one transaction
        outbox.take_receipts(connection, given)
        raise RuntimeError("power cut")
    assert unsent(store) == 1


def test_a_change_that_was_set_aside_leaves_the_record_and_stays_readable(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    (given,) = receipts(store, Verdict.SET_ASIDE)
    take(store, dc.replace(given, heads={"met_by": ()}, problem="The visit was given to another."))
    assert body(store) == {}
    with store.reading() as connection:
        (aside,) = outbox.set_aside(connection)
    assert (aside.record, aside.problem) == (VISIT, "The visit was given to another.")
    assert aside.content["fields"]["met_by"]["value"] == "D. Okafor"


def cannot_read(store: Store) -> list[Receipt]:
    """What the office says of what it cannot read: it knows neither the record nor its fields."""
    why = Reason.UNREADABLE.because("its bytes are kept as they came")
    return [dc.replace(r, problem=why) for r in receipts(store, Verdict.SET_ASIDE)]


def test_a_record_that_began_with_what_the_office_cannot_read_is_not_shown_as_received(
    store: Store,
) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    take(store, *cannot_read(store))
    assert (unsent(store), body(store)) == (0, {})
    with store.reading() as connection:
        (aside,) = outbox.set_aside(connection)
    assert aside.content["fields"]["met_by"]["value"] == "D. Okafor"


def test_words_that_the_office_cannot_read_leave_what_it_had_before(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    first = receipts(store)
    take(store, *first)
    seen = held(store)
    store.save(Edited(Visit(id=VISIT, met_by="Nobody", impression="Calm"), seen.seen))
    odd = cannot_read(store)
    # Also where an answer was lost, and both are told once more.
    for given in (odd, [*first, *odd]):
        take(store, *given)
        assert body(store) == {"met_by": "D. Okafor"}
        assert held(store).open == {}
    assert not faults(store)


def test_words_set_aside_from_a_record_that_was_taken_back_leave_what_it_had_before(
    store: Store,
) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    take(store, *receipts(store))
    seen = held(store)
    store.save(Edited(Visit(id=VISIT, met_by="Nobody", impression="Calm"), seen.seen))
    # Whose record it is that the adviser may not see any more, the office does not tell.
    (given,) = receipts(store, Verdict.SET_ASIDE)
    nothing = {"met_by": (), "impression": ()}
    take(store, dc.replace(given, heads=nothing, problem=Reason.TAKEN_BACK.why))
    assert body(store) == {"met_by": "D. Okafor"}
    assert not faults(store)


def test_what_was_set_aside_replaced_nothing_so_the_office_is_asked_for_what_it_did_not_name(
    store: Store,
) -> None:
    pull(store, row(theirs("theirs", 3, met_by="Sam")))
    seen = held(store)
    store.save(Edited(Visit(id=VISIT, met_by="Nobody"), seen.seen))
    (given,) = receipts(store, Verdict.SET_ASIDE)
    take(store, dc.replace(given, heads={"met_by": ()}, problem=Reason.TAKEN_BACK.why))
    assert body(store) == {"met_by": "Sam"}
    with store.reading() as connection:
        assert witness.heads(connection, 0, every=False)[1] == ["theirs"]


def test_a_head_that_is_not_known_yet_leaves_what_is_shown(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    (given,) = receipts(store, Verdict.CONFLICT)
    take(store, dc.replace(given, heads={"met_by": (given.id, ChangeId("theirs"))}))
    assert body(store) == {"met_by": "D. Okafor"}
    pull(
        store,
        row(
            PulledChange(given.id, given.order, own=("met_by",)), theirs("theirs", 3, met_by="Sam")
        ),
    )
    assert {side.value for side in held(store).open["met_by"]} == {"D. Okafor", "Sam"}


def test_what_is_saved_over_a_head_that_is_not_known_yet_is_shown_at_once(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    (given,) = receipts(store, Verdict.CONFLICT)
    take(store, dc.replace(given, heads={"met_by": (given.id, ChangeId("theirs"))}))
    mine = held(store)
    store.save(Edited(dc.replace(mine.record, met_by="R. Amadi"), mine.seen))  # type: ignore[call-arg]  # a visit
    assert body(store) == {"met_by": "R. Amadi"}
    assert faults(store) == []
    pull(store, row(theirs("theirs", 3, met_by="Sam")))
    assert {side.value for side in held(store).open["met_by"]} == {"R. Amadi", "Sam"}


def test_what_is_pulled_is_shown_and_searched(store: Store) -> None:
    pull(store, row(theirs("c1", 3, met_by="Zoë at the gate")))
    with store.reading() as connection:
        assert [hit.record.id for hit in reading.find(connection, "zoe")] == [VISIT]
        assert outbox.cursors(connection) == {FILE: 9}


def test_a_page_moves_its_cursors_and_no_others(store: Store) -> None:
    pull(store, page=Page("e1", {FILE: 9, FileId("ref"): 9}, more=False))
    pull(store, page=Page("e1", {FILE: 12}, more=False))
    with store.reading() as connection:
        assert outbox.cursors(connection) == {FILE: 12, "ref": 9}


def test_a_pull_does_not_hide_what_is_only_here(store: Store) -> None:
    pull(store, row(theirs("c1", 3, met_by="Sam", impression="Loud")))
    mine = held(store)
    store.save(Edited(dc.replace(mine.record, met_by="D. Okafor"), mine.seen))  # type: ignore[call-arg]  # a visit
    pull(store, row(theirs("c2", 4, impression="Calm")))
    assert body(store) == {"met_by": "D. Okafor", "impression": "Calm"}


def test_the_later_of_two_rows_of_one_record_takes_nothing_from_the_earlier(store: Store) -> None:
    both = (row(theirs("c1", 3, met_by="Sam")), row(theirs("c1", 3, impression="Calm")))
    pull(store, *both)
    assert body(store) == {"met_by": "Sam", "impression": "Calm"}
    assert faults(store) == []


def test_an_own_change_that_is_not_known_is_asked_for(store: Store) -> None:
    own = PulledChange(ChangeId("lost"), 4, own=("met_by",))
    assert pull(store, row(own)) == [VISIT]
    assert pull(store, row(theirs("lost", 4, met_by="Sam"))) == []
    assert body(store) == {"met_by": "Sam"}


def test_a_pull_that_names_an_own_change_is_the_offices_word_for_it(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    (given,) = receipts(store)
    assert pull(store, row(PulledChange(given.id, 4, own=("met_by",)))) == []
    assert unsent(store) == 0


def test_an_own_change_that_comes_back_in_full_keeps_its_place_in_the_chain(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    (given,) = receipts(store)
    pull(store, row(theirs(given.id, 4, met_by="D. Okafor")))
    assert faults(store) == []
    with store.reading() as connection:
        assert [change.id for change in outbox.unsent(connection, 9)] == [given.id]


def test_a_kind_of_a_newer_version_is_kept_untouched_and_not_shown(store: Store) -> None:
    newer = row(theirs("c1", 3, shade="blue", size=4), kind="hologram")
    pull(store, newer)
    assert body(store) == {"shade": "blue", "size": 4}
    with store.reading() as connection:
        assert reading.get(connection, VISIT) is None
        assert reading.count(connection, "hologram") == 1


def test_a_field_of_a_newer_version_outlives_an_edit_here(store: Store) -> None:
    pull(store, row(theirs("c1", 3, met_by="Sam", newer_field="kept")))
    mine = held(store)
    store.save(Edited(dc.replace(mine.record, met_by="D. Okafor"), mine.seen))  # type: ignore[call-arg]  # a visit
    assert body(store) == {"met_by": "D. Okafor", "newer_field": "kept"}
    with store.reading() as connection:
        (change,) = outbox.unsent(connection, 9)
    assert set(change.edits) == {"met_by"}


def test_a_field_of_a_newer_version_that_two_changed_is_left_to_a_person(store: Store) -> None:
    pull(store, row(theirs("c1", 3, newer="one"), theirs("c2", 4, newer="two")))
    assert [side.value for side in held(store).open["newer"]] == ["one", "two"]


def test_a_change_of_the_offices_own_counts_as_such(store: Store) -> None:
    offices = structs.replace(theirs("c1", 3, name="Ruth"), by_office=True)
    pull(store, row(offices, theirs("c2", 4, name="R."), kind="adviser"))
    assert body(store) == {"name": "Ruth"}


def test_an_office_that_was_restored_is_offered_everything_again(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    take(store, *receipts(store))
    pull(store, row(theirs("c1", 3, impression="Calm")))
    with store.writing() as connection:
        outbox.start_again(connection, "e2")
    identity = store.identity()
    assert identity is not None
    assert (unsent(store), identity.epoch) == (1, "e2")
    assert body(store) == {"met_by": "D. Okafor", "impression": "Calm"}
    with store.reading() as connection:
        assert outbox.cursors(connection) == {FILE: 0}
        assert (
            connection.execute(select(CHANGE.c.received).where(CHANGE.c.id == "c1")).scalar() == 3
        )


def test_the_last_hundred_syncs_are_remembered_newest_first(store: Store) -> None:
    for number in range(RUNS_KEPT + 5):
        with store.writing() as connection:
            outbox.note_run(connection, SyncRun(f"{number}", "later", number, 0, "a problem"))
    with store.reading() as connection:
        runs = outbox.runs(connection)
    assert [run.sent for run in runs] == list(range(RUNS_KEPT + 4, 4, -1))
    assert runs[0] == SyncRun("104", "later", 104, 0, "a problem")


def test_who_the_laptop_is_never_shows_its_key() -> None:
    assert "5ec7e7" not in repr(Identity("5ec7e7", laptop="l1"))


def test_no_laptop_has_a_name_before_it_was_given_one(store: Store) -> None:
    store.keep_identity(Identity("00"))
    with pytest.raises(KnownError, match="not enrolled"), store.writing() as connection:
        outbox.start_again(connection, "e2")


def test_an_authority_that_is_kept_is_never_replaced(store: Store) -> None:
    for met_under in ("", "another"):
        with store.writing() as connection:
            meta.pin_authority(connection, met_under)
            assert meta.enrolled(connection).authority == ""


def test_all_that_was_ever_saved_here_is_counted(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="D. Okafor"), Visit(id=RecordId("v2"), met_by="Sam"))
    take(store, receipts(store)[0])
    pull(store, row(theirs("c1", 30, impression="Calm")))
    with store.reading() as connection:
        assert outbox.saved_count(connection) == 2


def test_what_a_colleague_saw_and_whether_to_trust_the_clock_is_kept(store: Store) -> None:
    first = theirs("c1", 1, met_by="Sam")
    odd = structs.replace(
        theirs("c2", 2, met_by="Sam Hill"),
        clock_trusted=False,
        replaces={"met_by": (ChangeId("c1"),)},
    )
    pull(store, row(first))
    pull(store, row(odd, theirs("c3", 3, met_by="Sam H.")))
    with store.reading() as connection:
        held = reading.get(connection, VISIT)
        said = connection.execute(select(CHANGE.c.content).where(CHANGE.c.id == "c2")).scalar_one()
    assert held is not None
    assert [side.clock_trusted for side in held.open["met_by"]] == [False, True]
    assert json.loads(said)["fields"]["met_by"]["replaces"] == ["c1"]


# Files that its own receipts have read


def cursor_after(store: Store, *, before: int, last: int) -> int:
    """The cursor of the visit's file after a push whose receipts tell all since `last`."""
    store.add(Visit(id=VISIT, met_by="D. Okafor"))
    pull(store, page=Page("e1", {FILE: before}, more=False))
    given = receipts(store)
    with store.writing() as connection:
        outbox.take_receipts(connection, given)
        outbox.move_cursors(
            connection, Accepted("e1", 1, 12, {FILE: last}), [receipt.id for receipt in given]
        )
        return outbox.cursors(connection)[FILE]


def test_a_file_in_which_nothing_else_moved_was_read_by_the_receipts(store: Store) -> None:
    assert cursor_after(store, before=9, last=9) == 12


@pytest.mark.parametrize(
    ("thought", "upto", "then"), [(9, 12, 12), (8, 12, 9), (9, 7, 9)], ids=["on", "others", "back"]
)
def test_cursors_move_on_from_where_they_were_thought_to_be_and_never_back(
    store: Store, thought: int, upto: int, then: int
) -> None:
    pull(store, page=Page("e1", {FILE: 9}, more=False))
    with store.writing() as connection:
        outbox.move_on(connection, {FILE: thought}, {FILE: upto})
        assert outbox.cursors(connection) == {FILE: then}


def test_a_file_in_which_something_else_moved_is_still_to_be_read(store: Store) -> None:
    assert cursor_after(store, before=9, last=10) == 9


def test_a_cursor_from_a_later_place_than_the_office_knows_is_left(store: Store) -> None:
    assert cursor_after(store, before=20, last=9) == 20
