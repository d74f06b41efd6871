"""A letter, a photo of a document or a drawing: what is known of it, never its content."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from hah_desktop.domain.fields import (
    PLACE_TOO,
    Choice,
    Link,
    Merge,
    Moment,
    Number,
    Stage,
    Text,
)
from hah_desktop.domain.ids import FileId, child_file, visit_file
from hah_desktop.domain.records.base import Record, Section

FIRST = Merge.FIRST


@dataclass(frozen=True, kw_only=True)
class Attachment(Record):
    """A letter, a photo of a document or a drawing that belongs to a visit.

    The content lies sealed in a file of its own; `content` is the name of that file. A letter that
    is moved to another child is another record, and names the same file.
    """

    kind: ClassVar[str] = "attachment"
    noun: ClassVar[str] = "attachment"
    by_permission: ClassVar[bool] = True
    sections: ClassVar[tuple[Section, ...]] = (Section("What it is", ("what", "type", "note")),)

    visit: Annotated[str, Link("Visit", to="visit")] = ""
    child: Annotated[str, Link("Child", to="child")] = ""
    what: Annotated[
        str,
        Text(
            "What is it?",
            help="A few words, such as: letter from the social worker.",
            asked=Stage.SIGN_OFF,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    type: Annotated[
        str,
        Choice(
            "What kind of thing is it?",
            codes="attachment_type",
            asked=Stage.SIGN_OFF,
            column=True,
            readers=PLACE_TOO,
        ),
    ] = ""
    note: Annotated[
        str,
        Text(
            "What there is to know about it",
            help="Who gave it to you, and when. For the office only.",
            lines=3,
            merge=Merge.KEEP_BOTH,
        ),
    ] = ""
    file_name: Annotated[str, Text("Name of the file", shown=False, printed=False, merge=FIRST)] = (
        ""
    )
    media_type: Annotated[str, Text("Kind of file", shown=False, printed=False, merge=FIRST)] = ""
    size: Annotated[int | None, Number("Bytes", shown=False, printed=False, merge=FIRST)] = None
    hash: Annotated[
        str, Text("SHA-256 of the content", shown=False, printed=False, merge=FIRST)
    ] = ""
    content: Annotated[
        str, Text("Name of the sealed file", shown=False, printed=False, merge=FIRST)
    ] = ""
    added_at: Annotated[dt.datetime | None, Moment("Added", shown=False, merge=FIRST)] = None

    moved: Annotated[str, Link("Moved", to="attachment", merge=Merge.FIRST)] = ""
    """The same letter as it stood with somebody else; of a removed one, as it stands now."""

    def files(self) -> tuple[FileId, ...]:
        """The visit's file and, where it is one child's, the child's."""
        own = (child_file(self.child),) if self.child else ()
        return (visit_file(self.visit), *own)

    def title(self) -> str:
        """What it is, in the adviser's words."""
        return self.what
