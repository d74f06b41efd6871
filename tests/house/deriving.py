"""Derives each key once a run: the real Argon2id, which takes a third of a second of its time.

For the conftest of a part that unlocks the same laptops again and again. What a process of its own
derives is derived there as ever.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hah_central import keyfiles
from hah_desktop.vault import kdf

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
