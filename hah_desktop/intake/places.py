"""From a published list of providers to the places and inspections it would add or change."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from hah_desktop.domain.days import in_words
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.intake.columns import Table, find_table
from hah_desktop.intake.dates import date_of_list, read_date
from hah_desktop.intake.errors import NotATable
from hah_desktop.intake.grades import inspection_code
from hah_desktop.intake.known import Known, News
from hah_desktop.intake.meanings import Meaning
from hah_desktop.intake.preview import Preview, RowNote
from hah_desktop.intake.rows import ReadRow, UnreadableRow, read_row
from hah_desktop.intake.text import NOTHING_TAKEN, SAVE_AS_CSV, Decoded, read_text
from hah_desktop.intake.words import plain, said_in
from hah_desktop.intake.worklist import INADEQUATE, latest_full

__all__ = ["Preview", "preview"]

Rows = Sequence[Sequence[str]]


def preview(
    path: Path,
    known: Mapping[RecordId, Mapping[str, Json]],
    *,
    listed_on: dt.date | None = None,
) -> Preview:
    """Read the list at `path` and say what it would change; nothing is saved.

    `known` holds the bodies of the places and inspections that are already there. `listed_on`
    is the date of the list when a person gives it; otherwise it is looked for in the file.
    Raises UnreadableFile when the file as a whole cannot be read.
    """
    try:
        return _preview(path, known, listed_on)
    finally:
        for remembering in (plain, said_in, read_date, inspection_code):
            remembering.cache_clear()


def _preview(
    path: Path, known: Mapping[RecordId, Mapping[str, Json]], listed_on: dt.date | None
) -> Preview:
    decoded = read_text(path)
    rows = _rows(decoded.text, path.name)
    table = find_table(rows, path.name)
    date = _Date(listed_on, "as given") if listed_on else _date(rows, table, path.stem)
    reading = _Reading(table, date.day, Known(known))
    for number, cells in enumerate(rows[table.header_row :], table.header_row + 1):
        reading.take(number, cells)
    return Preview(
        file_name=path.name,
        encoding=decoded.encoding,
        listed_on=date.day,
        listed_on_from=date.known_from,
        header_row=table.header_row,
        columns=table.columns,
        rows=len(rows) - table.header_row - reading.skipped,
        new=reading.places[News.NEW],
        changed=reading.places[News.CHANGED],
        unchanged=reading.places[News.UNCHANGED],
        skipped=reading.skipped,
        new_inspections=reading.inspections[News.NEW],
        changed_inspections=reading.inspections[News.CHANGED],
        by_type=dict(reading.by_type.most_common()),
        by_provision=dict(reading.by_provision.most_common()),
        by_grade=dict(sorted(reading.by_grade.items())),
        inadequate=reading.inadequate,
        unreadable=tuple(reading.unreadable),
        doubtful=tuple(reading.doubtful),
        notes=(*_about_encoding(decoded), *_about_types(table), *date.notes),
        records=tuple(reading.records),
    )


def _rows(text: str, name: str) -> Rows:
    try:
        return list(csv.reader(StringIO(text, newline="")))
    except csv.Error as fault:
        raise NotATable(
            f"“{name}” cannot be read as a table; a quotation mark may be missing ({fault}).",
            NOTHING_TAKEN,
            SAVE_AS_CSV,
        ) from fault


@dataclass(frozen=True)
class _Date:
    """The date of the list, and how it is known."""

    day: dt.date | None
    known_from: str
    notes: tuple[str, ...] = ()


def _date(rows: Rows, table: Table, stem: str) -> _Date:
    title = date_of_list(" ".join(cell for row in rows[: table.header_row - 1] for cell in row))
    name = date_of_list(stem)
    if title and name and title != name:
        note = (
            f"The title says {in_words(title)}, the file's name {in_words(name)}: "
            "the title was believed."
        )
        return _Date(title, "from its title", (note,))
    if title or name:
        return _Date(title or name, "from its title" if title else "from the file's name")
    return _date_of_newest(rows, table)


def _date_of_newest(rows: Rows, table: Table) -> _Date:
    """Publication goes on for weeks after the day of a list, so the inspections come first."""
    for meaning, words in (
        (Meaning.INSPECTED_ON, "inspection"),
        (Meaning.PUBLISHED_ON, "publication"),
    ):
        cells = (row[at] for row in rows for at in table.at(meaning) if at < len(row))
        if days := [day for cell in cells if (day := read_date(cell))]:
            note = f"The list does not say of what day it is: the newest {words} in it stands in."
            return _Date(max(days), f"from the newest {words} in it", (note,))
    note = "The list has no date: what is known already stays as it is."
    return _Date(None, "not found", (note,))


def _about_encoding(decoded: Decoded) -> list[str]:
    if not decoded.odd_lines:
        return []
    shown = ", ".join(map(str, decoded.odd_lines[:10]))
    more = " and more" if len(decoded.odd_lines) > len(decoded.odd_lines[:10]) else ""
    return [f"The file is not UTF-8. Check dashes and accents on these lines: {shown}{more}."]


def _about_types(table: Table) -> list[str]:
    if table.at(Meaning.EVENT_TYPE) or table.full[False]:
        return []
    return ["The list does not say which inspections are full ones: none counts as one."]


@dataclass
class _Reading:
    """What has been read of a list so far."""

    table: Table
    listed_on: dt.date | None
    known: Known
    skipped: int = 0
    inadequate: int = 0
    row_of_urn: dict[str, int] = field(default_factory=dict)
    places: Counter[News] = field(default_factory=Counter)
    inspections: Counter[News] = field(default_factory=Counter)
    by_type: Counter[str] = field(default_factory=Counter)
    by_provision: Counter[str] = field(default_factory=Counter)
    by_grade: Counter[str] = field(default_factory=Counter)
    unreadable: list[RowNote] = field(default_factory=list)
    doubtful: list[RowNote] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read one row, which a spreadsheet shows as row `number`."""
        if not any(cell.strip() for cell in cells):
            self.skipped += 1
            return
        try:
            row = read_row(self.table, cells, self.listed_on)
        except UnreadableRow as fault:
            self.unreadable.append(RowNote(number, str(fault)))
            return
        first = self.row_of_urn.setdefault(row.urn, number)
        if first != number:
            reason = f"URN {row.urn} stands in row {first} already; left out."
            self.unreadable.append(RowNote(number, reason))
            return
        self.doubtful.extend(RowNote(number, doubt) for doubt in row.doubts)
        self._count(row)
        self._keep(row)

    def _count(self, row: ReadRow) -> None:
        self.by_type[row.place.place_type] += 1
        self.by_provision[row.place.provision] += 1
        self.by_grade[row.grade] += 1
        latest = latest_full(row.inspections)
        self.inadequate += latest is not None and latest.grade == INADEQUATE

    def _keep(self, row: ReadRow) -> None:
        news, place = self.known.weigh(row.place)
        self.places[news] += 1
        weighed = [self.known.weigh(self.known.as_known(one)) for one in row.inspections]
        self.inspections.update(news for news, _ in weighed)
        self.records.extend(record for record in (place, *(r for _, r in weighed)) if record)
