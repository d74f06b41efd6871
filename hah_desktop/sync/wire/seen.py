"""How it is spelled who opened which record, both ways in one question. Pure.

POST /v1/seen  lines: {after}, what this laptop's adviser opened  -> lines: {after, more}, what
               others opened of the records in this laptop's files
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from hah_desktop.domain.exchange import Opened, Seen
from hah_desktop.domain.ids import RecordId
from hah_desktop.sync.wire.form import count, lines, ours, read_lines, text, yes_no


def write_opened(after: int, opened: Iterable[Opened]) -> bytes:
    """The body of the question: how far the answers are known here, and what was opened."""
    return lines({"after": after}, map(asdict, opened))


def read_opened(body: bytes) -> tuple[int, list[Opened]]:
    """The question. Raises NotOurs when it is cut or something else."""
    header, items = read_lines(body)
    with ours():
        return count(header["after"]), [
            Opened(RecordId(text(each["record"])), count(each["upto"]), text(each["at"]))
            for each in items
        ]


def write_seen(after: int, seen: Iterable[Seen], *, more: bool) -> bytes:
    """The body of the answer."""
    return lines({"after": after, "more": more}, map(asdict, seen))


def read_seen(body: bytes) -> tuple[int, bool, list[Seen]]:
    """The answer: how far it goes, whether there is more, and who opened what. Raises NotOurs."""
    header, items = read_lines(body)
    with ours():
        return count(header["after"]), yes_no(header["more"]), [_seen(each) for each in items]


def _seen(plain: dict[str, Any]) -> Seen:
    return Seen(
        RecordId(text(plain["record"])),
        RecordId(text(plain["adviser"])),
        count(plain["upto"]),
        text(plain["at"]),
    )
