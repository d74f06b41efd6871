"""How this laptop stands with the office: what is only here, what waits for a person. No widget."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hah_desktop.domain import clock
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.fields import Text
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.store import meta, outbox, reading, travelling
from hah_desktop.store.outbox import SetAside, SyncRun
from hah_desktop.store.reading import Transaction
from hah_desktop.store.travelling import Count

MOST_LISTED = 20
_FROM_LISTS = frozenset({Place.kind, Inspection.kind})


@dataclass(frozen=True, slots=True)
class Standing:
    """One state of the database.

    `only_here` are the records with changes that the office has not received, without the places
    and inspections: there may be thousands after an import. `others` counts what is not listed.
    `places` are the names of the places of visits, by id; `files` counts letters and pictures.
    """

    saved: int
    waiting: int
    only_here: Sequence[Record]
    others: int
    undecided: Sequence[Record]
    set_aside: Sequence[tuple[SetAside, Record | None]]
    runs: Sequence[SyncRun]
    clock: str
    places: Mapping[str, str]
    files: Count


def standing(connection: Transaction) -> Standing:
    """Read how this laptop stands with the office."""
    here = outbox.unsent_records(connection)
    listed = [record for record in _own(connection) if record.id in here][:MOST_LISTED]
    undecided = [one.record for one in reading.undecided(connection)]
    aside = [(one, _record(connection, one.record)) for one in outbox.set_aside(connection)]
    told = [*listed, *undecided, *(record for _, record in aside if record)]
    return Standing(
        saved=outbox.saved_count(connection),
        waiting=outbox.unsent_count(connection),
        only_here=listed,
        others=len(here) - len(listed),
        undecided=undecided,
        set_aside=aside,
        runs=outbox.runs(connection),
        clock=_clock(connection),
        places=_places(connection, told),
        files=travelling.count(connection),
    )


def _own(connection: Transaction) -> Iterator[Record]:
    for record in RECORD_TYPES:
        if record.kind not in _FROM_LISTS:
            yield from (held.record for held in reading.of_kind(connection, record.kind))


def _record(connection: Transaction, record: str) -> Record | None:
    held = reading.get(connection, record)
    return held.record if held else None


def _places(connection: Transaction, told: Sequence[Record]) -> dict[str, str]:
    wanted = {place_of(record) for record in told} - {""}
    found = {place: _record(connection, place) for place in wanted}
    return {place: record.title() for place, record in found.items() if record}


def place_of(record: Record) -> str:
    """The id of the place that a record names; empty where it names none."""
    return str(getattr(record, "place", ""))


def _clock(connection: Transaction) -> str:
    contact = meta.read(connection, "contact")
    return clock.doubt(dt.timedelta(seconds=contact["offset"])) if contact else ""


def words_set_aside(aside: SetAside) -> str:
    """What the change said: it is kept here, whatever became of it at the office."""
    kind = str(aside.content.get("kind", ""))
    said = []
    for key, edit in aside.content["fields"].items():
        field = field_of(kind, key)
        if isinstance(field, Text) and edit["value"]:
            said.append(f"{field.label}: {edit['value']}")
    return "\n".join(said)
