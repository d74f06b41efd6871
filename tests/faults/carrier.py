"""A laptop that carries letters, to be killed: it says each chunk that it has noted.

Started by test_file_kills.py as `python -m tests.faults.carrier`. For each folder on standard
input a fork of this process carries what waits there, to the office and from it.
"""

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.store import Store
from hah_desktop.sync import files
from hah_desktop.sync.asking import Laptop
from hah_desktop.sync.client import Office
from hah_desktop.sync.files import Carried
from hah_desktop.vault import signing
from tests.faults.plain import real_now
from tests.store.attacher import DATABASE, promise
from tests.store.hand import raw_key


def office_of(store: Store) -> Office:
    """The office that this laptop is enrolled with, signed in."""
    who = store.identity()
    assert who is not None
    laptop = Laptop(who.laptop, lambda message: signing.sign(who.signing_key, message))
    office = Office(who.office_url, laptop)
    office.sign_in(who.office)
    return office


def carry(folder: Path) -> Carried:
    """Carry once what waits, and say each step."""
    with closing(Store.open(folder / DATABASE, raw_key, real_now)) as store:
        kept = Attachments(folder)
        files.tidy(store, kept)
        with closing(office_of(store)) as office:
            return files.carry(
                store, kept, office, lambda so_far: promise(f"step {so_far.words}"), lambda: False
            )


def main() -> None:
    """For each folder on standard input: a fork of this process that carries."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            promise(f"begun {os.getpid()}")
            done = carry(Path(line.strip()))
            promise(f"done {done.problem or ''}")
            # Until it is killed: whoever kills it must not meet another process by this number.
            signal.pause()
        os.waitpid(pid, 0)
        promise("ended")


if __name__ == "__main__":
    main()
