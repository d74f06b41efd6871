"""How the content of attachments travels: in chunks, each by the hash of the whole. Pure.

The record about an attachment names its size and SHA-256 and never waits for the content.

    POST /v1/blobs/status      {sha256: [...]} -> {blobs: [{sha256, size, missing: [numbers]}]};
                               what no record of the asker's names is left out, known or not
    PUT  /v1/blobs/SHA256/N    one chunk, in any order, as often as need be; in the headers its own
                               SHA-256 and the size of the whole -> {whole, missing}
    GET  /v1/blobs/SHA256      with `Range: bytes=A-B`; of up to a chunk the SHA-256 stands in the
                               headers of the answer
"""

from collections.abc import Iterable, Mapping
from typing import Any

from hah_desktop.domain.chunks import (
    LARGEST,
    Standing,
    Taken,
    chunks_of,
    is_digest,
    is_size,
)
from hah_desktop.sync.wire.form import count, listed, ours, plain_object, text, yes_no

MOST_ASKED = 500
"""So many are asked about at once."""

CONTENT = "application/octet-stream"


def write_status(standings: Iterable[Standing]) -> dict[str, Any]:
    """The answer to the question how far the office is."""
    return {
        "blobs": [
            {"sha256": each.sha256, "size": each.size, "missing": list(each.missing)}
            for each in standings
        ]
    }


def read_status(body: object) -> list[Standing]:
    """How far the office is. Raises NotOurs when it is something else."""
    with ours():
        return [_standing(item) for item in listed(plain_object(body)["blobs"])]


def _standing(item: object) -> Standing:
    plain = plain_object(item)
    sha256, size = text(plain["sha256"]), count(plain["size"])
    if not is_digest(sha256) or not is_size(size):
        raise ValueError("no attachment is like this")
    return Standing(sha256, size, _numbers(plain["missing"], chunks_of(size)))


def _numbers(value: object, upto: int) -> tuple[int, ...]:
    found = tuple(count(number) for number in listed(value))
    if any(not 0 <= number < upto for number in found):
        raise ValueError("there is no such chunk")
    return found


def write_taken(taken: Taken) -> dict[str, Any]:
    """The answer to a chunk."""
    return {"whole": taken.whole, "missing": list(taken.missing)}


def read_taken(body: object) -> Taken:
    """The answer to a chunk. Raises NotOurs when it is something else."""
    with ours():
        plain: Mapping[str, Any] = plain_object(body)
        return Taken(yes_no(plain["whole"]), _numbers(plain["missing"], chunks_of(LARGEST)))
