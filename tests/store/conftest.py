"""A real encrypted store, and a clock that the test sets."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


class HandClock:
    """A clock that shows what the test says."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def raw_key() -> bytearray:
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    made = Store.create(tmp_path / "records.db", raw_key, clock)
    made.keep_identity(Identity("00" * 32, laptop="laptop-one", adviser="ruth"))
    yield made
    made.close()
