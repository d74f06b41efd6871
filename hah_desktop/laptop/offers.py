"""What a damaged laptop has to offer: its safety copies, and what would be missing with each."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.safety.backups import FOLDER, Backups, Snapshot
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


def safety_copies(folder: Path, keys: KeyHolder) -> Backups:
    """The safety copies of the adviser whose folder this is, under these keys."""
    return Backups(folder / FOLDER, keys.backup_spec)


def offers(folder: Path, keys: KeyHolder) -> list[Offer]:
    """The good safety copies in the folder, newest first."""
    backups = safety_copies(folder, keys)
    return [
        Offer(kept.made_at, _missing(backups, kept, folder, keys), kept) for kept in backups.good()
    ]


def _missing(backups: Backups, kept: Snapshot, folder: Path, keys: KeyHolder) -> str:
    return backups.missing(kept, folder / DATABASE, keys.database_spec).words()
