"""How a laptop gives the office what a colleague gave it from hand to hand. Pure.

POST /v1/by-hand  lines: {signed, signature}, the changes as they were signed -> {kept: number}

`signed` and `signature` are those of the stick, in hex. The lines are not read and spelled again:
what the signature vouches for are these very bytes.
"""

from hah_desktop.domain.exchange import ByHand
from hah_desktop.sync.wire.form import ours, spelled_lines, split_lines, text


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
