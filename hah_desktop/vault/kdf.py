"""From a passphrase to the key that wraps the vault key: Argon2id and what it may cost."""

import math
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hah_desktop.vault.errors import TooLittleMemory
from hah_desktop.vault.keys import KEY_BYTES, wipe

SALT_BYTES = 16
QUICK_SECONDS = 0.5
SLOW_SECONDS = 2.0
_MEMORY_KIB = range(64 * 1024, 1024 * 1024 + 1)
_PASSES = range(3, 11)
_LANES = range(4, 17)

_ONE_AT_A_TIME = Lock()
"""OpenSSL shares the threads of its lanes between derivations: two at once wait for each other
for ever, or one of them says that there is no memory."""


@dataclass(frozen=True)
class KdfCost:
    """What one derivation costs: memory in KiB, passes over it, lanes.

    A cost under the floor (64 MiB, 3, 4) or over the ceiling (1 GiB, 10, 16)
    cannot be made: raises ValueError. So a header can neither weaken the
    derivation nor hang the laptop with it.
    """

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        if not (self.memory_kib in _MEMORY_KIB and self.passes in _PASSES and self.lanes in _LANES):
            raise ValueError("the cost of deriving a key is outside what this program allows")


FLOOR = KdfCost(64 * 1024, 3, 4)
DEFAULT = KdfCost(256 * 1024, 3, 4)


@contextmanager
def key_from(passphrase: str, salt: bytes, cost: KdfCost) -> Iterator[bytearray]:
    """Derive the wrapping key and wipe it on the way out; slow on purpose.

    Raises TooLittleMemory.
    """
    key = bytearray(KEY_BYTES)
    try:
        _derive_into(key, passphrase, salt, cost)
        yield key
    finally:
        wipe(key)


def calibrate(clock: Callable[[], float]) -> KdfCost:
    """Find a cost that takes this laptop half a second to two seconds, never below the floor.

    A slow laptop gets less memory, a quick one more passes. `clock` gives seconds and never
    goes back.
    """
    cost = DEFAULT
    seconds = _seconds_for(cost, clock)
    while seconds > SLOW_SECONDS and cost.memory_kib > FLOOR.memory_kib:
        cost = replace(cost, memory_kib=cost.memory_kib // 2)
        seconds = _seconds_for(cost, clock)
    while seconds < QUICK_SECONDS and cost.passes < _PASSES[-1]:
        cost = replace(cost, passes=cost.passes + 1)
        seconds = _seconds_for(cost, clock)
    return cost


def _seconds_for(cost: KdfCost, clock: Callable[[], float]) -> float:
    start = clock()
    try:
        with key_from("only to measure", os.urandom(SALT_BYTES), cost):
            return clock() - start
    except TooLittleMemory:
        return math.inf


def _derive_into(key: bytearray, passphrase: str, salt: bytes, cost: KdfCost) -> None:
    # NFKC: the same keys typed on another system may give the same letters in another form.
    # surrogatepass: whatever a keyboard sends is a passphrase, not a crash.
    material = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    try:
        with _ONE_AT_A_TIME:
            Argon2id(
                salt=salt,
                length=len(key),
                iterations=cost.passes,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
            ).derive_into(material, key)
    except MemoryError:
        raise TooLittleMemory from None
