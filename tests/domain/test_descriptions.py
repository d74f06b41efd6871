"""Walks over every field of every record: each description is whole, and fits what it describes."""

import dataclasses as dc
import datetime as dt
import pkgutil
import re
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, get_args, get_type_hints

import pytest

from hah_desktop.domain import records
from hah_desktop.domain.codec import MEMBER, from_json
from hah_desktop.domain.errors import KnownError, NotAllowed
from hah_desktop.domain.fields import (
    AnyField,
    Choice,
    Choices,
    Date,
    Link,
    Merge,
    Moment,
    Number,
    Reader,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.catalogue import BY_KIND, RECORD_TYPES
from hah_desktop.domain.records.child import (
    Child,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.reference import Adviser, Inspection, Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from tests.house.code_lists import LISTS

FROM_RECORDS = {"adviser"}
"""Lists whose members are records themselves."""

HELD = {
    Text: str,
    Choice: str,
    Link: str,
    Date: dt.date | None,
    Time: dt.time | None,
    Moment: dt.datetime | None,
    Number: int | None,
    YesNo: bool | None,
    Choices: frozenset[str],
}
every_kind = pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.kind)


class Described(NamedTuple):
    """One field of one kind of record."""

    kind: type[Record]
    name: str
    field: AnyField


FIELDS = [
    Described(kind, name, field) for kind in RECORD_TYPES for name, field in described(kind).items()
]


def unfit(fits: Callable[[Described], object]) -> list[str]:
    """The fields of all records that do not fit."""
    return [f"{one.kind.kind}.{one.name}" for one in FIELDS if not fits(one)]


def test_a_field_holds_what_its_description_says() -> None:
    assert unfit(lambda one: get_type_hints(one.kind)[one.name] == HELD[type(one.field)]) == []


def test_a_field_is_empty_until_somebody_fills_it() -> None:
    def empty(one: Described) -> bool:
        value = getattr(one.kind(id=RecordId("r1")), one.name)
        is_set = isinstance(one.field, Choices)
        return bool(value == (frozenset() if is_set else from_json(one.field, None)))

    assert unfit(empty) == []


def test_a_field_asks_its_question_in_sentence_case() -> None:
    assert unfit(lambda one: re.fullmatch(r"[A-Z].*[^.\s:]", one.field.label)) == []


def test_help_is_a_sentence() -> None:
    assert unfit(lambda one: re.fullmatch(r"(\S.*\.)?", one.field.help)) == []


def test_a_name_is_in_snake_case_and_not_the_sign_of_a_member() -> None:
    assert unfit(lambda one: re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", one.name)) == []
    assert unfit(lambda one: MEMBER not in one.name) == []


def test_what_is_asked_for_can_be_filled_in() -> None:
    assert unfit(lambda one: one.field.shown or one.field.asked is None) == []


def test_the_office_may_see_every_field() -> None:
    assert unfit(lambda one: Reader.OFFICE in one.field.readers) == []


def test_a_list_of_codes_exists() -> None:
    known = {*LISTS, *FROM_RECORDS}
    choices = (Choice, Choices)
    assert unfit(lambda one: not isinstance(one.field, choices) or one.field.codes in known) == []


def test_a_link_leads_to_a_kind_of_record() -> None:
    known = {"", *BY_KIND}
    assert unfit(lambda one: not isinstance(one.field, Link) or one.field.to in known) == []


def test_only_sets_are_merged_member_by_member() -> None:
    def fits(one: Described) -> bool:
        return (one.field.merge is Merge.EACH) == isinstance(one.field, Choices)

    assert unfit(fits) == []


@every_kind
def test_every_shown_field_stands_in_exactly_one_section(kind: type[Record]) -> None:
    placed = [name for section in kind.sections for name in section.fields]
    shown = [name for name, field in described(kind).items() if field.shown]
    assert sorted(placed) == sorted(shown)


@every_kind
def test_no_section_is_without_a_title_or_fields(kind: type[Record]) -> None:
    assert all(section.title and section.fields for section in kind.sections)


@every_kind
def test_two_fields_of_a_record_never_ask_the_same(kind: type[Record]) -> None:
    labels = [field.label for field in described(kind).values()]
    assert len(labels) == len(set(labels))


@every_kind
def test_only_described_fields_are_ever_written(kind: type[Record]) -> None:
    names = {field.name for field in dc.fields(kind)}
    assert names - described(kind).keys() == {"id", "unknown"}


@every_kind
def test_a_record_without_anything_in_it_has_files_and_a_title(kind: type[Record]) -> None:
    empty = kind(id=RecordId("r1"))
    assert 1 <= len(empty.files()) <= 2
    assert isinstance(empty.title(), str)


@every_kind
def test_a_kind_has_plain_names_and_is_explained(kind: type[Record]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.kind)
    assert re.fullmatch(r"[a-z]+( [a-z]+)*", kind.noun)
    assert kind.__doc__


def test_no_two_kinds_have_one_name() -> None:
    assert len(BY_KIND) == len(RECORD_TYPES)


def test_every_record_type_is_in_the_catalogue() -> None:
    modules = [
        import_module(f"{records.__name__}.{module.name}")
        for module in pkgutil.iter_modules(records.__path__)
    ]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Record) and value is not Record
    }
    assert found == set(RECORD_TYPES)


def test_every_kind_of_field_is_in_use_and_handled() -> None:
    used = {type(field) for kind in RECORD_TYPES for field in described(kind).values()}
    assert used == set(get_args(AnyField)) == set(HELD)


def test_a_record_of_no_type_lies_nowhere() -> None:
    bare = Record(id=RecordId("r1"))
    with pytest.raises(NotImplementedError):
        bare.files()
    with pytest.raises(NotImplementedError):
        bare.title()


@pytest.mark.parametrize(
    ("record", "files"),
    [
        (Adviser(id=RecordId("r")), ("ref",)),
        (Place(id=RecordId("r")), ("ref",)),
        (Inspection(id=RecordId("r")), ("ref",)),
        (Visit(id=RecordId("v")), ("visit:v",)),
        (Area(id=RecordId("r"), visit="v"), ("visit:v",)),
        (Action(id=RecordId("r"), visit="v", child="c"), ("visit:v",)),
        (Addendum(id=RecordId("r"), visit="v"), ("visit:v",)),
        (Child(id=RecordId("c")), ("child:c",)),
        (Conversation(id=RecordId("r"), visit="v", child="c"), ("visit:v", "child:c")),
        (Statement(id=RecordId("r"), visit="v"), ("visit:v",)),
        (Attachment(id=RecordId("r"), visit="v"), ("visit:v",)),
        (Attachment(id=RecordId("r"), visit="v", child="c"), ("visit:v", "child:c")),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_a_record_lies_in_the_files_of_its_visit_and_child(
    record: Record, files: tuple[str, ...]
) -> None:
    assert record.files() == files


@pytest.mark.parametrize(
    ("record", "title"),
    [
        (Adviser(id=RecordId("r"), name="Ruth"), "Ruth"),
        (Place(id=RecordId("r"), name="Rowan House", urn="1"), "Rowan House"),
        (Place(id=RecordId("r"), urn="1"), "URN 1"),
        (Place(id=RecordId("r")), "A place without a name"),
        (
            Inspection(id=RecordId("r"), inspected_on=dt.date(2026, 3, 2)),
            "Inspection of 2 March 2026",
        ),
        (Inspection(id=RecordId("r")), "Inspection of unknown date"),
        (Visit(id=RecordId("v"), planned_for=dt.date(2026, 3, 2)), "Visit of 2 March 2026"),
        (Visit(id=RecordId("v")), "Visit of no date yet"),
        (Area(id=RecordId("r"), area="kitchen"), "kitchen"),
        (Child(id=RecordId("c"), known_as="Bee"), "Bee"),
        (Child(id=RecordId("c")), "A child without a name yet"),
        (Conversation(id=RecordId("r"), started=dt.time(14, 5)), "Conversation at 14:05"),
        (Conversation(id=RecordId("r")), "Conversation"),
        (Permission(id=RecordId("r"), reader="place", answer="NO"), "place: NO"),
        (Action(id=RecordId("r"), what="Ask"), "Ask"),
        (Attachment(id=RecordId("r"), what="Rota"), "Rota"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_title_tells_a_record_from_its_neighbours(record: Record, title: str) -> None:
    assert record.title() == title


def test_two_advisers_who_write_down_one_answer_write_one_record() -> None:
    assert permission_id("s1", "place") == permission_id("s1", "place")
    assert permission_id("s1", "place") != permission_id("s1", "child")


def test_a_known_error_says_only_the_parts_it_has() -> None:
    assert str(KnownError("The disk is full.", do="Make room.")) == "The disk is full. Make room."
    assert NotAllowed("No.", "It stands.").kept == "It stands."
