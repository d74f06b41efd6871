"""A vault made for one test, at the lowest cost, and the clocks it goes by."""

from pathlib import Path

import pytest

from hah_desktop.vault.vault import Vault
from tests.vault.planted import NOW, PASSPHRASE, QUICK, Clockwork


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture
def vault(tmp_path: Path, clockwork: Clockwork) -> Vault:
    made, keys = Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW, clocks=clockwork.clocks)
    keys.wipe()
    return made
