"""Brings a laptop back to its office, which was put back from a backup and has lost it."""

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.setting_up import pinned, sealed_recovery
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.store.tables import events
from hah_desktop.store.tables.events import Happened
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import OtherOffice, WrongOffice
from hah_desktop.sync.wire.signed import read_code
from hah_desktop.vault import signing


class NothingAgreed(KnownError):
    """A laptop of an older version knows no key of its office, so it cannot tell it from others."""

    def __init__(self) -> None:
        super().__init__(
            "This laptop was set up by an older version, and cannot come back by a code.",
            "Everything is saved on this laptop.",
            "Call the office: it has to be set up anew, and what is here carried on a stick.",
        )


def come_back(unlocked: Unlocked, office: Office, typed: str) -> None:
    """Ask for this laptop's place again, with the office's code for it. Nothing else is changed.

    The next sync offers all that was ever sent. Raises Misheard for letters that nobody read out,
    WrongOffice and OtherOffice for somebody else than this laptop's own office, Unreachable, and
    Refused with the reason. Asking again with the same code is right after any of these.
    """
    who, agreed = unlocked.who, unlocked.trust()
    if agreed is None:
        raise NothingAgreed
    code, fingerprint = read_code(typed)
    ours = OfficeKeys(bytes.fromhex(agreed.recovery_key), bytes.fromhex(agreed.orders_key))
    if fingerprint != ours.fingerprint():
        raise WrongOffice
    if office.hello().office != who.office or pinned(office.keys()) != pinned(ours):
        raise OtherOffice
    office.let_back(
        code,
        signing.public_key(who.signing_key),
        unlocked.folder.name,
        sealed_recovery(unlocked, agreed),
        (who.laptop, who.adviser),
    )
    with unlocked.store.writing() as connection:
        events.note(connection, Happened.LET_BACK, unlocked.store.now())
