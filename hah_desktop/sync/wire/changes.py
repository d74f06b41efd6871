"""How changes, receipts and pages of a pull are spelled, one to a line. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from operator import itemgetter
from typing import Any, TypeVar

from hah_desktop.domain import unread
from hah_desktop.domain.changes import (
    Change,
    MalformedChange,
    Spelled,
    canonical,
    from_plain,
)
from hah_desktop.domain.digest import Digest, names
from hah_desktop.domain.exchange import (
    PROTOCOL,
    Accepted,
    OwnAsKept,
    OwnChange,
    Page,
    PulledRow,
    Reached,
    Receipt,
    Rest,
    Run,
    Told,
    Verdict,
)
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.spelling import lines_of, read, spell, spell_as_it_comes
from hah_desktop.sync.wire.form import (
    MAX_CHANGES,
    MAX_NAME,
    NUL,
    count,
    lines,
    listed,
    ours,
    plain_object,
    read_lines,
    read_lines_as,
    spelled_lines,
    text,
    yes_no,
)

T = TypeVar("T")

RUNS = "runs"
"""In the header of a push: whoever sends it takes a `Run` for the receipts that it tells."""

REST = "rest"
"""In the header of a push: cursors, as a brief pull tells them. In that of its answer: a `Rest`."""

KNOWS = "knows"
"""In the header of a push: what the laptop was told to be taken back, and behind which change."""

MOVES = "moves"
"""In a brief pull: whoever sends it reads which files it is given, and which no more."""

MOST = "most"
"""In a pull: how many records that moved come in one page at most."""

_GIVEN, _GONE = "given", "gone"
_NO_MORE: Mapping[str, Any] = {}
_LAST = 2**62
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def write_push(epoch: str, changes: Iterable[Change]) -> bytes:
    """The body of a push."""
    return _push(epoch, map(canonical, changes))


def write_spelled_push(
    epoch: str,
    changes: Iterable[Spelled],
    behind: Mapping[FileId, int] | None = None,
    knows: Mapping[FileId, int] | None = None,
) -> bytes:
    """The same of changes as they are kept: what was hashed and chained goes letter for letter.

    It says that receipts which say the same may be told as one, and asks whether anything else is
    new `behind` these cursors; `knows` are the files that the laptop knows to be taken back, with
    the number of the last change that it made before. An older office looks at none of it.
    """
    asked: dict[str, Any] = {REST: _unnamed(behind)} if behind else {}
    if knows:
        asked[KNOWS] = dict(knows)
    return _push(epoch, map(str.encode, changes), {RUNS: True, **asked})


def _push(epoch: str, spelled: Iterable[bytes], more: Mapping[str, Any] = _NO_MORE) -> bytes:
    return spelled_lines({"epoch": epoch, "protocol": PROTOCOL, **more}, spelled)


def takes_runs(body: bytes) -> bool:
    """Whether whoever sent a push, which was read already, reads many receipts told as one."""
    return read(body[: body.index(b"\n")]).get(RUNS) is True


def knows(body: bytes) -> Any:
    """What whoever sent a push, which was read already, says to know to be taken back from it."""
    return read(body[: body.index(b"\n")]).get(KNOWS)


def asks_rest(body: bytes) -> Mapping[str, Any] | None:
    """The pull that whoever sent a push, which was read already, can do without; None for none."""
    header = read(body[: body.index(b"\n")])
    asked = header.get(REST)
    return {"want": [], **asked, "epoch": header.get("epoch")} if isinstance(asked, dict) else None


def write_receipts(
    accepted: Accepted, told: Iterable[Receipt | Run], more: Mapping[str, Any] = _NO_MORE
) -> bytes:
    """The body of the answer to a push, with more in its header where that is asked."""
    # Taken as it stands: `asdict` would copy the files, of which there may be hundreds.
    header = {name: getattr(accepted, name) for name in ("epoch", "number", "seq", "files")}
    if accepted.rest is not None:
        header[REST] = asdict(accepted.rest)
    return lines({**header, **more}, map(_told_plain, told))


def read_told(body: bytes) -> tuple[Accepted, Told]:
    """The answer to a push that takes runs. Raises NotOurs as `read_receipts` does."""
    return _read_answer(body, _told)


def read_receipts(body: bytes) -> tuple[Accepted, list[Receipt]]:
    """The answer to a push. Raises NotOurs when it is cut or not of this form."""
    return _read_answer(body, _receipt)


def _read_answer(body: bytes, form: Callable[[dict[str, Any]], T]) -> tuple[Accepted, list[T]]:
    header, items = read_lines(body)
    with ours():
        files = {FileId(text(k)): count(v) for k, v in header.get("files", {}).items()}
        seq = count(header.get("seq", 0))
        epoch, number, rest = text(header["epoch"]), count(header["number"]), header.get(REST)
        accepted = Accepted(epoch, number, seq, files, _rest(rest) if rest else None)
        return accepted, [form(item) for item in items]


def _rest(plain: dict[str, Any]) -> Rest:
    reached = plain["reached"]
    told = Reached(count(reached["number"]), text(reached["hash"]))
    return Rest(count(plain["upto"]), text(plain["whole"]), told)


def _told(item: dict[str, Any]) -> Receipt | Run:
    if "last" not in item:
        return _receipt(item)
    first, last, order = (count(item[name]) for name in ("first", "last", "order"))
    if not 0 < first <= last <= _LAST:
        raise ValueError("numbers that count up expected")
    return Run(first, last, order, text(item["hash"]))


def _verdict(item: dict[str, Any]) -> Verdict:
    """One that a newer office has and this version does not know is stored and in force too."""
    return _VERDICTS.get(text(item["verdict"]), Verdict.APPLIED)


def _receipt(item: dict[str, Any]) -> Receipt:
    heads = item.get("heads", {}).items()
    return Receipt(
        ChangeId(text(item["id"])),
        text(item["hash"]),
        _verdict(item),
        count(item["order"]),
        {name: tuple(ChangeId(text(i)) for i in listed(ids)) for name, ids in heads},
        text(item.get("problem", "")),
    )


def write_pull(
    epoch: str,
    cursors: Mapping[FileId, int],
    want: Iterable[RecordId],
    differs: Iterable[FileId] = (),
    most: int = MAX_CHANGES,
) -> bytes:
    """The body of a pull that names each file."""
    plain: dict[str, Any] = {"epoch": epoch, "files": cursors, **_wanted(want, most)}
    if told := list(differs):
        plain["differs"] = told
    return spell_as_it_comes(plain)


def write_brief_pull(
    epoch: str, cursors: Mapping[FileId, int], want: Iterable[RecordId], most: int = MAX_CHANGES
) -> bytes:
    """The same in a few words: nearly all files were read up to one place, so they go unnamed.

    An older office misses `files` in it, and refuses; one that is not so old refuses where other
    files are given by now, and has to be told the names of all.
    """
    asked = {"epoch": epoch, **_unnamed(cursors), **_wanted(want, most), MOVES: True}
    return spell_as_it_comes(asked)


def _wanted(want: Iterable[RecordId], most: int) -> dict[str, Any]:
    """What is asked for; how much of it at most, only where that is less than ever comes."""
    asked: dict[str, Any] = {"want": list(want)}
    return asked | {MOST: most} if most < MAX_CHANGES else asked


def _unnamed(cursors: Mapping[FileId, int]) -> dict[str, Any]:
    at = max(Counter(cursors.values()).items(), key=itemgetter(1, 0))[0]
    but = {file: seq for file, seq in cursors.items() if seq != at}
    return {"at": at, "but": but, "named": names(cursors)}


def write_page(page: Page, rows: Iterable[PulledRow], *, brief: bool = False) -> bytes:
    """The body of the answer to a pull; to a brief one it is brief too."""
    header: dict[str, Any] = {"epoch": page.epoch, "more": page.more, "reached": page.reached}
    if brief:
        header |= {"upto": page.upto, "whole": page.whole}
        # What it may see no more is not named: the laptop knows what has that place in its list.
        gone = [at for at, file in enumerate(sorted(page.had)) if file in page.gone]
        differing = {_GIVEN: sorted(page.given), _GONE: gone}
        header |= {name: files for name, files in differing.items() if files}
    else:
        header |= {"files": page.files, "digests": page.digests}
    return spelled_lines(header, map(spell_as_it_comes, rows))


_ROWS = lines_of(PulledRow)


def read_page(
    body: bytes, cursors: Mapping[FileId, int] | None = None
) -> tuple[Page, list[PulledRow]]:
    """The answer to a pull. Raises NotOurs when it is cut or not of this form.

    `cursors` is what a brief pull was made of: to no other pull an answer may leave files unnamed.
    """
    header, rows = read_lines_as(_ROWS, body)
    with ours():
        epoch, more = text(header["epoch"]), yes_no(header["more"])
        reached = _reached(header.get("reached"))
        if cursors is not None:
            upto, together = count(header["upto"]), text(header["whole"])
            if not (more or together):
                raise ValueError("of the last page nothing could be proved")
            given = frozenset(FileId(text(file)) for file in listed(header.get(_GIVEN, [])))
            gone = _at(sorted(cursors), header.get(_GONE, []))
            there = {**dict.fromkeys(given, 0), **cursors}
            read_now = {
                file: max(seq, upto) if more else upto
                for file, seq in there.items()
                if file not in gone
            }
            return Page(epoch, read_now, more, {}, reached, upto, together, given, gone), rows
        files = {FileId(text(k)): count(v) for k, v in header["files"].items()}
        digests = {FileId(text(k)): _digest(v) for k, v in header.get("digests", {}).items()}
        return Page(epoch, files, more, digests, reached), rows


def _at(had: Sequence[FileId], places: Any) -> frozenset[FileId]:
    found = {count(at) for at in listed(places)}
    if not found <= set(range(len(had))):
        raise ValueError("places of files that were named expected")
    return frozenset(had[at] for at in found)


def _reached(plain: dict[str, Any] | None) -> Reached | None:
    return Reached(count(plain["number"]), text(plain["hash"])) if plain else None


def _digest(plain: dict[str, Any]) -> Digest:
    return Digest(count(plain["count"]), text(plain["sum"]))


def write_own(changes: Iterable[OwnAsKept | OwnChange]) -> bytes:
    """A laptop's own changes, in the order of their numbers, each letter for letter."""
    return spelled_lines({}, map(_own_spelled, changes))


def _own_spelled(own: OwnAsKept | OwnChange) -> bytes:
    became = {"order": own.order, "verdict": own.verdict.value, "problem": own.problem}
    return b'%s,"change":%s}' % (spell_as_it_comes(became)[:-1], own.text.encode())


def read_own(body: bytes) -> list[OwnChange]:
    """A laptop's own changes. Raises NotOurs when they are cut or not of this form."""
    _, items = read_lines(body)
    with ours():
        return [_own_change(item) for item in items]


def _own_change(item: dict[str, Any]) -> OwnChange:
    written = _as_written(item["change"])
    try:
        change = from_plain(written)
    except MalformedChange:
        return _own_bytes(item)
    spelled = spell(written)
    more = spelled if spelled.encode() != canonical(change) else ""
    verdict, problem = _verdict(item), text(item["problem"])
    return OwnChange(change, count(item["order"]), verdict, problem, more)


def _as_written(plain: Any) -> Any:
    """What went as its bytes, as this laptop wrote it: it reads itself what the office could not.

    Bytes that are no spelling of ours stay bytes, since nothing else has their hash.
    """
    if isinstance(plain, dict) and unread.is_opaque(plain):
        with suppress(ValueError, RecursionError):
            content = unread.content(plain) or b""
            written = read(content)
            if spell(written).encode() == content:
                return written
    return plain


def _own_bytes(item: dict[str, Any]) -> OwnChange:
    """What neither side can read: in its place, with the hash that the change behind it names."""
    plain = plain_object(item["change"])
    kept = unread.as_kept(plain)
    hash_ = unread.hash_of(plain, kept)
    id_, number = plain.get("id"), plain.get("number")
    known = isinstance(id_, str) and 0 < len(id_) <= MAX_NAME and id_.isascii() and NUL not in id_
    change = Change(
        ChangeId(str(id_) if known else f"unreadable-{hash_}"),
        laptop=LaptopId(""),
        number=number if type(number) is int and number > 0 else 0,
        previous="",
        record=RecordId(""),
        kind="",
        files=(),
        author="",
        made_at="",
        edits={},
    )
    order, problem = count(item["order"]), text(item["problem"])
    return OwnChange(change, order, Verdict.SET_ASIDE, problem, kept, hash_)


def _told_plain(told: Receipt | Run) -> dict[str, Any]:
    return asdict(told) if isinstance(told, Run) else _receipt_plain(told)


def _receipt_plain(receipt: Receipt) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": receipt.id,
        "hash": receipt.hash,
        "verdict": receipt.verdict.value,
        "order": receipt.order,
    }
    if receipt.heads:
        plain["heads"] = receipt.heads
    if receipt.problem:
        plain["problem"] = receipt.problem
    return plain
