"""Words and codes: every word that the published lists use, in any case."""

import csv

import pytest

from hah_desktop.intake import grades
from hah_desktop.intake.grades import grade_code, inspection_code, provision_codes
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Outstanding", "1"),
        ("GOOD", "2"),
        ("Requires Improvement", "3"),
        ("Requires improvement to be good", "3"),
        ("Adequate", "3"),
        ("Satisfactory", "3"),
        (" inadequate ", "4"),
        ("Not judged", "5"),
        ("4", "4"),
        ("Declined in effectiveness", "DE"),
        ("6", None),
        ("Excellent", None),
        ("", None),
    ],
)
def test_a_grade_has_the_code_of_its_words(words: str, code: str | None) -> None:
    assert grade_code(words) == code


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Children's home", ("CH", "CH")),
        ("CHILDREN’S HOME", ("CH", "CH")),
        ("Secure Unit", ("SCH", "SCH")),
        ("Residential special school (registered as a children's home)", ("RSSCH", "RSS")),
        ("Adoption support agency", ("ASA", "OTH")),
        ("CAFCASS", ("CAFC", "OTH")),
        ("Therapeutic community", None),
    ],
)
def test_a_kind_of_provision_has_a_code_and_a_type_of_place(
    words: str, codes: tuple[str, str] | None
) -> None:
    assert provision_codes(words) == codes


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Full Inspection", "FULL"),
        ("Monitoring inspection", "MON"),
        ("Full monitoring visit", "MON"),
        ("Interim inspection", "INT"),
        ("Assurance visit", "ASSU"),
        ("Emergency inspection", "EMER"),
        ("Fully booked", None),
    ],
)
def test_an_event_has_the_code_of_its_word(words: str, code: str | None) -> None:
    assert inspection_code(words) == code


def _codes(name: str) -> set[str]:
    path = ROOT / "resources" / "codes" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file)}


def test_every_code_is_one_of_the_lists_that_come_with_the_program() -> None:
    provisions, types = zip(*grades._PROVISIONS.values(), strict=True)
    assert set(grades._GRADES.values()) <= _codes("judgement")
    assert set(provisions) <= _codes("provision_type")
    assert set(types) | set(grades.PLACE_TYPES) <= _codes("place_type") | {""}
    assert {code for _, code in grades._INSPECTIONS} <= _codes("inspection_type")
