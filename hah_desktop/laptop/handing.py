"""What this laptop has and somebody else has not, sealed for that reader in one file.

It only reads; whether anything is destroyed afterwards is not decided here.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.exchange import ByHand
from hah_desktop.seals import bundle
from hah_desktop.seals.bundle import Kind, Part, Sender
from hah_desktop.store.attachments import attachments, travelling
from hah_desktop.store.attachments.attachments import Attachments, KeptFile, Unreadable
from hah_desktop.store.exchange import carrying, outbox
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.wire.hand import part_name, write_by_hand
from hah_desktop.vault import signing
from hah_desktop.vault.files import for_the_owner_alone, sync_folder

_ALL = 2**31

MOST_CHANGES = 250
MOST_BYTES = 256 * 1024
"""Of one part, which goes whole over the reader's line: a cut costs no more. A single change may be
longer, and is taken all the same."""

UNFINISHED = ".new"
"""What a sealed file is called beside its name until it lies there whole."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was sealed. `unreadable` files are damaged: no key gives them back."""

    changes: int
    drafts: int
    files: int
    unreadable: int


@dataclass(slots=True)
class Unsent:
    """What is to be sealed: changes as they are kept, each with the hash that it has here.

    `hands` is what colleagues' laptops signed for, `carried` how many changes of it are only here.
    """

    kept: Attachments
    changes: Sequence[Spelled]
    drafts: list[Draft]
    files: list[KeptFile] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    hands: Sequence[ByHand] = ()
    carried: int = 0

    def counts(self) -> Counts:
        """How much it is."""
        changes = len(self.changes) + self.carried
        return Counts(changes, len(self.drafts), len(self.files), len(self.unreadable))

    def parts(self) -> Iterator[Part]:
        """All of it, each part read when its turn comes."""
        for number, lines in enumerate(_at_once(self.changes), 1):
            name = "changes" if number == 1 else f"changes-{number:04}"
            yield Part(name, Kind.CHANGES, lines)
        for number, hand in enumerate(self.hands, 1):
            # As a file: of a kind that it does not know, an older office would take nothing at all.
            yield Part(part_name(number), Kind.FILE, [write_by_hand(hand)])
        for number, draft in enumerate(self.drafts, 1):
            yield Part(f"draft-{number:04}.json", Kind.DRAFT, [_spelled(draft)])
        for file in self.files:
            yield Part(file.id, Kind.FILE, self.kept.chunks(file))


def _at_once(changes: Iterable[Spelled]) -> Iterator[list[bytes]]:
    """The changes as lines, so many in a part as a bad line carries at once.

    A colleague's laptop gives it the parts one by one; the signature names the hash of each.
    """
    part: list[bytes] = []
    size = 0
    for line in (change.encode() + b"\n" for change in changes):
        if part and (len(part) == MOST_CHANGES or size + len(line) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield part


def collect(store: Store, kept: Attachments) -> Unsent:
    """What the office has not got, with what came from colleagues' hands.

    A file that is damaged is named and not waited for. Raises PermissionError where the system
    does not let a file be read.
    """
    with store.reading() as connection:
        unsent = Unsent(kept, outbox.unsent_spelled(connection, _ALL), drafts.every(connection))
        due = carrying.not_given(connection, meta.enrolled(connection).epoch)
        unsent.hands = [hand for each in due for hand in carrying.proofs(connection, each)]
        unsent.carried = carrying.unreceived_of(connection, due)
        only_here = travelling.only_here(connection)
        files = [file for file in attachments.kept(connection) if file.id in only_here]
    for file in files:
        if is_readable(kept, file):
            unsent.files.append(file)
        else:
            unsent.unreadable.append(file.id)
    return unsent


def is_readable(kept: Attachments, file: KeptFile) -> bool:
    """Whether a file can be sealed whole. Raises PermissionError where another program holds it."""
    # Read once for nothing: half a file in a bundle could not be taken back.
    try:
        for _ in kept.chunks(file):
            pass
    except Unreadable as fault:
        # Not damaged: another program holds it at this moment, such as one that looks for viruses.
        # Nothing may be destroyed that can be read a moment later.
        if isinstance(fault.__cause__, PermissionError):
            raise fault.__cause__ from None
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that lies sealed on the disk, as it was read back from there."""

    sha256: str
    size: int


def seal(
    store: Store,
    who: Identity,
    unsent: Unsent,
    readers: Sequence[bytes],
    path: Path,
    *,
    number: int,
) -> Sealed:
    """Write the bundle to a file, wait for the disk, and read it back.

    `number` counts this laptop's bundles, and nothing is written about it here. Raises OSError,
    or SealBroken when the disk gave back something else; then what was there before still is.
    """
    key = who.signing_key
    made_at = store.now().isoformat()
    sender = Sender(who.laptop, number, made_at, lambda message: signing.sign(key, message))
    with in_place_of(path) as new:
        with open(new, "xb", opener=for_the_owner_alone) as target:
            made = bundle.write(target, sender, readers, unsent.parts())
            target.flush()
            os.fsync(target.fileno())
        with new.open("rb") as source:
            bundle.prove(source, made, bytes.fromhex(signing.public_key(key)))
        return digest(new)


@contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """A file to be written beside another: it takes its place only if nothing is raised."""
    new = path.with_name(f"{path.name}{UNFINISHED}")
    new.unlink(missing_ok=True)
    try:
        yield new
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
    sync_folder(path.parent)


def digest(path: Path) -> Sealed:
    """What lies there now; raises OSError."""
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
        return Sealed(found, source.tell())


def _spelled(draft: Draft) -> bytes:
    plain = {
        "record": draft.record,
        "kind": draft.kind,
        "visit": draft.visit,
        "saved_at": draft.saved_at,
        "body": dict(draft.body),
        "raw": dict(draft.raw),
        "seen": asdict(draft.seen),
    }
    # Half a character, as some keyboards leave it behind, becomes what JSON calls it.
    return json.dumps(plain, ensure_ascii=False, indent=2).encode(errors="backslashreplace")
