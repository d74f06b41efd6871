"""How the first words of a laptop and the office are spelled: who is there, and who asks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from hah_desktop.domain.exchange import Enrolled, Hello, Reached
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.wire.form import count, listed, moment, ours, plain_object, text, yes_no


def read_hello(body: object) -> Hello:
    """The office's introduction. Raises NotOurs when it is something else."""
    with ours():
        plain = plain_object(body)
        office, epoch = text(plain["office"]), text(plain["epoch"])
        protocol = count(plain["protocol"])
        # An office that does not say takes its own version only.
        oldest = count(plain.get("oldest", protocol))
        name, now = text(plain["name"]), moment(plain["now"])
        opaque = yes_no(plain.get("opaque", False))
        return Hello(office, epoch, name, now, protocol, oldest, opaque)


def read_enrolled(body: object) -> Enrolled:
    """The office's answer to an enrolment. Raises NotOurs when it is something else."""
    with ours():
        plain = plain_object(body)
        return Enrolled(
            LaptopId(text(plain["laptop"])),
            RecordId(text(plain["adviser"])),
            text(plain["adviser_name"]),
            text(plain["office"]),
            text(plain["epoch"]),
        )


def write_challenge(words: str, orders: Iterable[SignedOrder]) -> dict[str, Any]:
    """The answer to a laptop that is about to sign in."""
    return {"challenge": words, "orders": [asdict(order) for order in orders]}


def read_challenge(body: object) -> tuple[str, list[SignedOrder]]:
    """The words to sign, and the office's orders. Raises NotOurs when it is something else."""
    with ours():
        plain = plain_object(body)
        orders = [plain_object(order) for order in listed(plain.get("orders", []))]
        signed = [SignedOrder(text(o["body"]), text(o["signature"])) for o in orders]
        return text(plain["challenge"]), signed


def read_challenge_if_told(body: object) -> tuple[str, list[SignedOrder]] | None:
    """The same with an introduction, from an office that tells it there. Raises NotOurs."""
    return read_challenge(body) if isinstance(body, dict) and "challenge" in body else None


def write_standing(waiting: int | None, ahead: int | None, program: str) -> dict[str, Any]:
    """What a laptop adds to its signature, if it knows: its version, and how much waits on it.

    `ahead` is by how many seconds its clock was ahead of the office's when they last met.
    """
    known = {"program": program or None, "waiting": waiting, "ahead": ahead}
    return {name: value for name, value in known.items() if value is not None}


def write_token(
    token: str, lasts: int, reached: Reached, lacks: Sequence[str] = ()
) -> dict[str, Any]:
    """The answer to signed words: a token, and how far the office has the laptop's changes.

    `lacks` are hashes of attachments that the office had whole and has no more.
    """
    told = {"token": token, "expires_in": lasts, **asdict(reached)}
    return {**told, "lacks": list(lacks)} if lacks else told


def read_lacks(body: object) -> tuple[str, ...]:
    """Which attachments the office asks for again. Raises NotOurs when it is something else."""
    with ours():
        return tuple(map(text, listed(plain_object(body).get("lacks", []))))


def read_token(body: object) -> tuple[str, Reached]:
    """The token, and how far the office is. Raises NotOurs when it is something else."""
    with ours():
        plain = plain_object(body)
        return text(plain["token"]), Reached(count(plain["number"]), text(plain["hash"]))
