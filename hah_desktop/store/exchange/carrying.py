"""What goes from hand to hand without the office: a colleague's cards, and changes of a visit.

A change that came so is kept whole, as its author spelled it, and lies over what the office said
like an unsent one of this laptop's own, until the office tells that it has it.
"""

import datetime as dt
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from hah_desktop.domain.changes import Change, canonical, content_hash, from_plain, words_hash
from hah_desktop.domain.codec import MEMBER
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import ByHand, Card
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, child_file, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.said import are_held, may_stand_for, moved_to, said_fields
from hah_desktop.seals.bundle import Kind, Manifest, manifest_in
from hah_desktop.store.exchange.outbox import unsent
from hah_desktop.store.journal.saving import put_records
from hah_desktop.store.journal.settling import settle
from hah_desktop.store.journal.standing import BY_HAND, IN_FORCE, ONLY_HERE
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.many import in_chunks
from hah_desktop.store.tables.rows import CARD, CHANGE, CURSOR, RECORD, TAKEN_BUNDLE

_ALL = 2**31
_VISIT = visit_file("")
_CHILD = child_file("")
_NAMED = f"advisers{MEMBER}"

MOST_REFUSALS = 3
"""A line may spoil one request, and an office may be mended; what is refused so often stays so."""

_KEPT = TAKEN_BUNDLE.c.changes.is_not(None)
_GIVEN_UP = and_(_KEPT, TAKEN_BUNDLE.c.refused >= MOST_REFUSALS)


class NotTaken(KnownError):
    """What came from a colleague's hand was not taken: nothing here has changed."""


def cards(connection: Connection) -> list[Card]:
    """The colleagues' laptops that the office vouches for, by name."""
    rows = connection.execute(select(CARD).order_by(CARD.c.name, CARD.c.laptop))
    return [
        Card(LaptopId(r.laptop), RecordId(r.adviser), r.name, r.signing, r.sealing) for r in rows
    ]


def keep_cards(connection: Connection, known: Sequence[Card]) -> None:
    """Keep these cards in the place of those before: who is not named is vouched for no more."""
    connection.execute(delete(CARD))
    if known:
        names = ("laptop", "adviser", "name", "signing", "sealing")
        connection.execute(insert(CARD), [{n: getattr(card, n) for n in names} for card in known])


def all_unsent(connection: Connection) -> list[Change]:
    """This laptop's own changes that the office has not received, in their order."""
    return unsent(connection, _ALL)


def of_visit(connection: Connection, visit: RecordId) -> list[Change]:
    """Those of them that were made on a visit, and those about children who were met there.

    A child of whom the office has anything does not go: it may have been taken back from somebody
    on the visit, which only the office knows.
    """
    own = all_unsent(connection)
    file = visit_file(visit)
    named = children_met(own, [file])
    met = select(RECORD.c.child).where(RECORD.c.visit == visit)
    new = {
        child
        for child in connection.execute(met.distinct()).scalars()
        if child_file(child) in named and not _has_any(connection, child)
    }
    return [change for change in own if file in change.files or change.record in new]


def _has_any(connection: Connection, record: str) -> bool:
    """Whether the office has any change of a record."""
    theirs = select(CHANGE.c.id).where(CHANGE.c.record == record, ~ONLY_HERE)
    return connection.execute(theirs.limit(1)).first() is not None


def children_met(changes: Iterable[Change], visits: Collection[FileId]) -> frozenset[FileId]:
    """The files of the children whom changes name that lie in one of these visits."""
    return frozenset(
        file
        for change in changes
        if any(each in visits and each.startswith(_VISIT) for each in change.files)
        for file in change.files
        if file.startswith(_CHILD)
    )


def held_files(connection: Connection) -> frozenset[FileId]:
    """The files that the office has given to this laptop."""
    return frozenset(map(FileId, connection.execute(select(CURSOR.c.file)).scalars()))


def taken_back(connection: Connection, adviser: RecordId) -> frozenset[FileId]:
    """The visits that named an adviser and do not any more."""
    named = f'$."{_NAMED}{adviser}"'
    found = select(RECORD.c.id).where(
        RECORD.c.kind == Visit.kind,
        func.json_type(RECORD.c.heads, named).is_not(None),
        func.json_type(RECORD.c.body, named).is_(None),
    )
    return frozenset(map(visit_file, connection.execute(found).scalars()))


def without_receipt(connection: Connection, most: int) -> list[ChangeId]:
    """Changes from a colleague's hand of which the office has not told that it has them."""
    carried = select(CHANGE.c.id).where(BY_HAND).limit(most)
    return list(map(ChangeId, connection.execute(carried).scalars()))


def to_ask_after(connection: Connection, most: int) -> dict[ChangeId, str]:
    """The same, each with the hash of its words: whoever asks after them has them."""
    carried = select(CHANGE.c.id, CHANGE.c.content).where(BY_HAND).limit(most)
    return {ChangeId(id_): words_hash(content) for id_, content in connection.execute(carried)}


def was_taken(connection: Connection, bundle: str) -> bool:
    """Whether this very bundle was taken before."""
    found = select(TAKEN_BUNDLE.c.id).where(TAKEN_BUNDLE.c.id == bundle)
    return connection.execute(found).first() is not None


def note_taken(
    connection: Connection, manifest: Manifest, proof: ByHand | None, now: dt.datetime
) -> None:
    """Write down that a bundle was taken, in the transaction of its changes.

    What its laptop signed for stays with it: should that laptop be lost, the office gets it so.
    One that held files only has nothing of the kind.
    """
    who = {"id": manifest.bundle, "laptop": manifest.laptop, "number": manifest.number}
    row: dict[str, object] = {**who, "taken_at": now.isoformat()}
    if proof is not None:
        packed = zlib.compress(proof.changes)
        row |= {"signed": proof.signed, "signature": proof.signature, "changes": packed}
    connection.execute(insert(TAKEN_BUNDLE).values(row))


def to_give(connection: Connection, epoch: str) -> list[str]:
    """The bundles that were taken and that the office of this epoch was not given yet."""
    return _not_given(connection, epoch, TAKEN_BUNDLE.c.refused < MOST_REFUSALS)


def not_given(connection: Connection, epoch: str) -> list[str]:
    """The same, and those that it would not take: it may take them from somebody's hand."""
    return _not_given(connection, epoch, true())


def _not_given(connection: Connection, epoch: str, which: ColumnElement[bool]) -> list[str]:
    given = TAKEN_BUNDLE.c.given_in
    due = select(TAKEN_BUNDLE.c.id).where(_KEPT, which, or_(given.is_(None), given != epoch))
    return list(connection.execute(due.order_by(TAKEN_BUNDLE.c.taken_at)).scalars())


def unreceived_of(connection: Connection, bundles: Iterable[str]) -> int:
    """Of how many changes in these the office has not told that it has them."""
    ids = {change for bundle in bundles for change in _ids(connection, bundle)}
    return len(ids.intersection(without_receipt(connection, _ALL))) if ids else 0


def proofs(connection: Connection, bundle: str) -> Iterator[ByHand]:
    """What the laptop that made a bundle signed for, part by part: each can be given at once."""
    row = connection.execute(select(TAKEN_BUNDLE).where(TAKEN_BUNDLE.c.id == bundle)).one()
    content = zlib.decompress(row.changes)
    end = 0
    for part in manifest_in(row.signed).parts:
        if part.kind is Kind.CHANGES:
            begin, end = end, end + part.size
            yield ByHand(row.signed, row.signature, content[begin:end])


def given(connection: Connection, most: int) -> dict[str, str]:
    """What was given to the office and may have to be given again: digests with their bundles."""
    asked = select(TAKEN_BUNDLE.c.id, TAKEN_BUNDLE.c.signed)
    asked = asked.where(_KEPT, TAKEN_BUNDLE.c.given_in.is_not(None))
    rows = connection.execute(asked.order_by(TAKEN_BUNDLE.c.taken_at)).all()
    named = {
        part.sha256: row.id
        for row in rows
        for part in manifest_in(row.signed).parts
        if part.kind is Kind.CHANGES
    }
    return dict(islice(named.items(), most))


def note_lacking(connection: Connection, bundles: Collection[str]) -> None:
    """The office does not have them any more."""
    put = update(TAKEN_BUNDLE).where(TAKEN_BUNDLE.c.id.in_(bundles))
    connection.execute(put.values(given_in=None))


def note_given(connection: Connection, bundle: str, epoch: str) -> None:
    """The office has it, and keeps it for a person until its author's laptop comes."""
    put = update(TAKEN_BUNDLE).where(TAKEN_BUNDLE.c.id == bundle)
    connection.execute(put.values(given_in=epoch, refused=0))
    meta.write(connection, _PARTS, {})


_PARTS = "parts_given"
"""Of bundles that the office has in part: so a line that is cut goes on where it was."""


def parts_given(connection: Connection, epoch: str) -> list[str]:
    """The digests of the parts that the office of this epoch has of what it was not given whole."""
    kept = meta.read(connection, _PARTS) or {}
    return list(kept.get("digests", ())) if kept.get("epoch") == epoch else []


def note_part_given(connection: Connection, digest: str, epoch: str) -> None:
    """The office has this part; those behind it follow."""
    digests = [*parts_given(connection, epoch), digest]
    meta.write(connection, _PARTS, {"epoch": epoch, "digests": digests})


def note_refused(connection: Connection, bundle: str) -> None:
    """The office did not take it this time."""
    put = update(TAKEN_BUNDLE).where(TAKEN_BUNDLE.c.id == bundle)
    connection.execute(put.values(refused=TAKEN_BUNDLE.c.refused + 1))


def never_given(connection: Connection) -> list[str]:
    """Whose changes the office would not take from this laptop, by name; empty for one unknown.

    Only their authors' own laptops can bring them. Nothing is told once the office has them, or
    once somebody has laid it aside.
    """
    found = select(func.coalesce(CARD.c.name, "")).distinct().select_from(TAKEN_BUNDLE)
    found = found.outerjoin(CARD, CARD.c.laptop == TAKEN_BUNDLE.c.laptop)
    return sorted(connection.execute(found.where(_GIVEN_UP)).scalars())


def lay_aside(connection: Connection) -> None:
    """A person has read what is never given. The changes stay here; only their proof goes.

    The office refused it as often as it is given, so nobody would ask for it again.
    """
    _forget(connection, _GIVEN_UP)


def forget_proofs(connection: Connection) -> None:
    """What the office has told of has not to be proved any more; of one stick, all or nothing."""
    kept = select(TAKEN_BUNDLE.c.id).where(_KEPT)
    due = {bundle: _ids(connection, bundle) for bundle in connection.execute(kept).scalars()}
    if due:
        here = set(without_receipt(connection, _ALL))
        done = [bundle for bundle, ids in due.items() if here.isdisjoint(ids)]
        _forget(connection, TAKEN_BUNDLE.c.id.in_(done))


def _ids(connection: Connection, bundle: str) -> list[ChangeId]:
    hands = proofs(connection, bundle)
    return [change.id for hand in hands for change in read_changes(hand.changes)]


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    nothing = dict.fromkeys(("signed", "signature", "changes"))
    connection.execute(update(TAKEN_BUNDLE).where(_KEPT, which).values(**nothing))


def take(connection: Connection, changes: Sequence[Change]) -> frozenset[RecordId]:
    """Take a colleague's changes in. Returns the records that they are about.

    One that is here already has no effect, and where a record lies that is here only the office
    says. Raises NotTaken where one contradicts what is here; the transaction is the caller's, and
    nothing of it may be kept then.
    """
    new = _unknown(connection, changes)
    known = _check_records(connection, new)
    _check_words(connection, new)
    if not new:
        return frozenset()
    rows = [
        {
            "id": change.id,
            "record": change.record,
            "content": canonical(change).decode(),
            "hash": content_hash(change),
        }
        for change in new
    ]
    connection.execute(insert(CHANGE), rows)
    put_records(connection, [(c.record, c.kind, c.files) for c in new if c.record not in known])
    touched: dict[str, set[str]] = {}
    for change in new:
        touched.setdefault(change.record, set()).update(change.edits)
    settle(connection, touched)
    return frozenset(change.record for change in new)


def _unknown(connection: Connection, changes: Iterable[Change]) -> list[Change]:
    given = {change.id: change for change in changes}
    for ids in in_chunks(list(given)):
        known = select(CHANGE.c.id, CHANGE.c.hash, CHANGE.c.content).where(CHANGE.c.id.in_(ids))
        for id_, hash_, content in connection.execute(known):
            change = given.pop(ChangeId(id_))
            if hash_ is None:
                same = _same(change, json.loads(content))
            else:
                same = _is(change, hash_, content)
            if not same:
                raise _contradicts()
    return list(given.values())


def _is(change: Change, hash_: str, content: str) -> bool:
    """Whether this is the change that is kept; its author may have numbered it anew since."""
    if content_hash(change) == hash_:
        return True
    kept = from_plain(json.loads(content))
    return canonical(replace(change, number=kept.number, previous=kept.previous)) == canonical(kept)


def _same(change: Change, said: dict[str, dict[str, dict[str, object]]]) -> bool:
    """Whether what the office sent of a change is what the colleague says it is."""
    return all(
        name in change.edits and change.edits[name].value == edit["value"]
        for name, edit in said["fields"].items()
    )


def _check_records(connection: Connection, changes: Sequence[Change]) -> set[RecordId]:
    """Whether each of these may be about its record. Returns the records that are here."""
    about: dict[RecordId, list[Change]] = {}
    for change in changes:
        about.setdefault(change.record, []).append(change)
    known = set()
    for ids in in_chunks(about):
        found = select(RECORD.c.id, RECORD.c.kind, RECORD.c.files).where(RECORD.c.id.in_(ids))
        for id_, kind, files in connection.execute(found):
            known.add(RecordId(id_))
            lies_in = _place(json.loads(files))
            if any(c.kind != kind or lies_in.isdisjoint(c.files) for c in about[RecordId(id_)]):
                raise _contradicts()
    return known


def _place(files: Sequence[FileId]) -> frozenset[FileId]:
    """What a change of a record has to lie in as well: its visit, where it has one.

    The file of a child who was met there may be had from elsewhere, by somebody without the visit.
    """
    return frozenset(f for f in files if f.startswith(_VISIT)) or frozenset(files)


def _check_words(connection: Connection, changes: Sequence[Change]) -> None:
    """Whether words that were said stay as they are, as the office would judge it.

    To which record they are moved the office may know alone: that is left to it.
    """
    known = {c.id: {name: edit.value for name, edit in c.edits.items()} for c in changes}
    replaced = {
        id_
        for change in changes
        for name in said_fields(change.kind) & change.edits.keys()
        for id_ in change.edits[name].replaces
    }
    for ids in in_chunks(replaced - known.keys()):
        asked = select(CHANGE.c.id, CHANGE.c.content).where(CHANGE.c.id.in_(ids), IN_FORCE)
        for id_, content in connection.execute(asked):
            fields = json.loads(content)["fields"]
            known[id_] = {name: edit["value"] for name, edit in fields.items()}
    for change in changes:
        for name in said_fields(change.kind) & change.edits.keys():
            edit = change.edits[name]
            versions = [known[id_][name] for id_ in edit.replaces if name in known.get(id_, ())]
            if may_stand_for(edit.value, versions, others=len(versions) < len(edit.replaces)):
                continue
            if edit.value is not None or not _may_stand(
                connection, change, changes, name, versions
            ):
                raise NotTaken(
                    "A change in this file puts other words in the place of words that were said.",
                    "Nothing was taken from it, and what was said stands.",
                    "Tell the office: no form of the program does this.",
                )


def _may_stand(
    connection: Connection,
    moving: Change,
    changes: Sequence[Change],
    name: str,
    versions: Sequence[Json],
) -> bool:
    """Whether the words that a change takes away stand where it moves them, as far as is known."""
    to = moved_to({field: edit.value for field, edit in moving.edits.items()})
    came = [c.edits[name].value for c in changes if c.record == to and name in c.edits]
    here = select(RECORD.c.body).where(RECORD.c.id == to)
    came += [json.loads(body).get(name) for body in connection.execute(here).scalars()]
    return bool(to) and (not came or any(are_held(value, versions) for value in came))


def read_changes(content: bytes) -> list[Change]:
    """The changes of a part, one to a line. Raises MalformedChange or ValueError."""
    return [from_plain(json.loads(line)) for line in content.splitlines() if line]


def _contradicts() -> NotTaken:
    return NotTaken(
        "A change in this file contradicts what is known here.",
        "Nothing was taken from it.",
        "Tell the office, and sync before you go on.",
    )
