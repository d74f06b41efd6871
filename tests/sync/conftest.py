"""Laptops with real encrypted stores, an office in memory, and a server on a real socket."""

from collections.abc import Iterator

import pytest

from tests.sync.laptops import Laptops
from tests.sync.office import MemoryOffice
from tests.sync.server import Server, serving


@pytest.fixture(scope="session")
def all_laptops(tmp_path_factory: pytest.TempPathFactory) -> Laptops:
    return Laptops(tmp_path_factory.mktemp("laptops"))


@pytest.fixture
def laptops(all_laptops: Laptops) -> Iterator[Laptops]:
    yield all_laptops
    all_laptops.close()


@pytest.fixture
def office() -> MemoryOffice:
    return MemoryOffice()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running
