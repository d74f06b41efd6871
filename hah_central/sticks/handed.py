"""What a laptop handed over, taken in: changes into the journal, letters to where letters are.

The changes are judged by the same rules as if the laptop had pushed them; those that came before
are not taken twice. A letter or picture that a record here names is kept as if it had been sent;
drafts, and what no record names, go into a folder. Nothing is written over, and the sealed bundle
itself is left as it is.
"""

import datetime as dt
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select, update

from hah_central.attachments import bundles
from hah_central.attachments.blobs import Blobs, Content
from hah_central.attachments.bundles import Line
from hah_central.database.database import Database
from hah_central.database.disk import for_the_owner_alone
from hah_central.database.rows import OFFICE, Adviser, Laptop
from hah_central.database.rows import Bundle as Row
from hah_central.journal import evidence, items
from hah_central.journal.items import Item
from hah_central.journal.journal import Sender, receive, take_numbers
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_central.people.people import Asker
from hah_central.problems import Problem
from hah_central.sticks import by_hand
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.seals import bundle
from hah_desktop.seals.bundle import Bundle, Kind, Listed, Manifest
from hah_desktop.seals.sealing import OfficeSecrets
from hah_desktop.sync.wire.form import MAX_CHANGES, NotOurs
from hah_desktop.sync.wire.hand import is_by_hand, read_by_hand

LARGEST_HAND = 64 << 20
"""A part of a colleague's stick is a few MiB, or one change that is longer."""


class NotWritten(KnownError):
    """What was in the bundle cannot be written where it was to go."""


class Stranger(KnownError):
    """No laptop of the office has sealed it, or none that is known here any more."""


class Unreadable(KnownError):
    """The bundle is whole and signed, but its changes are not of the agreed form."""


@dataclass(slots=True)
class Handed:
    """What a bundle held, and what became of it.

    `before` says whether it was opened before; `refused` why none of its changes were taken in.
    `by_hand` so many changes came from colleagues' sticks, signed for by their own laptops.
    `written` is what lies loose in the folder now, and `left` what there was no folder for; `kept`
    so many files lie where those lie that laptops send, since a record here names them.
    """

    manifest: Manifest
    name: str
    adviser: str
    before: Line | None
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    refused: str = ""
    written: list[Path] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    kept: int = 0
    by_hand: int = 0

    @property
    def loose(self) -> list[str]:
        """The names of the files among what was written or left."""
        files = {part.name for part in self.manifest.parts if part.kind is Kind.FILE}
        there = (*(path.name for path in self.written), *self.left)
        return [name for name in there if name in files]

    def count(self, kind: Kind) -> int:
        """How many parts of this kind it held."""
        return sum(1 for part in self.manifest.parts if part.kind is kind)


@dataclass(frozen=True, slots=True)
class Places:
    """Where what is no change goes: letters and pictures that a record names, and the rest.

    Without a folder the rest stays in the bundle.
    """

    contents: Blobs
    out: Path | None


@dataclass(frozen=True, slots=True)
class _Known:
    adviser: str
    name: str
    adviser_name: str
    key: bytes


def take_in(
    database: Database, source: BinaryIO, secrets: OfficeSecrets, places: Places, deed: Deed
) -> Handed:
    """Open a bundle and take in what it holds.

    Raises SealBroken, NotSigned, Stranger or NotWritten, and then nothing was taken in.
    """
    sha256 = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # every binary file has readinto
    size = source.tell()
    source.seek(0)
    with database.reading() as connection:
        known = _known(connection)
        before = bundles.find(connection, sha256)
    opened = bundle.read(source, secrets.recovery, lambda laptop: _key_of(known, laptop))
    manifest = opened.manifest
    sender = known[manifest.laptop]
    handed = Handed(manifest, sender.name, sender.adviser_name, before)
    if places.out is not None:
        _check_room_for(manifest, places.out)
    try:
        with database.writing() as connection:
            handed.verdicts = _journal(connection, opened, sender, deed)
            bundles.note(connection, sha256, manifest.laptop, size, deed.now)
            _note_opened(connection, sha256, manifest, deed)
    except (Problem, Unreadable) as fault:
        handed.refused = fault.what
        with database.writing() as connection:
            told = f"bundle {manifest.bundle}: its changes were refused"
            audit.note(connection, deed, Did.OPENED_BUNDLE, laptop=manifest.laptop, detail=told)
    asker = Asker(LaptopId(manifest.laptop), RecordId(sender.adviser), sender.key.hex())
    _put_away(opened, _Putting(database, places, asker, handed, deed.now))
    return handed


def _known(connection: Connection) -> dict[str, _Known]:
    """Every laptop that may have sent it: a key out of the bundle itself proves nothing."""
    listed = (
        select(Laptop.id, Laptop.adviser, Laptop.name, Adviser.name, Laptop.public_key)
        .join(Adviser, Adviser.id == Laptop.adviser)
        .where(Laptop.id != OFFICE)
    )
    return {
        id_: _Known(adviser, name, adviser_name, bytes.fromhex(key))
        for id_, adviser, name, adviser_name, key in connection.execute(listed)
        if adviser is not None
    }


def _key_of(known: Mapping[str, _Known], laptop: str) -> bytes:
    """What this laptop's signature is compared with. Raises Stranger."""
    if laptop not in known:
        raise Stranger(
            f"At this office there is no laptop {laptop}, which says that it sealed this.",
            "Nothing was taken in, and the sealed file was left as it is.",
            "Keep the file. If the office was put back from a backup, the laptop may have been "
            "enrolled since: let it in again with “readmit”, then open this. If not, ask whoever "
            "brought it.",
        )
    return known[laptop].key


def _journal(
    connection: Connection, opened: Bundle, sender: _Known, deed: Deed
) -> Counter[Verdict]:
    """Take the changes in, in the caller's transaction. Raises Problem or Unreadable."""
    verdicts: Counter[Verdict] = Counter()
    for listed, pieces in _of_changes(opened):
        # Signed is the manifest, which names the hash of the changes.
        vouched = (listed.sha256, opened.signature.hex())
        laptop = LaptopId(opened.manifest.laptop)
        who = Sender(laptop, RecordId(sender.adviser), *vouched)
        packing = evidence.Packing(pieces)
        for batch in _batches(packing.pieces()):
            _, receipts = receive(connection, who, batch, deed.now)
            verdicts.update(receipt.verdict for receipt in receipts)
        evidence.keep(connection, listed.sha256, packing.packed(), opened.signed)
    return verdicts


def _of_changes(opened: Bundle) -> Iterator[tuple[Listed, Iterator[bytes]]]:
    """The parts that hold changes. Nothing behind the last of them is read.

    That may be gigabytes on a slow stick, while every laptop waits for the counter.
    """
    left = sum(part.kind is Kind.CHANGES for part in opened.manifest.parts)
    for listed, pieces in opened.parts():
        if not left:
            return
        if listed.kind is Kind.CHANGES:
            yield listed, pieces
            left -= 1


def _batches(pieces: Iterator[bytes]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for line in _lines(pieces):
        batch.append(_item(line))
        if len(batch) == MAX_CHANGES:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _item(line: bytes) -> Item:
    with suppress(ValueError, RecursionError):
        plain = json.loads(line)
        if isinstance(plain, dict):
            return items.item(plain)
    raise Unreadable("A line of its changes cannot be read.")


def _note_opened(connection: Connection, sha256: str, manifest: Manifest, deed: Deed) -> None:
    opened = update(Row).where(Row.sha256 == sha256)
    connection.execute(opened.values(opened=deed.now, number=manifest.number))
    told = f"bundle {manifest.bundle}"
    audit.note(connection, deed, Did.OPENED_BUNDLE, laptop=manifest.laptop, detail=told)


def _check_room_for(manifest: Manifest, out: Path) -> None:
    """Whether every part has a place. Raises NotWritten before anything is taken in."""
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in manifest.parts:
            path = out / part.name
            if os.path.lexists(path) and not _is_this(path, part):
                raise NotWritten(
                    f"In {out} there is another file called {part.name}.",
                    "Nothing was taken in, and nothing was written over.",
                    "Name an empty folder.",
                )
    except OSError as fault:
        raise _not_written(out, fault, "Nothing was taken in.") from fault


def _is_this(path: Path, part: Listed) -> bool:
    if not path.is_file() or path.stat().st_size != part.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == part.sha256


@dataclass(frozen=True, slots=True)
class _Putting:
    """Where what was in a bundle goes, by whom, and what is told of it."""

    database: Database
    places: Places
    asker: Asker
    handed: Handed
    now: dt.datetime


def _put_away(opened: Bundle, putting: _Putting) -> None:
    """Keep letters with the records that name them; write out what else is not in the journal."""
    for listed, pieces in opened.parts():
        if listed.kind is not Kind.CHANGES or putting.handed.refused:
            try:
                _put(listed, pieces, putting)
            except OSError as fault:
                where = putting.places.out or putting.places.contents.path(listed.sha256).parent
                raise _not_written(where, fault, _SO_FAR) from fault


def _put(listed: Listed, pieces: Iterator[bytes], putting: _Putting) -> None:
    """Put one part where it belongs. Raises OSError or NotWritten."""
    handed = putting.handed
    if listed.kind is Kind.FILE and is_by_hand(listed.name) and listed.size <= LARGEST_HAND:
        body = b"".join(pieces)
        if _keep_by_hand(body, putting):
            return
        pieces = iter([body])
    if listed.kind is Kind.FILE and _keep(listed, pieces, putting):
        handed.kept += 1
        return
    if putting.places.out is None:
        handed.left.append(listed.name)
        return
    path = putting.places.out / listed.name
    if not os.path.lexists(path):
        _write(path, pieces)
    handed.written.append(path)


def _keep_by_hand(body: bytes, putting: _Putting) -> bool:
    """Keep what a colleague's laptop signed for, as if this one had given it at a sync."""
    try:
        hand = read_by_hand(body)
        with putting.database.writing() as connection:
            take_numbers(connection, 0)
            came = by_hand.keep(connection, putting.asker, hand, putting.now)
    except (Problem, NotOurs):
        return False
    putting.handed.by_hand += came
    return True


def _keep(listed: Listed, pieces: Iterator[bytes], putting: _Putting) -> bool:
    content = Content(listed.sha256, listed.size, pieces)
    try:
        return putting.places.contents.keep(putting.asker, content, putting.now)
    except Problem as fault:
        raise NotWritten(fault.what, _SO_FAR, "Make room, and run this again.") from fault


_SO_FAR = "What was written and taken in until then is kept, and so is the bundle."


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    with open(path, "xb", opener=for_the_owner_alone) as file:
        try:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def _not_written(out: Path, fault: OSError, kept: str) -> NotWritten:
    return NotWritten(
        f"It cannot be written to {out}: {fault.strerror or fault}.",
        kept,
        "Make room or name another folder, and run this again.",
    )
