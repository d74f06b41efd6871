"""What older programs say is understood by this office, and what it answers by them.

Each recording was made with the code of its release, before there were whole talks (`test_talks`).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select

from hah_central.database.rows import Adviser, Clock
from hah_central.database.rows import Laptop as Row
from hah_desktop.domain.exchange import Enrolled, Verdict
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.sync.wire.changes import read_own, read_page, read_receipts
from hah_desktop.sync.wire.form import SIGNATURE_HEADER, read_lines
from hah_desktop.sync.wire.joining import read_hello
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, verdicts

HERE = Path(__file__).parent / "recorded"
RECORDINGS = sorted(path.stem for path in HERE.glob("*.json"))


@pytest.fixture(params=RECORDINGS)
def said(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{request.param}.json").read_text("utf-8"))
    return found


def come_back(desk: Desk, said: dict[str, Any]) -> Laptop:
    """The laptop of the recording, enrolled here under its own id and key."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["key"]))
    with desk.database.writing() as connection:
        adviser = RecordId(said["adviser"])
        connection.execute(insert(Adviser).values(id=adviser, name="Ada Example"))
        row = {"id": said["laptop"], "adviser": adviser, "name": "Recorded", "last_hash": ""}
        row |= {"public_key": key.public_key().public_bytes_raw().hex()}
        new = insert(Row).values(**row, last_number=0, enrolled=desk.clock())
        connection.execute(new)
        id_, epoch = connection.execute(select(Clock.office, Clock.epoch)).one()
    who = Enrolled(LaptopId(said["laptop"]), adviser, "Ada Example", id_, epoch)
    laptop = Laptop(desk.client, who, key)
    laptop.sign_in()
    return laptop


def ask(laptop: Laptop, path: str, sent: dict[str, Any]) -> bytes:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    return good(laptop.client.post(path, json=sent, headers=headers)).content


def push(laptop: Laptop, said: dict[str, Any]) -> bytes:
    """The very bytes, with the signature of then."""
    sent = said["requests"]["push"]
    answer = laptop.push_body(sent["body"].encode(), signature=sent["signature"])
    assert SIGNATURE_HEADER in answer.request.headers
    return good(answer).content


def test_what_an_older_program_sends_is_taken_as_it_was(desk: Desk, said: dict[str, Any]) -> None:
    laptop = come_back(desk, said)
    _, receipts = read_receipts(push(laptop, said))
    _, then = read_receipts(said["answers"]["push"].encode())
    assert [r.hash for r in receipts] == [r.hash for r in then]
    assert verdicts(receipts) == verdicts(then)
    _, again = read_receipts(push(laptop, said))
    assert set(verdicts(again)) == {Verdict.DUPLICATE}


def test_what_it_is_answered_has_all_that_it_reads(desk: Desk, said: dict[str, Any]) -> None:
    laptop = come_back(desk, said)
    answers = {"push": push(laptop, said)}
    for name in ("pull", "own"):
        answers[name] = ask(laptop, f"/v1/{name}", said["requests"][name])
    for name, body in answers.items():
        header, items = read_lines(body)
        old_header, old_items = read_lines(said["answers"][name].encode())
        assert old_header.keys() <= header.keys()
        assert items
        for item in items:
            assert any(item.keys() >= old.keys() or old.keys() >= item.keys() for old in old_items)
    hello = json.loads(said["answers"]["hello"])
    assert hello.keys() <= good(desk.client.get("/v1/hello")).json().keys()


def test_what_an_older_office_answers_is_read(said: dict[str, Any]) -> None:
    answers = {name: text.encode() for name, text in said["answers"].items()}
    assert read_hello(json.loads(answers["hello"])).protocol == 1
    accepted, receipts = read_receipts(answers["push"])
    assert accepted.number == len(receipts) == 3
    page, rows = read_page(answers["pull"])
    assert not page.more
    assert {row.kind for row in rows} >= {"visit", "place"}
    assert [own.change.number for own in read_own(answers["own"])] == [1, 2, 3]
