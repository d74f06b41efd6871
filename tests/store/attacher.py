"""A laptop that keeps attachments, to be killed: it keeps without end, and says what is kept.

Started by test_attachments.py as `python -m tests.store.attacher FOLDER`. A line on standard
output is a promise: that attachment was kept before the line was written.
"""

import os
import sys
from itertools import count
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.attachments.attachments import Attachments, Sealed
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from tests.store.hand import HandClock, raw_key

PLANTED = b"The marmalade cat sat upon the secret ledger. "
DATABASE = "records.db"


def content(number: int) -> bytes:
    """What the n-th attachment holds."""
    return b"%d: " % number + PLANTED * (number % 7 * 400 + 1)


def described(number: int, sealed: Sealed) -> list[Edited]:
    """The record about the n-th attachment."""
    made = Attachment(
        id=RecordId(f"attachment-{number}"),
        visit="visit-1",
        what=f"Letter {number}",
        content=sealed.file.id,
        hash=sealed.file.sha256,
    )
    return [Edited(made, NOTHING)]


def keep_on(folder: Path, start: int) -> None:
    """Keep attachments until killed."""
    promise(f"begun {os.getpid()}")
    store = Store.open(folder / DATABASE, raw_key, HandClock())
    attachments = Attachments(folder)
    source = folder / "original"
    for number in count(start):
        source.write_bytes(content(number))
        attachments.keep(store, source, lambda sealed, n=number: described(n, sealed))  # type: ignore[misc]  # bound now
        promise(f"kept {number}")


def main(folder: Path) -> None:
    """For each number on standard input: a fork of this process that keeps on from there."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            keep_on(folder, int(line))
        os.waitpid(pid, 0)
        promise("ended")


def promise(line: str) -> None:
    """Say what is kept, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
