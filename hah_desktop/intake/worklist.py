"""Which places are rated Inadequate now, from places and inspections alone; saves nothing."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from hah_desktop.domain.records.reference import Inspection, Place

FULL = "FULL"
INADEQUATE = "4"


def latest_full(inspections: Iterable[Inspection]) -> Inspection | None:
    """The newest full inspection among those of one place; None where there is none.

    Monitoring visits, interim and assurance inspections do not change a place's grade.
    """
    full = (
        i for i in inspections if i.inspection_type == FULL and i.inspected_on and not i.removed
    )
    return max(full, key=_newest, default=None)


def _newest(inspection: Inspection) -> tuple[dt.date, dt.date, str]:
    return (
        inspection.inspected_on or dt.date.min,
        inspection.published_on or dt.date.min,
        inspection.event_number,
    )


def rated_inadequate(
    places: Iterable[Place],
    inspections: Iterable[Inspection],
    newest_list: dt.date | None,
    *,
    with_unlisted: bool = False,
) -> list[tuple[Place, Inspection]]:
    """The places Inadequate at their latest full inspection, the latest inspected first.

    Places that are not on `newest_list` any more have closed or changed hands: they are left
    out, unless asked for, or unless no list is known.
    """
    of_place = _by_place(inspections)
    found = [
        (place, latest)
        for place in places
        if not place.removed
        and (with_unlisted or newest_list is None or place.listed_on == newest_list)
        and (latest := latest_full(of_place.get(place.id, ()))) is not None
        and latest.grade == INADEQUATE
    ]
    found.sort(key=lambda pair: pair[0].urn)
    found.sort(key=lambda pair: _newest(pair[1]), reverse=True)
    return found


def _by_place(inspections: Iterable[Inspection]) -> Mapping[str, list[Inspection]]:
    of_place: dict[str, list[Inspection]] = {}
    for inspection in inspections:
        of_place.setdefault(inspection.place, []).append(inspection)
    return of_place


def by_type(rated: Iterable[tuple[Place, Inspection]]) -> Mapping[str, int]:
    """How many of the places are of each type, by the code of the list `place_type`."""
    return dict(Counter(place.place_type for place, _ in rated).most_common())
