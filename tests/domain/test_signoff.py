"""Sign-off, rule by rule: what is missing before it, and what may still change after it."""

import dataclasses as dc
import datetime as dt

import pytest
from hypothesis import given

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.fields import Stage
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Json, Record, described
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.records.child import Child, Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from hah_desktop.domain.signoff import (
    SIGNED_OFF,
    URGENT,
    check_edit,
    is_urgent,
    missing_before_sign_off,
    missing_fields,
)
from hah_desktop.resources import code_list
from tests.domain.made import records

VISIT = Visit(
    id=RecordId("v1"),
    planned_for=dt.date(2026, 3, 2),
    announced="no",
    trigger="routine",
    advisers=frozenset({"ruth"}),
    visited_on=dt.date(2026, 3, 2),
    arrived_at=dt.time(10, 5),
    met_by="D. Okafor, duty manager",
    entry="at_once",
    left_at=dt.time(16, 40),
)
TALK = Conversation(
    id=RecordId("t1"),
    visit="v1",
    status="finished",
    private="alone",
    explained=frozenset({"who_i_am"}),
)
CONCERN = Concern(
    id=RecordId("n1"),
    visit="v1",
    level="S2",
    about="A bruise on the arm.",
    told_to="The duty team",
    told_at=dt.time(15, 10),
    reference="REF 7",
)
OVERRIDE = Permission(id=RecordId("p1"), item="n1", reader="place", answer="OVR", reason="Danger.")
ACTION = Action(id=RecordId("a1"), what="Ask", owner="Ruth", due=dt.date(2026, 3, 9))
COMPLETE = (TALK, CONCERN, OVERRIDE, ACTION, Child(id=RecordId("c1"), known_as="Bee"))


def missing(*records: Record, visit: Visit = VISIT) -> list[tuple[str, str]]:
    return [(m.record, m.field) for m in missing_before_sign_off(visit, records)]


def test_nothing_is_missing_from_a_complete_visit() -> None:
    assert missing(*COMPLETE) == []


@pytest.mark.parametrize(
    "name",
    [name for name, field in described(Visit).items() if field.asked is not None],
)
def test_each_field_that_is_asked_for_keeps_the_visit_open_while_empty(name: str) -> None:
    empty = getattr(Visit(id=RecordId("v1")), name)
    assert missing(visit=dc.replace(VISIT, **{name: empty})) == [("v1", name)]


@given(records)
def test_what_is_missing_is_what_was_asked_for_by_then_and_is_empty(record: Record) -> None:
    fields = described(type(record))
    filled = {key.partition(":")[0] for key in to_body(record)}
    found = [missing.field for missing in missing_fields(record, Stage.SIGN_OFF)]
    assert found == [n for n, f in fields.items() if f.asked is not None and n not in filled]


@pytest.mark.parametrize(
    ("stage", "asked"),
    [
        (Stage.PLAN, {Stage.PLAN}),
        (Stage.ARRIVAL, {Stage.PLAN, Stage.ARRIVAL}),
        (Stage.SIGN_OFF, set(Stage)),
    ],
)
def test_nothing_is_asked_for_before_its_time(stage: Stage, asked: set[Stage]) -> None:
    found = {m.field for m in missing_fields(Visit(id=RecordId("v1")), stage)}
    assert found == {name for name, f in described(Visit).items() if f.asked in asked}


def test_what_is_missing_is_named_by_its_question() -> None:
    (found,) = missing_before_sign_off(dc.replace(VISIT, met_by=""), ())
    assert found.words == "Visit: “Who met us” is empty"


def test_a_conversation_must_say_what_was_explained() -> None:
    assert missing(dc.replace(TALK, explained=frozenset())) == [("t1", "explained")]


def test_a_child_who_did_not_want_to_talk_leaves_nothing_missing() -> None:
    declined = Conversation(id=RecordId("t1"), visit="v1", status="declined")
    assert missing(declined) == []


@pytest.mark.parametrize("name", ["told_to", "told_at", "reference"])
@pytest.mark.parametrize("level", sorted(URGENT))
def test_an_urgent_concern_must_say_who_was_told(level: str, name: str) -> None:
    empty = getattr(Concern(id=RecordId("n1")), name)
    assert missing(dc.replace(CONCERN, level=level, **{name: empty})) == [("n1", name)]


def test_a_lesser_concern_may_wait() -> None:
    lesser = Concern(id=RecordId("n1"), visit="v1", level="S4", about="Cold food.")
    assert missing(lesser) == []


def test_a_concern_that_cannot_wait_is_urgent_until_it_is_closed() -> None:
    assert is_urgent(CONCERN)
    assert not is_urgent(dc.replace(CONCERN, status="closed"))
    assert not is_urgent(dc.replace(CONCERN, level="S4"))


def test_the_urgent_levels_are_levels_of_the_list() -> None:
    assert {code.code for code in code_list("safeguarding_level")} >= URGENT


def test_sharing_without_permission_needs_its_reason() -> None:
    assert missing(dc.replace(OVERRIDE, reason="")) == [("p1", "reason")]


@pytest.mark.parametrize(
    "record",
    [
        dc.replace(TALK, explained=frozenset()),
        dc.replace(CONCERN, told_to=""),
        dc.replace(OVERRIDE, reason=""),
        Statement(id=RecordId("s1"), visit="v1"),
    ],
    ids=lambda record: record.kind,
)
def test_a_removed_record_keeps_no_visit_open(record: Record) -> None:
    assert missing(record) != []
    assert missing(dc.replace(record, removed=True)) == []


def test_what_two_rules_find_is_said_once() -> None:
    found = missing_before_sign_off(VISIT, [Concern(id=RecordId("n1"), level="S1")] * 2)
    assert len(found) == len(set(found))


# What may change


def refused(
    kind: type[Record],
    edits: dict[str, Json],
    before: dict[str, Json] | None = None,
    status: str | None = SIGNED_OFF,
) -> bool:
    try:
        check_edit(kind.kind, before or {}, edits, status)
    except NotAllowed:
        return True
    return False


VERBATIM = [
    (kind, name)
    for kind in RECORD_TYPES
    for name, field in described(kind).items()
    if getattr(field, "verbatim", False)
]


@pytest.mark.parametrize(("kind", "name"), VERBATIM, ids=str)
@pytest.mark.parametrize("value", ["Other words", None])
def test_words_that_were_written_once_are_neither_changed_nor_emptied(
    kind: type[Record], name: str, value: str | None
) -> None:
    assert refused(kind, {name: value}, {name: "The words"}, status=None)


@pytest.mark.parametrize(("kind", "name"), VERBATIM, ids=str)
def test_words_that_were_not_there_yet_may_be_written(kind: type[Record], name: str) -> None:
    assert not refused(kind, {name: "The words"}, {"visit": "v1"}, status="started")


def test_choosing_between_two_versions_goes_on_after_sign_off() -> None:
    versions = {"met_by": ["One", "Two"]}
    check_edit("visit", {"met_by": "One"}, {"met_by": "Two"}, SIGNED_OFF, versions)
    with pytest.raises(NotAllowed):
        check_edit("visit", {}, {"met_by": "Two", "impression": "New"}, SIGNED_OFF, versions)


SAID = ("It is loud.", "It is loud\n\nat night.")


@pytest.mark.parametrize(("kind", "name"), VERBATIM)
def test_of_words_that_were_said_all_versions_stand_or_nothing_is_decided(
    kind: type[Record], name: str
) -> None:
    def decide(now: Json, versions: tuple[Json, ...] = SAID) -> None:
        check_edit(kind.kind, {name: SAID[0]}, {name: now}, None, {name: versions})

    decide(f"{SAID[0]}\n\n{SAID[1]}")
    decide(f"{SAID[1]}\n\n{SAID[0]}")
    for now in (*SAID, f"{SAID[0]}\n\nIt is quiet.", f"{SAID[0]}\n\n{SAID[1]} Sometimes.", None, 1):
        with pytest.raises(NotAllowed):
            decide(now)
    with pytest.raises(NotAllowed):
        decide(f"{SAID[0]}\n\n{SAID[0]}", (SAID[0], SAID[0]))


@pytest.mark.parametrize(("kind", "name"), VERBATIM)
def test_where_one_side_left_no_words_the_words_stand(kind: type[Record], name: str) -> None:
    check_edit(kind.kind, {name: "Loud"}, {name: "Loud"}, None, {name: (None, "Loud")})
    with pytest.raises(NotAllowed):
        check_edit(kind.kind, {name: "Loud"}, {name: None}, None, {name: (None, "Loud")})


MOVED_ON: dict[str, Json] = {"removed": True, "moved": "another"}


@pytest.mark.parametrize(("kind", "name"), VERBATIM)
def test_words_leave_a_record_only_with_all_of_it_for_one_that_is_named(
    kind: type[Record], name: str
) -> None:
    check_edit(kind.kind, {name: "Loud"}, {name: None, **MOVED_ON}, None)
    for alone, value in MOVED_ON.items():
        with pytest.raises(NotAllowed, match="never changed"):
            check_edit(kind.kind, {name: "Loud"}, {name: None, alone: value}, None)


def test_what_nobody_has_decided_yet_is_not_moved() -> None:
    gone: dict[str, Json] = {"about": None, **MOVED_ON}
    with pytest.raises(NotAllowed, match="Decide first"):
        check_edit("concern", {"about": "One"}, gone, None, {"about": ("One", "Two")})
    check_edit("concern", {"about": "One"}, gone, None, {"about": ("One", "One")})


def test_a_refusal_says_what_to_do_instead() -> None:
    with pytest.raises(NotAllowed, match="Add another statement"):
        check_edit("statement", {"text": "One"}, {"text": "Two"}, None)
    with pytest.raises(NotAllowed, match="Add an addendum"):
        check_edit("visit", {"met_by": "One"}, {"met_by": "Two"}, SIGNED_OFF)


@pytest.mark.parametrize("status", [None, "planned", "started", "finished"])
@pytest.mark.parametrize("kind", RECORD_TYPES)
def test_before_sign_off_every_kind_may_change(kind: type[Record], status: str | None) -> None:
    assert not refused(kind, {"newer_field": "x"}, {"newer_field": "y"}, status)


@pytest.mark.parametrize("kind", RECORD_TYPES)
def test_after_sign_off_only_an_addendum_or_a_permission_is_new(kind: type[Record]) -> None:
    assert refused(kind, {"newer_field": "x"}) == (kind not in {Addendum, Permission})


@pytest.mark.parametrize("kind", [Visit, Area, Conversation, Statement, Child, Attachment])
def test_after_sign_off_what_was_signed_stands(kind: type[Record]) -> None:
    assert refused(kind, {"removed": True}, {"visit": "v1"})


def test_a_child_may_change_their_mind_after_sign_off() -> None:
    assert not refused(Permission, {"answer": "WDR"}, {"answer": "FULL"})


def test_a_written_addendum_stands() -> None:
    assert refused(Addendum, {"removed": True}, {"text": "The kitchen was clean."})


@pytest.mark.parametrize("kind", [Action, Concern])
def test_follow_up_goes_on_after_sign_off(kind: type[Record]) -> None:
    assert not refused(kind, {"status": "done", "owner": "Ruth"}, {"status": "open"})


@pytest.mark.parametrize(
    ("kind", "name"), [(Action, "what"), (Action, "due"), (Concern, "about"), (Concern, "level")]
)
def test_follow_up_does_not_change_what_was_signed(kind: type[Record], name: str) -> None:
    assert refused(kind, {"status": "done", name: "x"}, {"status": "open", name: "y"})
