"""Changing the vault key: what the header holds meanwhile, and how it ends. Writes nothing.

The next key waits in the header, wrapped by the one in force, until the database has it: cut
anywhere, the passphrase gives both keys, and the database opens with exactly one of them.
"""

import dataclasses
import os
from hmac import compare_digest

from hah_desktop.vault import canonical, header, slots
from hah_desktop.vault.errors import VaultDamaged, WrongPassphrase
from hah_desktop.vault.header import Header, Pending
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder, Purpose, wipe
from hah_desktop.vault.slots import NONCE_BYTES, Slot

_FORMAT = 1


def begin(
    before: Header, keys: KeyHolder, passphrase: str, next_code: str | None, cost: KdfCost
) -> tuple[Header, KeyHolder]:
    """Give the header with a fresh key pending, and that key; slow.

    Raises TooLittleMemory, VaultLocked, Misheard.
    """
    fresh = KeyHolder.new(before.database_salt)
    try:
        ways_in = _ways_in(before, fresh, passphrase, next_code, cost)
        now = dataclasses.replace(before, generation=before.generation + 1)
        ended = _ended(now, ways_in)
        nonce = os.urandom(NONCE_BYTES)
        kek = keys.working_key(Purpose.ROTATION)
        try:
            wrapped = fresh.wrap(kek, nonce, _context(now))
        finally:
            wipe(kek)
        pending = Pending(nonce, wrapped, ways_in, header.mac(ended, fresh))
    except BaseException:
        fresh.wipe()
        raise
    return dataclasses.replace(now, pending=pending), fresh


def pending_keys(of: Header, keys: KeyHolder) -> KeyHolder | None:
    """The key that is pending in a header that these keys proved; None when there is none."""
    if of.pending is None:
        return None
    kek = keys.working_key(Purpose.ROTATION)
    try:
        return KeyHolder.unwrap(
            of.pending.wrapped, kek, of.pending.nonce, _context(of), of.database_salt
        )
    except WrongPassphrase:
        raise VaultDamaged from None
    finally:
        wipe(kek)


def finish(before: Header, new_keys: KeyHolder) -> Header:
    """The header of the pending key alone; raises VaultDamaged when it is another key's."""
    if before.pending is None:
        raise VaultDamaged
    ended = _ended(before, before.pending.slots)
    if not compare_digest(header.mac(ended, new_keys), before.pending.mac):
        raise VaultDamaged
    return ended


def _ended(before: Header, ways_in: tuple[Slot, ...]) -> Header:
    after = before.generation + 1
    return dataclasses.replace(before, generation=after, slots=ways_in, pending=None)


def _ways_in(
    before: Header, fresh: KeyHolder, passphrase: str, next_code: str | None, cost: KdfCost
) -> tuple[Slot, ...]:
    by_passphrase = slots.seal(fresh, before.vault_id, passphrase, cost)
    if before.recovery is None:
        return (by_passphrase,)
    if next_code is None:
        raise ValueError("a vault that codes open needs the next code")
    by_code = slots.next_code(fresh, before.vault_id, before.recovery, next_code)
    return by_passphrase, by_code


def _context(of: Header) -> bytes:
    """What the pending key is bound to: one header of one vault."""
    return canonical.encode(
        {
            "format": _FORMAT,
            "generation": of.generation,
            "kind": "rotation",
            "vault": of.vault_id,
        }
    )
