"""One real office for all of these tests, and laptops set up with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.made import Machine, Post, laptop_in, set_up


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    made = Post(tmp_path_factory.mktemp("post") / "office")
    yield made
    made.close()


@pytest.fixture
def machine(post: Post, tmp_path: Path) -> Iterator[Machine]:
    """A laptop of its own adviser, set up with the office."""
    laptop = laptop_in(tmp_path / "laptop")
    made = Machine(laptop, set_up(laptop, post.url, post.code(f"Adviser of {tmp_path.name}")))
    yield made
    made.unlocked.lock()
