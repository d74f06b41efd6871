"""Records that cannot be opened, and the safety copies that can: how they are found and named."""

import datetime as dt
from collections.abc import Callable

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.offers import Damage, Offer
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.ui.parts.words import when
from hah_desktop.ui.screens.damaged import WholeCopy


def copies(damage: Damage, now: dt.datetime) -> list[WholeCopy]:
    """The copies as they are offered; each key is the number of an offer."""
    return [
        WholeCopy(str(number), made(offer, now), offer.words)
        for number, offer in enumerate(damage.offers)
    ]


def made(offer: Offer, now: dt.datetime) -> str:
    """When a copy was made, in words."""
    return when(offer.made_at.isoformat(), now)


def or_damage(laptop: Laptop, passphrase: str, way: Callable[[], Unlocked]) -> Unlocked | Damage:
    """Go this way in; where the records are damaged, look for the copies there are."""
    try:
        return way()
    except StoreDamaged as fault:
        try:
            return Damage(fault, laptop.snapshots(passphrase))
        except KnownError:
            return Damage(fault, [])
