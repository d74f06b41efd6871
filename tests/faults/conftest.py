"""One real office for all of these tests, and laptops that are enrolled with it."""

import dataclasses as dc
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hah_desktop.laptop.folder import DATABASE
from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Office
from hah_desktop.sync.wire import read_code
from hah_desktop.vault import signing
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault
from tests.central.trust import SECRETS
from tests.faults.made import Machine, Post, laptop_in
from tests.faults.plain import PASSPHRASE, real_now


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    made = Post(tmp_path_factory.mktemp("post") / "office")
    yield made
    made.close()


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a laptop that nobody has enrolled, to copy: making one is slow."""
    folder = tmp_path_factory.mktemp("new") / "laptop"
    _, keys = Vault.create(folder, PASSPHRASE, cost=FLOOR, now=real_now())
    Store.create(folder / DATABASE, keys.database_spec, real_now).close()
    return folder


@pytest.fixture
def machine(post: Post, new_folder: Path, tmp_path: Path) -> Iterator[Machine]:
    """A laptop of its own adviser, enrolled with the office."""
    shutil.copytree(new_folder, tmp_path / "laptop")
    laptop = laptop_in(tmp_path / "laptop")
    unlocked = dc.replace(laptop._again(PASSPHRASE), who=Identity(signing.new_key()))
    code, _ = read_code(post.code(f"Adviser of {tmp_path.name}"))
    with closing(Office(post.url)) as office:
        enrolled = laptop._enrol(unlocked, office, post.url, code, SECRETS.public)
    made = Machine(laptop, enrolled)
    yield made
    made.unlocked.lock()
