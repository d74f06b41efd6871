"""What laptop and office tell each other, whatever the spelling: receipts, pages, introductions.

`sync.wire` spells these; the store and the office act on them. What comes by the thousand is a
Struct: it is read and spelled as it stands, without a step of ours for each.
"""

import enum
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from hah_desktop.domain.changes import FIRST_PREVIOUS, MOST_OFF, Change, canonical
from hah_desktop.domain.digest import Digest
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.spelling import Struct, within

PROTOCOL = 1
"""The version of what laptop and office say to each other."""

OLDEST_PROTOCOL = 1
"""The oldest version that both sides of this one still understand."""


class Verdict(enum.StrEnum):
    """What became of a change at the office. Each but SET_ASIDE is stored and in force."""

    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Hello:
    """Who the office is. `epoch` changes when it is restored from a backup.

    It understands every version from `oldest` to `protocol`. `opaque` says that it takes a change
    as its mere bytes where it cannot read it otherwise; an older one does not say so.
    """

    office: str
    epoch: str
    name: str
    now: str
    protocol: int = PROTOCOL
    oldest: int = OLDEST_PROTOCOL
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The office's answer to a one-time code."""

    laptop: LaptopId
    adviser: RecordId
    adviser_name: str
    office: str
    epoch: str


@dataclass(frozen=True, slots=True)
class SealedRecovery:
    """A new laptop's secret for one-use codes, sealed to the office's key; all three in hex.

    `id` is what the adviser reads out when calling, `vault` the vault that the seal is bound to.
    """

    id: str
    vault: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Card:
    """A colleague's laptop, as the office vouches for it: whose it is, and its public keys in hex.

    `signing` is what it signs with, `sealing` what is sealed to it.
    """

    laptop: LaptopId
    adviser: RecordId
    name: str
    signing: str
    sealing: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The office's word for one change: the hash of what it stored, and the heads it has now.

    `heads` names only the fields whose heads are not this change alone. `order` is the change's
    place in the office's journal. `problem` says why a change was set aside, in plain English.
    """

    id: ChangeId
    hash: str
    verdict: Verdict
    order: int
    heads: Mapping[str, tuple[ChangeId, ...]] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One word for many receipts that say the same: taken as it was sent, with no heads to tell.

    The numbers of the changes count from `first` to `last`, their places in the office's journal
    from `order` on. `hash` is that of the hashes of all that the office stored: see `hash_of_all`.
    """

    first: int
    last: int
    order: int
    hash: str


Told = Sequence[Receipt | Run]
"""What the office says of the changes of one push."""


def hash_of_all(hashes: Iterable[str]) -> str:
    """SHA-256 of hashes in hex, one after the other: as good a proof as each of them by itself."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def changes_told(told: Told) -> int:
    """Of how many changes something is said."""
    return sum(each.last - each.first + 1 if isinstance(each, Run) else 1 for each in told)


class Admission(NamedTuple):
    """What the office lets a laptop in with, for some minutes, and how it takes what is packed.

    The token is empty before anybody signed in.
    """

    token: str = ""
    packing: str = "gzip"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the office has a laptop's chain of changes: the number and hash of the last one."""

    number: int = 0
    hash: str = FIRST_PREVIOUS


@dataclass(frozen=True, slots=True)
class Rest:
    """Behind the receipts nothing is new: what a page without a record would say, as `Page` does.

    So it is only where laptop and office mean the same files.
    """

    upto: int
    whole: str
    reached: Reached


@dataclass(frozen=True, slots=True)
class Accepted:
    """The header of the answer to a push: the highest number the office holds of this laptop.

    `seq` is the end of the batch in the office's journal. Whoever had read one of the `files` up to
    the place that is named has by the receipts read it up to that end: nothing else moved in it.
    `rest` is told to whoever asks for it, where nothing else is new at all.
    """

    epoch: str
    number: int
    seq: int = 0
    files: Mapping[FileId, int] = field(default_factory=dict)
    rest: Rest | None = None

    def moved(self, cursors: Mapping[FileId, int]) -> dict[FileId, int]:
        """The cursors of whoever takes the receipts of the whole batch."""
        read_now = {
            file: self.seq
            for file, last in self.files.items()
            if last <= cursors.get(file, 0) < self.seq
        }
        return {**cursors, **read_now}


@dataclass(frozen=True, slots=True)
class OwnAsKept:
    """A change of the asking laptop itself as the office gives it: spelled, and never read."""

    text: str
    order: int
    verdict: Verdict
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """The same as the laptop reads it; `spelled` where its words are more than the change has.

    One that neither side can read is kept as it came: it has `bytes_hash`, and of its change only
    the id is known, and the number if that can be read; 0 if not.
    """

    change: Change
    order: int
    verdict: Verdict
    problem: str = ""
    spelled: str = ""
    bytes_hash: str = ""

    @property
    def text(self) -> str:
        """The words that were hashed and signed for."""
        return self.spelled or canonical(self.change).decode()

    @property
    def hash(self) -> str:
        """What the change behind it names."""
        return self.bytes_hash or hashlib.sha256(self.text.encode()).hexdigest()


class PulledChange(Struct, frozen=True, gc=False, omit_defaults=True):
    """A change that is a head of at least one field that moved, with those fields only.

    Of the asking laptop's own changes only the names of the fields are sent (`own`), since the
    laptop has their words; one that it does not know, it asks for by `want`. `replaces` says for
    each field what its author saw and replaced: with several of them it was a decision.
    """

    id: ChangeId
    order: int
    laptop: str = ""
    author: str = ""
    made_at: str = ""
    clock_trusted: bool = True
    fields: Mapping[str, Json] = {}
    own: tuple[str, ...] = ()
    by_office: bool = False
    replaces: Mapping[str, tuple[ChangeId, ...]] = {}
    clock_off: Annotated[int, within(MOST_OFF)] = 0


class PulledRow(Struct, frozen=True, gc=False):
    """A record that moved: for each field that moved, its whole set of heads, never a lone one."""

    record: RecordId
    kind: str
    files: tuple[FileId, ...]
    seq: int
    changes: tuple[PulledChange, ...]

    def heads(self) -> dict[str, tuple[PulledChange, ...]]:
        """The heads of each field that moved."""
        found: dict[str, tuple[PulledChange, ...]] = {}
        for change in self.changes:
            for name in (*change.fields, *change.own):
                found[name] = (*found.get(name, ()), change)
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """The header of the answer to a pull: the cursor of each file once the rows are stored.

    `files` holds every file the laptop may see; one that is missing was withdrawn. `more` asks
    for another pull from these cursors. The last page tells in `digests` what each file holds
    once it is stored; an older office tells nothing. `reached` is how far the office has the asking
    laptop's own changes: with it a laptop that has a token can do without meeting the office anew.

    Where laptop and office know of each other that they mean the same files, none is named on the
    line: each was read up to `upto`, and the last page tells of all together what they hold, as
    `whole`. Then only those are named that the laptop has not had yet, `given`, and those that it
    is given no more, `gone`.
    """

    epoch: str
    files: Mapping[FileId, int]
    more: bool
    digests: Mapping[FileId, Digest] = field(default_factory=dict)
    reached: Reached | None = None
    upto: int = 0
    whole: str = ""
    given: frozenset[FileId] = frozenset()
    gone: frozenset[FileId] = frozenset()

    @property
    def had(self) -> frozenset[FileId]:
        """The files of the laptop before it takes the page."""
        return frozenset(self.files.keys() - self.given | self.gone)


@dataclass(frozen=True, slots=True)
class Witness:
    """What a laptop holds of somebody else's change that a restored office does not know.

    Only the fields of which it is a head are known there, and not what it replaced: so it is
    evidence for a person, and never applied by a machine.
    """

    change: ChangeId
    record: RecordId
    kind: str
    files: tuple[FileId, ...]
    laptop: str
    author: str
    made_at: str
    fields: Mapping[str, Json]
    clock_trusted: bool = True
    clock_off: int = 0


@dataclass(frozen=True, slots=True)
class Waits:
    """What the office says of changes that a laptop told it of after a restore.

    Some still wait for a person; of those that it lacks it knows nothing any more: it was restored
    once more since. The others are here again, or a person closed them.
    """

    waiting: Sequence[ChangeId] = ()
    lacking: Sequence[ChangeId] = ()


@dataclass(frozen=True, slots=True)
class ByHand:
    """Changes of a colleague's that came on a stick, one to a line, as that laptop signed for them.

    `signed` is what the signature is over: it names the hash of `changes`.
    """

    signed: bytes
    signature: bytes
    changes: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """What the office says of changes that came from a colleague's hand.

    `lacks` are those of the digests named to it of which it has nothing any more, though it was
    given them: it was restored since.
    """

    receipts: Sequence[Receipt]
    lacks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """The adviser of a laptop opened a record, as it stood at `upto` in the office's journal.

    `upto` is 0 where that was the journal of before a restore: its places mean nothing any more.
    `at` is the laptop's wall clock with its zone: evidence, never an order.
    """

    record: RecordId
    upto: int
    at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody else opened a record: what was in the journal up to `upto`, they may have read."""

    record: RecordId
    adviser: RecordId
    upto: int
    at: str


class SeenPage(NamedTuple):
    """What others opened: how far it goes, whether there is more, and the epoch of the office.

    An older office does not say its epoch.
    """

    after: int
    more: bool
    seen: Sequence[Seen]
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What both sides compared at the end of a sync, and the files in which they differ."""

    files: int = 0
    records: int = 0
    differing: tuple[FileId, ...] = ()
