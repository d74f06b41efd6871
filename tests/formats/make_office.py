"""Makes the fixture of one state of the office's tables: a data folder as that version wrote it.

Run once, with the code of that version, and never again for it:

    python -m tests.formats.make_office tests/formats/offices/NNNN

It leaves NNNN.zip, the folder, and NNNN.json, what has to be found in it. People
and places are invented.
"""

import hashlib
import json
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text, update

from hah_central.database.database import FILE_NAME, Database, in_folder
from hah_central.database.rows import Laptop as Row
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import child_file, visit_file
from hah_desktop.sync.wire.form import DIGEST_HEADER, SIZE_HEADER
from tests.central.bureau import Bureau, changes
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, good, new_id
from tests.central.trust import publish

LETTER = b"Dear Ada, the bells were mended on Thursday.\n" * 20
SHA = hashlib.sha256(LETTER).hexdigest()


def fill(desk: Desk, folder: Path) -> dict[str, Any]:
    """All that an office can have of laptops: what has to be found again."""
    ada, second, ben = (desk.laptop(name) for name in ("Ada Example", "Ada Example", "Ben Example"))
    visit, child, taken, place = new_id(), new_id(), new_id(), new_id()
    in_both = [visit_file(visit), child_file(child)]
    first = ada.visit(visit, advisers=[ada.adviser, ben.adviser], met_by="T. Lark")
    robin = ada.change(child, "child", [child_file(child)], {"known_as": "Robin"})
    words = ada.change(new_id(), "statement", in_both, {"words": "Nobody asked me."})
    named = ada.place(place, name="Larch House")
    ada.push(first, robin, words, named)
    # Both edit without knowing of each other; and of what is replaced nothing may come back.
    second.pull_all()
    second.push(second.visit(visit, [first.id], met_by="S. Wren"))
    ben.push(ben.visit(visit, [first.id], met_by="J. Owl", impression="Quiet."))
    ada.push(ada.place(place, [named.id], name="Larch Lodge"))
    ada.push(ada.change(child, "child", [child_file(child)], {"known_as": "Rowan"}, [robin.id]))
    ada.push(*(ada.place(new_id(), name=f"House {n}") for n in range(40)))
    # What cannot be used, and what nobody can read yet.
    ben.push(ben.change(new_id(), "statement", [child_file(new_id())], {"words": "Not his."}))
    ada.push(ada.change(new_id(), "later_kind", [visit_file(visit)], {"odd": "later"}))
    ada.push(ada.visit(taken, advisers=[ada.adviser, ben.adviser], impression="Loud."))
    ben.pull_all()
    deed = Deed("Grace Example", desk.clock())
    with desk.database.writing() as connection:
        office.withdraw(connection, ben.adviser, visit_file(taken), deed)
    attach(ada, visit)
    bureau = Bureau(desk, folder / "keys", in_folder(folder).render_as_string())
    with desk.database.writing() as connection:
        ended = update(Row).where(Row.id == ben.enrolled.laptop)
        connection.execute(ended.values(revoked=desk.clock()))
    late = ben.visit(visit, impression="Handed over at the end.")
    bureau.send(ben, bureau.sealed(ben, changes(late)))
    reader = desk.laptop("Ada Example")
    said: dict[str, dict[str, Any]] = {
        change.id: dict(change.fields) for row in reader.pull_all() for change in row.changes
    }
    shown: dict[str, dict[str, list[Any]]] = {}
    for (record, name), heads in reader.heads.items():
        found = [said[change][name] for change in heads if name in said.get(change, {})]
        shown.setdefault(record, {})[name] = sorted(found, key=repr)
    return {
        "visit": visit,
        "place": place,
        "letter": SHA,
        "shown": shown,
        "laptops": {"ada": plain(ada), "second": plain(second), "ben": plain(ben)},
    }


def attach(laptop: Laptop, visit: str) -> None:
    """A letter with all of its content."""
    fields: dict[str, Any] = {
        "visit": visit,
        "hash": SHA,
        "size": len(LETTER),
        "content": "0" * 32,
    }
    laptop.push(laptop.change(new_id(), "attachment", [visit_file(visit)], fields))
    headers = {"Authorization": f"Bearer {laptop.token}", SIZE_HEADER: str(len(LETTER))}
    asked = {"sha256": [SHA]}
    good(laptop.client.post("/v1/blobs/status", json=asked, headers=headers))
    content = {"content": LETTER, "headers": {**headers, DIGEST_HEADER: SHA}}
    good(laptop.client.put(f"/v1/blobs/{SHA}/0", **content))  # type: ignore[arg-type]  # httpx's own


def plain(laptop: Laptop) -> dict[str, Any]:
    """A laptop of the test, to be gone on with."""
    key = laptop.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()
    who = laptop.enrolled
    return {
        "key": key,
        "enrolled": [who.laptop, who.adviser, who.adviser_name, who.office, who.epoch],
        "number": laptop.number,
        "previous": laptop.previous,
    }


def main(target: Path) -> None:
    """Make both files."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "office"
        with closing(Database(in_folder(folder))) as database:
            clock = HandClock()
            publish(database, clock())
            with served(database, clock) as client:
                said = fill(Desk(database, clock, client), folder)
            with database.reading() as connection:
                version = "SELECT version_num FROM alembic_version"
                said["revision"] = connection.execute(text(version)).scalar_one()
        one_file(folder / FILE_NAME)
        with zipfile.ZipFile(target.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    packed.write(path, path.relative_to(folder).as_posix())
    target.with_suffix(".json").write_text(json.dumps(said, indent=1) + "\n", "utf-8")


def one_file(path: Path) -> None:
    """Leave no log beside the database."""
    with closing(Database(in_folder(path.parent))) as database:
        raw = database.engine.raw_connection()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
