"""What the office orders a laptop to do, signed: the rules it works by, or that its access ends.

It says what an order is and whether it is the office’s; whether to obey is the laptop’s business.
An order is JSON in one spelling; the signature is over a label and these very bytes.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hah_desktop.seals.errors import NotSigned
from hah_desktop.seals.plain import count, text

REVOKE: Final = "revoke"
"""The laptop hands over what it has not sent, and destroys its keys."""

RULES: Final = "rules"
"""How long the laptop may work without contact, and how soon it locks."""

KNOWN = frozenset({REVOKE, RULES})
LEASE_DAYS = range(1, 366)
LOCK_MINUTES = range(1, 61)
MOST = 4096
"""No order is longer than this many letters."""

_LABEL = b"hah-order-1\n"


@dataclass(frozen=True, slots=True)
class Order:
    """One order to one laptop. Of two, the one with the higher number is the newer.

    `lease_days` and `lock_minutes` are 0 where the order says nothing about them. A kind that
    this version does not know is a good order all the same: it is read, and not obeyed.
    """

    kind: str
    office: str
    laptop: str
    number: int
    made_at: str
    lease_days: int = 0
    lock_minutes: int = 0

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("orders are numbered from 1")
        if self.kind == RULES and not (
            self.lease_days in LEASE_DAYS and self.lock_minutes in LOCK_MINUTES
        ):
            raise ValueError("the rules are outside what a laptop may be told")


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order as it travels and is kept: its own spelling, and the signature in hex."""

    body: str
    signature: str


def sign(order: Order, key: bytes) -> SignedOrder:
    """Write an order in its one spelling and sign it; `key` is the office’s private key."""
    body = json.dumps(asdict(order), sort_keys=True, separators=(",", ":"))
    return SignedOrder(body, Ed25519PrivateKey.from_private_bytes(key).sign(_signed(body)).hex())


def read(signed: SignedOrder, orders_public: bytes) -> Order:
    """The order, if the office of this public key signed it as it stands. Raises NotSigned."""
    try:
        signature = bytes.fromhex(signed.signature)
        Ed25519PublicKey.from_public_bytes(orders_public).verify(signature, _signed(signed.body))
        return _order(json.loads(signed.body))
    except (InvalidSignature, ValueError, KeyError, TypeError, RecursionError):
        raise NotSigned from None


def for_laptop(
    orders: Iterable[SignedOrder], orders_public: bytes, office: str, laptop: str, after: int
) -> list[tuple[Order, SignedOrder]]:
    """Those orders that a laptop is to obey, the oldest first.

    Only what its own office signed for it and no other, of a kind that this version knows, with
    a number above that of the order it obeyed last. All else is as if it had not come.
    """
    obeyed = []
    for signed in orders:
        with suppress(NotSigned):
            order = read(signed, orders_public)
            meant = (order.office, order.laptop) == (office, laptop)
            if meant and order.number > after and order.kind in KNOWN:
                obeyed.append((order, signed))
    return sorted(obeyed, key=lambda each: each[0].number)


def _signed(body: str) -> bytes:
    if len(body) > MOST:
        raise ValueError("too long for an order")
    return _LABEL + body.encode()


def _order(plain: Mapping[str, object]) -> Order:
    # What a newer office adds to an order is passed over: the signature covers it.
    return Order(
        kind=text(plain["kind"]),
        office=text(plain["office"]),
        laptop=text(plain["laptop"]),
        number=count(plain["number"]),
        made_at=text(plain["made_at"]),
        lease_days=count(plain["lease_days"]),
        lock_minutes=count(plain["lock_minutes"]),
    )
