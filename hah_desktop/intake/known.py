"""What is already there, and what a list may change of it: the newer list wins, never its gaps."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import replace

from hah_desktop.domain.codec import from_body, to_body
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.reference import Inspection, Place

LISTED_ON = "listed_on"


class News(enum.Enum):
    """What a list says about a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Known:
    """The bodies of the places and inspections that are there before a list is taken in."""

    def __init__(self, bodies: Mapping[RecordId, Mapping[str, Json]]) -> None:
        self._bodies = bodies
        self._by_day = {
            (body.get("place"), body["inspected_on"]): record_id
            for record_id, body in bodies.items()
            if "inspected_on" in body
        }

    def weigh(self, record: Place | Inspection) -> tuple[News, Record | None]:
        """Whether the record is news, and the record to save for it, if any.

        What the list leaves empty stays as it is, and an older list changes nothing. That a
        known place is still listed is no news, but its date has to be saved.
        """
        body = self._bodies.get(record.id)
        if body is None:
            return News.NEW, record
        if _is_older(record.listed_on, body.get(LISTED_ON)):
            return News.UNCHANGED, None
        said = _said(record, body)
        merged = {**body, **said}
        if any(body.get(key) != value for key, value in said.items() if key != LISTED_ON):
            return News.CHANGED, from_body(record.kind, record.id, merged)
        dated = isinstance(record, Place) and merged != body
        return News.UNCHANGED, from_body(record.kind, record.id, merged) if dated else None

    def as_known(self, inspection: Inspection) -> Inspection:
        """The inspection under the id that it has already.

        Ofsted publishes some event numbers only in a later list; until then the day is the id.
        """
        known = self._by_day.get((inspection.place, str(inspection.inspected_on)))
        if known is None or inspection.id in self._bodies:
            return inspection
        both_numbered = inspection.event_number and self._bodies[known].get("event_number")
        return inspection if both_numbered else replace(inspection, id=known)


def _is_older(listed_on: dt.date | None, known: Json) -> bool:
    """A list without a date counts as older than any that has one."""
    return known is not None and (listed_on is None or listed_on.isoformat() < str(known))


def _said(record: Record, body: Mapping[str, Json]) -> dict[str, Json]:
    """What the list says. The type of place only follows from how the place is registered.

    So where that has not changed, a type that the office has set (a secure school, say) stays.
    """
    said = to_body(record)
    if body.get("place_type") and body.get("provision") == said.get("provision"):
        said.pop("place_type", None)
    return said
