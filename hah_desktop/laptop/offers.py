"""What a damaged laptop has to offer: its safety copies, and what would be missing with each."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.store.backups import Backups, Snapshot
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.files import DATABASE
from hah_desktop.vault.keys import KeyHolder


@dataclass(frozen=True)
class Offer:
    """A safety copy that may take the database's place, and what would be missing then."""

    made_at: dt.datetime
    words: str
    snapshot: Snapshot


@dataclass(frozen=True)
class Damage:
    """The keys are right and the records cannot be trusted; these copies can, newest first."""

    fault: StoreDamaged
    offers: list[Offer]


def offers(folder: Path, keys: KeyHolder) -> list[Offer]:
    """The good safety copies in the folder, newest first."""
    backups = Backups(folder, keys.backup_spec)
    return [
        Offer(kept.made_at, _missing(backups, kept, folder, keys), kept) for kept in backups.good()
    ]


def _missing(backups: Backups, kept: Snapshot, folder: Path, keys: KeyHolder) -> str:
    return backups.missing(kept, folder / DATABASE, keys.database_spec).words()
