"""A real encrypted store, and a clock that the test sets."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from tests.store.hand import HandClock, raw_key


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without a record, to copy: making one takes longer than most tests take."""
    path = tmp_path_factory.mktemp("new") / "records.db"
    made = Store.create(path, raw_key, HandClock())
    made.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="ruth"))
    made.close()
    return path


@pytest.fixture
def store(new_store: Path, tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    opened = Store.open(Path(shutil.copy(new_store, tmp_path)), raw_key, clock)
    yield opened
    opened.close()


@pytest.fixture
def closed(store: Store, tmp_path: Path) -> Path:
    """A closed database with a visit in it, and more pages than one, in a folder of its own."""
    store.add(Visit(id=RecordId("v1"), met_by="D. Okafor", impression="Calm. " * 5_000))
    store.close()
    (tmp_path / "closed").mkdir()
    return Path(shutil.copy(tmp_path / "records.db", tmp_path / "closed"))
