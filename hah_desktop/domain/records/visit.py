"""A visit to a place, what was seen there by area, and what is added after it is signed off."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from hah_desktop.domain.days import in_words
from hah_desktop.domain.fields import (
    PLACE_TOO,
    Choice,
    Choices,
    Date,
    Link,
    Merge,
    Moment,
    Number,
    Stage,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.ids import FileId, visit_file
from hah_desktop.domain.records.base import Record, Section

BOTH = Merge.KEEP_BOTH


@dataclass(frozen=True, kw_only=True)
class Visit(Record):
    """One visit by one or two advisers, from planning to sign-off."""

    kind: ClassVar[str] = "visit"
    noun: ClassVar[str] = "visit"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("The visit", ("planned_for", "announced", "trigger", "advisers", "purpose")),
        Section("Arrival", ("visited_on", "arrived_at", "met_by", "authority_shown_to")),
        Section("Getting in", ("entry", "delay_minutes", "delay_by", "delay_reason")),
        Section("Who is there today", ("children_on_roll", "children_present", "staff_on_duty")),
        Section("General impression", ("impression", "working_well")),
        Section("Exit meeting", ("exit_with", "exit_said", "exit_withheld", "exit_reply")),
        Section("Leaving", ("left_at",)),
    )

    place: Annotated[str, Link("Place", to="place")] = ""
    status: Annotated[str, Choice("Status", codes="visit_status", shown=False, column=True)] = ""
    planned_for: Annotated[
        dt.date | None,
        Date("Date of the visit", asked=Stage.PLAN, column=True, readers=PLACE_TOO),
    ] = None
    announced: Annotated[
        str,
        Choice(
            "Does the place know we are coming?",
            codes="announced",
            asked=Stage.PLAN,
            readers=PLACE_TOO,
        ),
    ] = ""
    trigger: Annotated[str, Choice("Why now", codes="trigger", asked=Stage.PLAN)] = ""
    advisers: Annotated[
        frozenset[str],
        Choices(
            "Advisers",
            codes="adviser",
            help="Each adviser named here gets the visit on their laptop.",
            asked=Stage.PLAN,
            readers=PLACE_TOO,
        ),
    ] = frozenset()
    purpose: Annotated[str, Text("What we want to find out", lines=3, merge=BOTH)] = ""
    visited_on: Annotated[
        dt.date | None, Date("Day of arrival", asked=Stage.ARRIVAL, readers=PLACE_TOO)
    ] = None
    arrived_at: Annotated[
        dt.time | None,
        Time(
            "Time of arrival",
            help="24-hour clock, like 14:05.",
            asked=Stage.ARRIVAL,
            readers=PLACE_TOO,
        ),
    ] = None
    met_by: Annotated[
        str, Text("Who met us", help="Name and role.", asked=Stage.ARRIVAL, readers=PLACE_TOO)
    ] = ""
    authority_shown_to: Annotated[
        str, Text("Who saw our authority to enter", help="Children Act 2004, section 2E.")
    ] = ""
    entry: Annotated[str, Choice("Were we let in?", codes="entry", asked=Stage.ARRIVAL)] = ""
    delay_minutes: Annotated[int | None, Number("Minutes we waited")] = None
    delay_by: Annotated[str, Text("Who kept us waiting or refused", help="Name and role.")] = ""
    delay_reason: Annotated[str, Text("The reason they gave", lines=2, merge=BOTH)] = ""
    children_on_roll: Annotated[
        int | None, Number("Children on roll", merge=Merge.LAST_RECEIVED)
    ] = None
    children_present: Annotated[
        int | None, Number("Children here today", merge=Merge.LAST_RECEIVED)
    ] = None
    staff_on_duty: Annotated[int | None, Number("Staff on duty", merge=Merge.LAST_RECEIVED)] = None
    impression: Annotated[
        str,
        Text("General impression", help="What it was like to be there.", lines=5, merge=BOTH),
    ] = ""
    working_well: Annotated[
        str,
        Text(
            "What is working well",
            help="The place will read this.",
            lines=3,
            merge=BOTH,
            readers=PLACE_TOO,
        ),
    ] = ""
    exit_with: Annotated[
        str, Text("Who we spoke to before leaving", help="Name and role.", readers=PLACE_TOO)
    ] = ""
    exit_said: Annotated[
        str,
        Text(
            "What we told them",
            help="Only what the children allowed us to say. The place will read this.",
            lines=4,
            merge=BOTH,
            readers=PLACE_TOO,
        ),
    ] = ""
    exit_withheld: Annotated[str, Text("What we kept back, and why", lines=3, merge=BOTH)] = ""
    exit_reply: Annotated[
        str,
        Text("What they answered or promised", lines=3, merge=BOTH, readers=PLACE_TOO),
    ] = ""
    left_at: Annotated[
        dt.time | None,
        Time(
            "Time we left",
            help="24-hour clock, like 16:40.",
            asked=Stage.SIGN_OFF,
            readers=PLACE_TOO,
        ),
    ] = None
    signed_off_by: Annotated[str, Text("Signed off by", shown=False)] = ""
    signed_off_at: Annotated[dt.datetime | None, Moment("Signed off", shown=False)] = None

    def files(self) -> tuple[FileId, ...]:
        """The visit's own file."""
        return (visit_file(self.id),)

    def title(self) -> str:
        """The day of the visit; the place's name is joined on by whoever shows it."""
        day = self.visited_on or self.planned_for
        return f"Visit of {in_words(day) if day else 'no date yet'}"


@dataclass(frozen=True, kw_only=True)
class Area(Record):
    """What was seen in one part of the place on the walk round."""

    kind: ClassVar[str] = "area"
    noun: ClassVar[str] = "area"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("What we saw", ("area", "seen", "good", "worry", "source")),
    )

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    area: Annotated[
        str, Choice("Part of the place", codes="area", column=True, readers=PLACE_TOO)
    ] = ""
    seen: Annotated[
        str,
        Text(
            "What we saw",
            help="Facts, without names of children. The place will read this.",
            lines=4,
            merge=BOTH,
            readers=PLACE_TOO,
        ),
    ] = ""
    good: Annotated[str, Text("What was good", lines=2, merge=BOTH, readers=PLACE_TOO)] = ""
    worry: Annotated[
        str,
        Text("What worried us", help="For the office only.", lines=2, merge=BOTH),
    ] = ""
    source: Annotated[str, Choice("How we know", codes="source")] = ""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file."""
        return (visit_file(self.visit),)

    def title(self) -> str:
        """The code of the area; whoever shows it has the code list."""
        return self.area


@dataclass(frozen=True, kw_only=True)
class Addendum(Record):
    """What is added to a signed-off visit. It is written once and never edited."""

    kind: ClassVar[str] = "addendum"
    noun: ClassVar[str] = "addendum"
    sections: ClassVar[tuple[Section, ...]] = (Section("Addendum", ("text", "reason")),)

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    about: Annotated[str, Link("The record it adds to")] = ""
    text: Annotated[str, Text("What is added", lines=4, verbatim=True)] = ""
    reason: Annotated[str, Text("Why it was not in the record", verbatim=True)] = ""
    written_by: Annotated[str, Text("Written by", shown=False)] = ""
    written_at: Annotated[dt.datetime | None, Moment("Written", shown=False)] = None

    def files(self) -> tuple[FileId, ...]:
        """The visit's file."""
        return (visit_file(self.visit),)

    def title(self) -> str:
        """The first words of the addition."""
        return self.text[:60]


@dataclass(frozen=True, kw_only=True)
class Action(Record):
    """Something promised: by whom, for whom and by when."""

    kind: ClassVar[str] = "action"
    noun: ClassVar[str] = "action"
    by_permission: ClassVar[bool] = True
    sections: ClassVar[tuple[Section, ...]] = (
        Section("Action", ("what", "owner", "due", "status", "promised_to_child")),
    )

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    what: Annotated[
        str,
        Text(
            "What will be done",
            lines=2,
            asked=Stage.SIGN_OFF,
            merge=BOTH,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    owner: Annotated[
        str,
        Text("Who will do it", asked=Stage.SIGN_OFF, column=True, readers=PLACE_TOO),
    ] = ""
    due: Annotated[
        dt.date | None,
        Date("By when", asked=Stage.SIGN_OFF, column=True, readers=PLACE_TOO),
    ] = None
    status: Annotated[
        str,
        Choice("How it stands", codes="action_status", merge=Merge.LAST_RECEIVED, column=True),
    ] = ""
    promised_to_child: Annotated[bool | None, YesNo("Did we promise this to the child?")] = None
    moved: Annotated[str, Link("Moved", to="action", merge=Merge.FIRST)] = ""
    """The same action as it stood about somebody else; of a removed one, as it stands now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file, so that both advisers see what was promised."""
        return (visit_file(self.visit),)

    def title(self) -> str:
        """What will be done."""
        return self.what
