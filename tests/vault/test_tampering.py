"""A header that somebody else wrote or changed is refused, and left as it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault.copies import NAMES
from hah_desktop.vault.errors import VaultDamaged, VaultTooNew, WrongCode, WrongPassphrase
from hah_desktop.vault.recovering import prepare
from hah_desktop.vault.vault import Vault
from tests.vault.planted import (
    DEARER,
    NOW,
    OFFICE,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    QUICK,
    body_of,
    code,
    contents,
    headers_untouched,
    put_both,
    slots_of,
    spec,
    tampered,
    with_trailer,
)

Body = dict[str, object]


def _tamper(folder: Path, change: Callable[[Body], object]) -> None:
    put_both(folder, tampered(folder, change))


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 800, b"SQLite format 3\0" * 60, with_trailer(b"somebody's holiday notes\n")],
)
def test_a_torn_or_foreign_header_is_refused_and_left_as_it_is(
    tmp_path: Path, vault: Vault, data: bytes
) -> None:
    put_both(tmp_path, data)
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
    put_both(tmp_path, with_trailer(b"help-at-hand vault 3\nwhatever it will be\n"))
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


# The passphrase slot stands first, the one for codes second.
TAMPERINGS: dict[str, tuple[Callable[[Body], object], type[KnownError]]] = {
    "derivation below the floor": (
        lambda body: slots_of(body)[0].update(memory_kib=32 * 1024),
        VaultDamaged,
    ),
    "derivation above the ceiling": (
        lambda body: slots_of(body)[0].update(memory_kib=2**31),
        VaultDamaged,
    ),
    "more passes": (lambda body: slots_of(body)[0].update(passes=4), WrongPassphrase),
    "another slot id": (lambda body: slots_of(body)[0].update(id="00" * 8), WrongPassphrase),
    "another slot salt": (lambda body: slots_of(body)[0].update(salt="00" * 16), WrongPassphrase),
    "slots in another order": (lambda body: slots_of(body).reverse(), VaultDamaged),
    "a slot twice": (lambda body: slots_of(body).append(slots_of(body)[0]), VaultDamaged),
    "no slot for the passphrase": (lambda body: slots_of(body).pop(0), WrongPassphrase),
    "no slot for codes": (lambda body: slots_of(body).pop(), VaultDamaged),
    "a code used before": (lambda body: slots_of(body)[1].update(count=0), VaultDamaged),
    "a later code": (lambda body: slots_of(body)[1].update(count=2), VaultDamaged),
    "another secret for the office": (
        lambda body: slots_of(body)[1].update(sealed="00" * 1168),
        VaultDamaged,
    ),
    "another name at the office": (
        lambda body: slots_of(body)[1].update(recovery="00" * 5),
        VaultDamaged,
    ),
    "another generation": (lambda body: body.update(generation=7), VaultDamaged),
    "another day of making": (
        lambda body: body.update(created="2026-11-22T09:30:01+00:00"),
        VaultDamaged,
    ),
    "another database salt": (lambda body: body.update(database_salt="00" * 16), VaultDamaged),
    "another vault": (lambda body: body.update(vault="00" * 16), WrongPassphrase),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_changed_header_is_refused_though_the_passphrase_is_right(
    tmp_path: Path, recoverable: Vault, name: str
) -> None:
    change, told = TAMPERINGS[name]
    whole = (tmp_path / NAMES[0]).read_bytes()
    _tamper(tmp_path, change)
    with pytest.raises(told), headers_untouched(tmp_path):
        recoverable.unlock(PASSPHRASE)
    # With the other copy whole nothing is lost, and the changed one is mended.
    (tmp_path / NAMES[1]).write_bytes(whole)
    recoverable.unlock(PASSPHRASE).wipe()
    assert (tmp_path / NAMES[0]).read_bytes() == whole


@pytest.mark.parametrize(
    "change", [{"count": 2}, {"sealed": "00" * 1168}, {"recovery": "00" * 5}, {"passes": 4}]
)
def test_a_changed_slot_for_codes_opens_with_no_code(
    tmp_path: Path, recoverable: Vault, change: Body
) -> None:
    _tamper(tmp_path, lambda body: slots_of(body)[1].update(change))
    with pytest.raises(WrongCode), headers_untouched(tmp_path):
        recoverable.unlock_with_code(code(1))


def test_a_slot_of_another_vault_opens_nothing(
    tmp_path: Path, vault: Vault, made_recoverable: Path
) -> None:
    _tamper(tmp_path, lambda body: body.update(slots=slots_of(body_of(made_recoverable))))
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)
    with pytest.raises(WrongCode):
        vault.unlock_with_code(code(1))


def test_a_recovery_slot_that_a_stranger_made_for_himself_opens_nothing(
    tmp_path: Path, recoverable: Vault
) -> None:
    """He seals his own secret for the office, under the id of our vault: he has no vault key."""
    _, theirs = prepare(OFFICE.public, recoverable.vault_id)
    Vault.create(tmp_path / "theirs", OTHER_PASSPHRASE, recovery=theirs, cost=QUICK, now=NOW)
    foreign = slots_of(body_of(tmp_path / "theirs"))[1]
    _tamper(tmp_path, lambda body: slots_of(body).__setitem__(1, foreign))
    with pytest.raises(VaultDamaged):
        recoverable.unlock_with_code(theirs.code)
    with pytest.raises(VaultDamaged):
        recoverable.unlock(PASSPHRASE)


def test_an_earlier_slot_does_not_come_back_into_a_later_header(
    tmp_path: Path, vault: Vault
) -> None:
    earlier = slots_of(body_of(tmp_path))
    vault.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE, cost=QUICK)
    _tamper(tmp_path, lambda body: body.update(slots=earlier))
    with pytest.raises(VaultDamaged):
        vault.unlock(PASSPHRASE)


def test_a_code_that_was_used_does_not_come_back_into_a_later_header(
    tmp_path: Path, recoverable: Vault
) -> None:
    earlier = slots_of(body_of(tmp_path))[1]
    keys = recoverable.unlock_with_code(code(1)).keys
    recoverable.set_passphrase(keys, OTHER_PASSPHRASE, code(2), cost=QUICK)
    _tamper(tmp_path, lambda body: slots_of(body).__setitem__(1, earlier))
    with pytest.raises(VaultDamaged):
        recoverable.unlock_with_code(code(1))


def test_a_header_without_a_way_in_opens_with_nothing(tmp_path: Path, vault: Vault) -> None:
    _tamper(tmp_path, lambda body: slots_of(body).clear())
    with pytest.raises(WrongPassphrase):
        vault.unlock(PASSPHRASE)


def _pending_of(body: Body) -> Body:
    pending = body["pending"]
    assert isinstance(pending, list)
    found: Body = pending[0]
    return found


PENDING_TAMPERINGS: dict[str, Callable[[Body], object]] = {
    "removed": lambda body: body.update(pending=[]),
    "another key": lambda body: _pending_of(body).update(wrapped="00" * 48),
    "another nonce": lambda body: _pending_of(body).update(nonce="00" * 12),
    "other ways in": lambda body: _pending_of(body).update(slots=slots_of(body)),
    "no way in": lambda body: _pending_of(body).update(slots=[]),
    "another proof": lambda body: _pending_of(body).update(mac="00" * 32),
    "in force already": lambda body: body.update(slots=_pending_of(body)["slots"], pending=[]),
}


@pytest.mark.parametrize("name", PENDING_TAMPERINGS)
def test_a_changed_pending_key_is_refused(tmp_path: Path, made_begun: Path, name: str) -> None:
    shutil.copytree(made_begun, tmp_path, dirs_exist_ok=True)
    vault = Vault.open(tmp_path)
    opened = vault.unlock(PASSPHRASE)
    assert opened.pending is not None
    change = PENDING_TAMPERINGS[name]
    _tamper(tmp_path, change)
    with pytest.raises(VaultDamaged), headers_untouched(tmp_path):
        vault.drop_rotation(opened.keys)
    with pytest.raises(VaultDamaged), headers_untouched(tmp_path):
        vault.unlock(PASSPHRASE)
    if name in {"another key", "another nonce"}:
        # Whoever holds the new key needs no way to it, and the rest is proved by it.
        vault.finish_rotation(opened.pending)
        assert spec(vault.unlock(PASSPHRASE)) == spec(opened.pending)
    else:
        with pytest.raises(VaultDamaged), headers_untouched(tmp_path):
            vault.finish_rotation(opened.pending)


def test_a_pending_key_put_back_after_it_ended_is_noticed_by_its_number(
    tmp_path: Path, made_begun: Path
) -> None:
    shutil.copytree(made_begun, tmp_path, dirs_exist_ok=True)
    earlier = (tmp_path / NAMES[0]).read_bytes()
    vault = Vault.open(tmp_path)
    opened = vault.unlock(PASSPHRASE)
    assert opened.pending is not None
    known = vault.finish_rotation(opened.pending)
    put_both(tmp_path, earlier)
    rolled_back = vault.unlock(PASSPHRASE)
    assert rolled_back.generation == known - 1
    assert spec(rolled_back) == spec(opened)
