"""Every address against everybody who should get nothing there, in one table.

An address that is added without a row fails `test_every_address_has_its_row`.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.routing import Route

from hah_central.database.database import Database
from hah_central.database.rows import Laptop as Row
from hah_central.journal.witness import waiting
from hah_central.service.app import create_app
from hah_desktop.domain.changes import Change
from hah_desktop.domain.exchange import Opened, Witness
from hah_desktop.domain.ids import ChangeId, LaptopId, RecordId, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.sync.wire.changes import read_receipts, write_push
from hah_desktop.sync.wire.form import (
    DIGEST_HEADER,
    LAPTOP_HEADER,
    SIGNATURE_HEADER,
    SIZE_HEADER,
)
from hah_desktop.sync.wire.hand import write_by_hand
from hah_desktop.sync.wire.seen import write_opened
from hah_desktop.sync.wire.signed import read_code, signed_bundle, signed_push, signed_token_request
from hah_desktop.sync.wire.witness import write_witness
from tests.central.bureau import changes, handed, sealed_by
from tests.central.conftest import Desk, HandClock
from tests.central.laptop import Laptop, good, new_id
from tests.central.trust import SECRETS, enrolment

pytestmark = pytest.mark.usefixtures("home")

WORDS = "Wren counts the swifts."
NO_TOKEN, GARBAGE, EXPIRED, REVOKED = "no token", "garbage", "expired", "revoked"
ANOTHERS_KEY, ANOTHERS_FILE = "another’s signature", "another’s file"
SITUATIONS = (NO_TOKEN, GARBAGE, EXPIRED, REVOKED, ANOTHERS_KEY, ANOTHERS_FILE)

OPEN = ("200",) * 6
"""Nobody asks there who it is, and nothing of a record is told."""

SIGNED_IN = ("401 sign-in", "401 sign-in", "401 sign-in", "403 revoked")
UNSIGNED = "200"
"""Nothing is signed there but the token, so another's key changes nothing."""

MATRIX = {
    ("GET", "/health"): OPEN,
    ("GET", "/v1/hello"): OPEN,
    ("GET", "/v1/keys"): OPEN,
    # The code is what lets in; no token was given yet.
    ("POST", "/v1/enrol"): OPEN,
    ("POST", "/v1/return"): OPEN,
    # Also whoever was revoked: with the words comes the order to end.
    ("POST", "/v1/challenge"): OPEN,
    ("POST", "/v1/token"): (
        "200",
        "200",
        "401 wrong-signature",
        "403 revoked",
        "401 wrong-signature",
        "200",
    ),
    # What goes into another's file is kept and set aside: nobody is told what is there.
    ("POST", "/v1/push"): (*SIGNED_IN, "401 wrong-signature", "200"),
    ("POST", "/v1/pull"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/own"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/blobs/status"): (*SIGNED_IN, UNSIGNED, "200"),
    # Somebody else's letter is as one that is not there.
    ("PUT", "/v1/blobs/{sha256}/{number}"): (*SIGNED_IN, UNSIGNED, "404 no-attachment"),
    ("GET", "/v1/blobs/{sha256}"): (*SIGNED_IN, UNSIGNED, "404 no-attachment"),
    # Of people on no visit together, and of changes that one may not see, nothing is told.
    ("POST", "/v1/cards"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/carried"): (*SIGNED_IN, UNSIGNED, "200"),
    # Of another's record nothing is taken, and nothing is told.
    ("POST", "/v1/seen"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/known"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/witness"): (*SIGNED_IN, UNSIGNED, "200"),
    ("POST", "/v1/told"): (*SIGNED_IN, UNSIGNED, "200"),
    # Whose it is, the signature in it says; of what is there nobody is told.
    ("POST", "/v1/by-hand"): (*SIGNED_IN, "401 wrong-signature", "200"),
    # A laptop that was revoked gets no token, and hands over all the same.
    ("POST", "/v1/bundle"): ("200", "200", "200", "200", "401 wrong-signature", "200"),
}


@dataclass
class World:
    """Ada has a visit. Somebody asks as Ben, in one of the situations."""

    desk: Desk
    situation: str
    ada: Laptop = field(init=False)
    ben: Laptop = field(init=False)
    theirs: Change = field(init=False)
    words: str = field(init=False)
    code: str = field(init=False)
    letters: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.ada, self.ben = self.desk.laptop("Ada Example"), self.desk.laptop("Ben Example")
        self.theirs = self.ada.visit(new_id(), impression=WORDS)
        self.ada.push(self.theirs)
        bens = self.ben.visit(new_id(), impression="Quiet.")
        self.ben.push(bens)
        self.letters = {"mine": b"Mine.", "theirs": b"Theirs."}
        self.attach(self.ben, bens, self.letters["mine"])
        self.attach(self.ada, self.theirs, self.letters["theirs"])
        self.words = good(self.post("/v1/challenge", json=self.me)).json()["challenge"]
        self.code = self.desk.code("Cleo Example")
        if self.situation == REVOKED:
            with self.desk.database.writing() as connection:
                mine = update(Row).where(Row.id == self.ben.enrolled.laptop)
                connection.execute(mine.values(revoked=self.desk.clock()))
        if self.situation == EXPIRED:
            self.desk.clock.pass_by(dt.timedelta(minutes=10))

    def attach(self, laptop: Laptop, visit: Change, content: bytes) -> None:
        """A letter to a visit, whose content the office has."""
        sha256, size = hashlib.sha256(content).hexdigest(), len(content)
        fields: dict[str, Json] = {
            "visit": visit.record,
            "hash": sha256,
            "size": size,
            "content": "0" * 32,
        }
        laptop.push(laptop.change(new_id(), "attachment", visit.files, fields))
        headers = {"Authorization": f"Bearer {laptop.token}"}
        asked = {"sha256": [sha256]}
        good(self.desk.client.post("/v1/blobs/status", json=asked, headers=headers))
        sent = {**headers, DIGEST_HEADER: sha256, SIZE_HEADER: str(size)}
        good(self.desk.client.put(f"/v1/blobs/{sha256}/0", content=content, headers=sent))

    @property
    def letter(self) -> bytes:
        """The content of the letter that is asked for."""
        return self.letters["theirs" if self.situation == ANOTHERS_FILE else "mine"]

    @property
    def me(self) -> dict[str, str]:
        return {"laptop": self.ben.enrolled.laptop}

    def headers(self) -> dict[str, str]:
        if self.situation == NO_TOKEN:
            return {}
        token = "garbage" if self.situation == GARBAGE else self.ben.token
        return {"Authorization": f"Bearer {token}"}

    def sign(self, data: bytes) -> str:
        key = self.ada.key if self.situation == ANOTHERS_KEY else self.ben.key
        return key.sign(data).hex()

    def post(self, path: str, **sent: object) -> httpx.Response:
        extra = sent.pop("headers", {})
        assert isinstance(extra, dict)
        headers = {**(self.headers() if hasattr(self, "code") else {}), **extra}
        return self.desk.client.post(path, headers=headers, **sent)  # type: ignore[arg-type]  # httpx's own


def enrol(world: World) -> httpx.Response:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    code, _ = read_code(world.code)
    return world.post("/v1/enrol", json=enrolment(code, key))


def let_back(world: World) -> httpx.Response:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    code, _ = read_code(world.desk.return_code("Ben Example"))
    was = {"laptop": new_id(), "adviser": world.ben.enrolled.adviser}
    return world.post("/v1/return", json={**enrolment(code, key), **was})


def challenge(world: World) -> httpx.Response:
    return world.post("/v1/challenge", json=world.me)


def token(world: World) -> httpx.Response:
    signed = world.sign(signed_token_request(world.words, world.ben.enrolled.office))
    return world.post("/v1/token", json={**world.me, "challenge": world.words, "signature": signed})


def push(world: World) -> httpx.Response:
    record = world.theirs.record if world.situation == ANOTHERS_FILE else new_id()
    body = write_push("", [world.ben.visit(record, [world.theirs.id], impression="Loud.")])
    signed = world.sign(signed_push(hashlib.sha256(body).hexdigest()))
    return world.post("/v1/push", content=body, headers={SIGNATURE_HEADER: signed})


def pull(world: World) -> httpx.Response:
    files = dict.fromkeys(world.theirs.files, 0)
    asked = {"epoch": world.ben.enrolled.epoch, "files": files, "want": [world.theirs.record]}
    return world.post("/v1/pull", json=asked)


def own(world: World) -> httpx.Response:
    asked = {"after": 0, "most": 10, "laptop": world.ada.enrolled.laptop}
    return world.post("/v1/own", json=asked)


def bundle(world: World) -> httpx.Response:
    laptop, office = world.ben.enrolled.laptop, world.ben.enrolled.office
    data = sealed_by(world.ben.key, laptop)
    digest = hashlib.sha256(data).hexdigest()
    headers = {
        LAPTOP_HEADER: laptop,
        DIGEST_HEADER: digest,
        SIZE_HEADER: str(len(data)),
        SIGNATURE_HEADER: world.sign(signed_bundle(office, digest, len(data))),
    }
    return world.post("/v1/bundle", content=data, headers=headers)


def cards(world: World) -> httpx.Response:
    return world.post("/v1/cards", json={"sealing": SECRETS.public.recovery.hex()})


def carried(world: World) -> httpx.Response:
    return world.post("/v1/carried", json={"ids": [world.theirs.id]})


def seen(world: World) -> httpx.Response:
    opened = [Opened(world.theirs.record, 1, "2026-11-22T10:00:00+00:00")]
    return world.post("/v1/seen", content=write_opened(0, opened))


def known(world: World) -> httpx.Response:
    # The answer names what was asked: the test below asks after one that is there.
    return world.post("/v1/known", json={"changes": [new_id()]})


def witness(world: World) -> httpx.Response:
    return world.post("/v1/witness", content=write_witness([]))


def told(world: World) -> httpx.Response:
    return world.post("/v1/told", json={"changes": [new_id()]})


def by_hand(world: World) -> httpx.Response:
    laptop = world.ben.enrolled.laptop
    part = changes(world.ben.visit(new_id(), impression="Loud."))
    key = world.ada.key if world.situation == ANOTHERS_KEY else world.ben.key
    if world.situation == ANOTHERS_FILE:
        part, key, laptop = changes(world.theirs), world.ada.key, world.ada.enrolled.laptop
    return world.post("/v1/by-hand", content=write_by_hand(handed(key, laptop, part)))


def letter_status(world: World) -> httpx.Response:
    sha256 = hashlib.sha256(world.letter).hexdigest()
    return world.post("/v1/blobs/status", json={"sha256": [sha256]})


def send_letter(world: World) -> httpx.Response:
    sha256, size = hashlib.sha256(world.letter).hexdigest(), len(world.letter)
    headers = {**world.headers(), DIGEST_HEADER: sha256, SIZE_HEADER: str(size)}
    return world.desk.client.put(f"/v1/blobs/{sha256}/0", content=world.letter, headers=headers)


def fetch_letter(world: World) -> httpx.Response:
    sha256 = hashlib.sha256(world.letter).hexdigest()
    return world.desk.client.get(f"/v1/blobs/{sha256}", headers=world.headers())


ASKED: dict[str, Callable[[World], httpx.Response]] = {
    "/v1/enrol": enrol,
    "/v1/return": let_back,
    "/v1/challenge": challenge,
    "/v1/token": token,
    "/v1/push": push,
    "/v1/pull": pull,
    "/v1/own": own,
    "/v1/cards": cards,
    "/v1/known": known,
    "/v1/seen": seen,
    "/v1/witness": witness,
    "/v1/told": told,
    "/v1/by-hand": by_hand,
    "/v1/carried": carried,
    "/v1/bundle": bundle,
    "/v1/blobs/status": letter_status,
    "/v1/blobs/{sha256}/{number}": send_letter,
    "/v1/blobs/{sha256}": fetch_letter,
}


def addresses(app: Starlette) -> set[tuple[str, str]]:
    """Every method and path of a service."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    return {(method, r.path) for r in routes for method in (r.methods or set()) - {"HEAD"}}


def get(world: World, path: str) -> httpx.Response:
    return world.desk.client.get(path, headers=world.headers())


def test_every_address_has_its_row(database: Database, clock: HandClock) -> None:
    assert set(MATRIX) == addresses(create_app(database, clock=clock))
    assert all(len(row) == len(SITUATIONS) for row in MATRIX.values())


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_nobody_gets_what_is_not_theirs(desk: Desk, method: str, path: str, situation: str) -> None:
    world = World(desk, situation)

    answer = ASKED[path](world) if path in ASKED else get(world, path)

    said = str(answer.status_code)
    if not answer.is_success:
        said = f"{said} {answer.json()['type'].removeprefix('urn:hah:')}"
    assert said == MATRIX[method, path][SITUATIONS.index(situation)]
    assert WORDS not in answer.text
    assert world.theirs.id not in answer.text


def test_what_was_set_aside_tells_nothing_of_the_record(desk: Desk) -> None:
    answer = push(World(desk, ANOTHERS_FILE))

    (receipt,) = read_receipts(answer.content)[1]
    assert receipt.verdict == "set_aside"
    assert dict(receipt.heads) == {"impression": ()}


def test_of_a_change_of_another_is_answered_as_of_one_that_never_was(desk: Desk) -> None:
    world = World(desk, ANOTHERS_FILE)
    asked = [world.theirs.id, new_id()]

    assert good(world.post("/v1/known", json={"changes": asked})).json() == {"unknown": asked}
    told = good(world.post("/v1/told", json={"changes": asked})).json()
    assert told == {"waiting": [], "lacking": asked}

    said = [
        Witness(id_, RecordId("r"), "visit", (visit_file("v"),), LaptopId("l"), "ruth", "2026", {})
        for id_ in map(ChangeId, asked)
    ]
    kept = [good(world.post("/v1/witness", content=write_witness([one]))).json() for one in said]
    assert kept == [{"kept": 1}] * 2
    with desk.database.reading() as connection:
        assert [each.change for each in waiting(connection)] == asked[1:]
