"""The office's keys, and what only the office opens."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from hah_desktop.seals import sealing
from hah_desktop.seals.errors import SealBroken
from hah_desktop.seals.sealing import OfficeKeys, OfficeSecrets, SealingKey, seal, unseal

SECRETS = OfficeSecrets.generate()
KEYS = SECRETS.public
SEALED = seal(KEYS.recovery, b"for this", b"a secret")


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_what_was_sealed_is_opened_by_the_office(secret: bytes, info: bytes) -> None:
    sealed = seal(KEYS.recovery, info, secret)
    assert len(sealed) == len(secret) + sealing.OVERHEAD
    assert unseal(SECRETS.recovery, info, sealed) == secret


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    assert seal(KEYS.recovery, b"", b"a secret") != seal(KEYS.recovery, b"", b"a secret")


def test_another_office_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        unseal(SealingKey.generate(), b"for this", SEALED)


def test_half_of_the_key_opens_nothing() -> None:
    other = OfficeSecrets.generate().recovery_seed
    ours = SECRETS.recovery_seed
    for mixed in (ours[:64] + other[64:], other[:64] + ours[64:]):
        with pytest.raises(SealBroken):
            unseal(SealingKey(mixed), b"for this", SEALED)


def test_a_seal_for_something_else_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        unseal(SECRETS.recovery, b"for that", SEALED)


@settings(max_examples=300)
@given(st.integers(0, len(SEALED) * 8 - 1))
def test_every_flipped_bit_is_refused(place: int) -> None:
    flipped = bytearray(SEALED)
    flipped[place // 8] ^= 1 << place % 8
    with pytest.raises(SealBroken):
        unseal(SECRETS.recovery, b"for this", bytes(flipped))


@given(st.binary(max_size=1300))
def test_a_foreign_thing_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(SECRETS.recovery, b"for this", sealed)


def test_every_tear_is_refused() -> None:
    for length in range(len(SEALED)):
        with pytest.raises(SealBroken):
            unseal(SECRETS.recovery, b"for this", SEALED[:length])


@pytest.mark.parametrize("key", [b"", bytes(1216), b"\xff" * 1216, KEYS.recovery + b"\0"])
def test_nothing_is_sealed_for_what_is_no_key(key: bytes) -> None:
    with pytest.raises(SealBroken):
        seal(key, b"", b"a secret")


def test_the_public_keys_belong_to_the_secrets() -> None:
    signature = Ed25519PrivateKey.from_private_bytes(SECRETS.orders_seed).sign(b"an order")
    Ed25519PublicKey.from_public_bytes(KEYS.orders).verify(signature, b"an order")
    assert OfficeSecrets(SECRETS.recovery_seed, SECRETS.orders_seed).public == KEYS


def test_keys_and_secrets_come_back_from_plain_values() -> None:
    assert OfficeKeys.from_plain(KEYS.to_plain()) == KEYS
    assert OfficeSecrets.from_plain(SECRETS.to_plain()) == SECRETS


@pytest.mark.parametrize(
    "change",
    [
        {"recovery": None},
        {"recovery": 7},
        {"recovery": "zz" * 1216},
        {"recovery": "ab" * 1215},
        {"recovery": "ab" * 95},
        {"orders": "ab" * 33},
        {"orders": "  " * 32},
        {"orders": ["ab"]},
    ],
)
def test_plain_values_of_another_shape_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(SealBroken):
        OfficeKeys.from_plain({**KEYS.to_plain(), **change})
    with pytest.raises(SealBroken):
        OfficeSecrets.from_plain({**SECRETS.to_plain(), **change})
    with pytest.raises(SealBroken):
        OfficeKeys.from_plain({})


def test_keys_of_another_length_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="1216 bytes"):
        OfficeKeys(KEYS.recovery[1:], KEYS.orders)
    with pytest.raises(ValueError, match="96 bytes"):
        OfficeSecrets(SECRETS.recovery_seed, b"")
    with pytest.raises(ValueError, match="96 bytes"):
        SealingKey(b"")


def test_a_fingerprint_is_twelve_letters_of_both_keys() -> None:
    other = OfficeSecrets.generate().public
    mixed = [OfficeKeys(KEYS.recovery, other.orders), OfficeKeys(other.recovery, KEYS.orders)]
    prints = {keys.fingerprint() for keys in (KEYS, other, *mixed)}
    assert len(prints) == 4
    assert {len(found) for found in prints} == {12}
    assert OfficeKeys(b"\1" * 1216, b"\2" * 32).fingerprint() == "NGWP4BX9KGBM"


def test_secrets_show_nothing_when_printed() -> None:
    assert repr(SECRETS) == "OfficeSecrets()"
