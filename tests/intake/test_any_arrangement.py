"""However a list is arranged, it says the same: what counts are the words of the headings."""

import csv
import tempfile
from io import StringIO
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.intake.places import Preview, preview
from tests.intake.lists import SAMPLES, as_csv, row

WORDS = st.text(st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\ufffd"))
NOTES = st.sampled_from(["", "A note about this list", "Some cells are empty.", "URN"])
URNS = st.lists(
    st.one_of(
        st.from_regex(r"SC\d{6}|\d{5,7}", fullmatch=True),
        st.sampled_from(["", "SC1", "REDACTED"]),
    ),
    min_size=1,
    max_size=6,
)


def _read(rows: list[list[str]]) -> Preview:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list_at_31_march_2024.csv"
        path.write_text(as_csv(rows), encoding="utf-8")
        return preview(path, {})


def _sample() -> list[list[str]]:
    """The headings and rows of the sample with the most columns, without its title."""
    text = (SAMPLES / "listed_at_31_march_2024.csv").read_text(encoding="utf-8")
    return list(csv.reader(StringIO(text)))[3:]


@given(st.data(), st.lists(NOTES, max_size=20))
def test_other_orders_of_columns_and_notes_above_give_the_same_records(
    data: st.DataObject, notes: list[str]
) -> None:
    rows = _sample()
    order = data.draw(st.permutations(range(len(rows[0]))))
    shuffled = [[cells[at] for at in order] for cells in rows]
    seen = _read([*([note] for note in notes), *shuffled])
    assert seen.records == _read(rows).records
    assert seen.header_row == len(notes) + 1


@given(URNS, st.lists(st.sampled_from(["Places", "Sector", "Inspection date"])), WORDS)
def test_every_row_is_new_changed_unchanged_unreadable_or_empty(
    urns: list[str], spoiled: list[str], words: str
) -> None:
    rows = [row(URN=urn, **dict.fromkeys(spoiled, words)) for urn in urns]
    table = [list(rows[0]), *([*one.values()] for one in rows), [""] * len(rows[0])]
    seen = _read(table)
    assert seen.new + seen.changed + seen.unchanged + len(seen.unreadable) == seen.rows
    assert (seen.rows, seen.skipped) == (len(urns), 1)
    assert sum(seen.by_type.values()) == sum(seen.by_grade.values()) == seen.new


@given(URNS, WORDS, WORDS)
def test_any_words_in_a_row_are_read_or_reported_and_change_nothing_twice(
    urns: list[str], name: str, grade: str
) -> None:
    rows = [row(URN=urn, Name=name, Overall_effectiveness=grade) for urn in urns]
    table = [list(rows[0]), *([*one.values()] for one in rows)]
    known: dict[RecordId, dict[str, Json]] = {
        record.id: to_body(record) for record in _read(table).records
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list_at_31_march_2024.csv"
        path.write_text(as_csv(table), encoding="utf-8")
        assert preview(path, known).records == ()
