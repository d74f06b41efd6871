"""What the tests of every part share: PostgreSQL, published files, a window system."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from tests.house import postgres

ROOT = Path(__file__).resolve().parents[1]

# Before Qt starts: tests draw in memory, on a machine without a screen as on one with.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A slow or busy machine is no fault of the code, so no deadline decides a test.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the address of a throw-away PostgreSQL server, ending in "/"."""
    bin_folder = postgres.programs()
    if bin_folder is None:
        pytest.skip(
            "PostgreSQL is not installed: initdb is neither on the PATH nor where Debian puts it"
        )
    with postgres.server(bin_folder) as url:
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
