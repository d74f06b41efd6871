"""What is taken off a laptop when a file is given to its adviser no more, and what stays."""

import dataclasses as dc
import json
from io import BytesIO

import pytest
from sqlalchemy import select, update

from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.exchange import Page, PulledChange, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import (
    REFERENCE_FILE,
    ChangeId,
    FileId,
    RecordId,
    child_file,
    visit_file,
)
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.child import Child, Statement
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.domain.removals import Removals
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import chain, outbox, withdrawing
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import DECISION, Draft
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events
from hah_desktop.store.tables.rows import CHANGE, RECORD, SEARCH
from hah_desktop.sync.engine import StoreBox
from tests.store.sound import faults

VISIT, OTHER, CHILD = RecordId("v1"), RecordId("v2"), RecordId("c1")
GONE, KEPT, MET = visit_file(VISIT), visit_file(OTHER), child_file(CHILD)
BEFORE = Page("e1", {REFERENCE_FILE: 9, GONE: 9, KEPT: 9, MET: 9}, more=False)


def without(*files: FileId, seq: int = 12) -> Page:
    return Page("e1", {f: seq for f in BEFORE.files if f not in files}, more=False)


def theirs(record: str, kind: str, files: list[FileId], **fields: Json) -> PulledRow:
    change = PulledChange(ChangeId(f"of-{record}"), 3, "l2", "sam", "2026-03-02", fields=fields)
    return PulledRow(RecordId(record), kind, tuple(files), 3, (change,))


def take(store: Store, page: Page, *rows: PulledRow) -> None:
    StoreBox(store).take_page(page, rows)


def given(store: Store) -> None:
    """Two visits, a child met on the first, and what was written on it by a colleague."""
    take(
        store,
        BEFORE,
        theirs(VISIT, "visit", [GONE], met_by="Zara", impression="Harbour"),
        theirs(OTHER, "visit", [KEPT], met_by="Sam"),
        theirs(CHILD, "child", [MET], known_as="Sky"),
        theirs("s1", "statement", [GONE, MET], visit=VISIT, child=CHILD, text="Lantern"),
        theirs("a1", "area", [GONE], visit=VISIT, seen="Thistle"),
        theirs("p1", "place", [REFERENCE_FILE], name="Invented House"),
    )


def records(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(select(RECORD.c.id)).scalars())


def receive_all(store: Store, verdict: Verdict = Verdict.APPLIED) -> None:
    with store.reading() as connection:
        changes = outbox.unsent(connection, 100)
    StoreBox(store).take_receipts(
        [
            Receipt(
                c.id,
                content_hash(c),
                verdict,
                c.number + 10,
                dict.fromkeys(c.edits, ()) if verdict is Verdict.SET_ASIDE else {},
            )
            for c in changes
        ]
    )


def removals(store: Store, page: Page) -> Removals:
    return StoreBox(store).removals(page, [])


def held_back(store: Store) -> list[RecordId]:
    with store.reading() as connection:
        return withdrawing.held_back(connection)


def cursors(store: Store) -> dict[FileId, int]:
    return StoreBox(store).cursors()


def test_what_lies_in_no_file_that_is_given_goes_and_all_else_stays(store: Store) -> None:
    given(store)

    take(store, without(GONE))

    assert records(store) == {OTHER, CHILD, "s1", "p1"}
    assert cursors(store).keys() == {REFERENCE_FILE, KEPT, MET}
    assert faults(store) == []


def test_nothing_of_it_is_found_nor_kept(store: Store) -> None:
    given(store)

    take(store, without(GONE, MET))

    with store.reading() as connection:
        assert all(not reading.find(connection, word) for word in ("zara", "lantern", "thistle"))
        words = " ".join(connection.execute(select(CHANGE.c.content)).scalars())
        assert len(connection.execute(select(SEARCH.c.rowid)).all()) == len(records(store))
    assert not any(word in words for word in ("Zara", "Harbour", "Lantern", "Thistle", "Sky"))
    assert "Sam" in words


def test_the_second_file_of_a_record_takes_it_along(store: Store) -> None:
    given(store)
    take(store, without(GONE))

    take(store, without(GONE, MET))

    assert records(store) == {OTHER, "p1"}


def test_the_laptops_own_changes_stay_in_their_chain(store: Store) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit=VISIT, seen="A door."))
    receive_all(store)

    take(store, without(GONE, MET))

    assert "a2" not in records(store)
    with store.reading() as connection:
        assert chain.check_chain(connection).number == 1
    assert faults(store) == []


def test_a_change_that_is_only_here_keeps_its_record_until_it_has_its_receipt(
    store: Store,
) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit=VISIT, seen="A door."))

    take(store, without(GONE))
    assert records(store) == {OTHER, CHILD, "s1", "p1", "a2"}
    assert held_back(store) == ["a2"]
    assert cursors(store)[GONE] == 0

    receive_all(store)
    take(store, without(GONE))
    assert "a2" not in records(store)
    assert held_back(store) == []
    assert GONE not in cursors(store)


def test_a_draft_keeps_its_record_and_its_visit_until_it_is_saved_or_thrown_away(
    store: Store,
) -> None:
    given(store)
    with store.writing() as connection:
        drafts.keep(connection, Draft("a1", "area", VISIT, {"seen": "Thistle and"}, NOTHING))

    take(store, without(GONE))
    assert {"a1", VISIT} <= records(store)
    assert held_back(store) == ["a1", VISIT]

    with store.writing() as connection:
        drafts.discard(connection, "a1")
    take(store, without(GONE))
    assert not {"a1", VISIT} & records(store)


def test_a_draft_of_a_record_that_was_never_saved_keeps_its_visit(store: Store) -> None:
    given(store)
    with store.writing() as connection:
        drafts.keep(connection, Draft("new", "area", VISIT, {"seen": "A door"}, NOTHING))

    take(store, without(GONE))

    assert records(store) == {OTHER, CHILD, "s1", "p1", VISIT}


def test_what_is_typed_in_a_conversation_keeps_all_that_leads_to_it(store: Store) -> None:
    given(store)
    take(
        store,
        BEFORE,
        theirs("t1", "conversation", [GONE, MET], visit=VISIT, child=CHILD, status="draft"),
        theirs("t2", "conversation", [GONE, MET], visit=VISIT, child=CHILD, status="draft"),
    )
    said = Statement(id=RecordId("new"), visit=VISIT, child=CHILD, conversation="t1", text="He h")
    with store.writing() as connection:
        drafts.keep(connection, Draft(said.id, said.kind, VISIT, to_body(said), NOTHING))

    take(store, without(GONE, MET))
    assert records(store) == {OTHER, "p1", VISIT, CHILD, "t1"}

    with store.writing() as connection:
        drafts.discard(connection, said.id)
    take(store, without(GONE, MET))
    assert records(store) == {OTHER, "p1"}


def test_a_permission_that_is_typed_keeps_what_was_said_and_where(store: Store) -> None:
    given(store)
    said = {"visit": VISIT, "child": CHILD, "conversation": "t1", "text": "Lantern"}
    take(
        store,
        BEFORE,
        theirs("t1", "conversation", [GONE, MET], visit=VISIT, child=CHILD, status="draft"),
        theirs("s2", "statement", [GONE, MET], **said),
    )
    with store.writing() as connection:
        typed = {"visit": VISIT, "child": CHILD, "item": "s2"}
        drafts.keep(connection, Draft("new", "permission", VISIT, typed, NOTHING))

    take(store, without(GONE, MET))

    assert records(store) == {OTHER, "p1", VISIT, CHILD, "t1", "s2"}


def test_a_decision_that_is_half_made_keeps_what_leads_to_its_record(store: Store) -> None:
    given(store)
    torn = update(RECORD).where(RECORD.c.id == "s1").values(open='{"by": ["a", "b"]}')
    with store.writing() as connection:
        connection.execute(torn)
        drafts.keep(connection, Draft(f"{DECISION}s1", "decision", "", {}, NOTHING))

    take(store, without(GONE, MET))

    assert records(store) == {OTHER, "p1", VISIT, CHILD, "s1"}


@pytest.mark.parametrize("sides", ['{"impression": ["a", "b"]}', None])
def test_a_decision_that_is_half_made_keeps_its_record_until_its_author_has_done_with_it(
    store: Store, sides: str | None
) -> None:
    given(store)
    torn = update(RECORD).where(RECORD.c.id == VISIT).values(open=sides)
    with store.writing() as connection:
        connection.execute(torn)
        drafts.keep(connection, Draft(f"{DECISION}{VISIT}", "decision", "", {}, NOTHING))

    take(store, without(GONE))
    assert VISIT in records(store)
    assert held_back(store) == [VISIT]

    with store.writing() as connection:
        drafts.discard(connection, f"{DECISION}{VISIT}")
    take(store, without(GONE))
    assert VISIT not in records(store)


def test_a_letter_that_is_only_here_keeps_its_record(store: Store) -> None:
    given(store)
    beside = Attachments(store.folder)
    beside.keep(
        store,
        BytesIO(b"%PDF- a letter"),
        lambda sealed: [Edited(Attachment(id=RecordId("l1"), visit=VISIT, content=sealed.file.id))],
    )
    receive_all(store)

    take(store, without(GONE))

    assert "l1" in records(store)
    assert beside.sweep(store).lost == ()


def test_a_letter_that_a_colleague_attached_and_handed_over_goes(store: Store) -> None:
    given(store)
    beside = Attachments(store.folder)
    kept = beside.keep(store, BytesIO(b"%PDF- a letter"), lambda _: [])
    take(store, BEFORE, theirs("l1", "attachment", [GONE], visit=VISIT, content=kept.id))
    with store.reading() as connection:
        held = reading.get(connection, "l1")
    assert held is not None
    store.save(Edited(dc.replace(held.record, note="Her plan"), held.seen))  # type: ignore[call-arg]  # a field of a letter

    take(store, without(GONE))
    assert held_back(store) == ["l1"]

    receive_all(store)
    take(store, without(GONE))
    assert held_back(store) == []
    assert "l1" not in records(store)


def test_a_letter_that_was_removed_before_it_was_sent_holds_nothing_back(store: Store) -> None:
    given(store)
    letter = Attachment(id=RecordId("l1"), visit=VISIT)
    Attachments(store.folder).keep(
        store,
        BytesIO(b"%PDF- a letter"),
        lambda sealed: [Edited(dc.replace(letter, content=sealed.file.id))],
    )
    with store.reading() as connection:
        held = reading.get(connection, "l1")
    assert held is not None
    store.save(Edited(dc.replace(held.record, removed=True), held.seen))
    receive_all(store)

    take(store, without(GONE))

    assert held_back(store) == []
    assert "l1" not in records(store)


def test_a_letter_that_the_office_has_goes_with_its_record(store: Store) -> None:
    given(store)
    beside = Attachments(store.folder)
    kept = beside.keep(
        store,
        BytesIO(b"%PDF- a letter"),
        lambda sealed: [Edited(Attachment(id=RecordId("l1"), visit=VISIT, content=sealed.file.id))],
    )
    receive_all(store)
    with store.writing() as connection:
        travelling.note_received(connection, kept.sha256)
    assert beside.sweep(store).removed == 0

    take(store, without(GONE))

    assert "l1" not in records(store)
    assert beside.sweep(store).removed == 1
    assert not beside.path(kept.id).exists()


def test_a_file_that_is_given_again_is_asked_for_from_the_start(store: Store) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit=VISIT, seen="A door."))
    take(store, without(GONE))

    take(store, BEFORE, theirs("a1", "area", [GONE], visit=VISIT, seen="Thistle"))

    assert {"a1", "a2"} <= records(store)
    assert held_back(store) == []
    assert faults(store) == []


def test_own_words_come_back_with_a_file_that_is_given_again(store: Store) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit=VISIT, seen="A door."))
    receive_all(store)
    with store.reading() as connection:
        mine = connection.execute(select(CHANGE.c.id).where(CHANGE.c.record == "a2")).scalar_one()
    take(store, without(GONE))

    own = PulledChange(ChangeId(mine), 11, own=("seen", "visit"))
    take(store, BEFORE, PulledRow(RecordId("a2"), "area", (GONE,), 11, (own,)))

    with store.reading() as connection:
        held = reading.get(connection, "a2")
    assert held is not None
    assert held.record == Area(id=RecordId("a2"), visit=VISIT, seen="A door.")
    assert faults(store) == []


def test_what_was_set_aside_leaves_its_record_and_stays_readable(store: Store) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit="elsewhere", seen="A door."))
    receive_all(store, Verdict.SET_ASIDE)

    take(store, BEFORE)

    assert "a2" not in records(store)
    with store.reading() as connection:
        (aside,) = outbox.set_aside(connection)
    assert aside.content["fields"]["seen"]["value"] == "A door."


def test_a_visit_that_was_taken_back_before_it_was_ever_named_goes_too(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="Zara"), Child(id=CHILD, known_as="Sky"))
    receive_all(store)

    take(store, without(GONE, MET))

    assert records(store) == set()


def test_a_new_visit_that_was_not_sent_is_no_business_of_a_page(store: Store) -> None:
    store.add(Visit(id=VISIT, met_by="Zara"))

    take(store, without(GONE))

    assert records(store) == {VISIT}
    assert held_back(store) == []


def test_what_would_go_is_counted_by_file_before_it_goes(store: Store) -> None:
    given(store)

    assert removals(store, BEFORE) == Removals()
    assert removals(store, without(GONE, MET)) == Removals(4, 5, {GONE: 3, MET: 2})
    assert records(store) == {VISIT, OTHER, CHILD, "s1", "a1", "p1"}


def test_after_the_office_was_restored_a_missing_file_is_doubted_until_it_is_named(
    store: Store,
) -> None:
    given(store)
    with store.writing() as connection:
        outbox.start_again(connection, "e2")

    assert removals(store, without(GONE)).doubted
    assert set(cursors(store).values()) == {0}

    take(store, BEFORE)
    assert not removals(store, without(GONE)).doubted


def test_what_goes_is_noted_without_a_name(store: Store) -> None:
    given(store)

    take(store, without(GONE))
    take(store, without(GONE))

    with store.reading() as connection:
        (event,) = events.events(connection)
    assert event.words().endswith("was removed. (files: 1, records: 2)")


def test_an_office_that_was_restored_is_offered_also_what_is_no_longer_here(store: Store) -> None:
    given(store)
    store.add(Area(id=RecordId("a2"), visit=VISIT, seen="A door."))
    receive_all(store)
    take(store, without(GONE))

    with store.writing() as connection:
        outbox.start_again(connection, "e2")
        (change,) = outbox.unsent(connection, 9)

    assert change.record == "a2"
    receive_all(store)
    assert "a2" not in records(store)


def test_a_form_that_stayed_open_is_saved_and_its_record_goes_after_it_was_received(
    store: Store,
) -> None:
    given(store)
    with store.reading() as connection:
        held = reading.get(connection, VISIT)
    assert held is not None
    take(store, without(GONE))

    store.save(Edited(dc.replace(held.record, met_by="Zara, at last"), held.seen))  # type: ignore[call-arg]  # a visit
    assert VISIT in records(store)
    receive_all(store)
    take(store, without(GONE))

    assert VISIT not in records(store)
    with store.reading() as connection:
        said = connection.execute(select(CHANGE.c.content).where(CHANGE.c.record == VISIT))
        assert json.loads(said.scalar_one())["fields"]["met_by"]["value"] == "Zara, at last"


def test_a_statement_with_no_visit_here_is_still_shown(store: Store) -> None:
    given(store)

    take(store, without(GONE))

    with store.reading() as connection:
        held = reading.get(connection, "s1")
    assert held is not None
    assert isinstance(held.record, Statement)
