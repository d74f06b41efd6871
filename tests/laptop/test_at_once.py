"""Two things at once in one folder: whatever comes first, the laptop opens afterwards."""

from contextlib import suppress

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.store.disk import rekeying
from hah_desktop.store.disk.engine import KeySpec
from hah_desktop.store.errors import StoreBusy, StoreFull
from hah_desktop.vault.errors import RotationUnfinished
from tests.laptop.conftest import NEW_PASSPHRASE, PASSPHRASE, Desk, purposes, silent


@pytest.mark.parametrize("step", range(5))
def test_unlocking_while_the_keys_are_renewed_never_drops_the_keys_in_force(
    ready: Desk, step: int
) -> None:
    """As after a lid that was closed meanwhile: the window shows the way in at once."""
    assert ready.unlocked is not None
    told: list[str] = []

    def come_back(words: str) -> None:
        told.append(words)
        if len(told) == step + 1:
            with suppress(KnownError):
                ready.laptop.unlock(PASSPHRASE).lock()

    with suppress(KnownError):
        ready.unlocked.renew_keys(PASSPHRASE, come_back)
    assert len(told) > step
    ready.unlocked.lock()
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_changing_the_passphrase_while_the_keys_are_renewed_never_drops_the_keys_in_force(
    ready: Desk,
) -> None:
    unlocked = ready.unlocked
    assert unlocked is not None
    refused: list[KnownError] = []

    def change(words: str) -> None:
        if words.startswith("Encrypting"):
            with pytest.raises(RotationUnfinished) as found:
                unlocked.vault.change_passphrase(PASSPHRASE, NEW_PASSPHRASE)
            refused.append(found.value)

    unlocked.renew_keys(PASSPHRASE, change)
    assert refused
    unlocked.lock()
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_a_renewal_that_did_not_come_about_can_be_tried_again_at_once(ready: Desk) -> None:
    assert ready.unlocked is not None
    second = ready.laptop.unlock(PASSPHRASE)
    with pytest.raises(StoreBusy):
        ready.unlocked.renew_keys(PASSPHRASE, silent)
    second.lock()
    ready.unlocked.renew_keys(PASSPHRASE, silent)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_a_renewal_that_a_full_disk_ended_can_be_tried_again_at_once(
    ready: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: object, _new: KeySpec) -> None:
        raise StoreFull("The disk of this laptop is full.")

    assert ready.unlocked is not None
    with monkeypatch.context() as little:
        little.setattr(rekeying, "_reset", full)
        with pytest.raises(StoreFull):
            ready.unlocked.renew_keys(PASSPHRASE, silent)
    ready.unlocked.renew_keys(PASSPHRASE, silent)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_a_renewal_that_was_cut_leaves_no_safety_copy_that_the_old_keys_open(ready: Desk) -> None:
    class PowerCutError(Exception):
        """The power goes."""

    def cut(words: str) -> None:
        if words == "Checking what was encrypted":
            raise PowerCutError

    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    with pytest.raises(PowerCutError):
        ready.unlocked.renew_keys(PASSPHRASE, cut)
    ready.unlocked.lock()
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    assert purposes(ready.unlocked) == {"What the food is like"}
    assert not list((ready.laptop.folder / "backups").iterdir())
    assert ready.unlocked.care() is None
    assert len(ready.unlocked.backups.good()) == 1
