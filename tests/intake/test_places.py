"""A list against what is known already: what is new, what changes, what stays."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from hah_desktop.domain.codec import Body, to_body
from hah_desktop.domain.ids import RecordId, derived_id
from hah_desktop.intake.dates import read_date
from hah_desktop.intake.errors import NotATable
from hah_desktop.intake.grades import inspection_code
from hah_desktop.intake.places import preview
from hah_desktop.intake.words import plain, said_in
from tests.intake.lists import (
    FERN_HOUSE,
    TITLE,
    inspections,
    places,
    row,
    taken_in,
    the_place,
    write,
)

OLDER = "Invented providers as at 31 March 2023"
NEWER = "Invented providers as at 31 March 2025"
FERN = derived_id("place", "SC900001")


def _known(folder: Path, **changes: str) -> dict[RecordId, Body]:
    """Fern House, known from the list of 31 March 2024."""
    return taken_in(write(folder, row(**changes), name="known.csv"))


def test_what_is_not_known_is_new(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row(), row(URN="SC900002", Event_number="90000002")), {})
    assert (seen.rows, seen.new, seen.changed, seen.unchanged) == (2, 2, 0, 0)
    assert (seen.new_inspections, seen.changed_inspections, len(seen.records)) == (2, 0, 4)


def test_nothing_that_a_list_said_is_remembered_once_it_is_read(tmp_path: Path) -> None:
    notes = tmp_path / "notes.csv"
    notes.write_text("Child,What was said\nMilo,Nobody comes at night\n", encoding="utf-8")
    with pytest.raises(NotATable):
        preview(notes, {})
    preview(write(tmp_path, row()), {})
    remembering = (plain, said_in, read_date, inspection_code)
    assert [one.cache_info().currsize for one in remembering] == [0, 0, 0, 0]


def test_the_same_list_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    seen = preview(path, taken_in(path))
    assert (seen.rows, seen.unchanged, seen.records) == (1, 1, ())


def test_a_newer_list_changes_what_it_says_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path, row(Name="Fern Lodge"), title=NEWER)
    seen = preview(path, _known(tmp_path))
    assert (seen.changed, seen.changed_inspections) == (1, 0)
    (place,) = seen.records
    assert place == replace(the_place(tmp_path), name="Fern Lodge", listed_on=dt.date(2025, 3, 31))


def test_a_place_that_is_still_listed_gets_the_date_and_counts_as_unchanged(
    tmp_path: Path,
) -> None:
    seen = preview(write(tmp_path, row(), title=NEWER), _known(tmp_path))
    assert (seen.changed, seen.unchanged) == (0, 1)
    (place,) = places(seen).values()
    assert place.listed_on == dt.date(2025, 3, 31)
    assert inspections(seen) == []


def test_what_a_newer_list_leaves_empty_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, row(Organisation="", Town="REDACTED", Places=""), title=NEWER)
    place = places(preview(path, _known(tmp_path)))["SC900001"]
    assert (place.organisation, place.places) == ("Hollow Oak Care Limited", 4)


def test_a_name_that_a_newer_list_keeps_back_stays_known_and_is_marked(tmp_path: Path) -> None:
    path = write(tmp_path, row(Name="REDACTED"), title=NEWER)
    place = places(preview(path, _known(tmp_path)))["SC900001"]
    assert (place.name, place.address_withheld) == ("Fern House", True)


def test_an_older_list_adds_its_inspections_and_changes_no_place(tmp_path: Path) -> None:
    older = row(Name="Fern Cottage", Event_number="90000000", Inspection_date="01/02/2023")
    seen = preview(write(tmp_path, older, title=OLDER), _known(tmp_path))
    assert (seen.unchanged, seen.new_inspections) == (1, 1)
    assert [one.event_number for one in inspections(seen)] == ["90000000"]
    assert places(seen) == {}


def test_an_older_list_does_not_change_an_inspection_either(tmp_path: Path) -> None:
    older = write(tmp_path, row(Overall_effectiveness="Inadequate"), title=OLDER)
    assert preview(older, _known(tmp_path)).records == ()


def test_a_newer_list_may_correct_a_grade(tmp_path: Path) -> None:
    path = write(tmp_path, row(Overall_effectiveness="Inadequate"), title=NEWER)
    seen = preview(path, _known(tmp_path))
    assert (seen.new_inspections, seen.changed_inspections) == (0, 1)
    assert [one.grade for one in inspections(seen)] == ["4"]


def test_a_place_that_the_office_wrote_down_is_filled_in(tmp_path: Path) -> None:
    by_hand: dict[RecordId, Body] = {FERN: {"urn": "SC900001", "postcode": "ZZ9 9ZZ", "new": 1}}
    path = write(tmp_path, row(Postcode=""))
    place = places(preview(path, by_hand))["SC900001"]
    assert (place.name, place.postcode, place.unknown) == ("Fern House", "ZZ9 9ZZ", {"new": 1})


def test_a_type_of_place_set_by_the_office_stays_while_the_registration_does(
    tmp_path: Path,
) -> None:
    known = _known(tmp_path, Provision_type="Secure children's home")
    known[FERN] = {**known[FERN], "place_type": "SSCH"}
    same = write(tmp_path, row(Provision_type="Secure children's home"), title=NEWER)
    assert places(preview(same, known))["SC900001"].place_type == "SSCH"
    other = write(tmp_path, row(Provision_type="Children's home"), title=NEWER)
    assert places(preview(other, known))["SC900001"].place_type == "CH"


@pytest.mark.parametrize(("first", "later"), [("", "90000001"), ("90000001", "")])
def test_an_event_number_missing_in_one_list_makes_no_second_inspection(
    tmp_path: Path, first: str, later: str
) -> None:
    known = _known(tmp_path, Event_number=first)
    seen = preview(write(tmp_path, row(Event_number=later), title=NEWER), known)
    assert seen.new_inspections == 0
    assert {one.id for one in inspections(seen)} <= set(known)


def test_two_numbered_events_on_one_day_are_two_inspections(tmp_path: Path) -> None:
    path = write(tmp_path, row(Event_number="90000009"), title=NEWER)
    assert preview(path, _known(tmp_path)).new_inspections == 1


def test_a_urn_that_stands_twice_is_read_once_and_reported(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row(), row(Name="Fern Lodge")), {})
    assert seen.unreadable == ((4, "URN SC900001 stands in row 3 already; left out."),)
    assert places(seen)["SC900001"].name == "Fern House"


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_skipped(tmp_path: Path) -> None:
    empty = dict.fromkeys(FERN_HOUSE, "")
    seen = preview(write(tmp_path, row(), empty, {**empty, "Name": "Source: Ofsted"}), {})
    assert (seen.rows, seen.new, seen.skipped) == (2, 1, 1)
    assert seen.unreadable == ((5, "There is no URN."),)


def test_the_title_gives_the_date_of_the_list(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row()), {})
    assert (seen.listed_on, seen.listed_on_from) == (dt.date(2024, 3, 31), "from its title")
    assert seen.notes == ()


def test_the_name_of_the_file_gives_the_date_where_the_title_does_not(tmp_path: Path) -> None:
    path = write(tmp_path, row(), title="", name="homes_at_31_march_2024.csv")
    seen = preview(path, {})
    assert seen.listed_on == dt.date(2024, 3, 31)
    assert seen.listed_on_from == "from the file's name"


def test_a_title_and_a_name_that_disagree_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path, row(), name="homes_at_31_march_2025.csv")
    seen = preview(path, {})
    assert seen.listed_on == dt.date(2024, 3, 31)
    assert seen.notes == (
        "The title says 31 March 2024, the file's name 31 March 2025: the title was believed.",
    )


def test_a_person_may_give_the_date(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row()), {}, listed_on=dt.date(2024, 5, 1))
    assert (seen.listed_on, seen.listed_on_from) == (dt.date(2024, 5, 1), "as given")


def test_the_newest_inspection_stands_in_for_the_date_and_that_is_said(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row(), title=""), {})
    assert seen.listed_on == dt.date(2024, 2, 7)
    assert "the newest inspection in it stands in" in seen.notes[0]


def test_the_newest_publication_stands_in_where_no_inspection_has_a_day(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row(Inspection_date=""), title=""), {})
    assert (seen.listed_on, seen.listed_on_from) == (
        dt.date(2024, 3, 21),
        "from the newest publication in it",
    )


def test_a_list_without_any_date_adds_and_changes_nothing_known(tmp_path: Path) -> None:
    undated = {"title": "", "name": "list.csv"}
    one = row(Inspection_date="", Publication_date="", Name="Fern Lodge")
    two = {**one, "URN": "SC900002"}
    seen = preview(write(tmp_path, one, two, **undated), _known(tmp_path))
    assert (seen.listed_on, seen.new, seen.changed) == (None, 1, 0)
    assert "has no date" in seen.notes[0]


def test_a_list_that_does_not_say_what_is_full_says_so(tmp_path: Path) -> None:
    untyped = {key: cell for key, cell in row().items() if key != "Event type"}
    seen = preview(write(tmp_path, {**untyped, "Overall effectiveness": "Inadequate"}), {})
    assert seen.inadequate == 0
    assert "does not say which inspections are full" in seen.notes[0]


def test_headings_that_say_full_stand_for_the_missing_type(tmp_path: Path) -> None:
    untyped = {key: cell for key, cell in row().items() if key != "Event type"}
    grade = {"Overall effectiveness at latest full inspection": "4"}
    del untyped["Overall effectiveness"]
    seen = preview(write(tmp_path, {**untyped, **grade}), {})
    assert (seen.inadequate, seen.notes) == (1, ())


def test_the_counts_are_by_type_and_by_grade(tmp_path: Path) -> None:
    seen = preview(
        write(
            tmp_path,
            row(),
            row(URN="SC900002", Provision_type="Boarding School"),
            row(URN="SC900003", Overall_effectiveness="Inadequate"),
            row(URN="SC900004", Overall_effectiveness="Inadequate", Event_type="Monitoring"),
        ),
        {},
    )
    assert (seen.by_type, seen.by_provision) == ({"CH": 3, "BS": 1}, {"CH": 3, "BS": 1})
    assert (seen.by_grade, seen.inadequate) == ({"2": 2, "4": 2}, 1)


def test_windows_letters_are_read_and_their_lines_named(tmp_path: Path) -> None:
    path = write(tmp_path, row(Name="Fern House – £5"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    seen = preview(path, {})
    assert places(seen)["SC900001"].name == "Fern House – £5"
    assert seen.notes == ("The file is not UTF-8. Check dashes and accents on these lines: 3.",)


def test_not_more_than_ten_odd_lines_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, *(row(URN=f"SC90000{n}", Name="£") for n in range(10)), title="£ 2024")
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    assert preview(path, {}).notes[0].endswith("1, 3, 4, 5, 6, 7, 8, 9, 10, 11 and more.")


def test_a_mark_in_front_and_lines_of_windows_change_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    plain = preview(path, {})
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert preview(path, {}).records == plain.records


def test_a_quotation_mark_that_swallows_the_file_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    path.write_text(f'{TITLE}\n"URN' + "x" * 200_000, encoding="utf-8")
    with pytest.raises(NotATable, match="a quotation mark may be missing"):
        preview(path, {})


def test_the_records_of_a_preview_go_through_the_codec(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, row()), {})
    assert all(to_body(record)["listed_on"] == "2024-03-31" for record in seen.records)
