"""One sync of a laptop at the office of the tests, as the program makes it."""

from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.sync.engine import Synced, sync


def never() -> bool:
    """Nobody stops it."""
    return False


def sync_now(laptop: Laptop, unlocked: Unlocked) -> Synced:
    """One sync with the office."""
    office = laptop.office(unlocked.who)
    try:
        return sync(unlocked.store, office, lambda _so_far: None, never)
    finally:
        office.close()
