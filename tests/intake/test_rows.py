"""One row: what becomes of each cell, and what is said of a cell that makes no sense."""

import datetime as dt
from pathlib import Path

import pytest

from hah_desktop.domain.ids import derived_id
from hah_desktop.intake.places import preview
from tests.intake.lists import (
    doubts,
    inspections,
    places,
    refused,
    row,
    the_inspection,
    the_place,
    write,
)


def test_a_place_has_what_its_row_says(tmp_path: Path) -> None:
    place = the_place(tmp_path)
    assert place.id == derived_id("place", "SC900001")
    assert (place.urn, place.name, place.status) == ("SC900001", "Fern House", "Active")
    assert (place.place_type, place.provision, place.places) == ("CH", "CH", 4)
    assert place.address == "1 Hollow Lane\nNether Poldon\nStavely\nLarkshire"
    assert (place.postcode, place.address_withheld) == ("ZZ1 1AA", False)
    assert (place.region, place.local_authority) == ("South West", "Larkshire")
    assert (place.sector, place.organisation) == ("Private", "Hollow Oak Care Limited")
    assert place.listed_on == dt.date(2024, 3, 31)


def test_an_inspection_has_what_its_row_says(tmp_path: Path) -> None:
    inspection = the_inspection(tmp_path)
    assert inspection.id == derived_id("inspection", "SC900001", "90000001")
    assert inspection.place == derived_id("place", "SC900001")
    assert (inspection.inspection_type, inspection.event_number) == ("FULL", "90000001")
    assert inspection.inspected_on == dt.date(2024, 2, 7)
    assert inspection.published_on == dt.date(2024, 3, 21)
    assert (inspection.grade, inspection.grade_as_published) == ("2", "Good")
    assert (inspection.helped_and_protected, inspection.leaders) == ("2", "1")
    assert inspection.listed_on == dt.date(2024, 3, 31)


def test_an_inspection_without_an_event_number_is_known_by_its_day(tmp_path: Path) -> None:
    inspection = the_inspection(tmp_path, Event_number="")
    assert inspection.id == derived_id("inspection", "SC900001", "2024-02-07")


def test_an_event_number_that_a_spreadsheet_has_shortened_is_left_out(tmp_path: Path) -> None:
    inspection = the_inspection(tmp_path, Event_number="1.02E+07")
    assert inspection.id == derived_id("inspection", "SC900001", "2024-02-07")
    assert doubts(tmp_path, Event_number="1.02E+07") == [
        "A spreadsheet has shortened the event number to “1.02E+07”; left out."
    ]


def test_an_inspection_without_a_day_is_known_by_its_event_number(tmp_path: Path) -> None:
    inspection = the_inspection(tmp_path, Inspection_date="")
    assert inspection.id == derived_id("inspection", "SC900001", "90000001")
    assert inspection.inspected_on is None


def test_what_ofsted_keeps_back_is_left_empty_and_marked(tmp_path: Path) -> None:
    place = the_place(
        tmp_path, **dict.fromkeys(("Name", "Address_1", "Address_2", "Town"), "REDACTED")
    )
    assert (place.name, place.address) == ("", "Larkshire")
    assert place.address_withheld is True


def test_a_place_without_any_address_is_not_marked_either_way(tmp_path: Path) -> None:
    empty = dict.fromkeys(("Address_1", "Address_2", "Town", "County", "Postcode"), " ")
    assert the_place(tmp_path, **empty).address_withheld is None


@pytest.mark.parametrize("cell", ["", " ", "-", "NULL", "N/A", "Not applicable"])
def test_a_cell_that_says_nothing_is_empty(tmp_path: Path, cell: str) -> None:
    assert the_place(tmp_path, Organisation=cell).organisation == ""
    assert doubts(tmp_path, Places=cell, Overall_effectiveness=cell) == []


def test_a_place_that_was_not_inspected_yet_has_no_inspection(tmp_path: Path) -> None:
    never = dict.fromkeys(
        ("Event_type", "Inspection_date", "Publication_date", "Event_number"), ""
    ) | {"Overall_effectiveness": ""}
    seen = preview(write(tmp_path, row(**never)), {})
    assert (len(places(seen)), inspections(seen), seen.doubtful) == (1, [], ())


def test_a_grade_without_day_or_number_is_left_out_and_reported(tmp_path: Path) -> None:
    assert doubts(tmp_path, Inspection_date="", Event_number="") == [
        "“Good” has neither a date nor an event number; left out."
    ]


@pytest.mark.parametrize(
    ("urn", "reason"),
    [
        ("", "There is no URN."),
        ("SC12345", "“SC12345” is not a URN."),
        ("12345678", "“12345678” is not a URN."),
        ("1027077.0", "“1027077.0” is not a URN."),
        ("XXXXXXX", "“XXXXXXX” is not a URN."),
        ("٣٣٣٣٣٣٣", "“٣٣٣٣٣٣٣” is not a URN."),
    ],
)
def test_a_row_without_a_proper_urn_is_not_read(tmp_path: Path, urn: str, reason: str) -> None:
    assert refused(tmp_path, URN=urn) == [reason]


def test_a_urn_in_small_letters_is_the_same_urn(tmp_path: Path) -> None:
    assert the_place(tmp_path, URN=" sc900001 ").urn == "SC900001"


def test_an_unknown_grade_is_kept_in_its_words_and_reported(tmp_path: Path) -> None:
    inspection = the_inspection(tmp_path, Overall_effectiveness="Excellent")
    assert (inspection.grade, inspection.grade_as_published) == ("", "Excellent")
    assert doubts(tmp_path, Overall_effectiveness="Excellent") == [
        "“Excellent” is not a grade that is known (overall grade)."
    ]


def test_new_words_for_all_grades_do_not_make_a_row_look_slipped(tmp_path: Path) -> None:
    new = {
        "Overall_effectiveness": "Strong",
        "Safeguarding_children_and_young_people": "Strong",
        "Leadership_and_management": "Strong",
        "Provision_type": "Therapeutic community",
    }
    assert len(doubts(tmp_path, **new)) == 4


def test_an_unknown_kind_of_provision_is_kept_in_its_words(tmp_path: Path) -> None:
    place = the_place(tmp_path, Provision_type="Therapeutic community")
    assert (place.provision, place.place_type) == ("Therapeutic community", "OTH")


def test_a_list_without_kinds_of_provision_says_nothing_about_each(tmp_path: Path) -> None:
    one = {key: cell for key, cell in row().items() if key != "Provision type"}
    assert preview(write(tmp_path, one), {}).doubtful == ()


def test_a_missing_kind_of_provision_is_reported(tmp_path: Path) -> None:
    place = the_place(tmp_path, Provision_type="")
    assert (place.provision, place.place_type) == ("", "")
    assert doubts(tmp_path, Provision_type="") == ["The kind of provision is missing."]


@pytest.mark.parametrize(
    ("heading", "cell", "doubt"),
    [
        ("Sector", "12", "“12” is not a sector; left out."),
        ("Places", "four", "“four” is not a number of places; left out."),
        ("Places", "-4", "“-4” is not a number of places; left out."),
        ("Government Office Region", "Narnia", "“Narnia” is not a region of England; left out."),
        ("Inspection date", "soon", "“soon” is not a date (date of inspection); left out."),
        ("Overall effectiveness", "7", "“7” is not a grade that is known (overall grade)."),
        ("Event type", "Open day", "“Open day” is not a type of inspection that is known."),
        ("Event type", "Good", "“Good” is not a type of inspection that is known."),
        ("Event type", "", "The type of inspection is missing."),
    ],
)
def test_one_cell_that_makes_no_sense_is_left_out_and_reported(
    tmp_path: Path, heading: str, cell: str, doubt: str
) -> None:
    assert doubts(tmp_path, **{heading: cell}) == [doubt]
    assert len(places(preview(write(tmp_path, row(**{heading: cell})), {}))) == 1


def test_a_row_whose_cells_have_slipped_is_not_read(tmp_path: Path) -> None:
    headings, cells = list(row()), list(row().values())
    at = headings.index("Local authority")
    slipped = dict(zip(headings, [*cells[:at], "Larkshire Old Town", *cells[at:-1]], strict=True))
    (note,) = preview(write(tmp_path, row(), {**slipped, "URN": "SC900002"}), {}).unreadable
    assert note.row == 4
    assert note.reason.startswith("The cells seem to have slipped: ")


def test_an_inspection_after_the_day_of_the_list_is_reported(tmp_path: Path) -> None:
    assert doubts(tmp_path, Inspection_date="01/04/2024", Publication_date="") == [
        "Inspected on 1 April 2024, after the date of the list (31 March 2024)."
    ]


def test_a_report_from_before_the_inspection_is_reported(tmp_path: Path) -> None:
    assert doubts(tmp_path, Publication_date="06/02/2024") == [
        "Published on 6 February 2024, before the inspection."
    ]


def test_the_previous_inspection_is_a_record_of_its_own(tmp_path: Path) -> None:
    before = {
        "Previous event type": "Full inspection",
        "Previous inspection date": "01/02/2023",
        "Previous event number": "90000000",
        "Previous overall effectiveness": "Inadequate",
    }
    seen = preview(write(tmp_path, {**row(), **before}), {})
    assert [(one.event_number, one.grade) for one in inspections(seen)] == [
        ("90000001", "2"),
        ("90000000", "4"),
    ]


def test_a_previous_inspection_that_is_the_latest_again_is_left_out(tmp_path: Path) -> None:
    again = {"Previous event number": "90000001", "Previous overall effectiveness": "Good"}
    seen = preview(write(tmp_path, {**row(), **again}), {})
    assert len(inspections(seen)) == 1
    assert seen.doubtful[0].reason == "The previous inspection is the latest one again; left out."


def test_ofsteds_own_region_stands_in_where_there_is_no_other(tmp_path: Path) -> None:
    one = {key: cell for key, cell in row().items() if key != "Government Office Region"}
    seen = preview(write(tmp_path, {**one, "Ofsted region": "London"}), {})
    assert places(seen)["SC900001"].region == "London"


def test_the_region_of_government_goes_before_ofsteds(tmp_path: Path) -> None:
    assert the_place(tmp_path, Ofsted_region="London").region == "South West"


def test_a_stray_comma_leaves_something_beyond_the_last_heading(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + ",,x\n", encoding="utf-8")
    assert preview(path, {}).doubtful[0].reason == "There is something beyond the last heading."


def test_a_row_may_end_where_its_cells_end(tmp_path: Path) -> None:
    path = write(tmp_path, row(Leadership_and_management=""))
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n,"), encoding="utf-8")
    assert preview(path, {}).doubtful == ()


def test_a_cell_over_several_lines_is_reported(tmp_path: Path) -> None:
    assert doubts(tmp_path, Address_1="1 Hollow Lane\nPoldon") == [
        "A cell runs over several lines: a quotation mark may be missing."
    ]


def test_a_letter_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, row(Name="Caf?"))
    path.write_bytes(path.read_bytes().replace(b"Caf?", b"Caf\x8d"))
    assert preview(path, {}).doubtful[0].reason == "A letter could not be read."
