"""Deriving the wrapping key, and what it may cost."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.vault import kdf
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.errors import TooLittleMemory
from hah_desktop.vault.kdf import DEFAULT, FLOOR, KdfCost, calibrate, key_from
from tests.vault.planted import PASSPHRASE, Clockwork

SALT = bytes(range(16))


def _key(passphrase: str, salt: bytes = SALT, cost: KdfCost = FLOOR) -> bytes:
    with key_from(passphrase, salt, cost) as key:
        return bytes(key)


def _plant_argon(monkeypatch: pytest.MonkeyPatch, on_derive: Callable[[int, int], None]) -> None:
    class Planted:
        def __init__(self, *, memory_cost: int, iterations: int, **_rest: object) -> None:
            self._cost = memory_cost, iterations

        def derive_into(self, _material: bytes, _key: bytearray) -> None:
            on_derive(*self._cost)

    monkeypatch.setattr(kdf, "Argon2id", Planted)


def test_the_key_is_argon2id_of_the_passphrase() -> None:
    argon = Argon2id(salt=SALT, length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
    assert _key(PASSPHRASE) == argon.derive(PASSPHRASE.encode())


def test_another_salt_gives_another_key() -> None:
    assert _key(PASSPHRASE) != _key(PASSPHRASE, bytes(16))


def test_letters_typed_in_another_form_give_the_same_key() -> None:
    assert _key("caf\u00e9 violet orbit") == _key("cafe\u0301 violet orbit")


def test_whatever_a_keyboard_sends_is_a_passphrase() -> None:
    assert len(_key("half a pair \ud83d")) == 32


def test_the_key_is_wiped_after_use() -> None:
    with key_from(PASSPHRASE, SALT, FLOOR) as key:
        assert any(key)
    assert key == bytearray(32)


def test_the_key_is_wiped_after_a_fault() -> None:
    with pytest.raises(KeyError), key_from(PASSPHRASE, SALT, FLOOR) as key:
        raise KeyError
    assert key == bytearray(32)


def test_too_little_memory_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_memory_kib: int, _passes: int) -> None:
        raise MemoryError

    _plant_argon(monkeypatch, fail)
    with pytest.raises(TooLittleMemory, match="too little free memory"):
        _key(PASSPHRASE)


@given(st.integers(), st.integers(), st.integers())
def test_no_cost_outside_the_bounds_can_be_made(memory_kib: int, passes: int, lanes: int) -> None:
    allowed = 65536 <= memory_kib <= 2**20 and 3 <= passes <= 10 and 4 <= lanes <= 16
    try:
        KdfCost(memory_kib, passes, lanes)
    except ValueError:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(
    ("memory_kib", "passes", "lanes"),
    [
        (65535, 3, 4),
        (65536, 2, 4),
        (65536, 3, 3),
        (2**20 + 1, 3, 4),
        (65536, 11, 4),
        (65536, 3, 17),
    ],
)
def test_a_cost_just_outside_the_bounds_is_refused(
    memory_kib: int, passes: int, lanes: int
) -> None:
    with pytest.raises(ValueError, match="outside"):
        KdfCost(memory_kib, passes, lanes)


@pytest.mark.parametrize(
    ("seconds_per_64_mib", "memory_mib", "passes"),
    [
        (0.01, 256, 10),
        (0.05, 256, 8),
        (0.1, 256, 4),
        (0.13, 256, 3),
        (0.5, 256, 3),
        (0.6, 128, 3),
        (1.5, 64, 3),
        (9.0, 64, 3),
    ],
)
def test_a_laptop_gets_a_cost_that_takes_it_half_a_second_to_two(
    monkeypatch: pytest.MonkeyPatch,
    clockwork: Clockwork,
    seconds_per_64_mib: float,
    memory_mib: int,
    passes: int,
) -> None:
    def derive(kib: int, passes: int) -> None:
        clockwork.pass_time(seconds_per_64_mib * kib / 65536 * passes / 3)

    _plant_argon(monkeypatch, derive)
    assert calibrate(clockwork.clocks.steady) == KdfCost(memory_mib * 1024, passes, 4)


def test_a_laptop_with_little_memory_gets_a_cost_it_can_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hold(memory_kib: int, _passes: int) -> None:
        if memory_kib > 128 * 1024:
            raise MemoryError

    _plant_argon(monkeypatch, hold)
    assert calibrate(itertools.count(step=0.6).__next__).memory_kib == 128 * 1024


def test_the_cost_is_found_on_this_machine() -> None:
    cost = calibrate(Clocks().steady)
    assert FLOOR.memory_kib <= cost.memory_kib <= DEFAULT.memory_kib
    assert cost.lanes == DEFAULT.lanes


def test_keys_derived_at_the_same_time_are_the_same_as_one_after_the_other() -> None:
    # Without the lock this hangs, or says that there is too little memory.
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(_key, [PASSPHRASE] * 4, timeout=120))
    assert set(found) == {_key(PASSPHRASE)}
