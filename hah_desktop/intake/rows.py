"""One row of the list as a place and its inspections, or the reason why it cannot be read."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hah_desktop.domain.days import in_words
from hah_desktop.domain.ids import RecordId, derived_id
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.cells import Cells
from hah_desktop.intake.columns import Table
from hah_desktop.intake.meanings import Meaning

URN = re.compile(r"SC\d{6}|\d{5,7}", re.ASCII)
"""Ofsted's numbers: the older ones of social care, and those of today."""

ADDRESS = (Meaning.ADDRESS, Meaning.TOWN, Meaning.COUNTY)
NOT_A_LETTER = "\N{REPLACEMENT CHARACTER}"
SLIPPED = 2
"""So many cells of a form that is wrong where they stand, and the row is not read."""


@dataclass(frozen=True)
class ReadRow:
    """What one row says, and what is doubtful about it.

    `grade` is that of the latest inspection; "" where there is none.
    """

    urn: str
    place: Place
    grade: str
    inspections: tuple[Inspection, ...]
    doubts: tuple[str, ...]


class UnreadableRow(Exception):
    """The row cannot be read; the text says why."""


def place_id(urn: str) -> RecordId:
    """The id of a place: the same on every laptop and from every list."""
    return derived_id("place", urn)


def inspection_id(urn: str, event: str) -> RecordId:
    """The id of an inspection: by its event number, or by its day (ISO) where it has none."""
    return derived_id("inspection", urn, event)


def read_row(table: Table, cells: Sequence[str], listed_on: dt.date | None) -> ReadRow:
    """What the row says. Raises UnreadableRow."""
    row = Cells(table, cells)
    urn = _urn(row)
    place = _place(row, urn, listed_on)
    latest = _inspection(row, place, previous=False)
    before = _inspection(row, place, previous=True)
    if latest and before and latest.id == before.id:
        row.doubts.append("The previous inspection is the latest one again; left out.")
        before = None
    if len(row.misplaced) >= SLIPPED:
        raise UnreadableRow(f"The cells seem to have slipped: {' '.join(row.doubts)}")
    _doubt_form(row, len(table.columns))
    inspections = tuple(inspection for inspection in (latest, before) if inspection)
    return ReadRow(urn, place, latest.grade if latest else "", inspections, tuple(row.doubts))


def _urn(row: Cells) -> str:
    words = row.words(Meaning.URN)
    urn = words.upper()
    if not URN.fullmatch(urn):
        raise UnreadableRow(f"“{words}” is not a URN." if words else "There is no URN.")
    return urn


def _place(row: Cells, urn: str, listed_on: dt.date | None) -> Place:
    provision, place_type = row.provision()
    lines = [line for meaning in ADDRESS for line in row.lines(meaning)]
    kept_back = any(row.withheld(m) for m in (*ADDRESS, Meaning.NAME, Meaning.POSTCODE))
    postcode = row.words(Meaning.POSTCODE)
    return Place(
        id=place_id(urn),
        urn=urn,
        name=row.words(Meaning.NAME),
        place_type=place_type,
        provision=provision,
        status=row.words(Meaning.STATUS),
        address="\n".join(lines),
        postcode=postcode,
        address_withheld=kept_back if kept_back or lines or postcode else None,
        local_authority=row.words(Meaning.LOCAL_AUTHORITY),
        region=row.region(),
        sector=row.sector(),
        organisation=row.words(Meaning.ORGANISATION),
        places=row.places(),
        listed_on=listed_on,
    )


def _inspection(row: Cells, place: Place, *, previous: bool) -> Inspection | None:
    event_number = row.event_number(previous=previous)
    day = row.date(Meaning.INSPECTED_ON, previous=previous)
    words = row.words(Meaning.GRADE, previous=previous)
    if not (event_number or day):
        if words:
            row.doubts.append(f"“{words}” has neither a date nor an event number; left out.")
        return None
    _doubt_date(row, day, place.listed_on)
    published_on = row.date(Meaning.PUBLISHED_ON, previous=previous)
    if day and published_on and published_on < day:
        row.doubts.append(f"Published on {in_words(published_on)}, before the inspection.")
    return Inspection(
        id=inspection_id(place.urn, event_number or str(day)),
        place=place.id,
        inspection_type=row.inspection_type(previous=previous),
        inspected_on=day,
        published_on=published_on,
        event_number=event_number,
        grade=row.grade(Meaning.GRADE, previous=previous),
        grade_as_published=words,
        helped_and_protected=row.grade(Meaning.HELPED, previous=previous),
        leaders=row.grade(Meaning.LEADERS, previous=previous),
        listed_on=place.listed_on,
    )


def _doubt_date(row: Cells, day: dt.date | None, listed_on: dt.date | None) -> None:
    if day and listed_on and day > listed_on:
        row.doubts.append(
            f"Inspected on {in_words(day)}, after the date of the list ({in_words(listed_on)})."
        )


def _doubt_form(row: Cells, columns: int) -> None:
    """What a missing or stray quotation mark, comma or letter leaves behind."""
    if any(cell.strip() for cell in row.cells[columns:]):
        row.doubts.append("There is something beyond the last heading.")
    text = "".join(row.cells)
    if "\n" in text:
        row.doubts.append("A cell runs over several lines: a quotation mark may be missing.")
    if NOT_A_LETTER in text:
        row.doubts.append("A letter could not be read.")
