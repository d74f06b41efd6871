"""The vault as a whole: made, unlocked, its passphrase changed, tampered with."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.vault import copies, kdf, slots
from hah_desktop.vault.errors import (
    TooLittleMemory,
    TooSoon,
    VaultExists,
    VaultMissing,
    VaultNotSaved,
    VaultRolledBack,
    WeakPassphrase,
    WrongPassphrase,
)
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.throttle import Throttle
from hah_desktop.vault.vault import (
    HEADER_NAME,
    SECOND_NAME,
    TRIES_NAME,
    Vault,
    check_generation,
)
from tests.vault.planted import (
    DEARER,
    NOW,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    QUICK,
    WRONG,
    Clockwork,
    CutError,
    body_of,
    contents,
    cut_at,
    full_disk,
    headers_untouched,
    put_both,
    slots_of,
    spec,
    tampered,
    watch_new_keys,
)


def test_the_passphrase_unlocks_the_same_keys_every_time(tmp_path: Path) -> None:
    made, keys = Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)
    before = spec(keys)
    assert spec(made.unlock(PASSPHRASE)) == before
    assert spec(Vault.open(tmp_path).unlock(PASSPHRASE)) == before


def test_two_vaults_with_one_passphrase_share_nothing(tmp_path: Path) -> None:
    made = [Vault.create(tmp_path / n, PASSPHRASE, cost=QUICK, now=NOW) for n in ("a", "b")]
    assert made[0][0].vault_id != made[1][0].vault_id
    assert spec(made[0][1]) != spec(made[1][1])


def test_a_folder_holds_two_headers_and_the_count_and_nothing_else(
    tmp_path: Path, vault: Vault
) -> None:
    assert set(contents(tmp_path)) == {HEADER_NAME, SECOND_NAME, TRIES_NAME}
    assert Vault.exists(tmp_path)
    assert vault.generation == vault.unlock(PASSPHRASE).generation == 1


def test_an_empty_folder_holds_no_vault(tmp_path: Path) -> None:
    assert not Vault.exists(tmp_path)
    with pytest.raises(VaultMissing):
        Vault.open(tmp_path)
    assert contents(tmp_path) == {}


def test_a_laptop_is_measured_when_no_cost_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kdf, "calibrate", lambda _clock: DEARER)
    Vault.create(tmp_path, PASSPHRASE, now=NOW)[1].wipe()
    assert slots_of(body_of(tmp_path))[0]["memory_kib"] == DEARER.memory_kib


def test_a_vault_is_never_made_over_another(tmp_path: Path, vault: Vault) -> None:
    before = contents(tmp_path)
    with pytest.raises(VaultExists):
        Vault.create(tmp_path, OTHER_PASSPHRASE, cost=QUICK, now=NOW)
    assert contents(tmp_path) == before
    vault.unlock(PASSPHRASE).wipe()


@pytest.mark.parametrize("name", [HEADER_NAME, SECOND_NAME])
def test_a_vault_is_never_made_over_a_damaged_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"torn")
    with pytest.raises(VaultExists):
        Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)
    assert contents(tmp_path) == {name: b"torn"}


def test_a_vault_that_comes_in_between_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "exists", staticmethod(lambda _folder: False))
    (tmp_path / HEADER_NAME).write_bytes(b"theirs")
    with pytest.raises(VaultExists):
        Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)
    assert contents(tmp_path) == {HEADER_NAME: b"theirs"}


def test_a_vault_that_could_not_be_written_leaves_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watch_new_keys(monkeypatch)
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(VaultNotSaved):
        Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)
    assert made[0].wiped
    assert contents(tmp_path) == {}


def test_a_folder_that_cannot_be_made_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VaultNotSaved, match="could not be saved"):
        Vault.create(tmp_path / "file" / "vault", PASSPHRASE, cost=QUICK, now=NOW)


def test_a_weak_passphrase_makes_no_vault(tmp_path: Path) -> None:
    with pytest.raises(WeakPassphrase) as refusal:
        Vault.create(tmp_path, "password", cost=QUICK, now=NOW)
    assert len(refusal.value.problems) == 2
    assert contents(tmp_path) == {}


def test_a_wrong_passphrase_says_nothing_about_which_part_was_wrong(
    tmp_path: Path, vault: Vault
) -> None:
    said = set()
    for wrong in (WRONG, PASSPHRASE.upper(), PASSPHRASE + "!"):
        with pytest.raises(WrongPassphrase) as refusal, headers_untouched(tmp_path):
            vault.unlock(wrong)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_the_try_is_on_the_disk_before_the_key_is_derived(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[bytes] = []

    def watched(*_args: object) -> None:
        counted.append((tmp_path / TRIES_NAME).read_bytes()[:6])
        raise KeyboardInterrupt

    monkeypatch.setattr(kdf, "_derive_into", watched)
    with pytest.raises(KeyboardInterrupt):
        vault.unlock(WRONG)
    assert counted == [b"000001"]


def test_wrong_tries_slow_down_and_a_right_one_clears_them(
    vault: Vault, clockwork: Clockwork
) -> None:
    for _ in range(3):
        with pytest.raises(WrongPassphrase):
            vault.unlock(WRONG)
    assert vault.failed_tries() == 3
    with pytest.raises(TooSoon, match="2 seconds"):
        vault.unlock(PASSPHRASE)
    clockwork.pass_time(vault.seconds_left())
    vault.unlock(PASSPHRASE).wipe()
    assert (vault.failed_tries(), vault.seconds_left()) == (0, 0)


def test_too_little_memory_is_not_called_a_wrong_passphrase(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_cost: object) -> None:
        raise MemoryError

    monkeypatch.setattr(kdf, "Argon2id", fail)
    with pytest.raises(TooLittleMemory):
        vault.unlock(PASSPHRASE)


def test_changing_the_passphrase_keeps_the_keys(tmp_path: Path, vault: Vault) -> None:
    before = spec(vault.unlock(PASSPHRASE))
    assert vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK) == 2
    assert spec(Vault.open(tmp_path).unlock(OTHER_PASSPHRASE)) == before
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)


def test_changing_the_passphrase_renews_the_whole_slot(tmp_path: Path, vault: Vault) -> None:
    before = body_of(tmp_path)
    old = slots_of(before)[0]
    vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    after = body_of(tmp_path)
    new = slots_of(after)[0]
    renewed = {name for name in old | new if old[name] != new[name]}
    assert renewed == {"id", "salt", "nonce", "wrapped"}
    assert {**after, "slots": 0} == {**before, "slots": 0, "generation": 2}


def test_a_new_wrap_takes_its_cost_from_the_program_and_never_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, keys = Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)
    keys.wipe()
    monkeypatch.setattr(kdf, "calibrate", lambda _clock: DEARER)
    made.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE)
    assert slots_of(body_of(tmp_path))[0]["memory_kib"] == DEARER.memory_kib


def test_a_weak_new_passphrase_changes_nothing(tmp_path: Path, vault: Vault) -> None:
    with headers_untouched(tmp_path), pytest.raises(WeakPassphrase):
        vault.change_passphrase(PASSPHRASE, "qwertyuiop12", cost=QUICK)
    assert vault.failed_tries() == 0


def test_the_old_passphrase_is_asked_for_and_counted(tmp_path: Path, vault: Vault) -> None:
    with headers_untouched(tmp_path), pytest.raises(WrongPassphrase):
        vault.change_passphrase(WRONG, OTHER_PASSPHRASE, cost=QUICK)
    assert vault.failed_tries() == 1


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_passphrase_in_force(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as planted, headers_untouched(tmp_path):
        planted.setattr(os, step, full_disk)
        with pytest.raises(VaultNotSaved, match="disk is full"):
            vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    assert set(contents(tmp_path)) == {HEADER_NAME, SECOND_NAME, TRIES_NAME}
    vault.unlock(PASSPHRASE).wipe()


CHANGE_AND_DIE = """
import os, pathlib, sys
from hah_desktop.vault import files
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault

folder, moment, old, new = sys.argv[1:]
real = getattr(files, moment)


def dying(path, *data):
    if moment == "_fill" and path.suffix == ".new":
        path.write_bytes(data[0][:300])
        os._exit(9)
    if moment == "_finish":
        os._exit(9)
    made = real(path, *data)
    if moment == "write_beside":
        os._exit(9)
    return made


setattr(files, moment, dying)
Vault.open(pathlib.Path(folder)).change_passphrase(old, new, cost=FLOOR)
"""


@pytest.mark.parametrize(
    ("moment", "in_force"),
    [("_fill", PASSPHRASE), ("write_beside", PASSPHRASE), ("_finish", OTHER_PASSPHRASE)],
)
def test_killed_in_the_middle_exactly_one_passphrase_is_in_force(
    tmp_path: Path, vault: Vault, moment: str, in_force: str
) -> None:
    before = spec(vault.unlock(PASSPHRASE))
    program = [sys.executable, "-c", CHANGE_AND_DIE]
    died = subprocess.run(
        [*program, str(tmp_path), moment, PASSPHRASE, OTHER_PASSPHRASE], check=False
    )
    assert died.returncode == 9
    assert spec(vault.unlock(in_force)) == before
    with pytest.raises(WrongPassphrase):
        vault.unlock(({PASSPHRASE, OTHER_PASSPHRASE} - {in_force}).pop())


@pytest.mark.parametrize("step", [3, 5])
def test_cut_before_either_copy_is_moved_exactly_one_passphrase_is_in_force(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The steps in between are in test_copies, without deriving keys."""
    with monkeypatch.context() as planted:
        planted.setattr(Throttle, "_remember", lambda *_: None)
        cut_at(planted, step)
        with pytest.raises(CutError):
            vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    right, wrong = PASSPHRASE, OTHER_PASSPHRASE
    if step > 3:
        right, wrong = wrong, right
    with pytest.raises(WrongPassphrase):
        vault.unlock(wrong)
    vault.unlock(right).wipe()
    with pytest.raises(WrongPassphrase):
        vault.unlock(wrong)


def test_a_copy_that_was_lost_is_written_again_when_the_vault_opens(
    tmp_path: Path, vault: Vault
) -> None:
    (tmp_path / HEADER_NAME).unlink()
    assert Vault.exists(tmp_path)
    with pytest.raises(WrongPassphrase):
        vault.unlock(WRONG)
    assert not (tmp_path / HEADER_NAME).exists()
    vault.unlock(PASSPHRASE).wipe()
    assert (tmp_path / HEADER_NAME).read_bytes() == (tmp_path / SECOND_NAME).read_bytes()


def test_two_equal_copies_cost_one_derivation_and_two_different_ones_one_try(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: list[str] = []
    real = kdf._derive_into

    def watched(key: bytearray, passphrase: str, salt: bytes, cost: KdfCost) -> None:
        derived.append(passphrase)
        real(key, passphrase, salt, cost)

    monkeypatch.setattr(kdf, "_derive_into", watched)
    with pytest.raises(WrongPassphrase):
        vault.unlock(WRONG)
    assert derived == [WRONG]
    changed = tampered(tmp_path, lambda body: body.update(generation=9))
    (tmp_path / HEADER_NAME).write_bytes(changed)
    with pytest.raises(WrongPassphrase):
        vault.unlock(WRONG)
    assert derived == [WRONG] * 3
    assert vault.failed_tries() == 2


def test_a_disk_that_does_not_mend_a_copy_keeps_nobody_out(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SECOND_NAME).unlink()
    monkeypatch.setattr(os, "fsync", full_disk)
    vault.unlock(PASSPHRASE).wipe()
    assert set(contents(tmp_path)) == {HEADER_NAME, TRIES_NAME}


def test_a_header_that_was_rolled_back_is_noticed(tmp_path: Path, vault: Vault) -> None:
    earlier = (tmp_path / HEADER_NAME).read_bytes()
    known = vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    opened = vault.unlock(OTHER_PASSPHRASE)
    check_generation(opened, known)
    check_generation(opened, known - 1)
    put_both(tmp_path, earlier)
    with pytest.raises(VaultRolledBack, match="older state"):
        check_generation(vault.unlock(PASSPHRASE), known)


def test_a_second_slot_opens_too_and_outlives_a_change_of_the_first(
    tmp_path: Path, vault: Vault
) -> None:
    keys = vault.unlock(PASSPHRASE).keys
    before = copies.read(tmp_path).newest.header
    second = slots.seal(keys, before.vault_id, OTHER_PASSPHRASE, QUICK)
    copies.replace(tmp_path, dataclasses.replace(before, slots=(*before.slots, second)), keys)
    vault.change_passphrase(PASSPHRASE, "pepper lagoon drizzle", cost=QUICK)
    assert spec(vault.unlock(OTHER_PASSPHRASE)) == spec(keys)
    assert slots_of(body_of(tmp_path))[1]["id"] == second.id
