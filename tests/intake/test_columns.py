"""Columns by the words of their headings: whatever their order, refused where it is unclear."""

import pytest

from hah_desktop.intake.columns import Table, find_table, letter
from hah_desktop.intake.errors import AmbiguousColumns, MissingColumn, NotATable
from hah_desktop.intake.meanings import Meaning

HEADINGS = ["URN", "Name", "Inspection date", "Overall effectiveness"]


def _taken_for(table: Table) -> dict[str, str]:
    return {column.heading: column.taken_for for column in table.columns}


def test_the_order_of_the_columns_does_not_matter() -> None:
    table = find_table([HEADINGS[::-1]], "list.csv")
    assert [table.at(m) for m in (Meaning.URN, Meaning.NAME, Meaning.GRADE)] == [(3,), (2,), (0,)]


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Unique\nreference   number (URN)", Meaning.URN),
        ("Provider name", Meaning.NAME),
        ("SETTING NAME", Meaning.NAME),
        ("Type of provision", Meaning.PROVISION),
        ("Registration\r\nstatus", Meaning.STATUS),
        ("Address line 1", Meaning.ADDRESS),
        ("Post town", Meaning.TOWN),
        ("Post code", Meaning.POSTCODE),
        ("Government Office Region", Meaning.REGION),
        ("Ofsted region", Meaning.OFSTED_REGION),
        ("Region", Meaning.OFSTED_REGION),
        ("Local Authority name", Meaning.LOCAL_AUTHORITY),
        ("Number of registered places", Meaning.PLACES),
        ("Organisation which owns the provider", Meaning.ORGANISATION),
        ("Short-break-only children's home", Meaning.SHORT_BREAKS),
        ("Latest full inspection event type", Meaning.EVENT_TYPE),
        ("Date of last full inspection", Meaning.INSPECTED_ON),
        ("Latest full inspection publication date", Meaning.PUBLISHED_ON),
        ("Latest full inspection event number", Meaning.EVENT_NUMBER),
        ("Overall experiences and progress of children and young people", Meaning.GRADE),
        ("Overall effectiveness at latest full inspection", Meaning.GRADE),
        ("How well children and young people are helped and protected", Meaning.HELPED),
        ("CYP safety", Meaning.HELPED),
        ("The effectiveness of leaders and managers", Meaning.LEADERS),
    ],
)
def test_a_heading_is_recognised_by_its_words(heading: str, meaning: Meaning) -> None:
    table = _table_with(heading, meaning)
    assert table.columns[0].taken_for.removesuffix(", not kept") == meaning.value
    assert table.at(meaning) == (0,)


def _table_with(heading: str, meaning: Meaning | None = None) -> Table:
    """A table of the heading in front and the needed columns, unless the heading is one."""
    needed = {Meaning.URN: "URN", Meaning.GRADE: "Overall effectiveness", Meaning.SECTOR: "Sector"}
    others = [words for other, words in needed.items() if other is not meaning]
    return find_table([[heading, *others]], "list.csv")


@pytest.mark.parametrize(
    "heading",
    [
        "",
        "Web link",
        "Linked Education URN",
        "Organisation URN",
        "Parliamentary constituency",
        "Multi-building children's home",
        "Health services",
        "Outcomes in education and related learning activities",
        "LA code",
        "Registered manager name",
        "Assurance visit start date",
        "Latest monitoring inspection date",
        "Interim inspection outcome",
        "Previous name",
        "Number of complaints",
    ],
)
def test_a_heading_with_no_known_meaning_is_not_used(heading: str) -> None:
    assert _table_with(heading).columns[0] == ("A", heading, "not used")


def test_the_previous_inspection_is_kept_apart_from_the_latest() -> None:
    table = find_table([[*HEADINGS, *(f"Previous {h}" for h in HEADINGS)]], "list.csv")
    assert table.at(Meaning.GRADE) == (3,)
    assert table.at(Meaning.GRADE, previous=True) == (7,)
    assert _taken_for(table)["Previous Inspection date"] == (
        "date of inspection (previous inspection)"
    )


def test_the_group_above_tells_the_previous_inspection_from_the_latest() -> None:
    groups = ["Provider", "", "Latest full inspection", "", "Previous inspection", ""]
    table = find_table([groups, [*HEADINGS, *HEADINGS[2:]]], "list.csv")
    assert table.at(Meaning.GRADE, previous=True) == (5,)
    assert table.full == (True, False)


def test_a_group_of_other_visits_is_not_used() -> None:
    groups = ["Provider", "", "Full inspection", "", "Monitoring", ""]
    table = find_table([groups, [*HEADINGS, *HEADINGS[2:]]], "list.csv")
    assert [column.taken_for for column in table.columns[4:]] == ["not used", "not used"]


def test_a_title_above_the_headings_groups_nothing() -> None:
    table = find_table([["Latest and previous full inspections", "", ""], HEADINGS], "list.csv")
    assert table.at(Meaning.GRADE) == (3,)
    assert table.full == (False, False)


def test_a_group_row_may_be_shorter_than_the_headings() -> None:
    table = find_table([["Provider", "Inspection"], HEADINGS], "list.csv")
    assert table.at(Meaning.GRADE) == (3,)


def test_the_headings_are_found_in_row_20() -> None:
    rows = [["A note about URN"], *[[""]] * 18, HEADINGS, ["SC900001", "", "", "Good"]]
    assert find_table(rows, "list.csv").header_row == 20


def test_headings_below_row_30_are_not_looked_for() -> None:
    with pytest.raises(NotATable, match="no row of headings"):
        find_table([*[[""]] * 30, HEADINGS], "list.csv")


def test_a_file_without_headings_is_refused() -> None:
    with pytest.raises(NotATable, match=r"“list\.csv” has no row of headings"):
        find_table([["Fern House", "Good"], ["Brindle Court", "Good"]], "list.csv")


def test_a_file_of_no_rows_is_refused() -> None:
    with pytest.raises(NotATable, match="no row of headings"):
        find_table([], "list.csv")


def test_a_list_without_urns_is_refused_with_the_headings_that_it_has() -> None:
    with pytest.raises(MissingColumn, match="no column for the URN") as refused:
        find_table([["Name", "Sector", "Overall effectiveness"]], "list.csv")
    assert "“Name”, “Sector”, “Overall effectiveness”" in refused.value.what


def test_a_list_without_grades_is_refused() -> None:
    with pytest.raises(MissingColumn, match="no column for the overall grade"):
        find_table([["URN", "Name", "Sector"]], "list.csv")


def test_a_list_with_the_previous_grade_alone_is_refused() -> None:
    with pytest.raises(MissingColumn, match="overall grade"):
        find_table([["URN", "Name", "Sector", "Previous overall effectiveness"]], "list.csv")


def test_both_needed_columns_are_named_when_both_are_missing() -> None:
    with pytest.raises(MissingColumn, match="the URN or the overall grade"):
        find_table([["Name", "Town", "Sector"]], "list.csv")


def test_two_columns_of_grades_are_refused_and_both_are_named() -> None:
    with pytest.raises(AmbiguousColumns) as refused:
        find_table([[*HEADINGS, "Overall experiences and progress"]], "list.csv")
    assert "“Overall effectiveness” (column D)" in refused.value.what
    assert "“Overall experiences and progress” (column E)" in refused.value.what


def test_a_column_that_could_mean_two_things_is_refused() -> None:
    with pytest.raises(AmbiguousColumns, match="could be postcode or town"):
        find_table([[*HEADINGS, "Address town and postcode"]], "list.csv")


def test_the_lines_of_an_address_follow_their_numbers() -> None:
    table = find_table([["Address 2", *HEADINGS, "Address 1"]], "list.csv")
    assert table.at(Meaning.ADDRESS) == (5, 0)


def test_a_column_that_is_not_kept_may_stand_twice() -> None:
    table = find_table([[*HEADINGS, "Short breaks", "Short break only"]], "list.csv")
    assert _taken_for(table)["Short breaks"] == "short breaks only, not kept"


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [letter(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
