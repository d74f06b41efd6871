"""How it is spelled who opened which record, both ways in one question. Pure.

POST /v1/seen  lines: {after, epoch}, what this laptop's adviser opened  -> lines: {after, more,
               epoch}, what others opened of the records in this laptop's files

Places and numbers are those of one epoch of the office: those of another mean nothing. Who is older
does not say which it is.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from hah_desktop.domain.exchange import Opened, Seen, SeenPage
from hah_desktop.domain.ids import RecordId
from hah_desktop.sync.wire.form import (
    count,
    is_moment,
    lines,
    moment,
    ours,
    place,
    printable,
    read_lines,
    text,
    yes_no,
)


def write_opened(after: int, opened: Iterable[Opened], epoch: str = "") -> bytes:
    """The body of the question: how far the answers are known here, and what was opened."""
    return lines(_header({"after": after}, epoch), map(asdict, opened))


def read_opened(body: bytes) -> tuple[int, list[Opened], str]:
    """The question, with the epoch that it is about. Raises NotOurs when it is something else."""
    header, items = read_lines(body)
    with ours():
        return (
            count(header["after"]),
            [
                Opened(RecordId(printable(each["record"])), count(each["upto"]), moment(each["at"]))
                for each in items
            ],
            printable(header.get("epoch", "")),
        )


def write_seen(page: SeenPage) -> bytes:
    """The body of the answer."""
    header = {"after": page.after, "more": page.more}
    return lines(_header(header, page.epoch), map(asdict, page.seen))


def read_seen(body: bytes) -> SeenPage:
    """The answer. Raises NotOurs when it is cut or something else.

    An older office passes on whatever it was told as the moment: what is none is left out.
    """
    header, items = read_lines(body)
    with ours():
        return SeenPage(
            place(header["after"]),
            yes_no(header["more"]),
            [_seen(each) for each in items if is_moment(each["at"])],
            printable(header.get("epoch", "")),
        )


def _header(plain: dict[str, Any], epoch: str) -> dict[str, Any]:
    return {**plain, "epoch": epoch} if epoch else plain


def _seen(plain: dict[str, Any]) -> Seen:
    return Seen(
        RecordId(text(plain["record"])),
        RecordId(text(plain["adviser"])),
        place(plain["upto"]),
        text(plain["at"]),
    )
