"""Headers of every format that was ever released still open, and are written as the newest."""

import hashlib
from pathlib import Path

import pytest

from hah_desktop.vault.files import HEADER_NAME
from hah_desktop.vault.vault import Vault
from tests.vault.planted import OTHER_PASSPHRASE, PASSPHRASE, QUICK, put_both, spec

RELEASED = Path(__file__).parent / "released"
SPEC_HASHES = {
    1: "579035ec523ae4c6683415ea0f03edb09a60ed0b19f7c674412176d68b103194",
    2: "252198b902a54b5b3823f356787ccda65a94da684d4cbcc58085316ea1a2c2cb",
}
"""SHA-256 of what opened each vault's database when its header was written."""

CODE_OF_2 = "ZYXKM-ZRPYH-0EAZA-RK3X2-9DBSR-XAA3M"


def _vault(folder: Path, form: int) -> Vault:
    data = (RELEASED / f"format-{form}.header").read_bytes()
    assert data.startswith(b"help-at-hand vault %d\n" % form)
    (folder / HEADER_NAME).write_bytes(data)
    if form > 1:
        put_both(folder, data)
    return Vault.open(folder)


def _hash(database_spec: bytes) -> str:
    return hashlib.sha256(database_spec).hexdigest()


@pytest.mark.parametrize("form", SPEC_HASHES)
def test_a_header_of_every_released_format_opens(tmp_path: Path, form: int) -> None:
    opened = _vault(tmp_path, form).unlock(PASSPHRASE)
    assert (opened.generation, opened.pending) == (1, None)
    assert _hash(spec(opened)) == SPEC_HASHES[form]


def test_the_code_of_a_released_header_opens_it(tmp_path: Path) -> None:
    opened = _vault(tmp_path, 2).unlock_with_code(CODE_OF_2)
    assert _hash(spec(opened)) == SPEC_HASHES[2]


def test_opening_the_first_format_makes_its_second_copy_and_changes_nothing(
    tmp_path: Path,
) -> None:
    vault = _vault(tmp_path, 1)
    assert not vault.has_recovery
    vault.unlock(PASSPHRASE).wipe()
    first = (RELEASED / "format-1.header").read_bytes()
    assert {path.read_bytes() for path in tmp_path.glob("vault.header*")} == {first}


def test_the_first_format_changes_passphrase_and_keys_like_any_other(tmp_path: Path) -> None:
    vault = _vault(tmp_path, 1)
    assert vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK) == 2
    assert (tmp_path / HEADER_NAME).read_bytes().startswith(b"help-at-hand vault 2\n")
    opened = vault.unlock(OTHER_PASSPHRASE)
    new = vault.begin_rotation(opened.keys, OTHER_PASSPHRASE, None, cost=QUICK)
    assert vault.finish_rotation(new) == 4
    assert spec(vault.unlock(OTHER_PASSPHRASE)) == spec(new)
