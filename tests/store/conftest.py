"""A real encrypted store, and a clock that the test sets."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
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


@pytest.fixture
def closed(store: Store, tmp_path: Path) -> Path:
    """A closed database with a visit in it, and more pages than one, in a folder of its own."""
    store.add(Visit(id=RecordId("v1"), met_by="D. Okafor", impression="Calm. " * 5_000))
    store.close()
    (tmp_path / "closed").mkdir()
    return Path(shutil.copy(tmp_path / "records.db", tmp_path / "closed"))
