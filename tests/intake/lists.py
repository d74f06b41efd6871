"""Lists for the tests: one row of an invented home, to be varied, and a file made of rows."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from hah_desktop.domain.codec import Body, to_body
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.places import Preview, preview

SAMPLES = Path(__file__).parent / "samples"

FERN_HOUSE: Mapping[str, str] = {
    "URN": "SC900001",
    "Provision type": "Children's home",
    "Registration status": "Active",
    "Name": "Fern House",
    "Address 1": "1 Hollow Lane",
    "Address 2": "Nether Poldon",
    "Town": "Stavely",
    "County": "Larkshire",
    "Postcode": "ZZ1 1AA",
    "Government Office Region": "South West",
    "Local authority": "Larkshire",
    "Sector": "Private",
    "Places": "4",
    "Organisation": "Hollow Oak Care Limited",
    "Event type": "Full inspection",
    "Inspection date": "07/02/2024",
    "Publication date": "21/03/2024",
    "Event number": "90000001",
    "Overall effectiveness": "Good",
    "Safeguarding children and young people": "Good",
    "Leadership and management": "Outstanding",
}

TITLE = "Invented providers as at 31 March 2024"


def row(**changes: str) -> dict[str, str]:
    """Fern House with changes; `Event_type` stands for the heading "Event type"."""
    return {**FERN_HOUSE, **{name.replace("_", " "): cell for name, cell in changes.items()}}


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The rows as the text of a CSV file."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(
    folder: Path, *rows: Mapping[str, str], title: str = TITLE, name: str = "list.csv"
) -> Path:
    """A file with a title, the headings of the first row, and the rows."""
    headings = list(rows[0])
    body = [[one.get(heading, "") for heading in headings] for one in rows]
    path = folder / name
    path.write_text(as_csv([[title], headings, *body]), encoding="utf-8")
    return path


def places(seen: Preview) -> dict[str, Place]:
    """The places among the records, by URN."""
    return {record.urn: record for record in seen.records if isinstance(record, Place)}


def inspections(seen: Preview) -> list[Inspection]:
    """The inspections among the records."""
    return [record for record in seen.records if isinstance(record, Inspection)]


def taken_in(*paths: Path) -> dict[RecordId, Body]:
    """The bodies that are there once the lists have been taken in, one after the other."""
    known: dict[RecordId, Body] = {}
    for path in paths:
        known |= {record.id: to_body(record) for record in preview(path, known).records}
    return known


def the_place(folder: Path, **changes: str) -> Place:
    """Fern House as read from a list, with changes to its row."""
    (place,) = places(preview(write(folder, row(**changes)), {})).values()
    return place


def the_inspection(folder: Path, **changes: str) -> Inspection:
    """The inspection of Fern House as read from a list, with changes to its row."""
    (inspection,) = inspections(preview(write(folder, row(**changes)), {}))
    return inspection


def doubts(folder: Path, **changes: str) -> list[str]:
    """What is doubtful about Fern House with changes to its row."""
    return [note.reason for note in preview(write(folder, row(**changes)), {}).doubtful]


def refused(folder: Path, **changes: str) -> list[str]:
    """Why Fern House with changes to its row is not read."""
    return [note.reason for note in preview(write(folder, row(**changes)), {}).unreadable]
