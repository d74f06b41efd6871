"""A laptop at work whose system calls are watched: it saves, and says so on standard output.

Started by test_power.py as `strace … python -m tests.store.committer DATABASE COUNT SYNCHRONOUS`.
"""

import os
import sys
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import engine
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key


def words(number: int) -> str:
    """What is saved the n-th time."""
    return f"Note {number}. " * 20


def main(path: Path, count: int, synchronous: str) -> None:
    """Save, and say so, so often; bring the newest entries into the one file every now and then."""
    kept = [pragma for pragma in engine._PRAGMAS if not pragma.startswith("synchronous")]
    chosen = [f"synchronous={synchronous}", "wal_autocheckpoint=25"]
    vars(engine)["_PRAGMAS"] = (*kept, *chosen)
    store = Store.open(path, raw_key, HandClock())
    for number in range(count):
        store.add(Visit(id=RecordId(f"v{number}"), impression=words(number)))
        os.write(1, b"saved\n")
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
