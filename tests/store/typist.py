"""A laptop at work, to be killed: it saves and drafts without end, and says what is kept.

Started by test_kills.py as `python -m tests.store.typist DATABASE`. A line on standard output is
a promise: what it names was saved, or drafted, before it was written.
"""

import sys
from itertools import count
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store import drafts
from hah_desktop.store.drafts import Draft
from hah_desktop.store.saving import NOTHING
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key


def words(number: int) -> str:
    """What is typed the n-th time."""
    return f"Note {number}. " * 50


def main(path: Path) -> None:
    """Type until killed."""
    store = Store.open(path, raw_key, HandClock())
    for number in count():
        visit = RecordId(f"visit-{number}")
        typed = Draft(visit, "visit", "", {"impression": words(number)}, NOTHING)
        with store.writing() as connection:
            drafts.keep(connection, typed)
        promise(f"draft {number}")
        if number % 3:
            store.add(Visit(id=visit, impression=words(number)))
            promise(f"saved {number}")


def promise(line: str) -> None:
    """Say what is kept, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
