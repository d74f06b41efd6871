"""Records a whole talk of this version's program with its office: every address, as it is asked.

Run once, when a version is released, and never again for that version:

    python -m tests.central.recorded.talk tests/central/recorded/talks/NAME.json

Later offices have to answer these very requests, and later programs read these very answers:
`tests/central/test_talks.py`. The people, the visit and the keys are invented.
"""

import base64
import hashlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from hah_central.database.database import Database, in_folder
from hah_central.database.rows import Clock
from hah_desktop.domain.changes import Change, canonical, content_hash
from hah_desktop.domain.exchange import Enrolled, Opened, Witness
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office, Permission
from hah_desktop.sync.line import public_trust
from hah_desktop.sync.wire.signed import read_code, signed_bundle
from tests.central.bureau import changes, handed, sealed_by
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import MADE_AT, Laptop, new_id
from tests.central.trust import SECRETS, publish, sealed_for

LETTER = b"Dear Wren, the swifts are back."
LETTER_SHA = hashlib.sha256(LETTER).hexdigest()


class Recorder(httpx.BaseTransport):
    """Passes everything on, and keeps what was asked and answered as it went over the line."""

    def __init__(self) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._line = httpx.HTTPTransport(verify=public_trust())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        asked = request.read()
        answer = self._line.handle_request(request)
        told = b"".join(answer.iter_raw())
        answer.close()
        kept = {name: value for name, value in request.headers.items() if name not in _OF_THE_LINE}
        self.exchanges.append(
            {
                "method": request.method,
                "path": request.url.path,
                "headers": kept,
                "body": base64.b64encode(asked).decode(),
                "status": answer.status_code,
                "packed": answer.headers.get("Content-Encoding", ""),
                "answer": base64.b64encode(told).decode(),
            }
        )
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=httpx.ByteStream(told),
            request=request,
        )


_OF_THE_LINE = frozenset({"host", "connection", "content-length", "user-agent", "accept"})


@dataclass
class Person:
    """An adviser's laptop: what it asks, and how it spells its changes."""

    office: Office
    laptop: Laptop

    @property
    def epoch(self) -> str:
        return self.laptop.enrolled.epoch

    def push(self, *made: Change, behind: dict[FileId, int] | None = None) -> None:
        """Send changes as the program does."""
        self.office.pack(self.epoch, list(map(spelled, made)), behind, {}).answer()

    def meet(self) -> None:
        """Begin a sync: also by a question of its own for what is to be signed."""
        self.office.hello()
        self.office.challenge()
        self.office.challenge()
        self.office.sign_in(self.laptop.enrolled.office)


def spelled(change: Change) -> str:
    """As it is kept on the laptop, and sent."""
    return canonical(change).decode()


def enrolled(desk: Desk, line: Recorder, name: str) -> tuple[Person, str]:
    """A new laptop of an adviser, and the letters of the code that it came with."""
    url, key = str(desk.client.base_url), Ed25519PrivateKey.generate()
    letters, _ = read_code(desk.code(name))
    newcomer = Office(url, transport=line)
    newcomer.hello()
    newcomer.keys()
    who = newcomer.enrol(letters, public(key), "Recorded", sealed_for(SECRETS.public))
    newcomer.close()
    office = Office(url, Signed(who.laptop, key.sign), transport=line)
    return Person(office, Laptop(desk.client, who, key)), letters


def public(key: Ed25519PrivateKey) -> str:
    """A public key as it is sent."""
    return key.public_key().public_bytes_raw().hex()


def recorded(desk: Desk) -> dict[str, Any]:
    """Two people who do on one visit all that there is to do."""
    line = Recorder()
    (ada, ada_code), (ben, ben_code) = (
        enrolled(desk, line, name) for name in ("Ada Example", "Ben Example")
    )
    with desk.database.reading() as connection:
        start = connection.execute(select(Clock.seq)).scalar_one()
    ada.meet()
    ben.meet()
    _on_one_visit(ada, ben)
    return_code = _come_back(desk, line, ada)
    return {
        "office": ada.laptop.enrolled.office,
        "epoch": ada.epoch,
        "start": start,
        "laptops": [_kept(each) for each in (ada, ben)],
        "codes": [ada_code, ben_code],
        "return_code": return_code,
        "exchanges": line.exchanges,
    }


def _on_one_visit(ada: Person, ben: Person) -> None:
    visit, child = new_id(), new_id()
    first = ada.laptop.visit(visit, advisers=[ben.laptop.adviser], impression="Quiet.")
    met = ada.laptop.child(child, known_as="Wren"), ada.laptop.conversation(visit, child)
    fields: dict[str, Json] = {"visit": visit, "hash": LETTER_SHA, "size": len(LETTER)}
    fields["content"] = "0" * 32
    letter = ada.laptop.change(new_id(), "attachment", [visit_file(visit)], fields)
    ada.push(first, *met, letter)
    cursors, _ = _pulled(ben, {})
    later = ben.laptop.visit(visit, [first.id], impression="Quiet, then loud.")
    ben.push(later, behind=cursors)
    ben.office.begin_pull(ben.epoch, cursors, [], brief=True).answer()
    _pulled(ada, {})
    ada.office.own(0)
    for each in (ada, ben, ada):
        each.office.cards(SECRETS.public.recovery.hex())
    ben.office.seen(0, [Opened(RecordId(visit), 1, MADE_AT)], ben.epoch)
    ada.office.seen(0, [], ada.epoch)
    ben.office.unknown([first.id, later.id, ChangeId(new_id())])
    lost = Witness(
        ChangeId(new_id()),
        RecordId(visit),
        "visit",
        (visit_file(visit),),
        ada.laptop.enrolled.laptop,
        ada.laptop.adviser,
        MADE_AT,
        {"met_by": "T. Lark"},
    )
    ben.office.witness([lost])
    ben.office.waits([lost.change])
    _from_hand_to_hand(ada, ben, visit)
    ada.office.blobs_status([LETTER_SHA])
    ada.office.put_chunk(LETTER_SHA, len(LETTER), 0, LETTER)
    ben.office.get_piece(LETTER_SHA, 0, len(LETTER))
    _hand_over(ben)


def _pulled(who: Person, cursors: dict[FileId, int]) -> tuple[dict[FileId, int], int]:
    page, rows = who.office.begin_pull(who.epoch, cursors, []).answer()
    return dict(page.files), len(rows)


def _from_hand_to_hand(ada: Person, ben: Person, visit: str) -> None:
    unsent = ada.laptop.visit(visit, met_by="S. Wren")
    hand = handed(ada.laptop.key, ada.laptop.enrolled.laptop, changes(unsent))
    ben.office.by_hand(hand)
    digest = hashlib.sha256(hand.changes).hexdigest()
    ben.office.carried({unsent.id: content_hash(unsent)}, [digest])
    ada.office.push_opaque(ada.epoch, spelled(unsent), {})


def _hand_over(who: Person) -> None:
    enrolled = who.laptop.enrolled
    data = sealed_by(who.laptop.key, enrolled.laptop)
    digest = hashlib.sha256(data).hexdigest()
    signed = signed_bundle(enrolled.office, digest, len(data))
    signature = who.laptop.key.sign(signed).hex()
    permission = Permission(enrolled.laptop, digest, len(data), signature)
    who.office.send_bundle(permission, io.BytesIO(data))


def _come_back(desk: Desk, line: Recorder, who: Person) -> str:
    letters, _ = read_code(desk.return_code("Ada Example"))
    back = Office(str(desk.client.base_url), transport=line)
    was = new_id(), who.laptop.adviser
    key = public(Ed25519PrivateKey.generate())
    back.let_back(letters, key, "Recorded", sealed_for(SECRETS.public), was)
    return letters


def _kept(person: Person) -> dict[str, str]:
    who: Enrolled = person.laptop.enrolled
    return {
        "laptop": LaptopId(who.laptop),
        "adviser": who.adviser,
        "name": who.adviser_name,
        "key": person.laptop.key.private_bytes_raw().hex(),
    }


def main(target: Path) -> None:
    """Write the recording."""
    with TemporaryDirectory() as folder:
        database, clock = Database(in_folder(Path(folder))), HandClock()
        publish(database, clock())
        with served(database, clock) as client:
            found = recorded(Desk(database, clock, client))
        database.close()
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
