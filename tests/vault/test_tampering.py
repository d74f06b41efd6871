"""A header that somebody else wrote or changed is refused, and left as it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hah_desktop.vault.errors import VaultDamaged, VaultTooNew, WrongPassphrase
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.vault import HEADER_NAME, Vault
from tests.vault.planted import (
    NOW,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    QUICK,
    body_of,
    contents,
    header_untouched,
    slots_of,
    with_trailer,
)

DEARER = KdfCost(96 * 1024, 3, 4)


def _tamper(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the header as well as anybody can who has the file but not the key."""
    first, _, mac, *_ = (folder / HEADER_NAME).read_bytes().split(b"\n")
    body = body_of(folder)
    change(body)
    compact = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    (folder / HEADER_NAME).write_bytes(with_trailer(b"\n".join((first, compact, mac, b""))))


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 800, b"SQLite format 3\0" * 60, with_trailer(b"somebody's holiday notes\n")],
)
def test_a_torn_or_foreign_header_is_refused_and_left_as_it_is(
    tmp_path: Path, vault: Vault, data: bytes
) -> None:
    (tmp_path / HEADER_NAME).write_bytes(data)
    before = contents(tmp_path)
    for attempt in (
        lambda: Vault.open(tmp_path),
        lambda: vault.unlock(PASSPHRASE),
        lambda: vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK),
    ):
        with pytest.raises(VaultDamaged):
            attempt()
    assert contents(tmp_path) == before


def test_a_header_of_a_newer_program_is_refused_and_left_as_it_is(
    tmp_path: Path, vault: Vault
) -> None:
    newer = with_trailer(b"help-at-hand vault 2\nwhatever it will be\n")
    (tmp_path / HEADER_NAME).write_bytes(newer)
    before = contents(tmp_path)
    with pytest.raises(VaultTooNew):
        Vault.open(tmp_path)
    with pytest.raises(VaultTooNew):
        vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    assert contents(tmp_path) == before


def test_a_cheaper_derivation_within_the_bounds_is_refused(tmp_path: Path) -> None:
    made, keys = Vault.create(tmp_path, PASSPHRASE, cost=DEARER, now=NOW)
    keys.wipe()
    _tamper(tmp_path, lambda body: slots_of(body)[0].update(memory_kib=QUICK.memory_kib))
    with pytest.raises(WrongPassphrase):
        made.unlock(PASSPHRASE)


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 7},
        {"created": "2026-11-22T09:30:01+00:00"},
        {"database_salt": "00" * 16},
    ],
)
def test_a_changed_header_is_refused_though_the_passphrase_is_right(
    tmp_path: Path, vault: Vault, change: dict[str, object]
) -> None:
    _tamper(tmp_path, lambda body: body.update(change))
    with pytest.raises(VaultDamaged), header_untouched(tmp_path):
        vault.unlock(PASSPHRASE)


@pytest.mark.parametrize("change", [{"id": "00" * 8}, {"passes": 4}, {"salt": "00" * 16}])
def test_a_changed_slot_opens_nothing(
    tmp_path: Path, vault: Vault, change: dict[str, object]
) -> None:
    _tamper(tmp_path, lambda body: slots_of(body)[0].update(change))
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)


def test_a_slot_of_another_vault_opens_nothing(tmp_path: Path, vault: Vault) -> None:
    Vault.create(tmp_path / "theirs", OTHER_PASSPHRASE, cost=QUICK, now=NOW)[1].wipe()
    theirs = slots_of(body_of(tmp_path / "theirs"))
    _tamper(tmp_path, lambda body: body.update(slots=theirs))
    with pytest.raises(WrongPassphrase):
        vault.unlock(OTHER_PASSPHRASE)


def test_an_earlier_slot_does_not_come_back_into_a_later_header(
    tmp_path: Path, vault: Vault
) -> None:
    earlier = slots_of(body_of(tmp_path))
    vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    _tamper(tmp_path, lambda body: body.update(slots=earlier))
    with pytest.raises(VaultDamaged):
        vault.unlock(PASSPHRASE)


def test_an_added_slot_is_refused_though_the_first_one_opens(tmp_path: Path, vault: Vault) -> None:
    _tamper(tmp_path, lambda body: slots_of(body).append(slots_of(body)[0]))
    with pytest.raises(VaultDamaged):
        vault.unlock(PASSPHRASE)


def test_a_header_without_a_way_in_opens_with_nothing(tmp_path: Path, vault: Vault) -> None:
    _tamper(tmp_path, lambda body: slots_of(body).clear())
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)
