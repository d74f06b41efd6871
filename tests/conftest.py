"""What the tests of every part share: PostgreSQL, published files, a window system."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.house import compiling, postgres

ROOT = Path(__file__).resolve().parents[1]

# Before Qt starts: tests draw in memory, on a machine without a screen as on one with.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A slow or busy machine is no fault of the code, so no deadline decides a test.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# What dev.py runs as the gate: the same examples each time.
settings.register_profile("gate", settings.get_profile("house"), derandomize=True)
settings.load_profile("house")

compile_once = compiling.compile_once

PATIENCE_MS = 120_000


def pytest_collection_finish() -> None:
    """Look no more through all that was imported, which no test lets go of."""
    gc.collect()
    gc.freeze()


class PatientBot(QtBot):
    """Waits for what is sure to come as long as the slowest machine needs.

    Only a test that fails waits so long; nothing is said about how soon it should come.
    """

    def waitUntil(  # noqa: N802 - pytest-qt's name
        self, callback: Callable[[], bool | None], *, timeout: int = 0
    ) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(  # noqa: N802 - as above
        self, signal: Any, *, timeout: int = 0, raising: bool | None = None, **named: Any
    ) -> Any:
        # With `raising` off a test waits for what should not come.
        patient = timeout if raising is False else max(timeout, PATIENCE_MS)
        return super().waitSignal(signal, timeout=patient, raising=raising, **named)

    def waitExposed(self, widget: QWidget, *, timeout: int = 0) -> Any:  # noqa: N802 - as above
        return super().waitExposed(widget, timeout=max(timeout, PATIENCE_MS))

    def waitActive(self, widget: QWidget, *, timeout: int = 0) -> Any:  # noqa: N802 - as above
        return super().waitActive(widget, timeout=max(timeout, PATIENCE_MS))


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Return pytest-qt's own hand, but with more patience."""
    assert qapp is not None
    return PatientBot(request)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the address of a throw-away PostgreSQL server, ending in "/"."""
    bin_folder = postgres.programs()
    if bin_folder is None:
        pytest.skip(
            "PostgreSQL is not installed: initdb is neither on the PATH nor where Debian puts it"
        )
    with postgres.server(bin_folder, hurried=True) as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Yield the address of an empty database of its own, for SQLAlchemy with psycopg."""
    with postgres.database(postgres_url, f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def published() -> Path:
    """Return the folder of Ofsted's published tables, which are not part of the project."""
    named = os.environ.get("HAH_OFSTED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "ofsted"
    if not any(folder.glob("*.csv")):
        pytest.skip("Ofsted's published files are not here: set HAH_OFSTED_DATA to their folder")
    return folder
