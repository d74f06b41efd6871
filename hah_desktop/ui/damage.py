"""Records that cannot be opened, and the safety copies that can: found while it can be unlocked."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.offers import Offer
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.ui.parts.words import when
from hah_desktop.ui.screens.damaged import WholeCopy


@dataclass(frozen=True)
class Damage:
    """The passphrase was right and the records cannot be opened; these copies can."""

    fault: StoreDamaged
    offers: list[Offer]

    def copies(self, now: dt.datetime) -> list[WholeCopy]:
        """The copies as they are offered; each key is the number of an offer."""
        return [
            WholeCopy(str(number), self.made(number, now), offer.words)
            for number, offer in enumerate(self.offers)
        ]

    def made(self, number: int, now: dt.datetime) -> str:
        """When a copy was made, in words."""
        return when(self.offers[number].made_at.isoformat(), now)


def or_damage(laptop: Laptop, passphrase: str, way: Callable[[], Unlocked]) -> Unlocked | Damage:
    """Go this way in; where the records are damaged, look for the copies there are."""
    try:
        return way()
    except StoreDamaged as fault:
        try:
            return Damage(fault, laptop.snapshots(passphrase))
        except KnownError:
            return Damage(fault, [])
