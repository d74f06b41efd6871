"""A vault for one test, at the lowest cost, copied from one made; and the clocks it goes by."""

import shutil
from pathlib import Path

import pytest

from hah_desktop.vault.vault import Vault
from tests.house import deriving
from tests.vault.planted import (
    NOW,
    PASSPHRASE,
    QUICK,
    RECOVERY,
    Clockwork,
    code,
)

derive_once = deriving.derive_once


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a vault that its passphrase opens."""
    folder = tmp_path_factory.mktemp("made")
    Vault.create(folder, PASSPHRASE, cost=QUICK, now=NOW)[1].wipe()
    return folder


@pytest.fixture(scope="session")
def made_recoverable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a vault that codes from the office open too."""
    folder = tmp_path_factory.mktemp("recoverable")
    Vault.create(folder, PASSPHRASE, recovery=RECOVERY, cost=QUICK, now=NOW)[1].wipe()
    return folder


@pytest.fixture(scope="session")
def made_begun(made_recoverable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a vault whose keys are being changed."""
    folder = tmp_path_factory.mktemp("begun")
    shutil.copytree(made_recoverable, folder, dirs_exist_ok=True)
    vault = Vault.open(folder)
    keys = vault.unlock(PASSPHRASE).keys
    vault.begin_rotation(keys, PASSPHRASE, code(2), cost=QUICK).wipe()
    return folder


@pytest.fixture
def vault(made: Path, tmp_path: Path, clockwork: Clockwork) -> Vault:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Vault.open(tmp_path, clocks=clockwork.clocks)


@pytest.fixture
def recoverable(made_recoverable: Path, tmp_path: Path, clockwork: Clockwork) -> Vault:
    shutil.copytree(made_recoverable, tmp_path, dirs_exist_ok=True)
    return Vault.open(tmp_path, clocks=clockwork.clocks)
