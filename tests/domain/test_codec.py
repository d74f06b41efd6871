"""The codec: every record to its body and back, unknown fields kept, nothing read wrongly."""

import dataclasses as dc
import datetime as dt
import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.codec import (
    UnreadableRecord,
    difference,
    field_of,
    from_body,
    from_json,
    patched,
    to_body,
    to_json,
)
from hah_desktop.domain.fields import AnyField, Choices, Date, Moment, Number, Text, Time, YesNo
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json, Record, Value
from hah_desktop.domain.records.child import Conversation
from hah_desktop.domain.records.visit import Visit
from tests.domain.made import newer_fields, records, scalars, words

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
member_keys = st.sampled_from(
    ["explained:who_i_am", "explained:", "explained", "where:cy", "where"]
)
bodies = st.dictionaries(member_keys | words, scalars, max_size=6)


@given(records)
def test_every_record_reads_back_from_its_body(record: Record) -> None:
    body = json.loads(json.dumps(to_body(record)))
    assert from_body(record.kind, record.id, body) == record


@given(records)
def test_a_body_holds_only_what_is_filled_in_and_only_single_values(record: Record) -> None:
    assert all(type(value) in {str, int, bool} and value != "" for value in _known(record))


def _known(record: Record) -> list[Json]:
    return [value for key, value in to_body(record).items() if key not in record.unknown]


@given(bodies)
def test_no_field_of_a_readable_body_is_lost(body: dict[str, Json]) -> None:
    try:
        read = from_body("conversation", "c1", body)
    except UnreadableRecord:
        return
    assert {k: v for k, v in body.items() if v != ""} == {
        k: v for k, v in to_body(read).items() if v != ""
    }


@given(newer_fields)
def test_fields_of_a_newer_version_come_back_untouched(newer: dict[str, Json]) -> None:
    read = from_body("visit", "v1", {"met_by": "D. Okafor", **newer})
    assert isinstance(read, Visit)
    assert to_body(dc.replace(read, met_by="")) == newer


def test_a_no_to_a_member_of_a_set_is_kept_and_not_shown_as_a_yes() -> None:
    read = from_body("conversation", "c1", {"explained:who_i_am": False, "explained:rights": True})
    assert isinstance(read, Conversation)
    assert read.explained == {"rights"}
    assert to_body(read) == {"explained:who_i_am": False, "explained:rights": True}


def test_a_kind_of_a_newer_version_is_refused_and_named() -> None:
    with pytest.raises(UnreadableRecord, match="“hologram” was written by a newer version"):
        from_body("hologram", "h1", {})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(5, id="a number for a day"),
        pytest.param("02/03/2026", id="a day the other way round"),
    ],
)
def test_a_value_out_of_form_is_refused_with_the_question_it_answers(value: Json) -> None:
    with pytest.raises(UnreadableRecord, match=r"“Day of arrival” \(visited_on\)") as refused:
        from_body("visit", "v1", {"visited_on": value})
    assert "kept as it is" in refused.value.kept


def test_a_refusal_never_repeats_what_the_record_says() -> None:
    said = "hiding " * 2
    with pytest.raises(UnreadableRecord) as refused:
        from_body("visit", "v1", {"visited_on": said})
    assert said not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Text("Words"), 5),
        (Number("How many"), True),
        (Number("How many"), "5"),
        (YesNo("Is it so?"), 1),
        (Time("When"), "quarter past"),
        (Date("Day"), 20260302),
        (Moment("When"), "2026-03-02T12:00:00"),
        (Moment("When"), "0001-01-01T00:00:00+14:00"),
    ],
    ids=str,
)
def test_a_value_of_another_form_is_never_read_as_this_one(field: AnyField, value: Json) -> None:
    with pytest.raises((ValueError, TypeError)):
        from_json(field, value)


def test_a_value_of_another_form_is_never_written() -> None:
    odd = Visit(id=RecordId("v1"), visited_on="soon", met_by="T. Lark")  # type: ignore[arg-type]  # on purpose
    assert to_body(odd) == {"met_by": "T. Lark"}


def test_a_moment_without_its_zone_is_never_written() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_json(Moment("When"), NOON.replace(tzinfo=None))


def test_a_moment_is_written_in_utc() -> None:
    summer = NOON.astimezone(dt.timezone(dt.timedelta(hours=1)))
    assert to_json(Moment("When"), summer) == "2026-03-02T12:00:00+00:00"


def test_half_a_character_is_written_as_a_mark_that_every_machine_can_keep() -> None:
    assert to_json(Text("Words"), "before\ud83dafter") == "before\ufffdafter"


def test_a_set_has_no_single_value() -> None:
    field = Choices("Any of these", codes="explained")
    with pytest.raises(TypeError, match="keys of their own"):
        to_json(field, frozenset({"A"}))
    with pytest.raises(TypeError, match="keys of their own"):
        from_json(field, True)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("met_by", "Who met us"),
        ("advisers:ruth", "Advisers"),
        ("newer_field", None),
    ],
)
def test_a_key_of_a_body_leads_to_the_description_of_its_field(key: str, label: str | None) -> None:
    found = field_of("visit", key)
    assert (found.label if found else None) == label


def test_no_field_of_an_unknown_kind_is_described() -> None:
    assert field_of("hologram", "met_by") is None


@given(bodies, bodies)
def test_a_difference_makes_the_one_body_out_of_the_other(
    before: dict[str, Json], after: dict[str, Json]
) -> None:
    made = patched(before, difference(before, after))
    assert made == after
    assert {k: type(v) for k, v in made.items()} == {k: type(v) for k, v in after.items()}


@given(bodies)
def test_equal_bodies_do_not_differ(body: dict[str, Json]) -> None:
    assert difference(body, dict(body)) == {}


def test_a_yes_does_not_pass_for_the_number_one() -> None:
    before: dict[str, Json] = {"newer": 1}
    assert difference(before, {"newer": True}) == {"newer": True}


@given(records, records)
def test_undoing_an_edit_gives_the_record_back(one: Record, other: Record) -> None:
    before, after = to_body(one), to_body(other)
    assert patched(after, difference(after, before)) == before


def test_what_is_emptied_is_absent() -> None:
    visit = Visit(id=RecordId("v1"), met_by="D. Okafor", delay_minutes=0)
    emptied = to_body(dc.replace(visit, met_by=""))
    assert emptied == {"delay_minutes": 0}


def test_a_value_that_is_not_there_reads_as_empty() -> None:
    empty: list[Value] = [from_json(f("Question"), None) for f in (Text, Date, Time, Number, YesNo)]
    assert empty == ["", None, None, None, None]
