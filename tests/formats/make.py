"""Makes the fixture of one format: a laptop's folder as this very version writes it.

Run once, when a version is released, and never again for that version:

    python -m tests.formats.make tests/formats/NAME

It leaves NAME.zip, the folder byte for byte, and NAME.json, what has to be found in it. People and
places are invented. The older ones were made by this script as it stood in their version.
"""

import dataclasses as dc
import datetime as dt
import json
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from hah_desktop.domain.changes import content_hash
from hah_desktop.domain.exchange import Page, PulledChange, PulledRow, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.reference import Adviser, Inspection, Place
from hah_desktop.domain.records.visit import Addendum, Visit
from hah_desktop.laptop.offers import safety_copies
from hah_desktop.seals.sealing import OfficeSecrets
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity, Trust
from hah_desktop.vault import recovering
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.vault import HEADER_NAME, Vault
from tests.journey.caseload import visits

PASSPHRASE = "violet kettle orbit marsh"
RUTH = Identity(
    "11" * 32,
    office_url="https://office.invalid",
    laptop="laptop-one",
    adviser="adviser-ruth",
    adviser_name="Ruth Pell",
    office="office-one",
    epoch="epoch-one",
)
NOON = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)
TABLES = ("record", "change", "draft", "cursor", "sync_run", "event", "sealed_file")
LETTER = b"Dear Ruth, the bells were mended on Thursday. Zo\xc3\xab\n" * 20


def fill(store: Store) -> None:
    """Every kind of record, and every state that a record and a change can be in."""
    store.keep_identity(RUTH)
    places = [Place(id=store.new_id(), name=f"Invented House {n}", urn=f"ZZ{n}") for n in range(3)]
    store.add(
        Adviser(id=RecordId(RUTH.adviser), name=RUTH.adviser_name),
        *places,
        Inspection(id=store.new_id(), place=places[1].id),
    )
    store.add(*visits(store, [str(place.id) for place in places], frozenset({RUTH.adviser})))
    received(store)
    visit = next(v for v in of_kind(store, Visit) if v.status == "started")
    edit(store, visit.id, impression="Loud at night. “Nobody comes.”", purpose="Is Zoë heard?")
    clash(store, visit.id)
    closed = next(v for v in of_kind(store, Visit) if v.status == "signed_off")
    store.add(Addendum(id=store.new_id(), visit=closed.id, text="The bells were mended."))
    gone = Visit(id=store.new_id(), place=places[0].id, status="planned", purpose="A mistake")
    store.add(gone)
    edit(store, gone.id, removed=True)
    with store.writing() as connection:
        held = reading.get(connection, visit.id)
        if held is None:
            raise LookupError(visit.id)
        typed = {**held.seen.body, "met_by": "Half a na"}
        draft = Draft(visit.id, "visit", visit.id, typed, held.seen, {"left_at": "16"}, {"at": 3})
        drafts.keep(connection, dc.replace(draft, saved_at=NOON.isoformat()))
        meta.write(connection, "preferences", {"theme": "dark", "text_percent": 100})
        outbox.note_run(connection, SyncRun(NOON.isoformat(), NOON.isoformat(), 5, 1, ""))


def of_kind(store: Store, kind: Any) -> list[Any]:
    """The records of one kind."""
    with store.reading() as connection:
        return [held.record for held in reading.of_kind(connection, kind.kind)]


def edit(store: Store, record: str, **fields: object) -> None:
    """Change fields of a record that is here."""
    with store.reading() as connection:
        held = reading.get(connection, record)
    if held is None:
        raise LookupError(record)
    wanted: Any = dc.replace(held.record, **fields)  # type: ignore[arg-type]  # its own fields
    store.save(Edited(wanted, held.seen))


def received(store: Store) -> None:
    """The office has all but what comes later."""
    with store.writing() as connection:
        waiting = outbox.unsent(connection, 1_000)
        given = [Receipt(c.id, content_hash(c), Verdict.APPLIED, c.number) for c in waiting]
        outbox.take_receipts(connection, given)


def clash(store: Store, visit: RecordId) -> None:
    """A colleague changed the same answer: both sides are open until a person decides."""
    with store.reading() as connection:
        (mine,) = (c for c in outbox.unsent(connection, 1_000) if "impression" in c.edits)
    theirs = PulledChange(
        ChangeId("0000-theirs"),
        900,
        "laptop-two",
        "adviser-amir",
        NOON.isoformat(),
        fields={"impression": "Calm"},
    )
    own = PulledChange(mine.id, 901, own=("impression",))
    row = PulledRow(visit, "visit", tuple(mine.files), 901, (theirs, own))
    with store.writing() as connection:
        outbox.take_page(connection, Page(RUTH.epoch, {mine.files[0]: 901}, more=False), [row])


def contents(store: Store) -> dict[str, Any]:
    """What lies in the tables, as it is spelled there."""
    with store.reading() as connection:
        found = {
            name: [
                {column: plain(value) for column, value in row.items()}
                for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1")).mappings()  # noqa: S608 - names from here
            ]
            for name in TABLES
        }
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        wanted = ("identity", "preferences", "chain", "trust")
        return {
            "revision": revision,
            "tables": found,
            "meta": {key: meta.read(connection, key) for key in wanted},
            "search": {
                word: sorted(held.record.id for held in reading.find(connection, word))
                for word in ("zoe", "bell", "okafor", "mended")
            },
        }


def plain(value: Any) -> Any:
    """JSON has no bytes."""
    return value.hex() if isinstance(value, bytes) else value


def beside(folder: Path, store: Store, keys: KeyHolder) -> dict[str, Any]:
    """What lies beside the database: a sealed letter, and a safety copy."""
    kept = Attachments(folder).keep(store, BytesIO(LETTER))
    snapshot = safety_copies(folder, keys).make(store)
    return {"letter": kept.id, "snapshot": snapshot.number}


def main(target: Path) -> None:
    """Make the folder, write down what is in it, and keep both."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "laptop"
        office = OfficeSecrets.generate().public
        secret, way_in = recovering.prepare(office)
        _, keys = Vault.create(folder, PASSPHRASE, recovery=way_in, cost=FLOOR, now=NOON)
        store = Store.create(folder / DATABASE, keys.database_spec, lambda: NOON)
        agreed = Trust(office.recovery.hex(), office.orders.hex(), way_in.id.hex(), secret.hex())
        with store.writing() as connection:
            meta.keep_trust(connection, agreed)
        fill(store)
        said = {"passphrase": PASSPHRASE, "code": way_in.code, **beside(folder, store, keys)}
        said |= contents(store)
        store.close()
        keys.wipe()
        said["header"] = (folder / HEADER_NAME).read_bytes().split(b"\n")[0].decode()
        with zipfile.ZipFile(target.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as packed:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                packed.write(file, file.relative_to(folder).as_posix())
    words = json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True)
    target.with_suffix(".json").write_text(words + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
