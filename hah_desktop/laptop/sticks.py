"""What goes on a stick when there is no network for days: to the office, or to a colleague.

Nothing leaves the laptop by it but a copy: what was handed over is still sent at the next sync,
and whoever has it already takes it for what it is.
"""

import errno
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hah_desktop.domain.changes import Change, MalformedChange, canonical
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import ByHand, Card
from hah_desktop.domain.ids import FileId, RecordId, visit_file
from hah_desktop.domain.placement import is_for_the_office, is_rightly_placed
from hah_desktop.domain.records.child import Child
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop import handing, stick_files
from hah_desktop.laptop.handing import Counts, Unsent
from hah_desktop.laptop.stick_files import Missing
from hah_desktop.seals import bundle
from hah_desktop.seals.bundle import Bundle, Kind, Manifest
from hah_desktop.seals.errors import NotSigned, SealBroken, SealedNewer
from hah_desktop.seals.sealing import SealingKey
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import carrying
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity

LARGEST = 64 << 20
"""The most bytes of changes in one file from a colleague: a long week's notes many times over."""

_NOTHING_TAKEN = "Nothing was taken from it."


class NotWritten(KnownError):
    """Nothing was written for anybody."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A visit of which something is only here, and whose laptops may have it."""

    visit: Visit
    place: str
    readers: tuple[Card, ...]
    changes: int
    files: int = 0
    size: int = 0
    """Of the files, in bytes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came from a colleague's hand. `before`: it had been taken already.

    `files` came with it; what is `missing` comes from the same file again, or with a sync.
    """

    name: str
    records: frozenset[RecordId]
    before: bool = False
    files: int = 0
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for a colleague. Of `left` files there was no room on the stick."""

    changes: int
    files: int = 0
    left: int = 0


def for_office(store: Store, who: Identity, path: Path) -> Counts:
    """Seal for the office all that is saved and only here. Raises NotWritten."""
    with store.reading() as connection:
        agreed = meta.trust(connection)
    if agreed is None:
        raise NotWritten(
            "This laptop does not have the office’s key.", "Nothing was written.", "Sync once."
        )
    unsent = handing.collect(store, Attachments(store.folder))
    # A draft is not said yet: it is handed over only when the laptop is closed for good.
    unsent.drafts = []
    _seal(store, who, unsent, [bytes.fromhex(agreed.recovery_key)], path)
    return unsent.counts()


def offers(connection: Transaction) -> list[Offer]:
    """What can be written for colleagues now, visit by visit."""
    counted = Counter(
        file.partition(":")[2]
        for change in carrying.all_unsent(connection)
        for file in change.files
        if file.startswith(visit_file(""))
    )
    for visit in travelling.visits_of_files(connection):
        counted[visit] += 0
    found = []
    for visit, changes in counted.items():
        held = reading.get(connection, visit)
        readers = colleagues(connection, RecordId(visit))
        if held is not None and isinstance(held.record, Visit) and readers:
            place = reading.get(connection, held.record.place) if held.record.place else None
            name = place.record.title() if place else ""
            files = stick_files.of_visit(connection, RecordId(visit))
            size = sum(file.size for file in files)
            offer = Offer(held.record, name, tuple(readers), changes, len(files), size)
            if offer.changes or offer.files:
                found.append(offer)
    return found


def colleagues(connection: Transaction, visit: RecordId) -> list[Card]:
    """The laptops of the other advisers whom a visit names, as the office vouches for them."""
    held = reading.get(connection, visit)
    if held is None or not isinstance(held.record, Visit):
        return []
    named = held.record.advisers
    return [card for card in carrying.cards(connection) if card.adviser in named]


def for_colleagues(
    store: Store, who: Identity, visit: RecordId, readers: Sequence[Card], path: Path
) -> Written:
    """Seal what was saved of a visit and is only here for laptops of advisers on that visit.

    With it go the children who were met there, where only this laptop knows of them, and its
    letters and pictures, as far as there is room for them. Raises NotWritten.
    """
    with store.reading() as connection:
        may = {card.laptop: card for card in colleagues(connection, visit)}
        changes = carrying.of_visit(connection, visit)
        only_here = stick_files.of_visit(connection, visit)
    keys = [bytes.fromhex(may[card.laptop].sealing) for card in readers if card.laptop in may]
    if len(keys) != len(readers) or not keys:
        raise NotWritten(
            "Not everybody who was chosen is on this visit.", "Nothing was written.", "Sync once."
        )
    if not changes and not only_here:
        raise NotWritten(
            "The office has everything of this visit that was saved here.",
            "Nothing was written.",
            "Your colleague gets it with the next sync.",
        )
    kept = Attachments(store.folder)
    try:
        files = stick_files.fitting(kept, only_here, path.parent)
    except OSError as fault:
        raise _not_written(_in_words(fault)) from fault
    if not changes and not files:
        raise _not_written("there is no room for what is only here")
    said = [canonical(change).decode() for change in changes]
    _seal(store, who, Unsent(kept, said, [], files), keys, path)
    return Written(len(changes), len(files), len(only_here) - len(files))


def _seal(
    store: Store, who: Identity, unsent: Unsent, readers: Sequence[bytes], path: Path
) -> None:
    with store.writing() as connection:
        number = meta.next_bundle(connection)
    try:
        handing.seal(store, who, unsent, readers, path, number=number)
    except (OSError, SealBroken) as fault:
        why = _in_words(fault) if isinstance(fault, OSError) else "it reads back wrong"
        raise _not_written(why) from fault


_WORDS = {
    errno.ENOSPC: "there is no room left on it",
    errno.EFBIG: "it takes no file as large as this one, as sticks of the form FAT32 do not",
    errno.EROFS: "nothing may be written to it",
    errno.EACCES: "this laptop does not allow it",
    errno.EPERM: "this laptop does not allow it",
    errno.ENOENT: "it is not there any more",
    errno.ENODEV: "it is not there any more",
    errno.EIO: "the stick does not answer",
}


def _in_words(fault: OSError) -> str:
    """What stopped it, for somebody with a stick in the hand."""
    return _WORDS.get(fault.errno or 0) or fault.strerror or str(fault)


def _not_written(why: str) -> NotWritten:
    return NotWritten(
        f"The file cannot be written there: {why}.",
        "Nothing was written over, and everything is still saved on this laptop.",
        "Try another stick.",
    )


def take(store: Store, path: Path) -> Taken:
    """Take in what a colleague sealed for this laptop: all of it, or nothing.

    They may come in any order: a change has its id and says what it replaces. Raises NotTaken for
    what is torn or changed, meant for somebody else, or signed by nobody whom the office vouches
    for.
    """
    with store.reading() as connection:
        seed = meta.sealing_seed(connection)
        known = {str(card.laptop): card for card in carrying.cards(connection)}
        held = carrying.held_files(connection)
    if seed is None:
        raise _not_for_us()
    try:
        with path.open("rb") as source:
            keys = {laptop: bytes.fromhex(card.signing) for laptop, card in known.items()}
            opened = bundle.read(source, SealingKey(seed), keys.get)
            return _take_all(store, opened, known[opened.manifest.laptop], held)
    except SealedNewer as fault:
        raise NotTaken(fault.what, _NOTHING_TAKEN, fault.do) from fault
    except SealBroken as fault:
        raise _not_for_us() from fault
    except NotSigned as fault:
        raise NotTaken(
            "This file is not from a colleague whom the office vouches for.",
            _NOTHING_TAKEN,
            "Sync once, then try again. If it stays so, tell the office.",
        ) from fault
    except OSError as fault:
        raise NotTaken(f"This file cannot be read: {_in_words(fault)}.", _NOTHING_TAKEN) from fault


def _take_all(store: Store, opened: Bundle, sender: Card, held: frozenset[FileId]) -> Taken:
    """The text in one transaction, then the letters and pictures that belong to it, one by one."""
    content = _content(opened)
    changes = _changes(content)
    with store.reading() as connection:
        taken_back = carrying.taken_back(connection, sender.adviser)
    met = carrying.children_met(changes, held)
    for change in changes:
        _check(change, sender, held | met if change.kind == Child.kind else held)
        if not taken_back.isdisjoint(change.files):
            raise _not_on_it(sender)
    proof = ByHand(opened.signed, opened.signature, content) if content else None
    taken = _take(store, opened.manifest, sender, changes, proof)
    files, missing = stick_files.take(store, Attachments(store.folder), opened)
    return replace(taken, files=files, missing=missing)


def _take(
    store: Store, manifest: Manifest, sender: Card, changes: Sequence[Change], proof: ByHand | None
) -> Taken:
    with store.writing() as connection:
        if carrying.was_taken(connection, manifest.bundle):
            return Taken(sender.name, frozenset(), before=True)
        records = carrying.take(connection, changes)
        carrying.note_taken(connection, manifest, proof, store.now())
    return Taken(sender.name, records)


def _content(opened: Bundle) -> bytes:
    """The changes in the bundle, as they were signed for. Raises NotTaken for anything else."""
    parts = opened.manifest.parts
    said = [part for part in parts if part.kind is Kind.CHANGES]
    drafts = any(part.kind is Kind.DRAFT for part in parts)
    if drafts or sum(part.size for part in said) > LARGEST:
        raise _not_of_the_form()
    return b"".join(
        piece for part, pieces in opened.parts() if part.kind is Kind.CHANGES for piece in pieces
    )


def _changes(content: bytes) -> list[Change]:
    """Every change. Raises NotTaken where one is not of the agreed form."""
    try:
        return carrying.read_changes(content)
    except (ValueError, RecursionError, MalformedChange) as fault:
        raise _not_of_the_form() from fault


def _check(change: Change, sender: Card, files: Collection[FileId]) -> None:
    """Whether a colleague may say this to us: as the office would judge it. Raises NotTaken."""
    own = (change.laptop, change.author) == (sender.laptop, sender.adviser)
    placed = is_rightly_placed(change) and not is_for_the_office(change)
    if not own or not placed:
        raise NotTaken(
            f"This file says something that {sender.name} may not say.",
            _NOTHING_TAKEN,
            "Tell the office.",
        )
    if not any(file in files for file in change.files):
        raise NotTaken(
            "This file is about a visit that this laptop was not given.",
            _NOTHING_TAKEN,
            "Ask the office to give you the visit, and sync once.",
        )


def _not_on_it(sender: Card) -> NotTaken:
    return NotTaken(
        f"This file is about a visit that {sender.name} is not on any more.",
        _NOTHING_TAKEN,
        "Sync: what the office takes of it comes from there.",
    )


def _not_for_us() -> NotTaken:
    return NotTaken(
        "This file is damaged, was changed, or is meant for another laptop.",
        _NOTHING_TAKEN,
        "Ask your colleague to write it once more, for you.",
    )


def _not_of_the_form() -> NotTaken:
    return NotTaken(
        "This file is not of the form that this program knows.",
        _NOTHING_TAKEN,
        "Update the program on both laptops.",
    )
