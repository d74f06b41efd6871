"""What is new for a laptop: for each field that moved, its whole set of heads, and new cursors.

A cursor is a place in the journal. One that no change has is an end mark: everything before it
was delivered, so only what moved since is sent. One that a change has stands between two pages;
from there whole records are sent, because a field of a record further on may have moved before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, bindparam, func, select

from hah_central import problems
from hah_central.database.lookups import Lookup
from hah_central.database.questions import Question, together
from hah_central.database.rows import OFFICE, Change, Record, RecordFile
from hah_central.journal import begun, digests, holding
from hah_central.journal.begun import Fields
from hah_central.pulling.glance import Glance
from hah_desktop.domain.digest import Digest, digest, names, whole, whole_of_sums
from hah_desktop.domain.exchange import Accepted, Page, PulledChange, PulledRow, Rest
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.spelling import Struct, form_of
from hah_desktop.sync.wire.form import BEARABLE, MAX_CHANGES


@dataclass(frozen=True, slots=True)
class Unnamed:
    """The files that a pull does not name: all are read up to one place.

    `named` is one word for all files of the laptop, with those that it does name. `moves`: it reads
    an answer that names what it is given and what it is given no more.
    """

    at: int
    named: str
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a laptop has, by file, and the records that it wants in full.

    `most` is how many that moved it takes in one page.
    """

    epoch: str
    cursors: Mapping[FileId, int]
    want: frozenset[RecordId] = frozenset()
    unnamed: Unnamed | None = None
    most: int = MAX_CHANGES

    @property
    def read(self) -> tuple[str, int]:
        """How far the laptop has read, and in the journal of which epoch."""
        return self.epoch, max((self.unnamed.at if self.unnamed else 0, *self.cursors.values()))


@dataclass(frozen=True, slots=True)
class Had:
    """What a laptop has had: its cursors, for every file it may see, and which are end marks."""

    cursors: Mapping[FileId, int]
    between_pages: frozenset[int]

    def since(self, file: FileId, joined: int) -> int:
        """From where on the fields of a record in this file are news; 0 for all of them."""
        cursor = self.cursors[file]
        return 0 if joined > cursor or cursor in self.between_pages else cursor


@dataclass(slots=True)
class Moved:
    """A record to send, with the visible files it lies in and, by change, its fields.

    `by` is the change that says all there is of it, if one does: it stands for all its fields.
    """

    id: RecordId
    kind: str
    seq: int
    whole: bool
    files: list[FileId] = field(default_factory=list)
    since: int | None = None
    heads: dict[ChangeId, list[str]] = field(default_factory=dict)
    by: ChangeId | None = None

    def lies_in(self, file: FileId, since: int) -> None:
        """Note one file, and the earliest that any file asks for."""
        self.files.append(file)
        self.since = since if self.since is None else min(since, self.since)


class Said(Struct, gc=False):
    """What a change says of one field, and what it replaces there."""

    value: Any
    replaces: tuple[ChangeId, ...] = ()


class Body(Struct, gc=False):
    """Of a change in the journal what a page tells: its fields, and how wrong the clock was."""

    fields: dict[str, Said]
    clock_off: int = 0


class Words(NamedTuple):
    """A head as the journal has it."""

    seq: int
    laptop: str
    author: str
    made_at: str
    clock_trusted: bool
    fields: Mapping[str, Said]
    size: int
    clock_off: int = 0


_read_body = form_of(Body)

_AT_ONCE = 300
"""Records whose words are asked for at one go: a page of long ones is done sooner than it is full,
and what the driver holds of an answer comes on top of what was read from it."""


_AT = Question(select(Change.seq).where(Change.seq == bindparam("seq")))
_MOVED = Lookup(
    select(RecordFile.seq, func.min(RecordFile.record))
    .where(RecordFile.seq > bindparam("after"))
    .group_by(RecordFile.seq)
    .order_by(RecordFile.seq)
    .limit(bindparam("most", type_=Integer)),
    RecordFile.file,
)


def no_news(seen: Glance, ask: Ask) -> Page | None:
    """The page for a brief pull that brings nothing; None where that takes more than a glance.

    Raises Problem as `pull` does. Pure.
    """
    if ask.unnamed is None or ask.want:
        return None
    has = _has(seen, ask)
    cursors = _unnamed(ask, ask.unnamed, seen, has)
    if has != seen.files.keys() or not _is_still(seen, cursors):
        return None
    read_now = dict.fromkeys(cursors, seen.now)
    told = (seen.asker.reached, seen.now, _whole(seen))
    return Page(seen.epoch, read_now, False, {}, *told)


def pull(connection: Connection, seen: Glance, ask: Ask) -> tuple[Page, list[PulledRow]]:
    """One page for one laptop. The connection has to see one state throughout, as `seen` does."""
    files, has = sorted(seen.files), _has(seen, ask)
    if ask.unnamed:
        cursors = _unnamed(ask, ask.unnamed, seen, has)
    else:
        cursors = ask.cursors if ask.epoch == seen.epoch else {}
    had = _had(connection, files, cursors, seen.now)
    most = min(ask.most, MAX_CHANGES)
    places = _places(connection, had.cursors, most + 1)
    page = dict(islice(places.items(), most))
    moved = _moved(connection, had, ask.want, {*ask.want, *page.values()})
    words = _words(connection, _heads(moved, ask.want))
    sent = _fitting(connection, page, moved, words)
    rows = [moved[id_] for id_ in {*ask.want, *sent.values()} if id_ in moved]
    rows.sort(key=lambda record: record.seq)
    more = len(sent) < len(places)
    upto = max(sent) if more else seen.now
    read_now = {f: max(c, upto) if more else seen.now for f, c in had.cursors.items()}
    held = {} if more else _held(connection, seen)
    all_of_it = whole(held) if ask.unnamed and held else ""
    given, gone = frozenset(files).difference(has), frozenset(has).difference(files)
    reached = seen.asker.reached
    header = Page(seen.epoch, read_now, more, held, reached, upto, all_of_it, given, gone)
    return header, [_row(record, seen.asker.laptop, words) for record in rows]


def rest(seen: Glance, ask: Ask, accepted: Accepted) -> Rest | None:
    """What the page says behind the receipts of a push, if it brings nothing and is brief. Pure."""
    if ask.unnamed is None:
        return None
    try:
        cursors = accepted.moved(_unnamed(ask, ask.unnamed, seen, seen.files.keys()))
    except problems.Problem:
        return None
    return Rest(seen.now, _whole(seen), seen.asker.reached) if _is_still(seen, cursors) else None


def _is_still(seen: Glance, cursors: Mapping[FileId, int]) -> bool:
    """Whether a laptop that has read so far has all there is, and is known to hold just that."""
    return not (
        any(lies.stale or lies.last > cursors[file] for file, lies in seen.files.items())
        or holding.moves(seen.held, seen.files, seen.files)
    )


def _held(connection: Connection, seen: Glance) -> Mapping[FileId, Digest]:
    stale = [file for file, lies in seen.files.items() if lies.stale]
    held = {file: digest(*lies.sums) for file, lies in seen.files.items()}
    return held | digests.of(connection, stale)


def _whole(seen: Glance) -> str:
    return whole_of_sums({file: lies.sums for file, lies in seen.files.items()})


def _has(seen: Glance, ask: Ask) -> AbstractSet[FileId]:
    """The files of a laptop. Where it names none, they are those it is given, or was until now."""
    if ask.unnamed is None:
        return ask.cursors.keys()
    if ask.unnamed.moves and ask.unnamed.named != names(seen.files):
        return seen.held | {REFERENCE_FILE}
    return seen.files.keys()


def _unnamed(
    ask: Ask, unnamed: Unnamed, seen: Glance, has: AbstractSet[FileId]
) -> Mapping[FileId, int]:
    """The cursors of all files, where these are the laptop’s.

    Raises Problem where they are not, and where a cursor is of another time than this office's:
    what follows from that, a laptop reads off an answer that names each file.
    """
    cursors = {file: ask.cursors.get(file, unnamed.at) for file in has}
    ours = ask.epoch == seen.epoch and max(cursors.values()) <= seen.now
    if not ours or names(has) != unnamed.named:
        raise problems.names()
    return cursors


def _had(
    connection: Connection, files: Sequence[FileId], cursors: Mapping[FileId, int], now: int
) -> Had:
    # A cursor beyond our own last place was given by an office that has been lost since.
    known = {file: seq if 0 < (seq := cursors.get(file, 0)) <= now else 0 for file in files}
    with together(connection):
        changes = [_AT.ask(connection, seq=seq) for seq in set(known.values())]
    return Had(known, frozenset(seq for (seq,) in chain.from_iterable(changes)))


def _places(
    connection: Connection, cursors: Mapping[FileId, int], most: int
) -> dict[int, RecordId]:
    """The records that moved after the cursors, by where they moved to, in that order."""
    files = defaultdict(list)
    for file, cursor in cursors.items():
        files[cursor].append(file)
    with together(connection):
        # Nearly always one question: all files were read up to one place.
        moved = [
            _MOVED.rows(connection, names, after=cursor, most=most)
            for cursor, names in files.items()
        ]
    found = {seq: RecordId(record) for seq, record in chain.from_iterable(moved)}
    return {seq: found[seq] for seq in sorted(found)[:most]}


def _moved(
    connection: Connection, had: Had, want: Collection[RecordId], ids: Collection[RecordId]
) -> dict[RecordId, Moved]:
    """The records to send; those that the laptop may not see are left out."""
    found = {}
    kept: dict[str, Fields] = {}
    for id_, kind, seq, heads, last, by in _RECORD.rows(connection, ids):
        found[id_] = Moved(RecordId(id_), kind, seq, whole=id_ in want, by=by)
        if by is None:
            kept[id_] = begun.fields(seq, heads, last, None)
    for id_, name, joined in _LIES_IN.rows(connection, found):
        if (file := FileId(name)) in had.cursors:
            found[id_].lies_in(file, had.since(file, joined))
    seen = {record.id: record for record in found.values() if record.files}
    for id_, record in seen.items():
        since = 0 if record.whole else record.since or 0
        if record.by is not None:
            record.heads = {record.by: []} if record.seq > since else {}
        else:
            record.heads = _since(kept[id_], since)
    return seen


def _since(fields: Fields, since: int) -> dict[ChangeId, list[str]]:
    heads: defaultdict[ChangeId, list[str]] = defaultdict(list)
    for name, seq in fields.moved.items():
        for head in fields.heads[name]["heads"] if seq > since else ():
            heads[head].append(name)
    return heads


_RECORD = Lookup(
    select(Record.id, Record.kind, Record.seq, *begun.KEPT, begun.BY.label("by")), Record.id
)
_LIES_IN = Lookup(select(RecordFile.record, RecordFile.file, RecordFile.joined), RecordFile.record)
_CHANGE = Lookup(
    select(
        Change.id,
        Change.seq,
        Change.laptop,
        Change.author,
        Change.made_at,
        Change.clock_trusted,
        Change.body,
    ),
    Change.id,
)


def _words(connection: Connection, ids: Collection[ChangeId]) -> dict[ChangeId, Words]:
    return {
        ChangeId(id_): Words(
            seq,
            laptop,
            author,
            at,
            trusted,
            (said := _read_body(body)).fields,
            len(body),
            said.clock_off,
        )
        for id_, seq, laptop, author, at, trusted, body in _CHANGE.rows(connection, ids)
    }


def _heads(moved: Mapping[RecordId, Moved], ids: Iterable[RecordId]) -> set[ChangeId]:
    return {head for id_ in ids if id_ in moved for head in moved[id_].heads}


def _fitting(
    connection: Connection,
    places: Mapping[int, RecordId],
    moved: Mapping[RecordId, Moved],
    words: dict[ChangeId, Words],
) -> dict[int, RecordId]:
    """As many places, from the first, as make an answer of a bearable size: at least one.

    What their heads say is asked for meanwhile and put to `words`: no further than it is sent.
    """
    sent: dict[int, RecordId] = {}
    size = 0
    left = iter(places.items())
    while some := dict(islice(left, _AT_ONCE)):
        words |= _words(connection, _heads(moved, some.values()) - words.keys())
        for seq, id_ in some.items():
            size += sum(words[head].size for head in moved[id_].heads)
            if sent and size > BEARABLE:
                return sent
            sent[seq] = id_
    return sent


def _row(record: Moved, laptop: LaptopId, words: Mapping[ChangeId, Words]) -> PulledRow:
    changes = tuple(
        PulledChange(head, said.seq, own=tuple(names or said.fields))
        if (said := words[head]).laptop == laptop and not record.whole
        else _full(head, names or said.fields, said)
        for head, names in record.heads.items()
    )
    return PulledRow(record.id, record.kind, tuple(sorted(record.files)), record.seq, changes)


def _full(head: ChangeId, names: Iterable[str], words: Words) -> PulledChange:
    return PulledChange(
        head,
        words.seq,
        words.laptop,
        words.author,
        words.made_at,
        clock_trusted=words.clock_trusted,
        fields={name: words.fields[name].value for name in names},
        by_office=words.laptop == OFFICE,
        clock_off=words.clock_off,
        replaces={name: ids for name in names if (ids := words.fields[name].replaces)},
    )
