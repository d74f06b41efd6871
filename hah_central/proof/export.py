"""Everything that the office has about one visit or child: for a court, an inspection, the child.

So of a record that every laptop has, such as a place or an adviser; who opens one is not noted.

Records as they stand, each field's history, and who had it on which laptop; as JSON lines for a
machine and as plain text for a person. Whoever reads it reads what the office has in the clear.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from hah_central.database.database import Database
from hah_central.database.disk import for_the_owner_alone
from hah_central.database.faults import ODD
from hah_central.database.lookups import rows_for
from hah_central.database.rows import Adviser, Change, Grant, Holding, Laptop, Record, RecordFile
from hah_central.journal import records
from hah_central.journal.state import RecordState
from hah_central.office import laptops
from hah_central.office.office import NotKnown
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_central.pulling import reads
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, child_file, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.catalogue import BY_KIND

Line = dict[str, Any]

ON_ALL = "Every laptop has it, and who opens it is not noted."


class NotExported(KnownError):
    """It cannot be written there."""


@dataclass(frozen=True, slots=True)
class About:
    """What is asked about: records, and the file in which they lie."""

    name: str
    file: FileId
    records: Sequence[RecordId]


@dataclass(frozen=True, slots=True)
class Exported:
    """What is known of one file: its records, what was changed when by whom, and who had it.

    `name` is that of the file, or the kind and id of a record that every laptop has.
    """

    name: str
    records: list[Line]
    history: list[Line]
    given: list[Line]
    read: list[Line]
    for_all: bool = False


def export(database: Database, name: str, out: Path, deed: Deed) -> Exported:
    """Write all about it into a new folder, and note in the log that it was done.

    `name` is as `named` takes it. Raises NotKnown or NotExported.
    """
    try:
        with database.reading() as connection:
            found = everything(connection, named(connection, name))
    except ODD as fault:
        raise NotExported(
            "What the office keeps of it is damaged, so not all of it can be read.",
            "Nothing was written.",
            "Run the command “verify”: it says what is not as it was received.",
        ) from fault
    parts = {
        "records.jsonl": _lines(found.records),
        "history.jsonl": _lines(found.history),
        "given.jsonl": _lines(found.given),
        "read.jsonl": _lines(found.read),
        "readable.txt": "\n".join(_told(found)) + "\n",
    }
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise NotExported(
                f"{out} is not empty.",
                "Nothing was written.",
                "Name a folder that is new or empty.",
            )
        # First noted, then written: there is no copy that the log does not know.
        with database.writing() as connection:
            audit.note(connection, deed, Did.EXPORTED, detail=found.name)
        for part, words in parts.items():
            with open(out / part, "x", encoding="utf-8", opener=for_the_owner_alone) as target:
                target.write(words)
    except OSError as fault:
        raise NotExported(
            f"It cannot be written to {out}: {fault.strerror or fault}.",
            "What was written until then is kept there.",
            "Delete that, make room or name another folder, and run this again.",
        ) from fault
    return found


def named(connection: Connection, name: str) -> About:
    """A visit or a child by its file or id; what every laptop has by its kind and id, id or title.

    Raises NotKnown.
    """
    for file in (FileId(name), child_file(name), visit_file(name)):
        found = _lying_in(connection, file)
        if found and ":" in file:
            return About(file, file, found)
    meant = _of_all(connection, name)
    abouts = [f"{record.kind}:{record.id}" for record in meant]
    if len(meant) == 1:
        return About(abouts[0], REFERENCE_FILE, [meant[0].id])
    if meant:
        raise NotKnown(
            f"More than one is called {name}: {', '.join(abouts)}.",
            "Nothing was written.",
            "Name one of these.",
        )
    raise NotKnown(
        f"The office has no visit, child, place, inspection or adviser {name}.",
        "Nothing was written.",
        "Name it as visit:ID or child:ID; a place, an inspection or an adviser by its id or name.",
    )


def _of_all(connection: Connection, name: str) -> list[RecordState]:
    """The records that every laptop has and that are meant by a name."""
    kind, _, id_ = name.rpartition(":")
    for record in records.load(connection, [RecordId(id_)]).values():
        if REFERENCE_FILE in record.files and kind in ("", record.kind):
            return [record]
    called = laptops.titles(connection, _lying_in(connection, REFERENCE_FILE))
    meant = [RecordId(each) for each, title in called.items() if title and title == name]
    return list(records.load(connection, meant).values())


def _lying_in(connection: Connection, file: FileId) -> list[RecordId]:
    lies_in = select(RecordFile.record).where(RecordFile.file == file)
    return [RecordId(id_) for id_ in connection.execute(lies_in).scalars()]


def everything(connection: Connection, about: About) -> Exported:
    """All that the office has about it."""
    ids, file = about.records, about.file
    shown = records.shown(connection, ids)
    asked = select(Record.id).order_by(Record.seq)
    now = [
        {"record": id_, "kind": shown[RecordId(id_)].kind, "fields": shown[RecordId(id_)].body}
        for (id_,) in rows_for(connection, asked, Record.id, ids)
    ]
    history = sorted(_history(connection, ids), key=lambda line: line["place"])
    if file == REFERENCE_FILE:
        return Exported(about.name, now, history, [], [], for_all=True)
    given, read = list(_given(connection, file)), list(reads.of_file(connection, file))
    return Exported(about.name, now, history, given, read)


def _history(connection: Connection, ids: Sequence[str]) -> Iterator[Line]:
    """Every change, field by field: also those that were set aside, with the reason."""
    people = _names(connection)
    values: dict[str, dict[str, Json]] = {}
    asked = select(*Change.__table__.c).order_by(Change.seq)
    for row in rows_for(connection, asked, Change.record, ids):
        edits: Mapping[str, Any] = json.loads(row.body)["fields"]
        values[row.id] = {name: edit["value"] for name, edit in edits.items()}
        shared = {
            "place": row.seq,
            "change": row.id,
            "record": row.record,
            "kind": row.kind,
            "who": people.get(row.author, row.author),
            "laptop": row.laptop,
            "made_at": row.made_at,
            "clock_trusted": row.clock_trusted,
            "received": row.received.isoformat(),
            "verdict": row.verdict,
            "problem": row.problem,
        }
        for name, edit in edits.items():
            replaced = (values.get(id_, {}) for id_ in edit.get("replaces", ()))
            before = [known[name] for known in replaced if name in known]
            yield {**shared, "field": name, "from": before, "to": edit["value"]}


def _names(connection: Connection) -> dict[str, str]:
    return {row.id: row.name for row in connection.execute(select(Adviser.id, Adviser.name))}


def _given(connection: Connection, file: FileId) -> Iterator[Line]:
    """Who has it, and who had it: each laptop with the times between which it held it.

    Taken back from an adviser it may lie on their laptop still, and be lost with that.
    """
    had = select(Holding.laptop, Holding.since, Holding.dropped).where(Holding.file == file)
    held: dict[str, list[Line]] = {}
    for laptop, since, dropped in connection.execute(had.order_by(Holding.since)):
        until = dropped.isoformat() if dropped else None
        held.setdefault(laptop, []).append({"since": since.isoformat(), "until": until})
    asked = (
        select(Adviser.name, Grant.how, Laptop.id, Laptop.name, Laptop.last_contact)
        .outerjoin(Grant, (Grant.adviser == Adviser.id) & (Grant.file == file))
        .outerjoin(Laptop, Laptop.adviser == Adviser.id)
        .order_by(Adviser.name, Laptop.id)
    )
    # Of an adviser who has it no more, and of one without a laptop, the rest is missing.
    rows: Iterable[Sequence[Any]] = connection.execute(asked)
    for who, how, laptop, name, contact in rows:
        if how is None and laptop not in held:
            continue
        seen = contact.isoformat() if contact else None
        about = {"who": who, "how": how, "laptop": laptop, "name": name, "last_contact": seen}
        yield {**about, "held": held.get(laptop, [])}


def _lines(found: Iterable[Line]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found)


def _told(found: Exported) -> Iterator[str]:
    """The same as text."""
    yield f"All that the office has about {found.name}"
    yield ""
    yield from (ON_ALL,) if found.for_all else _had_told(found)
    for record in found.records:
        record_type = BY_KIND.get(record["kind"])
        yield ""
        yield f"{record_type.noun if record_type else record['kind']} {record['record']}"
        for name, value in record["fields"].items():
            yield f"  {_label(record['kind'], name)}: {_said(value)}"
        yield "  What was changed:"
        for line in found.history:
            if line["record"] == record["record"]:
                yield from _change_told(line)


def _had_told(found: Exported) -> Iterator[str]:
    yield "Who was given it, and which laptop held it"
    for line in found.given:
        how = line["how"] or "taken back"
        yield f"  {line['who']} ({how}), laptop {line['name']} ({line['laptop']})"
        for time in line["held"]:
            yield f"    held there since {time['since']}, until {time['until'] or 'now'}"
    yield ""
    yield "Who opened what of it"
    for line in found.read:
        yield f"  {line['at']}  {line['who']} on laptop {line['laptop']}: {line['record']}"


def _change_told(line: Line) -> Iterator[str]:
    before = " / ".join(map(_said, line["from"])) or "nothing"
    yield f"    {line['made_at']}  {line['who']}  {_label(line['kind'], line['field'])}"
    yield f"      from: {before}"
    yield f"      to: {_said(line['to'])}"
    yield f"      received {line['received']}: {line['verdict']} {line['problem']}".rstrip()


def _label(kind: str, name: str) -> str:
    described = field_of(kind, name)
    return f"{described.label} ({name})" if described else name


def _said(value: Json) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("\n", "\n        ")
