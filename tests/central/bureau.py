"""An office with its keys at hand, laptops whose access has ended, and what they hand over."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from hah_central.attachments import bundles
from hah_central.cli import main
from hah_central.database.database import Database
from hah_central.database.rows import Change as ChangeRow
from hah_central.database.rows import Laptop as Row
from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import ByHand
from hah_desktop.seals import bundle
from hah_desktop.seals.bundle import Kind, Part, Sender
from hah_desktop.sync.client import Office, Permission
from hah_desktop.sync.wire.signed import signed_bundle
from tests.central.conftest import Desk
from tests.central.laptop import Laptop
from tests.central.trust import SECRETS

LETTER = b"%PDF- a scanned letter " * 5_000
DRAFT = Part("draft-0001.json", Kind.DRAFT, [b'{"body": {"impression": "half a sent"}}'])


def changes(*those: Change) -> Part:
    return Part("changes", Kind.CHANGES, [canonical(change) + b"\n" for change in those])


def letter() -> Part:
    return Part("0123456789abcdef", Kind.FILE, [LETTER])


@dataclass
class Bureau:
    """A desk where bundles are taken in. `keys` is the folder with the key files."""

    desk: Desk
    keys: Path
    address: str

    @property
    def database(self) -> Database:
        return self.desk.database

    @property
    def client(self) -> httpx.Client:
        return self.desk.client

    @property
    def folder(self) -> Path:
        """Where the office keeps bundles."""
        return bundles.folder_of(self.database, None)

    def laptop(self, adviser: str = "Ruth Aldous", *, revoked: bool = True) -> Laptop:
        """A laptop that was enrolled, and whose access may have ended since."""
        laptop = self.desk.laptop(adviser)
        if revoked:
            with self.database.writing() as connection:
                ended = update(Row).where(Row.id == laptop.enrolled.laptop)
                connection.execute(ended.values(revoked=self.desk.clock()))
        return laptop

    def sealed(self, laptop: Laptop, *parts: Part, to: bytes | None = None) -> bytes:
        """A bundle of this laptop."""
        return sealed_by(laptop.key, laptop.enrolled.laptop, *parts, to=to)

    def permitted(self, laptop: Laptop, data: bytes, office: str | None = None) -> Permission:
        digest = hashlib.sha256(data).hexdigest()
        signed = signed_bundle(office or laptop.enrolled.office, digest, len(data))
        signature = laptop.key.sign(signed).hex()
        return Permission(laptop.enrolled.laptop, digest, len(data), signature)

    def send(self, laptop: Laptop, data: bytes) -> str:
        """As the program sends it."""
        there = Office(str(self.client.base_url))
        try:
            return there.send_bundle(self.permitted(laptop, data), io.BytesIO(data))
        finally:
            there.close()

    def kept(self) -> list[str]:
        """What lies in the folder, whole or half."""
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def journal(self) -> list[tuple[str, int]]:
        """Verdict and number of every change that came from a laptop."""
        listed = select(ChangeRow.verdict, ChangeRow.number).where(ChangeRow.laptop != "office")
        with self.database.reading() as connection:
            return [(v, n) for v, n in connection.execute(listed.order_by(ChangeRow.number))]

    def run(self, *words: str) -> int:
        """A command of the office on the same data."""
        beside = self.database.engine.url.database if self.database.is_sqlite else None
        where = ("--data", str(Path(beside).parent)) if beside else ("--database", self.address)
        return main([*words, *where])

    def open(self, what: str, out: Path | None = None) -> int:
        to = ("--out", str(out)) if out else ()
        return self.run("bundle", what, "--keys", str(self.keys), "--who", "Ada", *to)


def sealed_by(key: Ed25519PrivateKey, laptop: str, *parts: Part, to: bytes | None = None) -> bytes:
    """A bundle in a laptop's name, signed with any key."""
    target = io.BytesIO()
    sender = Sender(laptop, 1, "2026-11-22T10:00:00+00:00", key.sign)
    bundle.write(target, sender, [to or SECRETS.public.recovery], parts)
    return target.getvalue()


def handed(key: Ed25519PrivateKey, laptop: str, part: Part, *others: Part) -> ByHand:
    """What a stick of this laptop holds, as whoever opens it has it."""
    sealed = io.BytesIO(sealed_by(key, laptop, part, *others))
    public = key.public_key().public_bytes_raw()
    opened = bundle.read(sealed, SECRETS.recovery, lambda _: public)
    return ByHand(opened.signed, opened.signature, b"".join(part.pieces))
