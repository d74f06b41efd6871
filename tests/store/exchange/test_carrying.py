"""What came from a colleague's hand stands here as the office says, once the office has it."""

import dataclasses as dc

from sqlalchemy import select

from hah_desktop.domain.changes import Change, Edit, content_hash
from hah_desktop.domain.exchange import Page, PulledChange, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import carrying, outbox, witness
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.journal.standing import PLACE
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CHANGE

VISIT = RecordId("v1")
FILE = FileId("visit:v1")


def by_hand(**said: Json) -> Change:
    edits = {name: Edit(value) for name, value in said.items()}
    sam = (LaptopId("l2"), 2, "before", VISIT, "visit", (FILE,), "sam", "2026-03-02T10:00:00+00:00")
    return Change(ChangeId("by-hand"), *sam, edits)


def carry(store: Store, change: Change) -> None:
    with store.writing() as connection:
        carrying.take(connection, [change])


def pull(store: Store, epoch: str, *heads: tuple[str, int, str, Json]) -> None:
    """What the office says: of each head its id, its place, its one field and what it says."""
    said = tuple(
        PulledChange(ChangeId(id_), place, "l2", "sam", "2026-03-02", fields={name: value})
        for id_, place, name, value in heads
    )
    last = max(change.order for change in said)
    with store.writing() as connection:
        page = Page(epoch, {FILE: last}, more=False)
        outbox.take_page(connection, page, [PulledRow(VISIT, "visit", (FILE,), last, said)])


def receive(store: Store, receipt: Receipt) -> None:
    with store.writing() as connection:
        assert outbox.take_receipts(connection, [receipt]) == 1


def held(store: Store) -> Held:
    with store.reading() as connection:
        found = reading.get(connection, VISIT)
    assert found is not None
    return found


def only_here(store: Store) -> list[ChangeId]:
    with store.reading() as connection:
        return carrying.without_receipt(connection, 10)


def place(store: Store, change: str) -> int | None:
    with store.reading() as connection:
        return connection.execute(select(PLACE).where(CHANGE.c.id == change)).scalar()


def test_a_change_that_came_by_hand_and_has_another_number_at_the_office_is_received(
    store: Store,
) -> None:
    change = by_hand(impression="Quiet.")
    carry(store, change)
    pull(store, "e1", ("later", 9, "impression", "Loud."))
    # Its laptop was put back from a safety copy, and has chained it anew before it sent it.
    moved = content_hash(dc.replace(change, number=3))
    heads = {"impression": (ChangeId("later"),)}
    receive(store, Receipt(change.id, moved, Verdict.DUPLICATE, 8, heads))
    assert only_here(store) == []
    assert (held(store).seen.body, held(store).open) == ({"impression": "Loud."}, {})


def test_what_came_by_hand_stays_replaced_once_only_the_later_words_are_at_the_office(
    store: Store,
) -> None:
    carry(store, by_hand(impression="Quiet."))
    mine = replaced(store)
    receive(store, Receipt(mine.id, content_hash(mine), Verdict.APPLIED, 5, {}))
    assert (held(store).seen.body, held(store).open) == ({"impression": "Loud."}, {})
    assert only_here(store) == [ChangeId("by-hand")]


def test_what_came_by_hand_stays_replaced_by_a_colleague_who_had_it_too(store: Store) -> None:
    carry(store, by_hand(impression="Quiet."))
    pull_over(store, 5, "later", "Loud.", "by-hand")
    assert (held(store).seen.body, held(store).open) == ({"impression": "Loud."}, {})


def over_both(store: Store, *replaces: str) -> None:
    """Words that came by hand over the office's, and a colleague's later ones over both."""
    pull(store, "e1", ("base", 3, "impression", "Base."))
    carry(store, dc.replace(by_hand(), edits={"impression": Edit("Quiet.", (ChangeId("base"),))}))
    pull_over(store, 5, "later", "Loud.", "by-hand", *replaces)
    assert held(store).seen.body == {"impression": "Loud."}


def pull_over(store: Store, place: int, id_: str, says: str, *replaces: str) -> None:
    fields, named = {"impression": says}, {"impression": tuple(map(ChangeId, replaces))}
    said = PulledChange(
        ChangeId(id_), place, "l3", "noor", "2026-03-02", fields=fields, replaces=named
    )
    with store.writing() as connection:
        page = Page("e1", {FILE: place}, more=False)
        outbox.take_page(connection, page, [PulledRow(VISIT, "visit", (FILE,), place, (said,))])


def test_what_came_by_hand_is_shown_again_once_the_office_has_lost_what_replaced_it(
    store: Store,
) -> None:
    over_both(store)
    with store.writing() as connection:
        witness.lose(connection, [ChangeId("later")])
        witness.drop(connection)
    assert (held(store).seen.body, held(store).open) == ({"impression": "Quiet."}, {})


def test_what_came_by_hand_is_shown_again_once_a_page_leaves_out_what_replaced_it(
    store: Store,
) -> None:
    over_both(store, "base")
    pull_over(store, 6, "other", "Other.", "base")
    assert {side.value for side in held(store).open["impression"]} == {"Quiet.", "Other."}


def test_what_came_by_hand_stays_replaced_by_what_was_replaced_in_turn(store: Store) -> None:
    over_both(store)
    pull_over(store, 6, "last", "Calm.", "later")
    assert (held(store).seen.body, held(store).open) == ({"impression": "Calm."}, {})


def test_what_says_that_it_replaces_itself_is_shown(store: Store) -> None:
    itself = {"impression": Edit("Quiet.", (ChangeId("by-hand"),))}
    carry(store, dc.replace(by_hand(), edits=itself))
    assert held(store).seen.body == {"impression": "Quiet."}


def test_what_replaced_it_and_was_set_aside_replaces_nothing(store: Store) -> None:
    carry(store, by_hand(impression="Quiet."))
    mine = replaced(store)
    no = {"impression": tuple[ChangeId, ...]()}
    receive(store, Receipt(mine.id, content_hash(mine), Verdict.SET_ASIDE, 5, no, "No."))
    assert (held(store).seen.body, held(store).open) == ({"impression": "Quiet."}, {})


def test_a_restored_office_gives_what_came_by_hand_its_place_anew(store: Store) -> None:
    carry(store, by_hand(staff_on_duty=5))
    pull(store, "e1", ("by-hand", 5, "staff_on_duty", 5), ("other", 6, "staff_on_duty", 7))
    assert place(store, "by-hand") == 5
    before = held(store).seen.body
    with store.writing() as connection:
        outbox.start_again(connection, "e2")
    pull(store, "e2", ("other", 7, "staff_on_duty", 7), ("by-hand", 8, "staff_on_duty", 5))
    assert (place(store, "by-hand"), place(store, "other")) == (8, 7)
    assert (before, held(store).seen.body) == ({"staff_on_duty": 7}, {"staff_on_duty": 5})


def replaced(store: Store) -> Change:
    """This laptop's own words, in the place of what came by hand."""
    shown = held(store)
    assert isinstance(shown.record, Visit)
    store.save(Edited(dc.replace(shown.record, impression="Loud."), shown.seen))
    with store.reading() as connection:
        (mine,) = outbox.unsent(connection, 10)
    assert mine.edits["impression"].replaces == ("by-hand",)
    return mine


def set_aside_before_a_restore(store: Store) -> Change:
    """What came by hand and the office set aside, before it was put back from a backup."""
    change = by_hand(impression="Quiet.")
    carry(store, change)
    no = {"impression": tuple[ChangeId, ...]()}
    receive(store, Receipt(change.id, content_hash(change), Verdict.SET_ASIDE, 5, no, "No."))
    with store.writing() as connection:
        outbox.start_again(connection, "e2")
    return change


def test_what_came_by_hand_and_a_restored_office_takes_is_not_told_as_set_aside(
    store: Store,
) -> None:
    change = set_aside_before_a_restore(store)
    pull(store, "e2", (change.id, 4, "impression", "Quiet."))
    with store.reading() as connection:
        assert outbox.set_aside(connection) == []
    assert held(store).seen.body == {"impression": "Quiet."}


def test_what_a_restored_office_took_and_replaced_unseen_is_not_told_as_set_aside(
    store: Store,
) -> None:
    change = set_aside_before_a_restore(store)
    pull(store, "e2", ("later", 9, "impression", "Loud."))
    # No page names it any more, so it is asked about.
    assert only_here(store) == [change.id]
    later = {"impression": (ChangeId("later"),)}
    receive(store, Receipt(change.id, content_hash(change), Verdict.DUPLICATE, 4, later))
    with store.reading() as connection:
        assert outbox.set_aside(connection) == []
    assert (held(store).seen.body, held(store).open) == ({"impression": "Loud."}, {})
