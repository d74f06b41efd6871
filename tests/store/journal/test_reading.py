"""Reading back: by visit, kind and place, what is undecided, and words by their beginning."""

import dataclasses as dc
import sys

import pytest

from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.store.store import Store

VISIT = Visit(id=RecordId("v1"), place="p1", met_by="Zoë Šárka at the gate")
TALK = Conversation(id=RecordId("t1"), visit="v1", child="c1", where="In the garden")
CHILD = Child(id=RecordId("c1"), known_as="Bee")
AREA = Area(id=RecordId("a1"), visit="v1", seen="One shower for twelve children.")
OTHER = Visit(id=RecordId("v2"), place="p2", impression="Garden locked")
PLACE = Place(id=RecordId("p1"), name="Rowan House")
INSPECTED = Inspection(id=RecordId("i1"), place="p1", grade="I")


@pytest.fixture
def filled(store: Store) -> Store:
    store.add(VISIT, TALK, CHILD, AREA, OTHER, PLACE, INSPECTED)
    return store


def ids(found: list[Held]) -> list[str]:
    return sorted(held.record.id for held in found)


def hits(store: Store, words: str, limit: int = 200) -> list[str]:
    with store.reading() as connection:
        return ids(reading.find(connection, words, limit))


def removed(store: Store, record: Record) -> None:
    with store.reading() as connection:
        held = reading.get(connection, record.id)
    assert held is not None
    store.save(Edited(dc.replace(held.record, removed=True), held.seen))


def test_a_visit_comes_with_all_that_was_recorded_and_the_children(filled: Store) -> None:
    with filled.reading() as connection:
        assert ids(reading.of_visit(connection, "v1")) == ["a1", "c1", "t1", "v1"]


def test_a_place_comes_with_its_inspections_and_visits(filled: Store) -> None:
    with filled.reading() as connection:
        assert ids(reading.of_place(connection, "p1")) == ["i1", "v1"]


def test_a_kind_comes_without_what_was_removed(filled: Store) -> None:
    removed(filled, OTHER)
    with filled.reading() as connection:
        assert ids(reading.of_kind(connection, "visit")) == ["v1"]
        assert reading.get(connection, "v2") is None


def test_records_are_counted_by_kind(filled: Store) -> None:
    with filled.reading() as connection:
        assert reading.count(connection, "visit") == 2


def test_bodies_of_whole_kinds_are_given_for_comparison(filled: Store) -> None:
    with filled.reading() as connection:
        assert reading.bodies(connection, ["place", "inspection"]) == {
            "p1": {"name": "Rowan House"},
            "i1": {"place": "p1", "grade": "I"},
        }


def test_what_two_wrote_without_seeing_each_other_is_undecided(filled: Store) -> None:
    with filled.reading() as connection:
        assert reading.undecided(connection) == []
    filled.save(Edited(dc.replace(VISIT, met_by="The deputy")))
    with filled.reading() as connection:
        (held,) = reading.undecided(connection)
    assert [side.value for side in held.open["met_by"]] == [VISIT.met_by, "The deputy"]


def test_whether_a_record_is_removed_can_itself_be_undecided(filled: Store) -> None:
    with filled.reading() as connection:
        held = reading.get(connection, "v2")
    assert held is not None
    filled.save(Edited(dc.replace(held.record, removed=True), held.seen))
    filled.save(Edited(dc.replace(held.record, removed=False), held.seen))
    with filled.reading() as connection:
        assert ids(reading.undecided(connection)) == ["v2"]


def test_nothing_is_counted_as_undecided_that_is_not_shown_to_be_decided(filled: Store) -> None:
    filled.save(Edited(dc.replace(VISIT, met_by="The deputy")))
    with filled.reading() as connection:
        (held,) = reading.undecided(connection)
        assert reading.undecided_count(connection) == 1
    filled.save(Edited(dc.replace(held.record, removed=True), held.seen))
    with filled.reading() as connection:
        assert reading.undecided(connection) == []
        assert reading.undecided_count(connection) == 0
        seen = reading.seen(connection, ["v1"])["v1"]
    filled.save(Edited(dc.replace(held.record, removed=None), seen))
    with filled.reading() as connection:
        assert ids(reading.undecided(connection)) == ["v1"]
        assert reading.undecided_count(connection) == 1


def test_a_record_that_is_not_here_is_none(store: Store) -> None:
    with store.reading() as connection:
        assert reading.get(connection, "nowhere") is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zoe", ["v1"]),
        ("ZOË sar", ["v1"]),
        ("Zoe\u0308", ["v1"]),
        ("S\u030ca\u0301rk", ["v1"]),
        ("gard", ["t1", "v2"]),
        ("garden locked", ["v2"]),
        ("ocked", []),
        ("twelve, children!", ["a1"]),
        ('"*^:-( OR AND', []),
        ("house", ["p1"]),
        ("", []),
        (" …–_ ", []),
    ],
)
def test_words_are_found_by_their_beginning_whatever_their_accents(
    filled: Store, words: str, found: list[str]
) -> None:
    assert hits(filled, words) == found


def test_search_stops_at_its_limit(filled: Store) -> None:
    assert len(hits(filled, "gard", limit=1)) == 1


def test_what_was_removed_or_emptied_is_not_found(filled: Store) -> None:
    removed(filled, OTHER)
    with filled.reading() as connection:
        held = reading.get(connection, "t1")
    assert held is not None
    filled.save(Edited(dc.replace(TALK, where=""), held.seen))
    assert hits(filled, "gard") == []


def test_codes_and_dates_are_not_searched_as_words(filled: Store) -> None:
    assert hits(filled, "p1") == []


# Drafts


DRAFT = Draft(
    "t2",
    "conversation",
    "v1",
    {"where": "In the gar", "could_hear": True},
    Seen({"where": "In the"}, {"where": (ChangeId("c1"), ChangeId("c2"))}),
    {"started": "14:"},
    {"field": "where", "cursor": 10},
    "2026-03-02T12:00:00+00:00",
)


def kept(store: Store, draft: Draft) -> Draft | None:
    with store.writing() as connection:
        drafts.keep(connection, draft)
    with store.reading() as connection:
        return drafts.get(connection, draft.record)


def test_a_draft_comes_back_with_all_that_its_author_typed_and_saw(store: Store) -> None:
    assert kept(store, DRAFT) == DRAFT


def test_the_newest_draft_takes_the_place_of_the_one_before(store: Store) -> None:
    kept(store, DRAFT)
    later = dc.replace(DRAFT, body={"where": "In the garden"}, saved_at="later")
    assert kept(store, later) == later


def test_half_a_character_in_a_draft_is_kept_as_typed(store: Store) -> None:
    typed = dc.replace(DRAFT, raw={"where": "before\ud83d"})
    assert kept(store, typed) == typed


def test_a_visits_drafts_are_its_own_and_those_of_its_records(store: Store) -> None:
    own = dc.replace(DRAFT, record="v1", kind="visit", visit="")
    elsewhere = dc.replace(DRAFT, record="t3", visit="v2")
    for draft in (DRAFT, own, elsewhere):
        kept(store, draft)
    with store.reading() as connection:
        assert {d.record for d in drafts.of_visit(connection, "v1")} == {"t2", "v1"}


def test_a_draft_is_gone_when_it_is_thrown_away(store: Store) -> None:
    kept(store, DRAFT)
    with store.writing() as connection:
        drafts.discard(connection, "t2")
        assert drafts.get(connection, "t2") is None


def test_saving_takes_the_draft_away_even_where_nothing_differs(filled: Store) -> None:
    kept(filled, dc.replace(DRAFT, record="t1"))
    with filled.reading() as connection:
        held = reading.get(connection, "t1")
    assert held is not None
    filled.save(Edited(held.record, held.seen))
    with filled.reading() as connection:
        assert drafts.get(connection, "t1") is None


def test_a_draft_does_not_change_what_is_saved(filled: Store) -> None:
    kept(filled, dc.replace(DRAFT, record="t1"))
    with filled.reading() as connection:
        held = reading.get(connection, "t1")
    assert held is not None
    assert held.record == TALK
    assert held.seen != NOTHING


def test_no_sign_that_anybody_types_is_too_much_for_the_search(filled: Store) -> None:
    signs = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    # Within a word, each sign that the index takes for the end of one would ask for a phrase.
    words = [f"gar{sign}den" for sign in signs if sign.isalnum()]
    for start in range(0, len(words), 400):
        assert not hits(filled, " ".join(words[start : start + 400]))
    assert hits(filled, "gar\u19b0den") == []
    assert hits(filled, "gard\u19b0 in") == ["t1"]
