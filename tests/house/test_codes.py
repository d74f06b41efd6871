"""The code lists that come with the program, and the module that reads them."""

import datetime as dt
from itertools import combinations
from pathlib import Path

import pytest

from hah_desktop import resources
from hah_desktop.domain.codes import Code
from hah_desktop.domain.fields import Choice, Choices, Reader
from hah_desktop.domain.records.base import described
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.resources import COLUMNS, code_list, resource
from tests.house.code_lists import LISTS

FROM_RECORDS = {"adviser"}
"""Lists whose members are records themselves."""


def span(code: Code) -> tuple[dt.date, dt.date]:
    return code.valid_from or dt.date.min, code.valid_to or dt.date.max


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of resources of our own."""
    monkeypatch.setattr(resources, "FOLDER", tmp_path)
    (tmp_path / "codes").mkdir()
    return tmp_path / "codes"


def write(folder: Path, *rows: str, columns: str = ",".join(COLUMNS)) -> None:
    (folder / "planted.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_read_and_holds_something(name: str) -> None:
    assert code_list(name).codes


@pytest.mark.parametrize("name", LISTS)
def test_a_code_means_one_thing_on_any_day(name: str) -> None:
    for one, other in combinations(code_list(name), 2):
        if one.code == other.code:
            (start, end), (other_start, other_end) = span(one), span(other)
            assert end < other_start or other_end < start, f"{one.code} overlaps itself"


@pytest.mark.parametrize("name", LISTS)
def test_a_label_stands_for_one_code(name: str) -> None:
    labels = [(code.label, span(code)) for code in code_list(name)]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", LISTS)
def test_no_code_ends_before_it_starts(name: str) -> None:
    assert all(start <= end for start, end in map(span, code_list(name)))


@pytest.mark.parametrize("name", LISTS)
def test_words_are_trimmed_and_labels_end_without_a_full_stop(name: str) -> None:
    for code in code_list(name):
        assert code.code, f"{name} has a line without a code"
        assert code.label == code.label.strip().rstrip("."), code.code
        assert code.label, code.code
        assert not code.note or code.note == code.note.strip(), code.code


@pytest.mark.parametrize("name", LISTS)
def test_codes_fit_the_key_of_a_set_member(name: str) -> None:
    assert all(code.code.replace("_", "").isalnum() for code in code_list(name))


def test_every_list_that_a_field_names_exists() -> None:
    fields = [field for record in RECORD_TYPES for field in described(record).values()]
    named = {field.codes for field in fields if isinstance(field, Choice | Choices)}
    assert named - FROM_RECORDS <= set(LISTS)


def test_the_readers_are_those_that_editions_are_made_for() -> None:
    assert {code.code for code in code_list("reader")} == {reader.value for reader in Reader}


def test_a_secure_school_cannot_be_chosen_for_a_day_before_there_was_one() -> None:
    before = code_list("place_type").valid_on(dt.date(2024, 7, 31))
    after = code_list("place_type").valid_on(dt.date(2024, 8, 1))
    assert {code.code for code in after} - {code.code for code in before} == {"SSCH"}


def test_a_list_that_does_not_exist_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/codes/no_such_list\.csv"):
        code_list("no_such_list")


def test_a_well_formed_line_is_read_in_full(lists: Path) -> None:
    write(lists, 'A,"One, two",Note,2020-01-01,2021-12-31,yes')
    expected = Code("A", "One, two", "Note", dt.date(2020, 1, 1), dt.date(2021, 12, 31), True)
    assert code_list("planted").codes == (expected,)


def test_other_columns_are_refused(lists: Path) -> None:
    write(lists, columns="code,label")
    with pytest.raises(ValueError, match=r"planted\.csv: the columns must be code, label, note"):
        code_list("planted")


@pytest.mark.parametrize(
    "line",
    ["A,One,,,,perhaps", "A,One", "A,One,,,,yes,more"],
    ids=["neither yes nor no", "too short", "too long"],
)
def test_a_line_that_is_not_well_formed_is_named(lists: Path, line: str) -> None:
    write(lists, "B,Right,,,,no", line)
    with pytest.raises(ValueError, match=r"planted\.csv, line 3: a code has 6 values"):
        code_list("planted")


def test_a_date_that_is_none_is_named(lists: Path) -> None:
    write(lists, "A,One,,01/02/2024,,yes")
    with pytest.raises(ValueError, match=r"planted\.csv, line 2: 01/02/2024 is not a date"):
        code_list("planted")


def test_a_packaged_folder_is_found() -> None:
    assert resource("codes").is_dir()
