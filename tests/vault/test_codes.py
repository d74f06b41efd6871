"""A forgotten passphrase: a code from the office opens the vault once, and costs no data."""

import dataclasses
from pathlib import Path

import pytest

from hah_desktop.seals import recovery, sealing
from hah_desktop.seals.errors import Misheard, SealBroken
from hah_desktop.seals.recovery import Purpose, Request
from hah_desktop.seals.sealing import SealingKey
from hah_desktop.vault import copies, header
from hah_desktop.vault.errors import (
    NoRecovery,
    TooSoon,
    VaultDamaged,
    VaultNotSaved,
    WeakPassphrase,
    WrongCode,
    WrongPassphrase,
)
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import SECOND_NAME, Vault
from tests.vault.planted import (
    NOW,
    OFFICE,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    QUICK,
    RECOVERY,
    SECRET,
    Clockwork,
    CutError,
    code,
    contents,
    cut_at,
    full_disk,
    headers_untouched,
    spec,
    watch_new_keys,
)


def _answer(request: str) -> str:
    """What the office reads out: it has what was sealed for it, and nothing else."""
    asked = recovery.read_request(request)
    assert asked.recovery_id == RECOVERY.id
    info = recovery.seal_info(RECOVERY.vault_id, RECOVERY.id)
    secret = sealing.unseal(OFFICE.recovery, info, RECOVERY.sealed)
    return recovery.code(secret, asked.purpose, asked.count)


def test_a_forgotten_passphrase_costs_a_telephone_call_and_no_data(
    tmp_path: Path, recoverable: Vault
) -> None:
    before = spec(recoverable.unlock(PASSPHRASE))
    opened = recoverable.unlock_with_code(_answer(recoverable.recovery_request()))
    count = recoverable.recovery_count
    generation = recoverable.set_passphrase(
        opened.keys, OTHER_PASSPHRASE, code(count + 1), cost=QUICK
    )
    assert generation == recoverable.generation == 2
    assert spec(opened) == before
    assert spec(Vault.open(tmp_path).unlock(OTHER_PASSPHRASE)) == before
    with pytest.raises(WrongPassphrase):
        recoverable.unlock(PASSPHRASE)


def test_a_used_code_is_dead_and_the_next_one_opens(recoverable: Vault) -> None:
    for count in (1, 2):
        assert recoverable.recovery_count == count
        spoken = _answer(recoverable.recovery_request())
        opened = recoverable.unlock_with_code(spoken)
        recoverable.set_passphrase(opened.keys, OTHER_PASSPHRASE, code(count + 1), cost=QUICK)
        with pytest.raises(WrongCode):
            recoverable.unlock_with_code(spoken)
    with pytest.raises(WrongCode):
        recoverable.unlock_with_code(code(4))


def test_a_code_stays_good_until_there_is_a_new_passphrase(recoverable: Vault) -> None:
    recoverable.unlock_with_code(code(1)).wipe()
    recoverable.unlock_with_code(code(1).lower().replace("-", " ")).wipe()


def test_a_code_for_something_else_opens_nothing(recoverable: Vault) -> None:
    with pytest.raises(WrongCode):
        recoverable.unlock_with_code(recovery.code(SECRET, Purpose.LEASE, 1))


def test_the_request_names_the_code_that_is_wanted(recoverable: Vault) -> None:
    asked = recovery.read_request(recoverable.recovery_request())
    assert asked == Request(RECOVERY.id, Purpose.OPEN, 1)
    assert recoverable.has_recovery


def test_wrong_codes_slow_down_like_wrong_passphrases(
    recoverable: Vault, clockwork: Clockwork
) -> None:
    for _ in range(3):
        with pytest.raises(WrongCode, match="That code does not unlock this laptop"):
            recoverable.unlock_with_code(code(9))
    assert recoverable.failed_tries() == 3
    with pytest.raises(TooSoon):
        recoverable.unlock_with_code(code(1))
    clockwork.pass_time(2)
    recoverable.unlock_with_code(code(1)).wipe()
    assert recoverable.failed_tries() == 0


def test_letters_that_were_misheard_cost_no_try(tmp_path: Path, recoverable: Vault) -> None:
    before = contents(tmp_path)
    spoken = code(1)
    misheard = ("Z" if spoken[0] != "Z" else "Y") + spoken[1:]
    for typed in (misheard, spoken[:-1], ""):
        with pytest.raises(Misheard):
            recoverable.unlock_with_code(typed)
    assert contents(tmp_path) == before
    assert recoverable.failed_tries() == 0


def test_a_vault_without_a_way_in_for_the_office_says_so(vault: Vault) -> None:
    assert not vault.has_recovery
    for attempt in (
        vault.recovery_request,
        lambda: vault.recovery_count,
        lambda: vault.unlock_with_code(code(1)),
    ):
        with pytest.raises(NoRecovery, match="only its passphrase"):
            attempt()
    keys = vault.unlock(PASSPHRASE).keys
    with pytest.raises(NoRecovery):
        vault.set_passphrase(keys, OTHER_PASSPHRASE, code(2), cost=QUICK)
    assert vault.failed_tries() == 0


def test_a_newer_copy_that_knows_no_code_makes_those_of_before_dead(
    tmp_path: Path, recoverable: Vault
) -> None:
    keys = recoverable.unlock(PASSPHRASE).keys
    now = copies.read(tmp_path).newest.header
    later = dataclasses.replace(now, generation=now.generation + 1, slots=now.passphrases)
    (tmp_path / SECOND_NAME).write_bytes(header.to_bytes(later, keys))
    with pytest.raises(WrongCode):
        recoverable.unlock_with_code(code(1))
    recoverable.unlock(PASSPHRASE).wipe()


def test_what_is_sealed_for_the_office_gives_it_the_secret_and_nobody_else(
    recoverable: Vault,
) -> None:
    assert recoverable.vault_id == RECOVERY.vault_id
    info = recovery.seal_info(RECOVERY.vault_id, RECOVERY.id)
    assert sealing.unseal(OFFICE.recovery, info, RECOVERY.sealed) == SECRET
    with pytest.raises(SealBroken):
        sealing.unseal(SealingKey.generate(), info, RECOVERY.sealed)
    assert RECOVERY.code not in repr(RECOVERY)


def test_a_vault_whose_first_code_is_no_code_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watch_new_keys(monkeypatch)
    wrong = dataclasses.replace(RECOVERY, code="0" * 30)
    with pytest.raises(Misheard):
        Vault.create(tmp_path, PASSPHRASE, recovery=wrong, cost=QUICK, now=NOW)
    assert [keys.wiped for keys in made] == [True]
    assert contents(tmp_path) == {}


def test_a_new_passphrase_after_a_code_has_to_be_a_good_one(
    tmp_path: Path, recoverable: Vault
) -> None:
    keys = recoverable.unlock_with_code(code(1)).keys
    with headers_untouched(tmp_path), pytest.raises(WeakPassphrase):
        recoverable.set_passphrase(keys, "password", code(2), cost=QUICK)
    with headers_untouched(tmp_path), pytest.raises(Misheard):
        recoverable.set_passphrase(keys, OTHER_PASSPHRASE, "no code", cost=QUICK)


def test_only_keys_of_this_vault_give_it_a_new_passphrase(
    tmp_path: Path, recoverable: Vault
) -> None:
    stranger = KeyHolder(bytearray(32), bytes(16))
    with headers_untouched(tmp_path), pytest.raises(VaultDamaged):
        recoverable.set_passphrase(stranger, OTHER_PASSPHRASE, code(2), cost=QUICK)


def test_a_full_disk_leaves_the_code_good(
    tmp_path: Path, recoverable: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = recoverable.unlock_with_code(code(1))
    with monkeypatch.context() as planted, headers_untouched(tmp_path):
        planted.setattr("os.fsync", full_disk)
        with pytest.raises(VaultNotSaved, match="disk is full"):
            recoverable.set_passphrase(opened.keys, OTHER_PASSPHRASE, code(2), cost=QUICK)
    recoverable.unlock_with_code(code(1)).wipe()


@pytest.mark.parametrize("step", [3, 5])
def test_cut_while_the_new_passphrase_is_written_either_it_or_the_code_opens(
    recoverable: Vault, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    opened = recoverable.unlock_with_code(code(1))
    with monkeypatch.context() as planted:
        cut_at(planted, step)
        with pytest.raises(CutError):
            recoverable.set_passphrase(opened.keys, OTHER_PASSPHRASE, code(2), cost=QUICK)
    if step == 3:
        recoverable.unlock_with_code(code(1)).wipe()
        with pytest.raises(WrongPassphrase):
            recoverable.unlock(OTHER_PASSPHRASE)
    else:
        with pytest.raises(WrongCode):
            recoverable.unlock_with_code(code(1))
        recoverable.unlock(OTHER_PASSPHRASE).wipe()
