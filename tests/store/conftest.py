"""A real encrypted store, and a clock that the test sets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    made = Store.create(tmp_path / "records.db", raw_key, clock)
    made.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="ruth"))
    yield made
    made.close()
