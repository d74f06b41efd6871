"""Orders: only what the office signed, as it signed it, is read."""

import dataclasses as dc
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.seals.errors import NotSigned
from hah_desktop.seals.orders import MOST, REVOKE, RULES, Order, SignedOrder, read, sign

KEY = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(KEY).public_key().public_bytes_raw()
AT = "2026-11-26T10:00:00+00:00"
ORDER = Order(REVOKE, "office-1", "laptop-1", 7, AT)
PLAIN = json.loads(sign(ORDER, KEY).body)

orders = st.builds(
    Order,
    kind=st.sampled_from([REVOKE, RULES, "a kind of next year"]),
    office=st.text(max_size=40),
    laptop=st.text(max_size=40),
    number=st.integers(1, 2**62),
    made_at=st.just(AT),
    lease_days=st.integers(1, 365),
    lock_minutes=st.integers(1, 60),
)


def signed_as_it_is(body: str) -> SignedOrder:
    """Anything at all under a good signature."""
    key = Ed25519PrivateKey.from_private_bytes(KEY)
    return SignedOrder(body, key.sign(b"hah-order-1\n" + body.encode()).hex())


@given(orders)
def test_an_order_is_read_as_it_was_signed(order: Order) -> None:
    assert read(sign(order, KEY), PUBLIC) == order


def test_an_order_has_one_spelling() -> None:
    assert sign(ORDER, KEY).body == (
        '{"kind":"revoke","laptop":"laptop-1","lease_days":0,"lock_minutes":0,'
        '"made_at":"2026-11-26T10:00:00+00:00","number":7,"office":"office-1"}'
    )


def test_a_kind_of_order_from_a_later_version_is_read() -> None:
    later = dc.replace(ORDER, kind="a kind of next year")
    assert read(sign(later, KEY), PUBLIC).kind == "a kind of next year"


def test_what_a_newer_office_adds_is_passed_over() -> None:
    assert read(signed_as_it_is(json.dumps({**PLAIN, "why": "lost"})), PUBLIC) == ORDER


def test_another_key_signs_no_order_of_this_office() -> None:
    with pytest.raises(NotSigned):
        read(sign(ORDER, b"k" * 32), PUBLIC)


def test_every_changed_letter_is_noticed() -> None:
    signed = sign(ORDER, KEY)
    for at in range(len(signed.body)):
        changed = signed.body[:at] + chr(ord(signed.body[at]) ^ 1) + signed.body[at + 1 :]
        with pytest.raises(NotSigned):
            read(dc.replace(signed, body=changed), PUBLIC)


def test_a_signature_over_the_bare_words_is_none() -> None:
    body = sign(ORDER, KEY).body
    bare = Ed25519PrivateKey.from_private_bytes(KEY).sign(body.encode()).hex()
    with pytest.raises(NotSigned):
        read(SignedOrder(body, bare), PUBLIC)


@pytest.mark.parametrize("signature", ["", "zz", "00" * 63, "00" * 64, "Ω"])
def test_what_is_no_signature_signs_nothing(signature: str) -> None:
    with pytest.raises(NotSigned):
        read(dc.replace(sign(ORDER, KEY), signature=signature), PUBLIC)


@pytest.mark.parametrize("public", [b"", b"short", b"k" * 33])
def test_what_is_no_key_proves_nothing(public: bytes) -> None:
    with pytest.raises(NotSigned):
        read(sign(ORDER, KEY), public)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "7",
        "[" * 4000,
        json.dumps({**PLAIN, "kind": 5}),
        json.dumps({**PLAIN, "number": True}),
        json.dumps({**PLAIN, "number": "7"}),
        json.dumps({**PLAIN, "number": 0}),
        json.dumps({**PLAIN, "lease_days": -1}),
        json.dumps({**PLAIN, "kind": RULES}),
        json.dumps({name: PLAIN[name] for name in PLAIN if name != "office"}),
        json.dumps({**PLAIN, "why": "x" * MOST}),
        '{"kind":"\ud800"}',
    ],
)
def test_an_order_out_of_form_is_none_even_if_it_is_signed(body: str) -> None:
    signed = SignedOrder(body, "00" * 64)
    if body.isascii() and len(body) <= MOST:
        signed = signed_as_it_is(body)
    with pytest.raises(NotSigned):
        read(signed, PUBLIC)


@pytest.mark.parametrize(("lease", "lock"), [(0, 5), (366, 5), (30, 0), (30, 61)])
def test_rules_that_would_lock_everybody_out_or_nobody_cannot_be_made(
    lease: int, lock: int
) -> None:
    with pytest.raises(ValueError, match="outside"):
        dc.replace(ORDER, kind=RULES, lease_days=lease, lock_minutes=lock)


def test_an_order_too_long_to_be_read_is_not_signed() -> None:
    with pytest.raises(ValueError, match="too long"):
        sign(dc.replace(ORDER, office="x" * MOST), KEY)
