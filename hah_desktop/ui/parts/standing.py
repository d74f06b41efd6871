"""How this laptop stands with the office: what is only here, what waits for a person. No widget."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hah_desktop.domain import clock
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.codes import ADVISERS
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.catalogue import BY_KIND, RECORD_TYPES
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.travelling import Count
from hah_desktop.store.exchange import carrying, outbox, waiting
from hah_desktop.store.exchange.outbox import SetAside, SyncRun
from hah_desktop.store.exchange.waiting import Due
from hah_desktop.store.journal import drafts, reading, removed
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.store.journal.removed import Gone
from hah_desktop.store.tables import meta
from hah_desktop.ui.parts.halfway import kind_of, record_of
from hah_desktop.ui.parts.overtaken import record_in
from hah_desktop.ui.parts.sides import Tongue, answer
from hah_desktop.ui.parts.words import called_by

MOST_LISTED = 20
_FROM_LISTS = frozenset({Place.kind, Inspection.kind})
_BY_HAND = tuple(record.kind for record in RECORD_TYPES if record.kind not in _FROM_LISTS)


@dataclass(frozen=True, slots=True)
class Standing:
    """One state of the database.

    `only_here` are the records with changes that the office has not received, without the places
    and inspections: there may be thousands after an import. `others` counts what is not listed.
    `by_hand` says what the office does not take of a colleague's words; empty for nothing.
    `overtaken` are records, by their ids, of which a decision was begun here that somebody else
    made; None where one cannot be read any more. `names` are those of the places of visits and of
    the children of conversations, by id, and `visits` are those on which something waits for a
    decision; `files` counts letters and pictures. `lone_files` are those of which the office lacks
    the file, and `more_files` counts what is not listed of them. `removed` are the ids of those in
    `only_here` that were removed, and `kept_removed` are records that somebody had gone on with.
    """

    saved: int
    due: Due
    only_here: Sequence[Record]
    others: int
    undecided: Sequence[Held]
    overtaken: Mapping[str, Record | None]
    set_aside: Sequence[tuple[SetAside, Record | None]]
    runs: Sequence[SyncRun]
    last_well: str
    clock: str
    by_hand: str
    names: Mapping[str, str]
    visits: Mapping[str, Record]
    files: Count
    lone_files: Sequence[Record]
    more_files: int
    removed: frozenset[RecordId]
    kept_removed: Sequence[Gone]


def standing(connection: Transaction) -> Standing:
    """Read how this laptop stands with the office."""
    first, total = waiting.listed(connection, _BY_HAND, MOST_LISTED)
    gone = removed.some(connection, dict(first))
    held_here = [*reading.some(connection, dict(first)), *(one.held for one in gone)]
    # Of what was moved elsewhere nothing is left: it is counted, and has no name any more.
    left = {one.held.record.id for one in gone if one.stands}
    found = {h.record.id: h.record for h in held_here if h.record.id not in left}
    listed = [found[RecordId(record)] for record, _changes in first if record in found]
    undecided = reading.undecided(connection)
    meanwhile = drafts.decided_meanwhile(connection)
    on = {str(getattr(held.record, "visit", "")) for held in undecided} - {""}
    visits = {visit: record for visit in on if (record := _record(connection, visit))}
    aside = [(one, _record(connection, one.record)) for one in outbox.set_aside(connection)]
    overtaken = {record_of(begun): _begun(connection, begun) for begun in meanwhile}
    torn = [*(held.record for held in undecided), *visits.values()]
    others = (*(record for _, record in aside), *overtaken.values())
    letters = travelling.only_here_records(connection)
    lone = [held.record for held in reading.some(connection, letters[:MOST_LISTED])]
    kept_removed = removed.decided(connection, _BY_HAND)
    others = (*others, *(one.held.record for one in kept_removed))
    told = [*listed, *torn, *lone, *(record for record in others if record)]
    return Standing(
        saved=outbox.saved_count(connection),
        due=waiting.of_all(connection),
        only_here=listed,
        others=total - len(listed),
        undecided=undecided,
        overtaken=overtaken,
        set_aside=aside,
        runs=outbox.runs(connection),
        last_well=waiting.last_well(connection),
        clock=_clock(connection),
        by_hand=words_by_hand(carrying.never_given(connection)),
        names=_names(connection, told),
        visits=visits,
        files=travelling.count(connection),
        lone_files=lone,
        more_files=len(letters) - len(lone),
        removed=frozenset(one.held.record.id for one in gone),
        kept_removed=kept_removed,
    )


def _begun(connection: Transaction, begun: Draft) -> Record | None:
    """The record of a decision that was begun; as it was then, if it is not here any more."""
    record = record_of(begun)
    kind = kind_of(begun) or reading.kind_of(connection, record)
    return _record(connection, record) or record_in(begun, kind)


def _record(connection: Transaction, record: str) -> Record | None:
    held = reading.get(connection, record)
    return held.record if held else None


def _names(connection: Transaction, told: Sequence[Record]) -> dict[str, str]:
    wanted = {called_by(record) for record in told} - {""}
    found = {one: _record(connection, one) for one in wanted}
    return {one: record.title() for one, record in found.items() if record}


def _clock(connection: Transaction) -> str:
    contact = meta.read(connection, "contact")
    return clock.doubt(dt.timedelta(seconds=contact["offset"])) if contact else ""


def words_by_hand(names: Sequence[str]) -> str:
    """Whose words the office does not take from this laptop; nothing where there are none."""
    if not names:
        return ""
    whose = " and of ".join(name or "a colleague" for name in names)
    return (
        f"The office could not take from this laptop what came by hand from the laptop of {whose}. "
        "It is kept here and can be read. Tell them to sync with their own laptop: only that "
        "brings it to the office now. Once you have told them, you can close this message: "
        "nothing is lost by it."
    )


def words_set_aside(aside: SetAside, tongue: Tongue) -> str:
    """What the change said: it is kept here, whatever became of it at the office."""
    kind, author = str(aside.content.get("kind", "")), str(aside.content.get("author", ""))
    said = (
        [f"Written by {tongue.codes(ADVISERS).label(author)}"]
        if _is_anothers(author, tongue)
        else []
    )
    for key, edit in aside.content["fields"].items():
        field = field_of(kind, key)
        if key == REMOVED or (field is not None and field.shown and edit["value"] is not None):
            said.append(answer(kind, key, edit["value"], tongue))
    return "\n".join(said)


def _is_anothers(author: str, tongue: Tongue) -> bool:
    return author not in ("", tongue.reader)


def noun_of(aside: SetAside) -> str:
    """What kind of record it is about, where nothing of that is here."""
    record = BY_KIND.get(str(aside.content.get("kind", "")))
    return record.noun.capitalize() if record else "A record"
