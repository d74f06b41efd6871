"""The list of places as lines to show, and which of them a person asked for. Pure: no widget."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hah_desktop.domain.codes import CodeList
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.worklist import latest_full, rated_inadequate
from hah_desktop.ui.kit.labels import TagKind
from hah_desktop.ui.parts.words import folded

WITHHELD = "Name withheld"
NO_NAME = "No name on the list"
NOT_INSPECTED = "No full inspection"
NO_GRADE = "No grade"

INADEQUATE_NOW = "inadequate_now"
"""Stands among the grades for the worklist: Inadequate at the latest full inspection."""

_TAGS: Mapping[str, TagKind] = MappingProxyType(
    {
        "1": TagKind.OK,
        "2": TagKind.OK,
        "3": TagKind.WARN,
        "4": TagKind.BAD,
        "IE": TagKind.OK,
        "DE": TagKind.BAD,
        "AS": TagKind.BAD,
    }
)


def grade_tag(grade: str) -> TagKind:
    """The colour that stands beside the words of a grade."""
    return _TAGS.get(grade, TagKind.NEUTRAL)


def grade_words(grade: str, judgements: CodeList) -> str:
    """A grade as short as a tag needs it."""
    return judgements.label(grade).removesuffix(" to be good") if grade else NO_GRADE


def place_name(place: Place) -> str:
    """The name, or why there is none.

    Whoever runs the place tells nameless ones apart, and stands first: a column cuts the end.
    """
    if place.name:
        return place.name
    reason = WITHHELD if place.address_withheld else NO_NAME
    if not place.organisation:
        return reason
    return f"{place.organisation} \N{MIDDLE DOT} {reason[0].lower()}{reason[1:]}"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place as a line of the list. `rank` is its place on the worklist, -1 when not on it."""

    place: Place
    name: str
    grade: str
    inspected_on: dt.date | None
    listed: bool
    rank: int
    searched: str


@dataclass(frozen=True, slots=True)
class PlaceList:
    """All places, in the order in which they are shown."""

    rows: tuple[PlaceRow, ...] = ()
    newest_list: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; what is empty does not matter."""

    words: str = ""
    place_type: str = ""
    grade: str = ""
    region: str = ""
    local_authority: str = ""
    with_unlisted: bool = False


def place_list(places: Sequence[Place], inspections: Iterable[Inspection]) -> PlaceList:
    """Join the places to their latest full inspections."""
    held = list(inspections)
    newest = max((place.listed_on for place in places if place.listed_on), default=None)
    rated = rated_inadequate(places, held, newest, with_unlisted=True)
    ranks = {place.id: rank for rank, (place, _) in enumerate(rated)}
    of_place: dict[str, list[Inspection]] = defaultdict(list)
    for inspection in held:
        of_place[inspection.place].append(inspection)
    rows = [
        _row(place, latest_full(of_place.get(place.id, ())), newest, ranks.get(place.id, -1))
        for place in places
    ]
    return PlaceList(tuple(sorted(rows, key=_order)), newest)


def _row(place: Place, latest: Inspection | None, newest: dt.date | None, rank: int) -> PlaceRow:
    said = (place.urn, place.name, place.local_authority, place.organisation, place.postcode)
    return PlaceRow(
        place=place,
        name=place_name(place),
        grade=latest.grade if latest else "",
        inspected_on=latest.inspected_on if latest else None,
        listed=newest is None or place.listed_on in (newest, None),
        rank=rank,
        searched=folded(" ".join(said)),
    )


def _order(row: PlaceRow) -> tuple[bool, str, str, str]:
    """By name; those without one follow by where they are."""
    place = row.place
    return (not place.name, folded(place.name), folded(place.local_authority), place.urn)


def chosen(rows: Iterable[PlaceRow], wanted: Wanted) -> list[PlaceRow]:
    """The rows that were asked for. The worklist begins with the latest inspected."""
    words = folded(wanted.words).split()
    found = [row for row in rows if _fits(row, wanted) and all(w in row.searched for w in words)]
    if wanted.grade == INADEQUATE_NOW:
        found.sort(key=lambda row: row.rank)
    return found


def _fits(row: PlaceRow, wanted: Wanted) -> bool:
    place = row.place
    return (
        (row.listed or wanted.with_unlisted)
        and wanted.place_type in ("", place.place_type)
        and wanted.region in ("", place.region)
        and wanted.local_authority in ("", place.local_authority)
        and _graded(row, wanted.grade)
    )


def _graded(row: PlaceRow, grade: str) -> bool:
    return not grade or (row.rank >= 0 if grade == INADEQUATE_NOW else row.grade == grade)


def by_type(rows: Iterable[PlaceRow]) -> list[tuple[str, int]]:
    """How many of the rows are of each type of place, by code, the most first."""
    return Counter(row.place.place_type for row in rows).most_common()
