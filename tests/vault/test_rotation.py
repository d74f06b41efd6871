"""Changing the vault key: cut anywhere, the passphrase gives the key that the database has."""

import dataclasses
import shutil
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest

from hah_desktop.vault import copies, rotation
from hah_desktop.vault.clocks import Clocks
from hah_desktop.vault.errors import (
    RotationUnfinished,
    VaultDamaged,
    VaultNotSaved,
    WrongCode,
    WrongPassphrase,
)
from hah_desktop.vault.files import SECOND_NAME
from hah_desktop.vault.header import Pending
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import Opened, Vault
from tests.vault.planted import (
    NOW,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    QUICK,
    WRONG,
    Clockwork,
    CutError,
    code,
    contents,
    cut_at,
    headers_untouched,
    spec,
    watch_new_keys,
)


@dataclasses.dataclass
class Begun:
    """A vault whose keys are being changed, opened with the old keys and the new."""

    vault: Vault
    opened: Opened
    new: KeyHolder

    @property
    def specs(self) -> tuple[bytes, bytes]:
        return bytes(self.opened.keys.database_spec()), bytes(self.new.database_spec())


@pytest.fixture
def begun(made_begun: Path, tmp_path: Path, clockwork: Clockwork) -> Begun:
    shutil.copytree(made_begun, tmp_path, dirs_exist_ok=True)
    vault = Vault.open(tmp_path, clocks=clockwork.clocks)
    opened = vault.unlock(PASSPHRASE)
    assert opened.pending is not None
    return Begun(vault, opened, opened.pending)


def _both(opened: Opened) -> tuple[bytes, bytes]:
    assert opened.pending is not None
    both = bytes(opened.keys.database_spec()), bytes(opened.pending.database_spec())
    opened.wipe()
    assert opened.pending.wiped
    return both


def test_meanwhile_passphrase_and_code_give_both_keys(begun: Begun) -> None:
    assert len(set(begun.specs)) == 2
    assert begun.vault.generation == 2
    assert begun.vault.recovery_count == 1
    assert _both(begun.vault.unlock(PASSPHRASE)) == begun.specs
    assert _both(begun.vault.unlock_with_code(code(1))) == begun.specs


def test_finished_there_is_the_new_key_alone(begun: Begun) -> None:
    assert begun.vault.finish_rotation(begun.new) == 3
    opened = begun.vault.unlock(PASSPHRASE)
    assert (opened.generation, opened.pending) == (3, None)
    assert spec(opened) == begun.specs[1]
    assert spec(begun.vault.unlock_with_code(code(2))) == begun.specs[1]
    with pytest.raises(WrongCode):
        begun.vault.unlock_with_code(code(1))
    with pytest.raises(VaultDamaged):
        begun.vault.drop_rotation(begun.opened.keys)


def test_dropped_there_is_the_old_key_alone(begun: Begun) -> None:
    assert begun.vault.drop_rotation(begun.opened.keys) == 3
    opened = begun.vault.unlock(PASSPHRASE)
    assert (opened.generation, opened.pending) == (3, None)
    assert spec(opened) == begun.specs[0]
    begun.vault.unlock_with_code(code(1)).wipe()
    with pytest.raises(VaultDamaged):
        begun.vault.finish_rotation(begun.new)


def test_ending_it_twice_does_no_harm(begun: Begun) -> None:
    assert begun.vault.finish_rotation(begun.new) == 3
    assert begun.vault.finish_rotation(begun.new) == 3
    assert begun.vault.drop_rotation(begun.new) == 3


def test_the_keys_of_one_header_say_nothing_about_those_of_the_next(begun: Begun) -> None:
    """The salt of the database stays, so that its file and its header still belong together."""
    old, new = begun.specs
    assert old[2:66] != new[2:66]
    assert old[66:] == new[66:]


def test_another_key_finishes_nothing(tmp_path: Path, begun: Begun) -> None:
    for stranger in (KeyHolder(bytearray(32), bytes(16)), begun.opened.keys):
        with headers_untouched(tmp_path), pytest.raises((VaultDamaged, RotationUnfinished)):
            begun.vault.finish_rotation(stranger)


def test_nothing_else_is_changed_meanwhile(tmp_path: Path, begun: Begun) -> None:
    vault, keys = begun.vault, begun.opened.keys
    for attempt in (
        lambda: vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK),
        lambda: vault.set_passphrase(keys, OTHER_PASSPHRASE, code(2), cost=QUICK),
        lambda: vault.begin_rotation(keys, PASSPHRASE, code(2), cost=QUICK),
    ):
        with headers_untouched(tmp_path), pytest.raises(RotationUnfinished, match="not finished"):
            attempt()


def test_the_passphrase_is_asked_for_and_counted(tmp_path: Path, recoverable: Vault) -> None:
    keys = recoverable.unlock(PASSPHRASE).keys
    with headers_untouched(tmp_path), pytest.raises(WrongPassphrase):
        recoverable.begin_rotation(keys, WRONG, code(2), cost=QUICK)
    assert recoverable.failed_tries() == 1
    with headers_untouched(tmp_path), pytest.raises(ValueError, match="next code"):
        recoverable.begin_rotation(keys, PASSPHRASE, None, cost=QUICK)


def test_a_vault_without_codes_changes_its_keys_too(vault: Vault) -> None:
    opened = vault.unlock(PASSPHRASE)
    new = vault.begin_rotation(opened.keys, PASSPHRASE, None, cost=QUICK)
    vault.finish_rotation(new)
    assert not vault.has_recovery
    assert spec(vault.unlock(PASSPHRASE)) == spec(new)


def test_it_does_not_begin_with_one_copy_only(
    recoverable: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watch_new_keys(monkeypatch)
    opened = recoverable.unlock(PASSPHRASE)
    before = bytes(opened.keys.database_spec())
    with monkeypatch.context() as planted:
        planted.setattr(copies, "replace", lambda *_: False)
        with pytest.raises(VaultNotSaved):
            recoverable.begin_rotation(opened.keys, PASSPHRASE, code(2), cost=QUICK)
    assert [keys.wiped for keys in made] == [True]
    assert spec(recoverable.unlock(PASSPHRASE)) == before


@pytest.mark.parametrize("step", range(1, 7))
def test_begun_and_cut_before_every_step_the_old_key_is_given(
    recoverable: Vault, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The database has the old key: it gets the new one only after `begin_rotation`."""
    header = copies.read(recoverable._folder).newest.header
    opened = recoverable.unlock(PASSPHRASE)
    after, new = rotation.begin(header, opened.keys, PASSPHRASE, code(2), QUICK)
    with monkeypatch.context() as planted:
        cut_at(planted, step)
        with pytest.raises(CutError):
            copies.replace_both(recoverable._folder, after, opened.keys)
    again = recoverable.unlock(PASSPHRASE)
    assert again.keys.database_spec() == opened.keys.database_spec()
    assert (again.pending is None) == (step <= 3)
    assert again.pending is None or again.pending.database_spec() == new.database_spec()
    assert recoverable.drop_rotation(again.keys) == (1 if step <= 3 else 3)


@pytest.mark.parametrize("step", range(1, 7))
def test_finished_and_cut_before_every_step_the_new_key_is_given(
    tmp_path: Path, begun: Begun, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The database has the new key by then."""
    with monkeypatch.context() as planted:
        cut_at(planted, step)
        with pytest.raises(CutError):
            begun.vault.finish_rotation(begun.new)
    again = begun.vault.unlock(PASSPHRASE)
    new = again.pending if step <= 3 else again.keys
    assert new is not None
    assert spec(new) == begun.specs[1]
    assert begun.vault.finish_rotation(begun.new) == 3
    assert len({data for name, data in contents(tmp_path).items() if "header" in name}) == 1


def test_what_the_new_header_ended_does_not_come_back_with_a_stale_copy(
    tmp_path: Path, begun: Begun
) -> None:
    """The second copy still waits for the new key; the code that it takes is dead all the same."""
    stale = (tmp_path / SECOND_NAME).read_bytes()
    begun.vault.finish_rotation(begun.new)
    (tmp_path / SECOND_NAME).write_bytes(stale)
    with pytest.raises(WrongCode):
        begun.vault.unlock_with_code(code(1))
    assert spec(begun.vault.unlock_with_code(code(2))) == begun.specs[1]
    assert (tmp_path / SECOND_NAME).read_bytes() != stale


def test_a_pending_key_that_does_not_open_is_damage(tmp_path: Path, recoverable: Vault) -> None:
    """Nobody without the key can write such a header: this would be a fault of ours."""
    keys = recoverable.unlock(PASSPHRASE).keys
    header = copies.read(tmp_path).newest.header
    broken = Pending(bytes(12), bytes(48), header.slots, bytes(32))
    copies.replace(tmp_path, dataclasses.replace(header, generation=2, pending=broken), keys)
    with pytest.raises(VaultDamaged):
        recoverable.unlock(PASSPHRASE)


def test_of_two_changes_at_once_the_second_sees_what_the_first_wrote(
    recoverable: Vault, tmp_path: Path
) -> None:
    keys = recoverable.unlock(PASSPHRASE).keys
    became: list[object] = []

    def renew() -> None:
        try:
            became.append(vault.begin_rotation(keys, PASSPHRASE, code(2), cost=QUICK))
        except WrongPassphrase as refused:
            became.append(refused)

    renewing = Thread(target=renew)

    def wall() -> datetime:
        # The header has been read, and nothing of the change is written yet.
        if renewing.ident is None:
            renewing.start()
            renewing.join(0.2)
        return NOW

    vault = Vault.open(tmp_path, clocks=Clocks(wall=wall))
    vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    renewing.join()
    assert [type(one) for one in became] == [WrongPassphrase]
    assert Vault.open(tmp_path).unlock(OTHER_PASSPHRASE).pending is None
