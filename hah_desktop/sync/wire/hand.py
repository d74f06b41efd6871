"""How a laptop gives the office what a colleague gave it by hand, and asks after it. Pure.

POST /v1/by-hand  lines: {signed, signature}, the changes as they were signed -> {kept: number}
POST /v1/carried  {ids, words: {id: hash}, given: [digest]}
                                                 -> lines: {epoch, number, lacks}, receipts

`signed` and `signature` are those of the stick, in hex. The lines are not read and spelled again:
what the signature vouches for are these very bytes. `given` are the hashes of what this office was
given by that laptop, and `lacks` those of which it has nothing any more. An older office does not
say what it lacks. `words` prove that the laptop has what it asks about: without them an office says
nothing of what is of no record there, or of one that the laptop was never given, and an older one
does not ask for them. What goes to the office sealed holds the same as the first, as parts of the
kind `file`: an older office writes them out.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hah_desktop.domain.exchange import Accepted, ByHand, Heard, Receipt
from hah_desktop.domain.ids import ChangeId
from hah_desktop.sync.wire.changes import read_receipts, write_receipts
from hah_desktop.sync.wire.form import listed, ours, spelled_lines, split_lines, text

_PART = "by-hand-"


def part_name(number: int) -> str:
    """What a part of a bundle is called that holds what is given at the first address."""
    return f"{_PART}{number:04}"


def is_by_hand(name: str) -> bool:
    """Whether a part of this name does."""
    return name.startswith(_PART)


def write_by_hand(hand: ByHand) -> bytes:
    """What a colleague's laptop signed for."""
    header = {"signed": hand.signed.hex(), "signature": hand.signature.hex()}
    return spelled_lines(header, hand.changes.splitlines())


def read_by_hand(body: bytes) -> ByHand:
    """What a colleague's laptop signed for. Raises NotOurs when it is cut or something else."""
    header, items = split_lines(body)
    with ours():
        signed, signature = (bytes.fromhex(text(header[name])) for name in ("signed", "signature"))
    return ByHand(signed, signature, "".join(f"{item}\n" for item in items).encode())


def write_asking_after(changes: Mapping[ChangeId, str], given: Sequence[str]) -> dict[str, Any]:
    """What a laptop asks of changes from a colleague's hand, which it has, and of what it gave."""
    return {"ids": list(changes), "words": dict(changes), "given": list(given)}


def write_heard(accepted: Accepted, receipts: Sequence[Receipt], lacks: Collection[str]) -> bytes:
    """What became of them."""
    return write_receipts(accepted, receipts, {"lacks": sorted(lacks)})


def read_heard(body: bytes) -> Heard:
    """What became of them. Raises NotOurs when it is cut or not of this form."""
    _, receipts = read_receipts(body)
    header, _ = split_lines(body)
    with ours():
        return Heard(receipts, list(map(text, listed(header.get("lacks", [])))))
