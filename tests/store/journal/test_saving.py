"""Saving: one transaction, one change, and a record that equals its journal."""

import dataclasses as dc
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import MAX_TEXT, content_hash, from_plain, to_plain
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.visit import Addendum, Area, Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity, NotEnrolled
from hah_desktop.store.tables.rows import CHANGE
from tests.store.hand import HandClock

UNREADABLE = Reason.UNREADABLE.because("its bytes are kept as they came")


def held(store: Store, record: str) -> reading.Held:
    with store.reading() as connection:
        found = reading.get(connection, record)
    assert found is not None
    return found


def new_visit(store: Store, **fields: Any) -> Visit:
    visit = dc.replace(Visit(id=store.new_id(), place="rowan-house", status="started"), **fields)
    store.add(visit)
    return visit


def test_a_saved_record_reads_back_as_it_was(store: Store) -> None:
    visit = new_visit(store, met_by="D. Okafor, duty manager", advisers=frozenset({"ruth"}))
    assert held(store, visit.id).record == visit


def test_saving_again_without_a_difference_makes_no_change(store: Store) -> None:
    visit = new_visit(store)
    before = held(store, visit.id)
    assert store.save(Edited(before.record, before.seen)).records == ()


def test_each_save_is_the_next_link_of_the_chain(store: Store) -> None:
    visit = new_visit(store)
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, met_by="The duty manager"), seen))
    with store.reading() as connection:
        first, second = outbox.unsent(connection, 10)
        hashes = connection.execute(select(CHANGE.c.hash).order_by(CHANGE.c.number)).scalars().all()
    assert (first.number, second.number, second.previous) == (1, 2, hashes[0])


def without_its_place(store: Store, visit: Visit) -> Area:
    """A record of the visit whose first change, which names the visit, the office set aside."""
    area = Area(id=store.new_id(), visit=visit.id, seen="A broken chair")
    store.add(area)
    with store.writing() as connection:
        began, placed = outbox.unsent(connection, 10)
        applied = Receipt(began.id, content_hash(began), Verdict.APPLIED, 1)
        aside = Receipt(placed.id, content_hash(placed), Verdict.SET_ASIDE, 2, problem=UNREADABLE)
        outbox.take_receipts(connection, [applied, aside])
    assert held(store, area.id).record == Area(id=area.id)
    return area


def test_what_is_written_in_a_record_whose_place_was_set_aside_lies_where_the_record_does(
    store: Store,
) -> None:
    visit = new_visit(store)
    area = without_its_place(store, visit)
    store.save(Edited(Area(id=area.id, good="The garden"), held(store, area.id).seen))
    store.save(Edited(Area(id=area.id, good="The garden", removed=True), held(store, area.id).seen))
    with store.reading() as connection:
        written = outbox.unsent(connection, 10)
    assert [change.files for change in written] == [(visit_file(visit.id),)] * 2


def test_after_sign_off_nothing_is_written_in_a_record_whose_place_was_set_aside(
    store: Store,
) -> None:
    visit = new_visit(store)
    area = without_its_place(store, visit)
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, status="signed_off"), seen))
    with pytest.raises(NotAllowed, match="signed off"):
        store.save(Edited(Area(id=area.id, good="The garden"), held(store, area.id).seen))


def test_an_edit_names_the_change_it_replaces(store: Store) -> None:
    visit = new_visit(store, met_by="Someone")
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, met_by="D. Okafor"), seen))
    with store.reading() as connection:
        first, second = outbox.unsent(connection, 10)
    assert second.edits["met_by"].replaces == (first.id,)


def test_an_edit_that_began_before_another_does_not_overwrite_it(store: Store) -> None:
    visit = new_visit(store, exit_with="nobody yet")
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, exit_with="the manager"), seen))
    store.save(Edited(dc.replace(visit, exit_with="the deputy"), seen))
    sides = held(store, visit.id).open["exit_with"]
    assert {side.value for side in sides} == {"the manager", "the deputy"}


def test_deciding_replaces_every_side(store: Store) -> None:
    visit = new_visit(store, exit_with="nobody yet")
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, exit_with="the manager"), seen))
    store.save(Edited(dc.replace(visit, exit_with="the deputy"), seen))
    torn = held(store, visit.id)
    store.save(Edited(dc.replace(visit, exit_with="the manager, then the deputy"), torn.seen))
    assert held(store, visit.id).open == {}


def test_the_body_is_equal_to_its_replayed_journal(store: Store) -> None:
    visit = new_visit(store, met_by="One", impression="Calm")
    now = held(store, visit.id)
    store.save(Edited(dc.replace(visit, impression="", met_by="Two"), now.seen))
    with store.reading() as connection:
        assert reading.replayed(connection, visit.id) == dict(held(store, visit.id).seen.body)


def test_words_that_were_said_are_never_changed(store: Store) -> None:
    said = Statement(id=store.new_id(), visit="v", text="“I want to go home.”", type="own_words")
    store.add(said)
    seen = held(store, said.id).seen
    with pytest.raises(NotAllowed):
        store.save(Edited(dc.replace(said, text="“I want to stay.”"), seen))
    assert held(store, said.id).record == said


def test_a_signed_off_visit_is_closed_to_everything_but_addenda(store: Store) -> None:
    visit = new_visit(store, status="signed_off")
    with pytest.raises(NotAllowed):
        store.add(Area(id=store.new_id(), visit=visit.id, area="kitchen", seen="Clean"))
    addendum = Addendum(id=store.new_id(), visit=visit.id, text="The kitchen was clean.")
    assert store.add(addendum).records == (addendum.id,)


def test_a_refused_save_leaves_nothing_of_its_transaction(store: Store) -> None:
    visit = new_visit(store, status="signed_off")
    other = Visit(id=store.new_id(), status="planned")
    with pytest.raises(NotAllowed):
        store.add(other, Area(id=store.new_id(), visit=visit.id, area="kitchen"))
    with store.reading() as connection:
        assert reading.get(connection, other.id) is None


def test_nothing_is_saved_before_the_laptop_is_enrolled(store: Store) -> None:
    store.keep_identity(Identity("00" * 32))
    with pytest.raises(NotEnrolled):
        store.add(Visit(id=store.new_id()))


def test_many_records_are_saved_in_one_transaction(store: Store) -> None:
    store.save_all([Edited(Visit(id=store.new_id(), place=f"p{n}")) for n in range(1000)])
    with store.reading() as connection:
        assert connection.execute(select(func.max(CHANGE.c.number))).scalar() == 1000


def test_what_is_sent_is_what_was_saved(store: Store) -> None:
    visit = new_visit(store, met_by="Zoë at the gate")
    with store.reading() as connection:
        (change,) = outbox.unsent(connection, 10)
    assert from_plain(to_plain(change)) == change
    assert {k: e.value for k, e in change.edits.items()} == to_body(visit)


def test_search_finds_words_by_their_beginning_without_accents(store: Store) -> None:
    visit = new_visit(store, met_by="Zoë at the gate")
    with store.reading() as connection:
        assert [h.record.id for h in reading.find(connection, "zoe gat")] == [visit.id]


def test_nothing_is_moved_out_of_a_signed_off_visit(store: Store) -> None:
    visit, other = new_visit(store), new_visit(store)
    area = Area(id=store.new_id(), visit=visit.id, area="kitchen", seen="Clean")
    store.add(area)
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, status="signed_off"), seen))
    with pytest.raises(NotAllowed):
        store.save(Edited(dc.replace(area, visit=other.id), held(store, area.id).seen))
    assert held(store, area.id).record == area


def test_a_text_that_could_never_be_sent_is_refused_when_it_is_saved(store: Store) -> None:
    visit = new_visit(store)
    long = dc.replace(visit, impression="x" * (MAX_TEXT + 1))
    with pytest.raises(NotAllowed, match="longer than 1,000,000 characters") as refused:
        store.save(Edited(long, held(store, visit.id).seen))
    assert "on the screen" in refused.value.kept
    assert store.save(Edited(dc.replace(visit, impression="x" * MAX_TEXT), NOTHING)).records


def test_texts_that_no_push_could_hold_together_are_refused_too(store: Store) -> None:
    visit = new_visit(store)
    long = "€" * MAX_TEXT
    with pytest.raises(NotAllowed, match="Together the texts are longer"):
        store.save(Edited(dc.replace(visit, impression=long, met_by=long, purpose=long), NOTHING))
    assert held(store, visit.id).record == visit


def test_words_said_twice_in_one_save_are_not_two_versions_of_one_statement(store: Store) -> None:
    said = Statement(id=store.new_id(), visit="v", text="“I want to go home.”")
    with pytest.raises(NotAllowed):
        store.add(said, dc.replace(said, text="“I want to stay.”"))


def test_half_a_character_does_not_keep_the_rest_from_being_saved(store: Store) -> None:
    visit = new_visit(store, impression="before\ud83dafter")
    assert held(store, visit.id).record == dc.replace(visit, impression="before\ufffdafter")


def test_a_wrong_clock_is_marked_on_what_is_saved(store: Store, clock: HandClock) -> None:
    store.met_office(clock.now + dt.timedelta(minutes=5))
    new_visit(store)
    store.met_office(clock.now)
    new_visit(store)
    with store.reading() as connection:
        said = [(c.clock_trusted, c.clock_off) for c in outbox.unsent(connection, 9)]
    assert said == [(False, -300), (True, 0)]


def test_a_clock_that_went_back_behind_the_last_contact_is_marked(
    store: Store, clock: HandClock
) -> None:
    store.met_office(clock.now)
    clock.now -= dt.timedelta(days=1)
    new_visit(store)
    with store.reading() as connection:
        (change,) = outbox.unsent(connection, 9)
    assert not change.clock_trusted
    assert change.clock_off == 0, "how far it went back is not known, only that it did"
    assert change.made_at == "2026-03-01T12:00:00+00:00"


def test_the_newest_words_of_two_unsent_versions_stand_last(store: Store) -> None:
    visit = new_visit(store, exit_with="nobody yet")
    seen = held(store, visit.id).seen
    for words in ("the manager", "the deputy", "the nurse"):
        store.save(Edited(dc.replace(visit, exit_with=words), seen))
    sides = [side.value for side in held(store, visit.id).open["exit_with"]]
    assert sides == ["the manager", "the deputy", "the nurse"]


def test_two_versions_in_a_signed_off_visit_can_still_be_decided(store: Store) -> None:
    visit = new_visit(store, exit_with="nobody yet")
    seen = held(store, visit.id).seen
    store.save(Edited(dc.replace(visit, exit_with="the manager"), seen))
    store.save(Edited(dc.replace(visit, exit_with="the deputy", status="signed_off"), seen))
    torn = held(store, visit.id)
    assert isinstance(torn.record, Visit)
    store.save(Edited(dc.replace(torn.record, exit_with="both of them"), torn.seen))
    assert held(store, visit.id).open == {}
