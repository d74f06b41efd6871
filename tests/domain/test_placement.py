"""A change lies in the files that its kind of record lies in, and says nothing that is not its."""

import pytest

from hah_desktop.domain.changes import FIRST_PREVIOUS, Change, Edit
from hah_desktop.domain.ids import (
    REFERENCE_FILE,
    ChangeId,
    FileId,
    LaptopId,
    RecordId,
    child_file,
    visit_file,
)
from hah_desktop.domain.placement import (
    is_for_the_office,
    is_placed_by_its_record,
    is_rightly_placed,
    lies_in,
)
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.visit import Area


def change(kind: str, *files: str, field: str = "name") -> Change:
    return Change(
        ChangeId("c1"),
        LaptopId("l1"),
        1,
        FIRST_PREVIOUS,
        RecordId("r1"),
        kind,
        tuple(map(FileId, files)),
        "ruth",
        "2026-03-02T12:00:00+00:00",
        {field: Edit("Zoë")},
    )


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("place", [REFERENCE_FILE]),
        ("visit", ["visit:r1"]),
        ("child", ["child:r1"]),
        ("area", ["visit:v1"]),
        ("statement", ["visit:v1", "child:c1"]),
        ("of a newer version", ["visit:v1"]),
    ],
)
def test_what_lies_where_its_kind_lies_is_rightly_placed(kind: str, files: list[str]) -> None:
    assert is_rightly_placed(change(kind, *files))


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("place", ["visit:r1"]),
        ("visit", ["visit:another"]),
        ("visit", [REFERENCE_FILE]),
        ("area", [REFERENCE_FILE]),
        ("statement", ["visit:v1", REFERENCE_FILE]),
        ("statement", ["visit:v1", "child:"]),
        ("of a newer version", [REFERENCE_FILE]),
    ],
)
def test_what_claims_to_lie_elsewhere_is_not(kind: str, files: list[str]) -> None:
    assert not is_rightly_placed(change(kind, *files))


def test_what_an_adviser_may_do_is_for_the_office_to_say() -> None:
    assert is_for_the_office(change("adviser", REFERENCE_FILE, field="role"))
    assert not is_for_the_office(change("place", REFERENCE_FILE, field="name"))
    assert not is_for_the_office(change("of a newer version", "visit:v1", field="role"))


@pytest.mark.parametrize(
    ("kind", "by_its_record"),
    [("place", True), ("visit", True), ("child", True), ("area", False), ("of later", False)],
)
def test_of_some_kinds_the_file_follows_from_the_record(kind: str, *, by_its_record: bool) -> None:
    assert is_placed_by_its_record(kind) == by_its_record


def test_a_record_without_its_visit_lies_in_the_one_where_it_is_known_to_lie() -> None:
    known = [child_file("c1"), visit_file("v1")]
    assert lies_in(Area(id=RecordId("a1"), visit="v2"), known) == (visit_file("v2"),)
    assert lies_in(Area(id=RecordId("a1")), known) == (visit_file("v1"),)
    for nowhere in ([], [child_file("c1")], [visit_file("v1"), visit_file("v2")], [visit_file("")]):
        assert lies_in(Area(id=RecordId("a1")), nowhere) == (visit_file(""),)


def test_what_is_said_of_one_child_never_lies_in_the_file_of_another() -> None:
    known = [visit_file("v1"), child_file("c2")]
    said = Statement(id=RecordId("s1"), child="c3")
    assert lies_in(said, known) == (visit_file("v1"), child_file("c3"))
