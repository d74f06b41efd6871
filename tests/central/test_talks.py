"""A whole talk of an older program with its office: this office answers it, this program reads it.

Each recording was made by `recorded/talk.py` with the code of its release. An address that no
recording has fails `test_every_address_of_a_laptop_is_in_the_newest_recording`.
"""

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, update

from hah_central.database.database import Database
from hah_central.database.rows import Adviser, Clock, EnrolCode, ReturnCode
from hah_central.database.rows import Laptop as Row
from hah_central.people import people
from hah_central.service.app import create_app
from hah_desktop.domain.ids import REFERENCE_FILE, FileId
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.sync.asking import text_of
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.blobs import read_status, read_taken
from hah_desktop.sync.wire.cards import read_cards
from hah_desktop.sync.wire.changes import read_own, read_page, read_told
from hah_desktop.sync.wire.form import read_lines
from hah_desktop.sync.wire.hand import read_heard
from hah_desktop.sync.wire.joining import (
    read_challenge,
    read_enrolled,
    read_hello,
    read_token,
)
from hah_desktop.sync.wire.seen import read_seen
from hah_desktop.sync.wire.signed import signed_token_request
from hah_desktop.sync.wire.witness import read_kept, read_unknown, read_waits
from tests.central.conftest import Desk, HandClock
from tests.central.test_rights import addresses

HERE = Path(__file__).parent / "recorded" / "talks"
RECORDINGS = sorted(path.stem for path in HERE.glob("*.json"))
NO_LAPTOP_ASKS = {("GET", "/health")}
_BLOB = re.compile(r"[0-9a-f]{64}(/\d+)?$")

Exchange = Mapping[str, Any]


@pytest.fixture(params=RECORDINGS)
def talk(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{request.param}.json").read_text("utf-8"))
    return found


def test_every_address_of_a_laptop_is_in_the_newest_recording(
    database: Database, clock: HandClock
) -> None:
    asked: set[tuple[str, str]] = set()
    for name in RECORDINGS:
        talk = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        asked |= {(each["method"], route(each)) for each in talk["exchanges"]}
    assert addresses(create_app(database, clock=clock)) - NO_LAPTOP_ASKS == asked


def route(exchange: Exchange) -> str:
    """The address as the service has it in its routes."""
    path: str = exchange["path"]
    found = _BLOB.search(path)
    if found is None:
        return path
    return path[: found.start()] + ("{sha256}/{number}" if found.group(1) else "{sha256}")


def then(exchange: Exchange) -> bytes:
    """What the office of then answered, unpacked."""
    told, how = base64.b64decode(exchange["answer"]), exchange["packed"]
    return packing.unpacked(told) if how in (packing.ZSTD, packing.GZIP) else told


def now(answer: httpx.Response) -> bytes:
    """What this office answers, unpacked: httpx does so with gzip alone."""
    is_packed = answer.headers.get("Content-Encoding") == packing.ZSTD
    return packing.unpacked(answer.content) if is_packed else answer.content


# --- an older office, this program ---------------------------------------------------------------


class Reader:
    """Reads answers as this program does, and remembers the cursors that a brief page is behind."""

    def __init__(self) -> None:
        self._cursors: Mapping[FileId, int] = {}

    def read(self, exchange: Exchange) -> object:
        """What an answer says."""
        path, body = route(exchange), then(exchange)
        if path == "/v1/pull":
            return self._page(exchange, body)
        if path in LINES:
            return LINES[path](body)
        return PLAIN[path](json.loads(body)) if path in PLAIN else body

    def _page(self, exchange: Exchange, body: bytes) -> object:
        named = "files" in json.loads(base64.b64decode(exchange["body"]))
        page, rows = read_page(body, None if named else self._cursors)
        self._cursors = page.files
        return page, rows


LINES: dict[str, Callable[[bytes], object]] = {
    "/v1/push": read_told,
    "/v1/own": read_own,
    "/v1/cards": read_cards,
    "/v1/carried": read_heard,
    "/v1/seen": read_seen,
}
PLAIN: dict[str, Callable[[Any], object]] = {
    "/v1/hello": read_hello,
    "/v1/keys": OfficeKeys.from_plain,
    "/v1/enrol": read_enrolled,
    "/v1/return": read_enrolled,
    "/v1/challenge": read_challenge,
    "/v1/token": read_token,
    "/v1/known": read_unknown,
    "/v1/witness": read_kept,
    "/v1/told": read_waits,
    "/v1/by-hand": read_kept,
    "/v1/bundle": lambda told: text_of(told, "sha256"),
    "/v1/blobs/status": read_status,
    "/v1/blobs/{sha256}/{number}": read_taken,
}


def test_what_an_older_office_answered_is_read(talk: dict[str, Any]) -> None:
    reader = Reader()
    read = [(route(exchange), reader.read(exchange)) for exchange in talk["exchanges"]]
    # Of each kind at least one has something to say: a colleague's card, a change of one's own.
    assert {path for path, said in read if said} == {path for path, _ in read}


# --- an older program, this office ---------------------------------------------------------------


def as_it_was(desk: Desk, talk: dict[str, Any]) -> None:
    """The office as it stood when the talk began: its names, its people, and their codes."""
    until = desk.clock() + dt.timedelta(days=7)
    with desk.database.writing() as connection:
        names = {"office": talk["office"], "epoch": talk["epoch"], "seq": talk["start"]}
        connection.execute(update(Clock).values(**names))
        for who, code in zip(talk["laptops"], talk["codes"], strict=True):
            key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(who["key"]))
            connection.execute(insert(Adviser).values(id=who["adviser"], name=who["name"]))
            row = {"id": who["laptop"], "adviser": who["adviser"], "name": "Recorded"}
            row |= {"public_key": key.public_key().public_bytes_raw().hex(), "last_hash": ""}
            connection.execute(insert(Row).values(**row, last_number=0, enrolled=desk.clock()))
            sent = {"hash": people.hashed(code), "adviser": who["adviser"], "expires": until}
            connection.execute(insert(EnrolCode).values(**sent))
        back = {"hash": people.hashed(talk["return_code"]), "name": talk["laptops"][0]["name"]}
        connection.execute(insert(ReturnCode).values(**back, role="adviser", expires=until))


class Player:
    """Asks again what was asked, with the tokens and the words to sign of now."""

    def __init__(self, desk: Desk, talk: dict[str, Any]) -> None:
        self._client = desk.client
        self._office = talk["office"]
        self._keys = {who["laptop"]: who["key"] for who in talk["laptops"]}
        self._tokens: dict[str, str] = {}
        self._words: dict[str, str] = {}

    def ask(self, exchange: Exchange) -> httpx.Response:
        """One question."""
        headers, body = dict(exchange["headers"]), base64.b64decode(exchange["body"])
        _, _, token = headers.get("authorization", "").partition(" ")
        if token:
            headers["authorization"] = f"Bearer {self._tokens[token]}"
        laptop = headers.get("hah-laptop", "")
        if exchange["path"] in ("/v1/challenge", "/v1/token"):
            laptop = json.loads(body)["laptop"]
        if exchange["path"] == "/v1/token":
            body = self._signed(json.loads(body))
        answer = self._client.request(
            exchange["method"], exchange["path"], content=body, headers=headers
        )
        told = _plain(answer)
        if "challenge" in told:
            self._words[laptop] = told["challenge"]
        if "token" in told:
            self._tokens[json.loads(then(exchange))["token"]] = told["token"]
        return answer

    def _signed(self, asked: dict[str, Any]) -> bytes:
        words = self._words.pop(asked["laptop"])
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._keys[asked["laptop"]]))
        signature = key.sign(signed_token_request(words, self._office)).hex()
        return json.dumps({**asked, "challenge": words, "signature": signature}).encode()


def _plain(answer: httpx.Response) -> dict[str, Any]:
    if answer.headers.get("Content-Type") != "application/json":
        return {}
    found: dict[str, Any] = json.loads(now(answer))
    return found


def test_what_an_older_program_asked_is_answered_with_all_that_it_read(
    desk: Desk, talk: dict[str, Any]
) -> None:
    as_it_was(desk, talk)
    player = Player(desk, talk)
    for exchange in talk["exchanges"]:
        answer, path = player.ask(exchange), exchange["path"]
        assert answer.status_code == exchange["status"], (path, answer.text)
        was, told = then(exchange), now(answer)
        if route(exchange) in (*LINES, "/v1/pull"):
            (header, said), (header_then, said_then) = read_lines(told), read_lines(was)
            items, items_then = _of_the_talk(said), _of_the_talk(said_then)
            assert header_then.keys() <= header.keys(), path
            assert len(items) == len(items_then), path
            for item, item_then in zip(items, items_then, strict=True):
                assert item_then.keys() <= item.keys(), path
        elif route(exchange) in PLAIN:
            assert json.loads(was).keys() <= json.loads(told).keys(), path
        else:
            assert told == was
        if path == "/v1/push":
            assert _verdicts(told) == _verdicts(was)


def _of_the_talk(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what the office says of its own people, who come here without a record of them."""
    return [item for item in items if item.get("files") != [REFERENCE_FILE]]


def _verdicts(body: bytes) -> list[object]:
    return [(type(told).__name__, getattr(told, "verdict", None)) for told in read_told(body)[1]]
