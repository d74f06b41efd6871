"""Opening a header with what a person typed, and believing it only when its keys prove it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault import rotation, slots
from hah_desktop.vault.errors import VaultDamaged, WrongCode, WrongPassphrase
from hah_desktop.vault.header import Header, SealedHeader
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.slots import Slot

Way: TypeAlias = Callable[[Header], tuple[Slot, KeyHolder]]
"""Gives the slot that opened and its keys; raises WrongPassphrase or WrongCode."""


@dataclass(frozen=True)
class Found:
    """A proved header, the slot that opened it, and its keys."""

    sealed: SealedHeader
    slot: Slot
    keys: KeyHolder
    pending: KeyHolder | None

    @property
    def header(self) -> Header:
        """What the header says."""
        return self.sealed.header

    def wipe(self) -> None:
        """Forget the keys."""
        self.keys.wipe()
        if self.pending:
            self.pending.wipe()


def by_passphrase(passphrase: str) -> Way:
    """Try every slot for passphrases; slow."""

    def way(header: Header) -> tuple[Slot, KeyHolder]:
        for slot in header.passphrases:
            with suppress(WrongPassphrase):
                opened = slots.unseal(slot, header.vault_id, passphrase, header.database_salt)
                return slot, opened
        raise WrongPassphrase

    return way


def by_code(data: str) -> Way:
    """Try the slot for codes; `data` is what `slots.code_letters` gave."""

    def way(header: Header) -> tuple[Slot, KeyHolder]:
        if header.recovery is None:
            raise WrongCode
        slot = header.recovery
        return slot, slots.unseal_code(slot, header.vault_id, data, header.database_salt)

    return way


def open_newest(whole: Sequence[SealedHeader], way: Way) -> Found:
    """Open the newest header that can be believed; slow.

    Raises VaultDamaged when one opened that its keys do not prove, and otherwise what `way` does.
    """
    refusals: list[KnownError] = []
    for place, sealed in enumerate(whole):
        try:
            found = _open(sealed, way)
        except (WrongPassphrase, WrongCode, VaultDamaged) as refusal:
            refusals.append(refusal)
            continue
        # A passphrase or code that was replaced still opens a stale copy. Its keys prove the
        # newer header too, and there that passphrase opened nothing: it is dead.
        if not any(_proves(found, newer) for newer in whole[:place]):
            return found
        found.wipe()
    raise next((one for one in refusals if isinstance(one, VaultDamaged)), refusals[0])


def _proves(found: Found, newer: SealedHeader) -> bool:
    holders = (found.keys, found.pending)
    return any(newer.is_proved_by(keys) for keys in holders if keys is not None)


def _open(sealed: SealedHeader, way: Way) -> Found:
    slot, keys = way(sealed.header)
    try:
        sealed.prove(keys)
        return Found(sealed, slot, keys, rotation.pending_keys(sealed.header, keys))
    except VaultDamaged:
        keys.wipe()
        raise
