"""The reference page of the records: equal to what the descriptions say today."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import pytest

from hah_desktop.domain.fields import AnyField, Choice, Choices, Link, Merge, Reader, Text, YesNo
from hah_desktop.domain.records.base import Record, Section, described
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.reference import holds, page
from tests.docs.write_reference import RECORDS_PAGE


@dataclass(frozen=True, kw_only=True)
class Kite(Record):
    """A kite that was seen
    over a roof.
    """

    kind: ClassVar[str] = "kite"
    noun: ClassVar[str] = "kite"
    sections: ClassVar[tuple[Section, ...]] = (Section("The kite", ("colour",)),)

    colour: Annotated[
        str, Text("Red | blue?", help="As seen.", merge=Merge.FIRST, readers=frozenset())
    ] = ""


def test_the_committed_page_is_the_one_that_the_descriptions_give() -> None:
    assert RECORDS_PAGE.read_text(encoding="utf-8") == page(RECORD_TYPES), (
        "run: python -m tests.docs.write_reference"
    )


def test_every_field_stands_on_the_page_once_a_record() -> None:
    written = page(RECORD_TYPES)
    expected = [f"| `{name}` |" for kind in RECORD_TYPES for name in described(kind)]
    assert sum(line.startswith("| ") and "| `" in line for line in written.split("\n")) == len(
        expected
    )
    assert [cell for cell in expected if cell not in written] == []


def test_a_record_is_explained_and_its_fields_stand_under_their_headings() -> None:
    assert page([Kite]).split("\n\n", 3)[3].rstrip() == (
        "## Kite (`kite`)\n\n"
        "A kite that was seen over a roof.\n\n"
        "### The kite\n\n"
        "| Field | Name | Holds | Asked for | Two edits | Readers |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| Red &#124; blue?<br>*As seen.* | `colour` | words, one line |  "
        "| first received stands | nobody |\n\n"
        "### Kept by the program\n\n"
        "| Field | Name | Holds | Asked for | Two edits | Readers |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| Removed | `removed` | yes or no |  | a person decides | the office |"
    )


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Text("A", lines=3), "words, 3 lines"),
        (Text("A", verbatim=True), "words, one line, written once"),
        (Choice("A", codes="entry"), "one of `entry`"),
        (Choices("A", codes="explained"), "any of `explained`"),
        (Link("A", to="visit"), "a link to a `visit`"),
        (Link("A"), "a link to any record"),
        (YesNo("A", readers=frozenset(Reader)), "yes or no"),
    ],
)
def test_what_a_field_holds_is_said_in_a_few_words(field: AnyField, words: str) -> None:
    assert holds(field) == words
