"""What the laptop and the office say to each other: the messages and their spelling. Pure.

Version 1, spoken over HTTPS. Bodies are JSON, or JSON lines (`application/x-ndjson`) where there
may be many: one header line, the items, and a last line `{"end": true, "count": n}` without
which the whole answer is thrown away. Every answer of ours carries the header `Hah-Protocol`; an
answer without it comes from somebody else, such as the sign-in page of a hotel's network.

    GET  /v1/hello      -> Hello
    GET  /v1/keys       -> {recovery, orders}: the office's public keys in hex
    POST /v1/enrol      {code, public_key, laptop_name, recovery: {id, vault, sealed}} -> Enrolled
    POST /v1/challenge  {laptop} -> {challenge, orders: [{body, signature}]}
    POST /v1/token      {laptop, challenge, signature} -> {token, expires_in, number, hash}
    POST /v1/push       lines: {epoch, count}, changes       -> lines: Accepted, receipts
    POST /v1/pull       {epoch, files: {file: cursor}, want} -> lines: Page, rows
    POST /v1/own        {after, most}                        -> lines: {}, this laptop's changes
    POST /v1/bundle     the bytes of a bundle, with what permits it in the headers: no token,
                        laptop, size, SHA-256, signature     -> {sha256, size} of what is kept
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from hah_desktop.domain.changes import Change, MalformedChange, from_plain, to_plain
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import (
    PROTOCOL,
    Accepted,
    Enrolled,
    Hello,
    OwnChange,
    Page,
    PulledChange,
    PulledRow,
    Reached,
    Receipt,
    Verdict,
)
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.seals import letters
from hah_desktop.seals.orders import SignedOrder

PROTOCOL_HEADER = "Hah-Protocol"
SIGNATURE_HEADER = "Hah-Signature"
LAPTOP_HEADER = "Hah-Laptop"
DIGEST_HEADER = "Hah-Sha256"
SIZE_HEADER = "Hah-Size"
JSON_LINES = "application/x-ndjson"
BUNDLE = "application/octet-stream"
PROBLEM = "application/problem+json"

MAX_CHANGES = 2000
"""The most changes in one push, and the most rows in one page of a pull."""

MAX_BYTES = 8 * 1024 * 1024
"""The largest body of a request, in bytes, before it is compressed."""


CODE_LETTERS = 12
"""Of the letters that enrol a laptop: first the one-time code, then as many of the fingerprint."""


class NotOurs(KnownError):
    """An answer that is not the office's, or only part of one: nothing was sent or received."""


def signed_token_request(challenge: str, office: str) -> bytes:
    """The bytes that a laptop signs to prove itself: good for one challenge of one office."""
    return f"hah-token-1\n{office}\n{challenge}".encode()


def signed_push(digest: str) -> bytes:
    """The bytes that a laptop signs for a batch; `digest` is the SHA-256 of the body in hex."""
    return f"hah-push-1\n{digest}".encode()


def signed_bundle(office: str, digest: str, size: int) -> bytes:
    """The bytes that a laptop signs so that one file is taken at one office, without a token."""
    return f"hah-bundle-1\n{office}\n{digest}\n{size}".encode()


def write_code(code: str, fingerprint: str) -> str:
    """What the office reads out to enrol a laptop: its one-time code, and how to know its keys."""
    return letters.write(code + fingerprint)


def read_code(typed: str) -> tuple[str, str]:
    """One-time code and fingerprint, out of what was typed. Raises Misheard.

    Only the code is ever sent, and only to an office whose keys have this fingerprint.
    """
    both = letters.read(typed, 2 * CODE_LETTERS)
    return both[:CODE_LETTERS], both[CODE_LETTERS:]


def lines(header: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON lines with header and end mark."""
    written = [_spell(item) for item in items]
    written = [_spell(header), *written, _spell({"end": True, "count": len(written)})]
    return "\n".join(written).encode()


def read_lines(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and items of JSON lines. Raises NotOurs if they are cut short or not ours."""
    try:
        found = [json.loads(line) for line in body.decode().split("\n")]
    except (ValueError, RecursionError) as fault:
        raise _cut() from fault
    if len(found) < 2 or not all(isinstance(line, dict) for line in found):  # noqa: PLR2004 - header and end
        raise _cut()
    header, *items, end = found
    if end != {"end": True, "count": len(items)}:
        raise _cut()
    return header, items


def write_push(epoch: str, changes: Iterable[Change]) -> bytes:
    """The body of a push."""
    return lines({"epoch": epoch, "protocol": PROTOCOL}, map(to_plain, changes))


def read_push(body: bytes) -> tuple[str, list[Change | MalformedChange]]:
    """Epoch and changes of a push. One that cannot be read stands as its fault, in its place."""
    header, items = read_lines(body)
    with _ours():
        return _text(header["epoch"]), [_change_or_fault(item) for item in items]


def _change_or_fault(item: dict[str, Any]) -> Change | MalformedChange:
    try:
        return from_plain(item)
    except MalformedChange as fault:
        return fault


def write_receipts(accepted: Accepted, receipts: Iterable[Receipt]) -> bytes:
    """The body of the answer to a push."""
    return lines(asdict(accepted), map(_receipt_plain, receipts))


def read_receipts(body: bytes) -> tuple[Accepted, list[Receipt]]:
    """The answer to a push. Raises NotOurs when it is cut or not of this form."""
    header, items = read_lines(body)
    with _ours():
        accepted = Accepted(_text(header["epoch"]), _count(header["number"]))
        return accepted, [_receipt(item) for item in items]


def _receipt(item: dict[str, Any]) -> Receipt:
    heads = item.get("heads", {}).items()
    return Receipt(
        ChangeId(_text(item["id"])),
        _text(item["hash"]),
        Verdict(item["verdict"]),
        _count(item["order"]),
        {name: tuple(ChangeId(_text(i)) for i in _list(ids)) for name, ids in heads},
        _text(item.get("problem", "")),
    )


def write_page(page: Page, rows: Iterable[PulledRow]) -> bytes:
    """The body of the answer to a pull."""
    return lines(asdict(page), map(_row_plain, rows))


def _row_plain(row: PulledRow) -> dict[str, Any]:
    return {
        "record": row.record,
        "kind": row.kind,
        "files": row.files,
        "seq": row.seq,
        "changes": [_pulled_plain(change) for change in row.changes],
    }


def read_page(body: bytes) -> tuple[Page, list[PulledRow]]:
    """The answer to a pull. Raises NotOurs when it is cut or not of this form."""
    header, items = read_lines(body)
    with _ours():
        files = {FileId(_text(k)): _count(v) for k, v in header["files"].items()}
        page = Page(_text(header["epoch"]), files, more=_yes_no(header["more"]))
        return page, [_row(item) for item in items]


def _row(item: dict[str, Any]) -> PulledRow:
    return PulledRow(
        RecordId(_text(item["record"])),
        _text(item["kind"]),
        tuple(FileId(_text(name)) for name in _list(item["files"])),
        _count(item["seq"]),
        tuple(_pulled(change) for change in _list(item["changes"])),
    )


def _pulled(item: dict[str, Any]) -> PulledChange:
    return PulledChange(
        ChangeId(_text(item["id"])),
        _count(item["order"]),
        _text(item.get("laptop", "")),
        _text(item.get("author", "")),
        _text(item.get("made_at", "")),
        clock_trusted=_yes_no(item.get("clock_trusted", True)),
        fields={_text(k): _scalar(v) for k, v in item.get("fields", {}).items()},
        own=tuple(_text(name) for name in _list(item.get("own", []))),
        by_office=_yes_no(item.get("by_office", False)),
    )


def read_hello(body: object) -> Hello:
    """The office's introduction. Raises NotOurs when it is something else."""
    with _ours():
        plain = _object(body)
        office, epoch = _text(plain["office"]), _text(plain["epoch"])
        return Hello(
            office, epoch, _text(plain["name"]), _moment(plain["now"]), _count(plain["protocol"])
        )


def read_enrolled(body: object) -> Enrolled:
    """The office's answer to an enrolment. Raises NotOurs when it is something else."""
    with _ours():
        plain = _object(body)
        return Enrolled(
            LaptopId(_text(plain["laptop"])),
            RecordId(_text(plain["adviser"])),
            _text(plain["adviser_name"]),
            _text(plain["office"]),
            _text(plain["epoch"]),
        )


def write_challenge(words: str, orders: Iterable[SignedOrder]) -> dict[str, Any]:
    """The answer to a laptop that is about to sign in."""
    return {"challenge": words, "orders": [asdict(order) for order in orders]}


def read_challenge(body: object) -> tuple[str, list[SignedOrder]]:
    """The words to sign, and the office's orders. Raises NotOurs when it is something else."""
    with _ours():
        plain = _object(body)
        orders = [_object(order) for order in _list(plain.get("orders", []))]
        signed = [SignedOrder(_text(o["body"]), _text(o["signature"])) for o in orders]
        return _text(plain["challenge"]), signed


def write_token(token: str, lasts: int, reached: Reached) -> dict[str, Any]:
    """The answer to signed words: a token, and how far the office has the laptop's changes."""
    return {"token": token, "expires_in": lasts, **asdict(reached)}


def read_token(body: object) -> tuple[str, Reached]:
    """The token, and how far the office is. Raises NotOurs when it is something else."""
    with _ours():
        plain = _object(body)
        return _text(plain["token"]), Reached(_count(plain["number"]), _text(plain["hash"]))


def write_own(changes: Iterable[OwnChange]) -> bytes:
    """A laptop's own changes, in the order of their numbers."""
    return lines({}, map(_own_plain, changes))


def _own_plain(own: OwnChange) -> dict[str, Any]:
    became = {"order": own.order, "verdict": own.verdict.value, "problem": own.problem}
    return {**became, "change": to_plain(own.change)}


def read_own(body: bytes) -> list[OwnChange]:
    """A laptop's own changes. Raises NotOurs when they are cut or not of this form."""
    _, items = read_lines(body)
    with _ours():
        return [_own_change(item) for item in items]


def _own_change(item: dict[str, Any]) -> OwnChange:
    try:
        change = from_plain(item["change"])
    except MalformedChange as fault:
        raise _cut() from fault
    verdict, problem = Verdict(item["verdict"]), _text(item["problem"])
    return OwnChange(change, _count(item["order"]), verdict, problem)


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


def _pulled_plain(change: PulledChange) -> dict[str, Any]:
    if change.own:
        return {"id": change.id, "order": change.order, "own": change.own}
    return {
        "id": change.id,
        "order": change.order,
        "laptop": change.laptop,
        "author": change.author,
        "made_at": change.made_at,
        "clock_trusted": change.clock_trusted,
        "by_office": change.by_office,
        "fields": dict(change.fields),
    }


def _spell(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _moment(value: object) -> str:
    text = _text(value)
    if dt.datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a moment with its zone expected")
    return text


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a whole number expected")
    return value


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("yes or no expected")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list expected")
    return value


def _scalar(value: object) -> Json:
    if value is not None and not isinstance(value, str | int | bool):
        raise TypeError("a single value expected")
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object expected")
    return value


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _cut() from fault


def _cut() -> NotOurs:
    return NotOurs(
        "The answer was cut off, or it did not come from the office.",
        "Everything is still saved on this laptop.",
        "The program tries again by itself.",
    )
