"""Reference data that every laptop holds: the office's advisers, places and their inspections."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from hah_desktop.domain.days import in_words
from hah_desktop.domain.fields import (
    PLACE_TOO,
    Choice,
    Date,
    Link,
    Merge,
    Number,
    Text,
    YesNo,
)
from hah_desktop.domain.ids import REFERENCE_FILE, FileId
from hah_desktop.domain.records.base import Record, Section

LAST = Merge.LAST_RECEIVED


@dataclass(frozen=True, kw_only=True)
class Adviser(Record):
    """A person who works for Help at Hand."""

    kind: ClassVar[str] = "adviser"
    noun: ClassVar[str] = "adviser"
    sections: ClassVar[tuple[Section, ...]] = (Section("Adviser", ("name", "role")),)

    name: Annotated[str, Text("Name", merge=Merge.OFFICE, column=True, readers=PLACE_TOO)] = ""
    role: Annotated[str, Choice("Role", codes="role", merge=Merge.OFFICE, column=True)] = ""

    def files(self) -> tuple[FileId, ...]:
        """Every laptop holds the list of advisers."""
        return (REFERENCE_FILE,)

    def title(self) -> str:
        """The adviser's name."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Place(Record):
    """A place that is visited, as its regulator or the office describes it."""

    kind: ClassVar[str] = "place"
    noun: ClassVar[str] = "place"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("Place", ("name", "place_type", "provision", "urn", "status", "places")),
        Section(
            "Where it is",
            ("address", "postcode", "address_withheld", "local_authority", "region"),
        ),
        Section("Who runs it", ("organisation", "sector")),
        Section("Where this comes from", ("listed_on",)),
    )

    urn: Annotated[
        str,
        Text("URN", help="Ofsted's number for the place.", merge=LAST, column=True),
    ] = ""
    name: Annotated[str, Text("Name", merge=LAST, column=True, readers=PLACE_TOO)] = ""
    place_type: Annotated[
        str, Choice("Type of place", codes="place_type", merge=LAST, column=True, readers=PLACE_TOO)
    ] = ""
    provision: Annotated[
        str, Choice("Registered as", codes="provision_type", merge=LAST, readers=PLACE_TOO)
    ] = ""
    status: Annotated[str, Text("Registration", merge=LAST)] = ""
    address: Annotated[str, Text("Address", lines=4, merge=LAST)] = ""
    postcode: Annotated[str, Text("Postcode", merge=LAST)] = ""
    address_withheld: Annotated[
        bool | None,
        YesNo(
            "Name or address withheld",
            help="Ofsted does not publish where children's homes are.",
            merge=LAST,
        ),
    ] = None
    local_authority: Annotated[str, Text("Local authority", merge=LAST, column=True)] = ""
    region: Annotated[str, Text("Region", merge=LAST)] = ""
    sector: Annotated[str, Text("Sector", merge=LAST)] = ""
    organisation: Annotated[str, Text("Run by", merge=LAST)] = ""
    places: Annotated[int | None, Number("Registered places", merge=LAST)] = None
    listed_on: Annotated[
        dt.date | None,
        Date("Newest list it was on", help="The date of the published list.", merge=LAST),
    ] = None

    def files(self) -> tuple[FileId, ...]:
        """Every laptop holds the list of places."""
        return (REFERENCE_FILE,)

    def title(self) -> str:
        """The name; where it is withheld, who runs the place and its URN."""
        if self.name or not self.urn:
            return self.name or "A place without a name"
        return f"{self.organisation} ({self.urn})" if self.organisation else f"URN {self.urn}"


@dataclass(frozen=True, kw_only=True)
class Inspection(Record):
    """One inspection of a place as published, with the date of the list that said so."""

    kind: ClassVar[str] = "inspection"
    noun: ClassVar[str] = "inspection"
    sections: ClassVar[tuple[Section, ...]] = (
        Section(
            "Inspection",
            ("inspection_type", "inspected_on", "published_on", "event_number"),
        ),
        Section("Grades", ("grade", "helped_and_protected", "leaders", "grade_as_published")),
        Section("Where this comes from", ("listed_on",)),
    )

    place: Annotated[str, Link("Place", to="place", merge=LAST)] = ""
    inspection_type: Annotated[
        str, Choice("Type", codes="inspection_type", merge=LAST, column=True)
    ] = ""
    inspected_on: Annotated[dt.date | None, Date("Date", merge=LAST, column=True)] = None
    published_on: Annotated[dt.date | None, Date("Published", merge=LAST)] = None
    event_number: Annotated[str, Text("Event number", merge=LAST)] = ""
    grade: Annotated[str, Choice("Overall grade", codes="judgement", merge=LAST, column=True)] = ""
    grade_as_published: Annotated[str, Text("Grade in the list's own words", merge=LAST)] = ""
    helped_and_protected: Annotated[
        str, Choice("Helped and protected", codes="judgement", merge=LAST)
    ] = ""
    leaders: Annotated[str, Choice("Leaders and managers", codes="judgement", merge=LAST)] = ""
    listed_on: Annotated[dt.date | None, Date("Date of the list", merge=LAST)] = None

    def files(self) -> tuple[FileId, ...]:
        """Every laptop holds the inspections."""
        return (REFERENCE_FILE,)

    def title(self) -> str:
        """The day of the inspection."""
        day = self.inspected_on
        return f"Inspection of {in_words(day) if day else 'unknown date'}"
