"""What a small server says in the office's place, and who asks it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.sync.asking import Laptop
from hah_desktop.sync.client import Office
from tests.sync.server import OURS, Answer, Server

HELLO = {"office": "o", "epoch": "e", "name": "Help at Hand", "protocol": 1}
HELLO["now"] = "2026-03-02T12:00:00+00:00"
CHANGE = Change(
    ChangeId("c1"),
    LaptopId("l1"),
    1,
    "",
    RecordId("v1"),
    "visit",
    (FileId("visit:v1"),),
    "ruth",
    "2026-03-02T12:00:00+00:00",
    {"met_by": Edit("Zoë")},
)


def signed(message: bytes) -> bytes:
    return b"signed " + hashlib.sha256(message).digest()


def said(plain: object, **headers: str) -> Answer:
    return Answer(json.dumps(plain).encode(), headers=OURS | headers)


def sign_in(office: Office, server: Server, headers: Mapping[str, str] = OURS) -> None:
    server.answers["/v1/challenge"] = said({"challenge": "once"}, **headers)
    server.answers["/v1/token"] = said(
        {"token": "a-token", "expires_in": 600, "number": 0, "hash": ""}, **headers
    )
    office.sign_in("o")


@contextmanager
def calling(server: Server) -> Iterator[Office]:
    """The client of one enrolled laptop."""
    made = Office(server.url, Laptop("l1", signed))
    yield made
    made.close()
