"""What a published list would change, for a person to look at before anything is saved."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hah_desktop.domain.days import in_words
from hah_desktop.domain.records.base import Record
from hah_desktop.intake.grades import JUDGEMENTS, PLACE_TYPES

SHOWN_ROWS = 20
"""How many rows with a fault the plain text lists; the rest are counted."""


class Column(NamedTuple):
    """One column of the file: its letter, its heading and what it was taken for."""

    letter: str
    heading: str
    taken_for: str


class RowNote(NamedTuple):
    """What is wrong with one row, numbered as a spreadsheet numbers it."""

    row: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A published list as it was read, and the records that taking it in would write.

    `rows` are the rows that hold anything: new + changed + unchanged + unreadable. They count
    places; a place is unchanged when the list says nothing new about the place itself, though
    its inspections, or the date of the newest list it was on, may be among `records`.
    `by_type`, `by_provision` and `by_grade` count the rows of this list, by code; the grade is
    that of the latest inspection the list gives, "" where there is none.
    """

    file_name: str
    encoding: str
    listed_on: dt.date | None
    listed_on_from: str
    header_row: int
    columns: tuple[Column, ...]
    rows: int
    new: int
    changed: int
    unchanged: int
    skipped: int
    new_inspections: int
    changed_inspections: int
    by_type: Mapping[str, int]
    by_provision: Mapping[str, int]
    by_grade: Mapping[str, int]
    inadequate: int
    unreadable: tuple[RowNote, ...]
    doubtful: tuple[RowNote, ...]
    notes: tuple[str, ...]
    records: tuple[Record, ...]

    def to_plain(self) -> dict[str, Any]:
        """The preview for JSON: everything but the records themselves, which are counted."""
        return {
            "file": self.file_name,
            "encoding": self.encoding,
            "listed_on": self.listed_on.isoformat() if self.listed_on else None,
            "listed_on_from": self.listed_on_from,
            "header_row": self.header_row,
            "columns": [column._asdict() for column in self.columns],
            "places": {
                "rows": self.rows,
                "new": self.new,
                "changed": self.changed,
                "unchanged": self.unchanged,
                "unreadable": len(self.unreadable),
                "skipped": self.skipped,
            },
            "inspections": {"new": self.new_inspections, "changed": self.changed_inspections},
            "by_type": dict(self.by_type),
            "by_provision": dict(self.by_provision),
            "by_grade": dict(self.by_grade),
            "inadequate": self.inadequate,
            "unreadable": [note._asdict() for note in self.unreadable],
            "doubtful": [note._asdict() for note in self.doubtful],
            "notes": list(self.notes),
            "records": len(self.records),
        }

    def to_text(self) -> str:
        """The preview in plain English, for a terminal or a box of text."""
        return "\n".join(line for part in self._parts() for line in part) + "\n"

    def _parts(self) -> Iterator[Iterable[str]]:
        yield self._about_the_file()
        yield self._about_the_rows()
        yield _counts("By type of place", self.by_type, PLACE_TYPES)
        yield _counts("By grade", self.by_grade, JUDGEMENTS)
        yield _listed("Rows that were not read", self.unreadable)
        yield _listed("Rows to look at", self.doubtful)
        yield ("", "Columns:", *map(_column, self.columns))

    def _about_the_file(self) -> Iterator[str]:
        day = in_words(self.listed_on) if self.listed_on else "unknown"
        yield f"{self.file_name} ({self.encoding}), headings in row {self.header_row}"
        yield f"Date of the list: {day} ({self.listed_on_from})"
        yield from self.notes

    def _about_the_rows(self) -> Iterator[str]:
        yield ""
        yield f"Rows: {self.rows}, and {self.skipped} empty ones skipped"
        yield (
            f"Places: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{len(self.unreadable)} not read"
        )
        yield f"Inspections: {self.new_inspections} new, {self.changed_inspections} changed"
        yield f"Inadequate at the latest full inspection in this list: {self.inadequate}"
        yield f"Records to save: {len(self.records)}. Nothing has been saved yet."


def _column(column: Column) -> str:
    return f"  {column.letter}  {column.heading or '(no heading)'}: {column.taken_for}"


def _counts(title: str, counts: Mapping[str, int], labels: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for code, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        yield f"  {labels.get(code, code)}: {count}"


def _listed(title: str, notes: tuple[RowNote, ...]) -> Iterator[str]:
    if not notes:
        return
    yield ""
    yield f"{title}:"
    for note in notes[:SHOWN_ROWS]:
        yield f"  row {note.row}: {note.reason}"
    if len(notes) > SHOWN_ROWS:
        yield f"  and {len(notes) - SHOWN_ROWS} more"
