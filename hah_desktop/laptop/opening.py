"""From keys to an open database: which of two keys it has, and whether the header is of today."""

import shutil
from contextlib import suppress
from pathlib import Path

from hah_desktop.domain.clock import Clock
from hah_desktop.laptop.offers import safety_copies
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreDamaged, StoreFull
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.vault.errors import VaultNotSaved
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import Opened, Vault, check_generation

MAKING = ".setting-up"
"""Where a laptop is made before it is whole. What a cut leaves there is a copy of a way in."""


def open_with(
    folder: Path, vault: Vault, opened: Opened, clock: Clock, *, vouched: bool = False
) -> Unlocked:
    """Open the database with what the vault gave; the keys are wiped when that fails.

    `vouched`: the office has just said by telephone who is there, so an old header is no
    reason to refuse. Raises VaultRolledBack, and what `Store.open` raises.
    """
    try:
        unlocked = _open(folder, vault, opened, clock, vouched=vouched)
    except BaseException:
        opened.wipe()
        raise
    shutil.rmtree(folder / MAKING, ignore_errors=True)
    return unlocked


def _open(folder: Path, vault: Vault, opened: Opened, clock: Clock, *, vouched: bool) -> Unlocked:
    keys, store = _database(folder, opened, clock)
    try:
        with store.reading() as connection:
            known = meta.vault_generation(connection)
            who = meta.identity(connection) or Identity("")
        if not vouched:
            check_generation(opened, known)
        generation = _settle(folder, vault, opened, keys)
        # With no room to write it down an old header stays unseen a while longer; nothing else.
        with suppress(StoreFull):
            if generation > known:
                with store.writing() as connection:
                    meta.keep_vault_generation(connection, generation)
    except BaseException:
        store.close()
        raise
    return Unlocked(folder, vault, store, keys, who, note=store.put_off)


def _database(folder: Path, opened: Opened, clock: Clock) -> tuple[KeyHolder, Store]:
    """The database and the one key that fits: renewing the keys may have been cut."""
    try:
        return opened.keys, _open_store(folder, opened.keys, clock)
    except StoreDamaged:
        if opened.pending is None:
            raise
        return opened.pending, _open_store(folder, opened.pending, clock)


def _open_store(folder: Path, keys: KeyHolder, clock: Clock) -> Store:
    backups = safety_copies(folder, keys)
    return Store.open(folder / DATABASE, keys.database_spec, clock, before_upgrade=backups.make)


def _settle(folder: Path, vault: Vault, opened: Opened, keys: KeyHolder) -> int:
    """End a renewal of the keys that was cut, one way or the other. Returns the generation."""
    if opened.pending is None:
        return opened.generation
    renewed = keys is opened.pending
    (opened.keys if renewed else opened.pending).wipe()
    if renewed:
        # None was made under the new keys yet, and the old ones may be in somebody else's hands.
        with suppress(OSError):
            safety_copies(folder, keys).remove_all()
    # With no room on the disk both keys stay in the header, and the next unlocking settles it.
    with suppress(VaultNotSaved):
        return vault.finish_rotation(keys) if renewed else vault.drop_rotation(keys)
    return opened.generation
