"""A laptop on a disk without room, run as a process of its own: says what it is told, as JSON."""

import json
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.journal import reading
from hah_desktop.vault.kdf import FLOOR
from tests.faults.plain import PASSPHRASE, real_now

MUCH = "word " * 200_000


def no_file_may_be_larger_than(size: int) -> None:
    """What the system says to a program on a full disk, but for this process alone."""
    # Without this the system ends the process instead of refusing to write.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def told(act: Callable[[], object]) -> str:
    """What a person is told when it does not work; empty when it does."""
    try:
        act()
    except KnownError as fault:
        return str(fault)
    return ""


def save(unlocked: Unlocked, words: str) -> None:
    unlocked.store.add(Visit(id=RecordId(unlocked.store.new_id()), impression=words))


def main(folder: Path) -> dict[str, object]:
    laptop = Laptop(folder, real_now, cost=FLOOR)
    no_file_may_be_larger_than(0)
    unlocking = told(lambda: laptop.unlock(PASSPHRASE).lock())
    no_file_may_be_larger_than(resource.RLIM_INFINITY)
    unlocked = laptop.unlock(PASSPHRASE)
    save(unlocked, "Before the disk was full")
    no_file_may_be_larger_than((folder / "records.db").stat().st_size)
    saving = told(lambda: save(unlocked, MUCH))
    no_file_may_be_larger_than(resource.RLIM_INFINITY)
    again = told(lambda: save(unlocked, MUCH))
    with unlocked.store.reading() as connection:
        kept = reading.count(connection, Visit.kind)
    unlocked.lock()
    return {"unlocking": unlocking, "saving": saving, "again": again, "kept": kept}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
