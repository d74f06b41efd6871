"""The preview for a person and for a program."""

import json
from pathlib import Path

from hah_desktop.intake.places import preview
from tests.intake.lists import row, write


def test_the_plain_form_is_json_and_counts_everything(tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(URN="?"), row(URN="SC900002", Places="x"))
    plain = json.loads(json.dumps(preview(path, {}).to_plain()))
    assert (plain["file"], plain["encoding"], plain["header_row"]) == ("list.csv", "UTF-8", 2)
    assert (plain["listed_on"], plain["listed_on_from"]) == ("2024-03-31", "from its title")
    assert plain["places"] == {
        "rows": 3,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "unreadable": 1,
        "skipped": 0,
    }
    assert plain["inspections"] == {"new": 2, "changed": 0}
    assert plain["by_type"] == plain["by_provision"] == {"CH": 2}
    assert (plain["by_grade"], plain["inadequate"], plain["records"]) == ({"2": 2}, 0, 4)
    assert plain["unreadable"] == [{"row": 4, "reason": "“?” is not a URN."}]
    assert plain["doubtful"] == [{"row": 5, "reason": "“x” is not a number of places; left out."}]
    assert plain["columns"][0] == {"letter": "A", "heading": "URN", "taken_for": "URN"}


def test_a_list_without_a_date_has_none_in_the_plain_form(tmp_path: Path) -> None:
    path = write(tmp_path, row(Inspection_date="", Publication_date=""), title="")
    seen = preview(path, {})
    assert seen.to_plain()["listed_on"] is None
    assert "Date of the list: unknown (not found)" in seen.to_text()


def test_the_text_says_what_was_found_in_plain_english(tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(URN="?"), {**row(URN="SC900002"), "": ""})
    text = preview(path, {}).to_text()
    assert "list.csv (UTF-8), headings in row 2\n" in text
    assert "Date of the list: 31 March 2024 (from its title)\n" in text
    assert "Places: 2 new, 0 changed, 0 unchanged, 1 not read\n" in text
    assert "Inspections: 2 new, 0 changed\n" in text
    assert "Records to save: 4. Nothing has been saved yet.\n" in text
    assert "By type of place:\n  Children’s home: 2\n" in text
    assert "By grade:\n  Good: 2\n" in text
    assert "Rows that were not read:\n  row 4: “?” is not a URN.\n" in text
    assert "  S  Overall effectiveness: overall grade\n" in text
    assert "Rows to look at" not in text


def test_a_column_without_a_heading_is_shown_too(tmp_path: Path) -> None:
    text = preview(write(tmp_path, {**row(), "": ""}), {}).to_text()
    assert "  V  (no heading): not used\n" in text


def test_many_faults_are_counted_after_the_first_twenty(tmp_path: Path) -> None:
    path = write(tmp_path, *(row(URN=f"?{n}") for n in range(25)))
    text = preview(path, {}).to_text()
    assert text.count("is not a URN") == 20
    assert "  and 5 more\n" in text
