"""What a laptop gives the office of a colleague's, which it had from hand to hand.

The colleague's own laptop signed for it, so it is evidence, word for word. It waits for a person,
beside what was lost: nothing of it is in force until somebody takes it, or its author's own laptop
sends it. Then each change stands in the journal once in force, whichever came first.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from hah_central.database.rows import Laptop
from hah_central.database.rows import Witness as Row
from hah_central.journal import evidence, items, witness
from hah_central.journal.journal import Sender, receive, take_numbers
from hah_central.people import audit, people
from hah_central.people.audit import Deed, Did
from hah_central.people.people import Asker
from hah_central.problems import Problem, too_large, unreadable
from hah_central.proof import proof
from hah_central.proof.proof import Claim, NotProved
from hah_desktop.domain.changes import Change
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import ByHand, Receipt, Witness
from hah_desktop.domain.ids import ChangeId, LaptopId, RecordId
from hah_desktop.seals.bundle import Kind, manifest_in
from hah_desktop.seals.errors import SealBroken
from hah_desktop.sync.wire.form import MAX_CHANGES
from hah_desktop.sync.wire.packing import ZSTD, pack


class NotTaken(KnownError):
    """What waits cannot be taken into the journal."""


def keep(connection: Connection, giver: Asker, hand: ByHand, now: dt.datetime) -> int:
    """Keep what the journal does not have. Returns how many changes came. Raises Problem."""
    digest = hashlib.sha256(hand.changes).hexdigest()
    author = _author(connection, hand, digest)
    changes = _read(hand.changes)
    if any((change.laptop, change.author) != author for change in changes):
        raise unreadable("it holds a change that its laptop may not vouch for")
    if hand.signed not in evidence.signed_over(connection, digest):
        evidence.keep(connection, digest, pack(hand.changes, ZSTD), hand.signed)
        told = list(map(_witness, changes))
        lost = witness.keep(connection, giver.laptop, told, now)
        mine = [each for each in told if each.change in lost]
        witness.prove(connection, mine, digest, hand.signature.hex())
    return len(changes)


def _author(connection: Connection, hand: ByHand, digest: str) -> tuple[LaptopId, RecordId]:
    """Whose laptop signed for these changes. Raises Problem where none that is known here did."""
    with suppress(SealBroken):
        manifest = manifest_in(hand.signed)
        asked = select(Laptop.public_key, Laptop.adviser).where(Laptop.id == manifest.laptop)
        found = connection.execute(asked).one_or_none()
        named = {part.sha256 for part in manifest.parts if part.kind is Kind.CHANGES}
        if found is not None and found.adviser is not None and digest in named:
            people.check_signed(found.public_key, hand.signature.hex(), hand.signed)
            return LaptopId(manifest.laptop), RecordId(found.adviser)
    raise unreadable("no laptop of this office signed for it")


def _read(content: bytes) -> list[Change]:
    lines = content.splitlines()
    if len(lines) > MAX_CHANGES:
        raise too_large()
    try:
        plain = [json.loads(line) for line in lines]
        found = [items.item(each).change for each in plain]
    except (ValueError, RecursionError, AttributeError, TypeError) as fault:
        raise unreadable("a change in it is of another form") from fault
    changes = [change for change in found if change is not None]
    if len(changes) != len(lines):
        raise unreadable("a change in it is of another form")
    return changes


def _witness(change: Change) -> Witness:
    fields = {name: edit.value for name, edit in change.edits.items()}
    return Witness(
        change.id,
        change.record,
        change.kind,
        change.files,
        change.laptop,
        change.author,
        change.made_at,
        fields,
        clock_trusted=change.clock_trusted,
        clock_off=change.clock_off,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking a stick: of how many of its parts, and what became of each change."""

    parts: int
    receipts: Sequence[Receipt]


def take(connection: Connection, deed: Deed, change: str) -> Taken:
    """Take a change into the journal that waits here, with all that waits of the same stick.

    It is judged as if its author's laptop had sent it, part by part in the order of the stick. What
    of another part is not as it was signed goes on waiting. Raises NotWaiting or NotTaken.
    """
    # Before it is looked at what is missing here, so that nobody brings it meanwhile.
    take_numbers(connection, 0)
    row = connection.execute(
        select(Row.laptop, Row.digest, Row.signature).where(
            Row.change == change, Row.closed.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise witness.not_waiting(change)
    due = {row.digest: _signed(connection, row.laptop, row.digest, row.signature)}
    parts = _parts(connection, row.laptop, row.digest, row.signature)
    for digest in parts.keys() - due.keys():
        with suppress(NotTaken):
            due[digest] = _signed(connection, row.laptop, digest, parts[digest])
    receipts: list[Receipt] = []
    for digest in filter(due.__contains__, parts):
        receipts += _take_part(connection, deed, *due[digest])
    told = f"{len(receipts)} changes, with {change}"
    audit.note(connection, deed, Did.TOOK_RECOVERED, laptop=row.laptop, detail=told)
    return Taken(len(due), receipts)


def _parts(connection: Connection, laptop: str, digest: str, signature: str) -> dict[str, str]:
    """What waits of one stick: the digests of its parts, in their order, with their signatures.

    A part that was on an earlier stick too has the signature of that one.
    """
    asked = select(Laptop.public_key).where(Laptop.id == laptop)
    key = connection.execute(asked).scalar_one()
    manifest = manifest_in(proof.signed(connection, Claim(laptop, digest, signature, key)))
    on_it = [part.sha256 for part in manifest.parts]
    same = select(Row.digest, Row.signature).where(
        Row.laptop == laptop, Row.digest.in_(on_it), Row.closed.is_(None)
    )
    waiting = {each.digest: each.signature for each in connection.execute(same.distinct())}
    return {digest: waiting[digest] for digest in on_it if digest in waiting}


def _take_part(
    connection: Connection, deed: Deed, sender: Sender, signed: Sequence[items.Item]
) -> Sequence[Receipt]:
    same = select(Row.change).where(Row.digest == sender.digest, Row.closed.is_(None))
    due = witness.missing(connection, set(map(ChangeId, connection.execute(same).scalars())))
    _, receipts = receive(connection, sender, [item for item in signed if item.id in due], deed.now)
    done = update(Row).where(Row.digest == sender.digest, Row.closed.is_(None))
    connection.execute(done.values(closed=deed.now, closed_by=deed.who[: witness.MAX_NAME]))
    return receipts


def _signed(
    connection: Connection, laptop: str, digest: str, signature: str
) -> tuple[Sender, Sequence[items.Item]]:
    asked = select(Laptop.public_key, Laptop.adviser).where(Laptop.id == laptop)
    found = connection.execute(asked).one_or_none()
    if not digest or found is None or found.adviser is None:
        raise NotTaken(
            "Nobody signed for this: a laptop told it as it had heard it.",
            "Nothing was changed, and it still waits.",
            "Enter it again if it is needed, and close it.",
        )
    try:
        signed = proof.signed_items(
            connection, Claim(laptop, digest, signature, found.public_key), []
        )
    except (NotProved, Problem) as fault:
        raise NotTaken(
            f"What came is not what was signed: {fault}.",
            "Nothing was changed, and it still waits.",
            "Run “verify”, and look at the backups.",
        ) from fault
    who = LaptopId(laptop), RecordId(found.adviser)
    return Sender(*who, digest, signature, by_hand=True), signed or ()
