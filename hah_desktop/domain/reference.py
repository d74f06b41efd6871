"""The reference page of all records and fields, as Markdown made from their descriptions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from hah_desktop.domain.fields import (
    AnyField,
    Choice,
    Choices,
    Date,
    Link,
    Merge,
    Moment,
    Number,
    Reader,
    Stage,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.merge import rule_of
from hah_desktop.domain.records.base import Record, Section, described

INTRODUCTION = """# Records and their fields

This page is written from the descriptions of the fields in `hah_desktop/domain/records`: do not
edit it. After a change there, run `python -m tests.docs.write_reference`.

- **Asked for**: the stage by which the field must be filled. Until then an empty field is fine.
- **Two edits**: what happens when two people changed the field without seeing each other.
- **Readers**: the editions it may appear in. The office reads everything."""

_COLUMNS = ("Field", "Name", "Holds", "Asked for", "Two edits", "Readers")

_ASKED = {
    Stage.PLAN: "when planning",
    Stage.ARRIVAL: "on arrival",
    Stage.SIGN_OFF: "before sign-off",
    None: "",
}
_MERGED = {
    Merge.ASK: "a person decides",
    Merge.KEEP_BOTH: "both stand until joined",
    Merge.LAST_RECEIVED: "last received is shown",
    Merge.EACH: "each member by itself",
    Merge.FIRST: "first received stands",
    Merge.OFFICE: "the office decides",
}
_READERS = {
    Reader.CHILD: "the child",
    Reader.PLACE: "the place",
    Reader.LOCAL_AUTHORITY: "the local authority",
    Reader.OFFICE: "the office",
}


def page(types: Iterable[type[Record]]) -> str:
    """The reference page of these record types, ending in a new line."""
    return "\n\n".join([INTRODUCTION, *(_record(kind) for kind in types)]) + "\n"


def _record(kind: type[Record]) -> str:
    fields = described(kind)
    kept = tuple(name for name, field in fields.items() if not field.shown)
    sections = [*kind.sections, Section("Kept by the program", kept)]
    explained = " ".join((kind.__doc__ or "").split())
    parts = [f"## {kind.noun.capitalize()} (`{kind.kind}`)", explained]
    if kind.by_permission:
        parts.append("Readers other than the office see it only with the child’s permission.")
    parts += [_section(section, fields) for section in sections]
    return "\n\n".join(parts)


def _section(section: Section, fields: Mapping[str, AnyField]) -> str:
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    lines += [_row(_cells(name, fields[name])) for name in section.fields]
    return "\n".join([f"### {section.title}", "", *lines])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _cells(name: str, field: AnyField) -> Sequence[str]:
    asked = f"{field.label}<br>*{field.help}*" if field.help else field.label
    merged = _MERGED[rule_of(field)]
    return (asked, f"`{name}`", holds(field), _ASKED[field.asked], merged, _readers(field))


def _readers(field: AnyField) -> str:
    return ", ".join(words for who, words in _READERS.items() if who in field.readers) or "nobody"


def holds(field: AnyField) -> str:
    """What a field holds, in a few words."""
    match field:
        case Text():
            lines = "one line" if field.lines == 1 else f"{field.lines} lines"
            return f"words, {lines}" + (", written once" if field.verbatim else "")
        case Choice():
            return f"one of `{field.codes}`"
        case Choices():
            return f"any of `{field.codes}`"
        case Link():
            return f"a link to a `{field.to}`" if field.to else "a link to any record"
        case Date() | Time() | Moment() | Number() | YesNo():
            return _simple(field)
        case _:
            assert_never(field)


def _simple(field: Date | Time | Moment | Number | YesNo) -> str:
    words = {
        Date: "a day",
        Time: "a time of day",
        Moment: "a moment, in UTC",
        Number: "a whole number",
        YesNo: "yes or no",
    }
    return words[type(field)]
