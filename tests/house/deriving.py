"""Derives each key once a run: the real Argon2id, which takes a third of a second of its time.

For the conftest of a part that unlocks the same laptops again and again. What a process of its own
derives is derived there as ever.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hah_central.office import keyfiles
from hah_desktop.vault import kdf, slots

SALT = b"salt of the test"

_DERIVED: dict[tuple[object, ...], bytes] = {}


class RememberingArgon2id:
    """The real Argon2id, which remembers: the same passphrase and salt are derived once a run."""

    def __init__(self, **cost: Any) -> None:
        self._cost = cost

    def derive(self, material: bytes) -> bytes:
        asked = (material, *sorted(self._cost.items()))
        if asked not in _DERIVED:
            _DERIVED[asked] = Argon2id(**self._cost).derive(material)
        return _DERIVED[asked]

    def derive_into(self, material: bytes, key: bytearray) -> None:
        key[:] = self.derive(material)


@pytest.fixture(scope="session", autouse=True)
def derive_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as planted:
        for module in (kdf, keyfiles):
            planted.setattr(module, "Argon2id", RememberingArgon2id)
        yield


class SaltingAlike:
    """The real `os`, but for what is drawn of the length of a salt."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def urandom(self, size: int) -> bytes:
        return SALT if size == len(SALT) else os.urandom(size)


@pytest.fixture(scope="session", autouse=True)
def salt_alike(derive_once: None) -> Iterator[None]:
    """Salt all alike, so that what many laptops have under one passphrase is derived once too.

    For parts that make many laptops; that a salt is never used again is for the others to test.
    """
    del derive_once
    with pytest.MonkeyPatch.context() as planted:
        for module in (slots, keyfiles):
            planted.setattr(module, "os", SaltingAlike())
        yield
