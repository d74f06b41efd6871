"""Records what this version of the program says to the office, and what the office answers.

Run once, when a version is released, and never again for that version:

    python -m tests.central.recorded.make tests/central/recorded/NAME.json

Later offices have to understand these very requests, and later programs these very answers. The
people, the place and the key are invented.
"""

import hashlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hah_central.database.database import Database, in_folder
from hah_desktop.sync.wire.changes import write_push
from hah_desktop.sync.wire.signed import signed_push
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, new_id
from tests.central.trust import publish


def recorded(desk: Desk) -> dict[str, Any]:
    """One laptop's whole talk, request by request."""
    laptop = desk.laptop("Ada Example")
    colleague = desk.laptop("Ben Example")
    visit, place = new_id(), new_id()
    first = laptop.visit(visit, met_by="T. Lark", impression="Quiet.")
    changes = [first, laptop.visit(visit, [first.id], met_by="S. Wren"), laptop.place(place, a="b")]
    body = write_push(laptop.enrolled.epoch, changes)
    signature = laptop.key.sign(signed_push(hashlib.sha256(body).hexdigest())).hex()
    pushed = laptop.push_body(body)
    colleague.push(colleague.place(place, [changes[2].id], name="Invented House"))
    asked = {"epoch": laptop.enrolled.epoch, "files": {}, "want": []}
    return {
        "laptop": laptop.enrolled.laptop,
        "adviser": laptop.adviser,
        "key": laptop.key.private_bytes_raw().hex(),
        "requests": {
            "push": {"body": body.decode(), "signature": signature},
            "pull": asked,
            "own": {"after": 0, "most": 10},
        },
        "answers": {
            "hello": desk.client.get("/v1/hello").text,
            "push": pushed.text,
            "pull": say(laptop, "/v1/pull", asked),
            "own": say(laptop, "/v1/own", {"after": 0, "most": 10}),
        },
    }


def say(laptop: Laptop, path: str, sent: dict[str, Any]) -> str:
    """The office's answer, as it was spelled."""
    headers = {"Authorization": f"Bearer {laptop.token}"}
    return laptop.client.post(path, json=sent, headers=headers).text


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
