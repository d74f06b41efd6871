"""A laptop that is about to be revoked; and a process that is cut at every step of it.

Run as a program it revokes copies of one folder, each in a process of its own that ends without
warning before its first, second, third … step on the disk. It prints how many steps there were.
"""

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop import revoking
from hah_desktop.laptop.opening import open_with
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import orders
from hah_desktop.seals.orders import REVOKE, Order, SignedOrder
from hah_desktop.seals.sealing import OfficeSecrets
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Seen
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity, Trust
from hah_desktop.vault import kdf
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault
from tests.faults.plain import PASSPHRASE, real_now
from tests.house.deriving import RememberingArgon2id

SIGNING_KEY = "11" * 32
OFFICE_URL = "https://office.example"
RUTH = Identity(SIGNING_KEY, OFFICE_URL, "laptop-one", "ruth", "Ruth Aldous", "office-1", "epoch-1")
SECRETS = OfficeSecrets(bytes(range(96)), bytes(range(32)))
LETTER = b"a scanned letter " * 10_000
HALF = "half a character: \ud83d"


def order(number: int = 7, kind: str = REVOKE, **fields: str) -> SignedOrder:
    """What the office signs."""
    who = {"office": RUTH.office, "laptop": RUTH.laptop, **fields}
    made = Order(kind, who["office"], who["laptop"], number, "2026-11-26T09:00:00+00:00")
    return orders.sign(made, SECRETS.orders_seed)


def make(folder: Path, who: Identity = RUTH, number: int = 0) -> None:
    """A laptop with two saved visits that the office has not got, two drafts, and a letter."""
    vault, keys = Vault.create(folder, PASSPHRASE, cost=FLOOR, now=real_now())
    assert vault.generation == 1
    store = Store.create(folder / DATABASE, keys.database_spec, real_now)
    public = SECRETS.public
    store.keep_identity(who)
    with store.writing() as connection:
        trust = Trust(
            recovery_key=public.recovery.hex(),
            orders_key=public.orders.hex(),
            recovery_id="33" * 5,
            secret="22" * 32,
            order=number,
        )
        meta.keep_trust(connection, trust)
    fill(store)
    Attachments(folder).keep(store, io.BytesIO(LETTER))
    store.close()
    keys.wipe()
    for name in ("attachments/half.sealing", "backups/records-000001.db", "vault.header.2.x.new"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"sealed with the keys of this laptop")
    (folder / "label").write_text("Ruth")
    # The first unlocking notes how new the header is; later ones leave every byte as it is.
    unlock(folder).lock()


def fill(store: Store) -> None:
    for words in ("The first visit", "The second visit"):
        visit = RecordId(store.new_id())
        store.add(Visit(id=visit, impression=words))
        seen = Seen({"impression": words}, {"impression": (ChangeId("a-change"),)})
        draft = Draft(visit, "visit", visit, {"impression": f"{words}, {HALF}"}, seen)
        with store.writing() as connection:
            drafts.keep(connection, draft)


def unlock(folder: Path) -> Unlocked:
    vault = Vault.open(folder)
    return open_with(folder, vault, vault.unlock(PASSPHRASE), real_now)


def revoke(folder: Path) -> None:
    """As the program does it: when the order comes, or at the next unlocking."""
    revoking.revoke(unlock(folder), folder, order(), lambda _words: None)


@dataclass
class Cut:
    """Ends the process before the step of this number that changes something in a folder."""

    folder: Path
    step: int
    seen: int = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            flags = arguments[2]
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in {"os.rename", "os.remove", "os.rmdir", "os.truncate"}:
            return
        path = Path(str(arguments[0]))
        # A relative one is inside a folder that is being taken away.
        if path.is_absolute() and not path.is_relative_to(self.folder):
            return
        self.seen += 1
        if self.seen == self.step:
            os._exit(9)


def cut(whole: Path, copies: Path, act: Callable[[Path], None]) -> int:
    """One copy for each step, cut before it. Returns how many there are."""
    step = 0
    while True:
        step += 1
        folder = copies / f"{step:03}"
        shutil.copytree(whole, folder)
        child = os.fork()
        if child == 0:
            sys.addaudithook(Cut(folder, step))
            act(folder)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            return step - 1


if __name__ == "__main__":
    made, beside = map(Path, sys.argv[1:])
    with patch.object(kdf, "Argon2id", RememberingArgon2id):
        # What is derived here every process knows that comes of this one.
        unlock(made).lock()
        sys.stdout.write(str(cut(made, beside, revoke)))
