"""How a laptop hands a restored office what it has lost of others' changes, one to a line. Pure.

POST /v1/known    {changes: [id]}  -> {unknown: [id]}
POST /v1/witness  lines: {}, items -> {kept: number}
POST /v1/told     {changes: [id]}  -> {waiting: [id], lacking: [id]}
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from hah_desktop.domain.changes import MOST_OFF
from hah_desktop.domain.exchange import Waits, Witness
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.sync.wire.form import (
    count,
    lines,
    listed,
    name,
    ours,
    plain_object,
    read_lines,
    scalar,
    text,
    words,
    yes_no,
)


def read_unknown(body: object) -> list[ChangeId]:
    """The changes that the office does not have. Raises NotOurs when it is something else."""
    with ours():
        return [ChangeId(text(each)) for each in listed(plain_object(body)["unknown"])]


def read_waits(body: object) -> Waits:
    """What became of what a laptop told. Raises NotOurs when it is something else."""
    with ours():
        said = plain_object(body)
        waiting, lacking = (tuple(map(text, listed(said[n]))) for n in ("waiting", "lacking"))
        return Waits(tuple(map(ChangeId, waiting)), tuple(map(ChangeId, lacking)))


def read_kept(body: object) -> int:
    """How many the office has taken for a person to look at. Raises NotOurs."""
    with ours():
        return count(plain_object(body)["kept"])


def write_witness(items: Iterable[Witness]) -> bytes:
    """What this laptop holds of others' changes."""
    return lines({}, map(asdict, items))


def read_witness(body: bytes) -> list[Witness]:
    """What a laptop holds of others' changes. Raises NotOurs when it is cut or something else."""
    _, items = read_lines(body)
    with ours():
        return [_witness(item) for item in items]


def _witness(item: dict[str, Any]) -> Witness:
    return Witness(
        ChangeId(name(item["change"])),
        RecordId(name(item["record"])),
        name(item["kind"]),
        tuple(FileId(name(file)) for file in listed(item["files"])),
        name(item["laptop"]),
        name(item["author"]),
        name(item["made_at"]),
        {words(k): scalar(v) for k, v in plain_object(item["fields"]).items()},
        clock_trusted=yes_no(item.get("clock_trusted", True)),
        clock_off=_seconds(item.get("clock_off", 0)),
    )


def _seconds(value: object) -> int:
    if type(value) is not int or abs(value) > MOST_OFF:
        raise ValueError(value)
    return value
