"""Laptops with real encrypted stores, and an office in memory."""

from collections.abc import Iterator

import pytest

from tests.sync.laptops import Laptops
from tests.sync.office import MemoryOffice


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
