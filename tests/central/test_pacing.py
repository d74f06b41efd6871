"""Whoever asks without end has to wait, and nobody else does."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_central.database.database import Database, in_folder
from hah_central.service.app import create_app
from hah_central.service.pacing import Allowances
from hah_desktop.sync.wire.form import PROTOCOL_HEADER
from tests.central.conftest import HandClock, reached
from tests.central.laptop import problem

ADA, BEN = {"Authorization": "Bearer ada"}, {"Authorization": "Bearer ben"}


class Seconds:
    """Seconds that go on when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def client(tmp_path: Path, seconds: Seconds) -> Iterator[httpx.Client]:
    """A service that takes three requests at once, and then one each ten seconds."""
    database = Database(in_folder(tmp_path))
    allowances = Allowances(seconds, at_once=3, a_second=0.1)
    with reached(create_app(database, clock=HandClock(), allowances=allowances)) as client:
        yield client
    database.close()


def test_whoever_asks_too_much_is_told_how_long_to_wait(
    client: httpx.Client, seconds: Seconds
) -> None:
    assert [client.get("/v1/hello").status_code for _ in range(3)] == [200] * 3
    refused = client.get("/v1/hello")
    assert "Wait 10 seconds" in problem(refused, 429, "too-many-requests")
    assert refused.headers["Retry-After"] == "10"
    assert PROTOCOL_HEADER in refused.headers
    seconds.now += 10
    assert client.get("/v1/hello").status_code == 200
    problem(client.get("/v1/hello"), 429, "too-many-requests")


def test_another_laptop_behind_the_same_address_does_not_wait(client: httpx.Client) -> None:
    asked = {"epoch": "", "files": {}, "want": []}
    for _ in range(3):
        problem(client.post("/v1/pull", json=asked, headers=ADA), 401, "sign-in")
    problem(client.post("/v1/pull", json=asked, headers=ADA), 429, "too-many-requests")
    problem(client.post("/v1/pull", json=asked, headers=BEN), 401, "sign-in")
    assert client.get("/v1/hello").status_code == 200


@given(st.lists(st.floats(0, 30), max_size=60))
def test_nobody_gets_more_than_is_allowed_and_whoever_waits_gets_it(steps: list[float]) -> None:
    seconds, who = Seconds(), ("192.0.2.1", "")
    allowances = Allowances(seconds, at_once=5, a_second=0.5)
    for passed, step in enumerate(steps, 1):
        seconds.now += step
        wait = allowances.spend(who)
        if wait:
            seconds.now += wait
            assert allowances.spend(who) == 0
        assert passed <= 5 + 0.5 * seconds.now + 1e-6


def test_only_so_many_are_remembered(seconds: Seconds) -> None:
    allowances = Allowances(seconds, at_once=1, a_second=0.1)
    assert allowances.spend(("first", "")) == 0
    for number in range(10_000):
        allowances.spend((str(number), ""))
    assert allowances.spend(("first", "")) == 0
