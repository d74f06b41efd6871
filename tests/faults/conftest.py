"""One real office for all of these tests, and laptops that are enrolled with it."""

import dataclasses as dc
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.setting_up import Making
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import recovery
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.client import Office
from hah_desktop.sync.wire.signed import read_code
from hah_desktop.vault import signing
from tests.central.trust import SECRETS
from tests.faults.made import Machine, Post, laptop_in
from tests.faults.plain import PASSPHRASE
from tests.house import deriving, forking

derive_once = deriving.derive_once
load_once = forking.load_once
salt_alike = deriving.salt_alike


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    made = Post(tmp_path_factory.mktemp("post") / "office")
    yield made
    made.close()


def making(laptop: Laptop, office: Office) -> Making:
    """The setting up of this laptop, for going through it in parts."""
    return Making(laptop.folder, laptop.clock, laptop.cost, office, lambda _words: None)


@pytest.fixture(scope="session")
def new_folder(post: Post, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a laptop that nobody has enrolled, to copy: making one is slow."""
    laptop = laptop_in(tmp_path_factory.mktemp("new") / "laptop")
    with closing(Office(post.url)) as office:
        making(laptop, office)._fresh(PASSPHRASE, SECRETS.public).lock()
    return laptop.folder


@pytest.fixture
def machine(post: Post, new_folder: Path, tmp_path: Path) -> Iterator[Machine]:
    """A laptop of its own adviser, enrolled with the office."""
    yield from _enrolled(post, new_folder, tmp_path / "laptop", f"Adviser of {tmp_path.name}")


@pytest.fixture
def other(post: Post, new_folder: Path, tmp_path: Path) -> Iterator[Machine]:
    """The laptop of another adviser."""
    yield from _enrolled(post, new_folder, tmp_path / "other", f"Colleague of {tmp_path.name}")


def _enrolled(post: Post, new_folder: Path, folder: Path, adviser: str) -> Iterator[Machine]:
    shutil.copytree(new_folder, folder)
    laptop = laptop_in(folder)
    code, _ = read_code(post.code(adviser))
    with closing(Office(post.url)) as office:
        made = making(laptop, office)
        unlocked = made._again(PASSPHRASE)
        _make_another(unlocked)
        enrolled = Machine(laptop, made._enrol(unlocked, SECRETS.public, post.url, code))
    yield enrolled
    enrolled.unlocked.lock()


def _make_another(unlocked: Unlocked) -> None:
    """Give a copied laptop a key and a recovery id of its own, as a new one has."""
    agreed = unlocked.trust()
    assert agreed is not None
    unlocked.who = Identity(signing.new_key())
    with unlocked.store.writing() as connection:
        meta.keep_identity(connection, unlocked.who)
        named = recovery.new_id().hex()
        meta.keep_trust(connection, dc.replace(agreed, recovery_id=named))
