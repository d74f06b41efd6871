"""A child, one talk with the child, what was said in it, and what the child lets us share."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

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
from hah_desktop.domain.ids import FileId, child_file, derived_id, visit_file
from hah_desktop.domain.records.base import Record, Section

BOTH = Merge.KEEP_BOTH


@dataclass(frozen=True, kw_only=True)
class Child(Record):
    """A child whom the service knows or has just met."""

    kind: ClassVar[str] = "child"
    noun: ClassVar[str] = "child"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("The child", ("known_as", "full_name", "age", "born_on", "remit")),
        Section("Talking together", ("communication", "communication_notes")),
        Section("At first contact", ("first_living_where", "first_legal_status")),
    )

    known_as: Annotated[
        str,
        Text("What the child likes to be called", asked=Stage.SIGN_OFF, column=True),
    ] = ""
    full_name: Annotated[str, Text("Full name")] = ""
    age: Annotated[int | None, Number("Age", column=True)] = None
    born_on: Annotated[dt.date | None, Date("Date of birth")] = None
    remit: Annotated[str, Choice("Why we may help", codes="remit_ground", column=True)] = ""
    communication: Annotated[
        frozenset[str], Choices("How the child communicates", codes="communication_method")
    ] = frozenset()
    communication_notes: Annotated[
        str,
        Text(
            "What helps",
            help="How the child says yes, no and stop; what upsets; what helps.",
            lines=3,
            merge=BOTH,
        ),
    ] = ""
    first_living_where: Annotated[
        str,
        Choice("Where the child lived at first contact", codes="place_type", merge=Merge.FIRST),
    ] = ""
    first_legal_status: Annotated[str, Text("Legal status at first contact", merge=Merge.FIRST)] = (
        ""
    )

    def files(self) -> tuple[FileId, ...]:
        """The child's own file."""
        return (child_file(self.id),)

    def title(self) -> str:
        """What the child likes to be called."""
        return self.known_as or "A child without a name yet"


def _visit_and_child(visit: str, child: str) -> tuple[FileId, ...]:
    return (visit_file(visit), child_file(child)) if child else (visit_file(visit),)


@dataclass(frozen=True, kw_only=True)
class Conversation(Record):
    """One talk with one child on one visit."""

    kind: ClassVar[str] = "conversation"
    noun: ClassVar[str] = "conversation"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("About this conversation", ("status", "started", "ended", "where")),
        Section("Who was there", ("private", "others_present", "could_hear")),
        Section("What we explained", ("explained", "explained_how", "understanding")),
        Section("How it ended", ("agreed_next", "mood_at_end")),
    )

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    status: Annotated[
        str,
        Choice("How far are we?", codes="conversation_status", asked=Stage.SIGN_OFF, column=True),
    ] = ""
    started: Annotated[
        dt.time | None, Time("Start time", help="24-hour clock, like 14:05.", column=True)
    ] = None
    ended: Annotated[dt.time | None, Time("End time")] = None
    where: Annotated[str, Text("Where were you?")] = ""
    private: Annotated[
        str,
        Choice(
            "Did you speak alone?",
            codes="private",
            help="Section 2E: in private, if the child consents.",
            asked=Stage.SIGN_OFF,
        ),
    ] = ""
    others_present: Annotated[str, Text("Who else was present, and why", help="Name and role.")] = (
        ""
    )
    could_hear: Annotated[bool | None, YesNo("Could others hear?")] = None
    explained: Annotated[frozenset[str], Choices("What we explained", codes="explained")] = (
        frozenset()
    )
    explained_how: Annotated[
        str, Text("How we explained it", help="Words, Easy Read, symbols or an interpreter.")
    ] = ""
    understanding: Annotated[
        str,
        Text(
            "What the child understood",
            help="In the child's words if you can.",
            lines=2,
            merge=BOTH,
        ),
    ] = ""
    agreed_next: Annotated[str, Text("What we agreed to do next", lines=2, merge=BOTH)] = ""
    mood_at_end: Annotated[str, Text("How the child seemed at the end", merge=BOTH)] = ""

    moved: Annotated[str, Link("Moved", to="conversation", merge=Merge.FIRST)] = ""
    """The same conversation as it stood with somebody else; of a removed one, as it stands now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file and the child's."""
        return _visit_and_child(self.visit, self.child)

    def title(self) -> str:
        """The time of the talk; the child's name is joined on by whoever shows it."""
        return f"Conversation at {self.started:%H:%M}" if self.started else "Conversation"


@dataclass(frozen=True, kw_only=True)
class Statement(Record):
    """What was said, seen, read or thought: each its own type, never mixed.

    The text is written once. It is never edited and never merged by machine: more words are
    another statement.
    """

    kind: ClassVar[str] = "statement"
    noun: ClassVar[str] = "statement"
    by_permission: ClassVar[bool] = True
    sections: ClassVar[tuple[Section, ...]] = (Section("Statement", ("type", "text", "by")),)

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    conversation: Annotated[str, Link("Conversation", to="conversation")] = ""
    type: Annotated[
        str,
        Choice(
            "What kind of statement is this?",
            codes="statement_type",
            asked=Stage.SIGN_OFF,
            merge=Merge.FIRST,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    text: Annotated[
        str,
        Text(
            "Words",
            lines=4,
            verbatim=True,
            asked=Stage.SIGN_OFF,
            merge=BOTH,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    by: Annotated[str, Text("Who said or saw it", help="If it was not the child.")] = ""
    written_at: Annotated[dt.datetime | None, Moment("Written", shown=False)] = None

    moved: Annotated[str, Link("Moved", to="statement", merge=Merge.FIRST)] = ""
    """The same words as they stood with somebody else; of a removed one, as they stand now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file and the child's."""
        return _visit_and_child(self.visit, self.child)

    def title(self) -> str:
        """The first words."""
        return self.text[:60]


@dataclass(frozen=True, kw_only=True)
class Permission(Record):
    """Whether one item may be shared with one reader, as the child decided; withdrawable.

    It is the child's ethical permission to share, not consent in the sense of data protection
    law. Its id is derived from the item and the reader, so that two advisers who write down the
    child's answer write the same record.
    """

    kind: ClassVar[str] = "permission"
    noun: ClassVar[str] = "permission"
    sections: ClassVar[tuple[Section, ...]] = (
        Section("Permission to share", ("reader", "answer", "reason", "decided_by")),
    )

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    item: Annotated[str, Link("What it is about")] = ""
    reader: Annotated[
        str, Choice("Who may see it", codes="reader", merge=Merge.FIRST, column=True)
    ] = ""
    answer: Annotated[
        str, Choice("What the child said", codes="sharing", asked=Stage.SIGN_OFF, column=True)
    ] = ""
    reason: Annotated[
        str,
        Text(
            "Reason", help="Needed if we share without the child's permission.", lines=2, merge=BOTH
        ),
    ] = ""
    decided_by: Annotated[str, Text("Who decided, if not the child")] = ""
    given_at: Annotated[dt.datetime | None, Moment("When", shown=False)] = None

    moved: Annotated[str, Link("Moved", to="permission", merge=Merge.FIRST)] = ""
    """The same answer as it stood with somebody else; of a removed one, as it stands now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file and the child's."""
        return _visit_and_child(self.visit, self.child)

    def title(self) -> str:
        """Reader and answer, as codes."""
        return f"{self.reader}: {self.answer}"


def permission_id(item: str, reader: str) -> str:
    """The id of the permission for one item and one reader."""
    return derived_id("permission", item, reader)


@dataclass(frozen=True, kw_only=True)
class Concern(Record):
    """A worry about a child or a place, with a safeguarding level and what was done about it."""

    kind: ClassVar[str] = "concern"
    noun: ClassVar[str] = "concern"
    by_permission: ClassVar[bool] = True
    sections: ClassVar[tuple[Section, ...]] = (
        Section("The concern", ("level", "about", "what_the_child_wants")),
        Section("What was done", ("told_to", "told_at", "reference", "child_told", "not_told")),
        Section("Who looks after it", ("owner", "status")),
    )

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    level: Annotated[
        str,
        Choice("Level", codes="safeguarding_level", asked=Stage.SIGN_OFF, column=True),
    ] = ""
    about: Annotated[
        str,
        Text(
            "What the concern is",
            help="Facts first; say how you know.",
            lines=4,
            merge=BOTH,
            asked=Stage.SIGN_OFF,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    what_the_child_wants: Annotated[
        str, Text("What the child wants to happen", lines=2, merge=BOTH, readers=PLACE_TOO)
    ] = ""
    told_to: Annotated[str, Text("Who was told", help="Name, role and organisation.")] = ""
    told_at: Annotated[dt.time | None, Time("At what time", help="24-hour clock.")] = None
    reference: Annotated[str, Text("Their reference")] = ""
    child_told: Annotated[bool | None, YesNo("Did we tell the child what we would do?")] = None
    not_told: Annotated[str, Text("Who was not told, and why", lines=2, merge=BOTH)] = ""
    owner: Annotated[str, Choice("Adviser in charge", codes="adviser", column=True)] = ""
    status: Annotated[
        str,
        Choice("How it stands", codes="concern_status", merge=Merge.LAST_RECEIVED, column=True),
    ] = ""
    moved: Annotated[str, Link("Moved", to="concern", merge=Merge.FIRST)] = ""
    """The same concern as it stood about somebody else; of a removed one, as it stands now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file and, where it is about one child, the child's."""
        return _visit_and_child(self.visit, self.child)

    def title(self) -> str:
        """The first words."""
        return self.about[:60]
