"""A laptop whose files may not grow: it saves until the disk refuses, and says what it saved.

Started by test_full_disk.py as `python -m tests.store.grower DATABASE BYTES`.
"""

import resource
import signal
import sys
from itertools import count
from pathlib import Path

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key


def main(path: Path, room: int) -> None:
    """Save until there is no room."""
    store = Store.open(path, raw_key, HandClock())
    # Otherwise the system ends the program instead of refusing the write.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room + 400_000, room + 400_000))
    for number in count():
        visit = Visit(id=RecordId(f"visit-{number}"), impression="Calm. " * 2_000)
        try:
            store.add(visit)
        except KnownError as fault:
            sys.stdout.write(f"{type(fault).__name__}\n")
            return
        sys.stdout.write(f"{visit.id}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
