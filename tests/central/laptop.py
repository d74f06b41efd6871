"""A laptop as the office sees it: a key, numbered and chained changes, pushes and pulls."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hah_desktop.domain.changes import Change, Edit, content_hash
from hah_desktop.domain.exchange import (
    Accepted,
    Enrolled,
    Page,
    PulledRow,
    Receipt,
    SealedRecovery,
    Verdict,
)
from hah_desktop.domain.ids import (
    REFERENCE_FILE,
    ChangeId,
    FileId,
    LaptopId,
    RecordId,
    child_file,
    uuid7,
    visit_file,
)
from hah_desktop.domain.records.base import Json
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.changes import read_page, read_receipts, write_push
from hah_desktop.sync.wire.form import SIGNATURE_HEADER
from hah_desktop.sync.wire.joining import read_enrolled
from hah_desktop.sync.wire.signed import read_code, signed_push, signed_token_request
from tests.central.trust import sealed_for

NOTHING_SEALED = SealedRecovery("", "", "")
MADE_AT = "2026-11-22T10:00:00+00:00"


def new_id() -> str:
    return uuid7(1_800_000_000_000, secrets.token_bytes(10))


@dataclass
class Laptop:
    """Enrolled at the office that `client` reaches, and signed in."""

    client: httpx.Client
    enrolled: Enrolled
    key: Ed25519PrivateKey
    recovery: SealedRecovery = NOTHING_SEALED
    token: str = ""
    number: int = 0
    previous: str = ""
    cursors: dict[FileId, int] = field(default_factory=dict)
    heads: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    words: dict[str, Json] = field(default_factory=dict)

    @property
    def adviser(self) -> RecordId:
        return self.enrolled.adviser

    def change(
        self,
        record: str,
        kind: str,
        files: Sequence[str],
        fields: Mapping[str, Json],
        replaces: Iterable[str] = (),
    ) -> Change:
        """The next change of this laptop."""
        seen = tuple(map(ChangeId, replaces))
        self.number += 1
        change = Change(
            id=ChangeId(new_id()),
            laptop=LaptopId(self.enrolled.laptop),
            number=self.number,
            previous=self.previous,
            record=RecordId(record),
            kind=kind,
            files=tuple(map(FileId, files)),
            author=self.adviser,
            made_at=MADE_AT,
            edits={name: Edit(value, seen) for name, value in fields.items()},
        )
        self.previous = content_hash(change)
        return change

    def visit(
        self,
        visit: str,
        replaces: Iterable[str] = (),
        advisers: Iterable[str] = (),
        **fields: Json,
    ) -> Change:
        """A change of a visit, which may name advisers."""
        named = {f"advisers:{adviser}": True for adviser in advisers}
        return self.change(visit, "visit", [visit_file(visit)], {**fields, **named}, replaces)

    def place(self, place: str, replaces: Iterable[str] = (), **fields: Json) -> Change:
        """A change of a place, which every laptop holds."""
        return self.change(place, "place", [REFERENCE_FILE], fields, replaces)

    def child(self, child: str, **fields: Json) -> Change:
        """A change of a child."""
        return self.change(child, "child", [child_file(child)], fields)

    def conversation(self, visit: str, child: str, **fields: Json) -> Change:
        """A new conversation with a child on a visit."""
        files = [visit_file(visit), child_file(child)]
        return self.change(
            new_id(), "conversation", files, {"visit": visit, "child": child, **fields}
        )

    def sign_in(self) -> None:
        sent = {"laptop": self.enrolled.laptop}
        words = good(self.client.post("/v1/challenge", json=sent)).json()["challenge"]
        signed = self.key.sign(signed_token_request(words, self.enrolled.office)).hex()
        answer = self.client.post(
            "/v1/token", json={**sent, "challenge": words, "signature": signed}
        )
        self.token = good(answer).json()["token"]

    def push(self, *changes: Change) -> list[Receipt]:
        """Push and expect to be understood."""
        return self.accepted(*changes)[1]

    def accepted(self, *changes: Change) -> tuple[Accepted, list[Receipt]]:
        body = write_push(self.enrolled.epoch, changes)
        return read_receipts(good(self.push_body(body)).content)

    def push_body(
        self,
        body: bytes,
        *,
        packed: bytes | None = None,
        how: str = packing.GZIP,
        signature: str | None = None,
    ) -> httpx.Response:
        """Push any bytes, signed properly unless told otherwise."""
        signed = self.key.sign(signed_push(hashlib.sha256(body).hexdigest())).hex()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Encoding": how,
            SIGNATURE_HEADER: signed if signature is None else signature,
        }
        content = packing.pack(body, how) if packed is None else packed
        return self.client.post("/v1/push", content=content, headers=headers)

    def pull(
        self, *want: str, epoch: str | None = None, **more: object
    ) -> tuple[Page, list[PulledRow]]:
        """One page, from the cursors of the last."""
        answer = self.client.post(
            "/v1/pull",
            json={
                "epoch": self.enrolled.epoch if epoch is None else epoch,
                "files": self.cursors,
                "want": list(want),
                **more,
            },
            headers={"Authorization": f"Bearer {self.token}"},
        )
        page, rows = read_page(good(answer).content)
        self.cursors = dict(page.files)
        for row in rows:
            for name, changes in row.heads().items():
                self.heads[row.record, name] = {change.id for change in changes}
        return page, rows

    def pull_all(self) -> list[PulledRow]:
        """Every page until the office has no more."""
        page, rows = self.pull()
        while page.more:
            page, further = self.pull()
            rows += further
        return rows


def enrol(client: httpx.Client, typed: str, name: str = "Laptop of the test") -> Laptop:
    """Enrol a new laptop with what the office read out, and sign it in."""
    key = Ed25519PrivateKey.generate()
    office = OfficeKeys.from_plain(good(client.get("/v1/keys")).json())
    code, fingerprint = read_code(typed)
    assert office.fingerprint() == fingerprint
    sealed = sealed_for(office)
    sent = {
        "code": code,
        "public_key": key.public_key().public_bytes_raw().hex(),
        "laptop_name": name,
        "recovery": asdict(sealed),
    }
    enrolled = read_enrolled(good(client.post("/v1/enrol", json=sent)).json())
    laptop = Laptop(client, enrolled, key, sealed)
    laptop.sign_in()
    return laptop


def good(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is ours and not a problem."""
    assert answer.headers["Hah-Protocol"] == "1"
    assert answer.is_success, answer.text
    return answer


def problem(answer: httpx.Response, status: int, name: str) -> str:
    """The words of a problem of this name; it must be ours and of the agreed form."""
    assert answer.headers["Hah-Protocol"] == "1"
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["type"] == f"urn:hah:{name}"
    assert told["title"]
    return str(told["detail"])


def verdicts(receipts: Iterable[Receipt]) -> list[Verdict]:
    return [receipt.verdict for receipt in receipts]


def values(rows: Iterable[PulledRow], record: str, name: str) -> set[Json]:
    """What the heads of one field of one record say."""
    return {
        change.fields[name]
        for row in rows
        if row.record == record
        for change in row.changes
        if name in change.fields
    }
