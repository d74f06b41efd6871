"""One invented sample in each of the layouts that Ofsted has used, and one of years to come."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import pytest

from hah_desktop.domain.codec import from_body
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.places import Preview, preview
from hah_desktop.intake.worklist import rated_inadequate
from tests.intake.lists import SAMPLES, inspections, places, taken_in

YEARS = (2016, 2018, 2020, 2021, 2023, 2024)


class Expected(NamedTuple):
    """What a sample holds, counted by hand."""

    header_row: int
    rows: int
    skipped: int
    inspections: int
    by_provision: dict[str, int]
    by_grade: dict[str, int]
    inadequate: int


EXPECTED = {
    2016: Expected(2, 5, 4, 5, {"CH": 2, "RSS": 1, "STC": 1, "BS": 1}, {"1": 1, "3": 3, "4": 1}, 1),
    2018: Expected(
        2,
        5,
        0,
        5,
        {"CH": 2, "RSS": 1, "STC": 1, "CAFC": 1},
        {"1": 1, "2": 1, "3": 2, "4": 1},
        1,
    ),
    2020: Expected(2, 4, 0, 4, {"CH": 2, "RSS": 1, "IFA": 1}, {"1": 1, "2": 1, "3": 1, "4": 1}, 1),
    2021: Expected(2, 4, 0, 3, {"CH": 3, "ASA": 1}, {"": 1, "1": 1, "2": 1, "3": 1}, 0),
    2023: Expected(4, 4, 3, 4, {"CH": 2, "RSSCH": 1, "SCH": 1}, {"2": 1, "3": 2, "4": 1}, 1),
    2024: Expected(4, 4, 0, 7, {"CH": 2, "RSSCH": 1, "RFC": 1}, {"1": 1, "2": 2, "4": 1}, 2),
}


def _path(year: int) -> Path:
    return SAMPLES / f"listed_at_31_march_{year}.csv"


def _seen(year: int) -> Preview:
    return preview(_path(year), {})


@pytest.mark.parametrize("year", YEARS)
def test_the_layout_of_each_year_is_read_in_full(year: int) -> None:
    seen, expected = _seen(year), EXPECTED[year]
    assert (seen.header_row, seen.rows, seen.skipped) == expected[:3]
    assert (seen.new, seen.new_inspections) == (expected.rows, expected.inspections)
    assert (seen.by_provision, seen.by_grade) == (expected.by_provision, expected.by_grade)
    assert seen.inadequate == expected.inadequate
    assert (seen.unreadable, seen.doubtful) == ((), ())


@pytest.mark.parametrize("year", YEARS)
def test_the_date_of_each_list_is_known(year: int) -> None:
    assert _seen(year).listed_on == dt.date(year, 3, 31)


@pytest.mark.parametrize("year", YEARS)
def test_every_column_of_each_layout_is_accounted_for(year: int) -> None:
    taken_for = [column.taken_for for column in _seen(year).columns]
    for needed in ("URN", "overall grade", "date of inspection", "type of inspection"):
        assert taken_for.count(needed) == 1
    assert taken_for.count("address") == 2


def test_a_dash_of_a_macintosh_in_the_title_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / _path(2024).name
    path.write_bytes(_path(2024).read_text(encoding="utf-8").encode("mac_roman"))
    seen = preview(path, {})
    assert seen.records == _seen(2024).records
    assert seen.encoding == "Windows-1252"
    assert seen.notes == ("The file is not UTF-8. Check dashes and accents on these lines: 1.",)


def test_the_region_of_government_is_taken_not_ofsteds() -> None:
    assert places(_seen(2018))["9000004"].region == "Yorkshire and The Humber"


def test_a_list_with_previous_inspections_gives_both() -> None:
    events = [(one.inspection_type, one.grade) for one in inspections(_seen(2024))]
    assert events == [
        ("FULL", "4"),
        ("FULL", "4"),
        ("MON", "2"),
        ("FULL", "4"),
        ("FULL", "2"),
        ("MON", "3"),
        ("FULL", "1"),
    ]


def test_a_list_with_other_headings_in_another_order_is_read() -> None:
    seen = preview(SAMPLES / "providers_of_a_later_year.csv", {})
    assert (seen.listed_on, seen.rows, seen.new) == (dt.date(2027, 3, 31), 4, 4)
    fern, first = places(seen)["SC900001"], inspections(seen)[0]
    assert (fern.name, fern.address_withheld, fern.places) == ("", True, 4)
    assert (first.grade, first.grade_as_published, first.inspection_type) == ("4", "4", "FULL")
    assert first.inspected_on == dt.date(2027, 1, 29)
    assert first.published_on == dt.date(2027, 4, 8)
    assert places(seen)["SC900002"].address == "Brindle Court\nQuarry Lane\nNether Poldon"
    assert [note.row for note in seen.doubtful] == [6, 7]


@pytest.mark.parametrize("order", [YEARS, YEARS[::-1]])
def test_lists_taken_in_in_either_order_rate_the_same_places(order: tuple[int, ...]) -> None:
    bodies = taken_in(*(_path(year) for year in order))
    listed = [from_body("place", key, body) for key, body in bodies.items() if "urn" in body]
    seen = [from_body("inspection", key, body) for key, body in bodies.items() if "place" in body]
    rated = rated_inadequate(
        [place for place in listed if isinstance(place, Place)],
        [one for one in seen if isinstance(one, Inspection)],
        dt.date(2024, 3, 31),
    )
    assert [(place.urn, one.event_number) for place, one in rated] == [
        ("SC900001", "90004001"),
        ("SC900006", "90004106"),
    ]
