"""An office's data of an older version is brought up to this one with all that is in it.

Each offices/NNNN.zip was made by `make_office.py` with the code of that version; the JSON beside it
says what lies in it.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData, Table, create_engine, func, insert, select

import hah_central.database.database
from hah_central.database.columns import Base
from hah_central.database.database import HOME_FOLDER, Database, in_folder, migrate
from hah_central.office import standing
from hah_central.proof.verify import verify
from hah_central.service import operations_page
from hah_desktop.domain.exchange import Enrolled
from hah_desktop.domain.ids import LaptopId, RecordId
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, good, problem, verdicts
from tests.formats.make_office import LETTER

HERE = Path(__file__).with_name("offices")
OFFICES = sorted(path.stem for path in HERE.glob("*.zip"))


@pytest.fixture(params=OFFICES)
def said(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What was written down about the office when it was made."""
    found: dict[str, Any] = json.loads((HERE / f"{request.param}.json").read_text("utf-8"))
    return {"name": request.param, **found}


@pytest.fixture
def folder(said: dict[str, Any], tmp_path: Path) -> Path:
    """Its data folder as it was left."""
    with zipfile.ZipFile(HERE / f"{said['name']}.zip") as packed:
        packed.extractall(tmp_path / "office")
    return tmp_path / "office"


def on_postgresql(folder: Path, url: str, revision: str) -> str:
    """The same rows on PostgreSQL, in the tables of their version."""
    to = partial(migrate, to=revision)
    with (
        patch.object(hah_central.database.database, "migrate", to),
        closing(Database(url)) as there,
        there.writing() as new,
    ):
        old = create_engine(in_folder(folder))
        tables = MetaData()
        tables.reflect(new)
        with old.connect() as here:
            # Not all of what a row names is told by the tables themselves: some rules are triggers.
            now = [each.name for each in Base.metadata.sorted_tables]
            # What there is no more named what there still is.
            then = sorted(tables.tables.keys() - {*now, "alembic_version"})
            kept = [tables.tables[name] for name in [*now, *then] if name in tables.tables]
            for table in reversed(kept):
                # Of a new office: what nobody may take anything from is empty anyway.
                if new.execute(select(table)).first() is not None:
                    new.execute(table.delete())
            for table in kept:
                rows = [dict(row) for row in here.execute(select(table)).mappings()]
                if rows:
                    new.execute(insert(table), rows)
                    count_on(new, table)
        old.dispose()
    return url


def count_on(connection: Connection, table: Table) -> None:
    """Let what counts its rows by itself go on behind those that were copied."""
    counter = select(func.pg_get_serial_sequence(table.name, "id"))
    if "id" in table.c and connection.execute(counter).scalar() is not None:
        last = select(func.setval(counter.scalar_subquery(), func.max(table.c.id)))
        connection.execute(last)


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def desk(
    request: pytest.FixtureRequest,
    folder: Path,
    said: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """This version's service on that data."""
    address = in_folder(folder).render_as_string()
    if request.param == "postgres":
        # There the files of such an office lie in somebody's home.
        monkeypatch.setenv("HOME", str(folder.parent))
        shutil.copytree(folder, folder.parent / HOME_FOLDER)
        url: str = request.getfixturevalue("postgres_database")
        address = on_postgresql(folder, url, said["revision"])
    clock = HandClock()
    with closing(Database(address)) as database, served(database, clock) as client:
        yield Desk(database, clock, client)


@pytest.fixture
def laptop(desk: Desk, said: dict[str, Any]) -> Callable[[str], Laptop]:
    """A laptop of then, by its name in the fixture."""

    def made(name: str) -> Laptop:
        kept = said["laptops"][name]
        id_, adviser, called, office, epoch = kept["enrolled"]
        who = Enrolled(LaptopId(id_), RecordId(adviser), called, office, epoch)
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["key"]))
        return Laptop(desk.client, who, key, number=kept["number"], previous=kept["previous"])

    return made


def shown(reader: Laptop) -> dict[str, dict[str, list[Any]]]:
    """What every record says to a laptop that asks from the start, side by side."""
    words: dict[str, dict[str, Any]] = {
        change.id: dict(change.fields) for row in reader.pull_all() for change in row.changes
    }
    found: dict[str, dict[str, list[Any]]] = {}
    for (record, name), heads in reader.heads.items():
        values = [words[change][name] for change in heads if name in words.get(change, {})]
        found.setdefault(record, {})[name] = sorted(values, key=repr)
    return found


def test_every_record_says_what_it_said(desk: Desk, said: dict[str, Any]) -> None:
    assert shown(desk.laptop("Ada Example")) == said["shown"]
    assert said["shown"][said["visit"]]["met_by"] == ["J. Owl", "S. Wren"]
    assert said["shown"][said["place"]] == {"name": ["Larch Lodge"]}


def test_its_journal_is_proved_and_laptops_go_on_in_it(
    desk: Desk, laptop: Callable[[str], Laptop], said: dict[str, Any]
) -> None:
    with desk.database.reading() as connection:
        before = verify(connection)
    assert before.faults == []
    assert before.changes > len(said["shown"])
    ada = laptop("ada")
    ada.sign_in()
    ada.pull_all()
    visit = said["visit"]
    heads = ada.heads[RecordId(visit), "met_by"]
    receipts = ada.push(ada.visit(visit, heads, met_by="T. Lark after all"))
    assert verdicts(receipts) == [verdicts(receipts)[0].APPLIED]
    new = desk.laptop("Ada Example")
    assert shown(new)[visit]["met_by"] == ["T. Lark after all"]
    with desk.database.reading() as connection:
        after = verify(connection)
    assert (after.faults, after.changes) == ([], before.changes + 1)


def test_who_was_shut_out_stays_so_and_a_letter_is_read(
    laptop: Callable[[str], Laptop], said: dict[str, Any]
) -> None:
    ben, ada = laptop("ben"), laptop("ada")
    sent = {"laptop": ben.enrolled.laptop, "challenge": "0" * 64, "signature": "0" * 128}
    problem(ben.client.post("/v1/token", json=sent), 401, "wrong-signature")
    with pytest.raises(AssertionError, match="revoked"):
        ben.sign_in()
    ada.sign_in()
    asked = {"Authorization": f"Bearer {ada.token}"}
    letter = ada.client.get(f"/v1/blobs/{said['letter']}", headers=asked)
    assert good(letter).content == LETTER


def test_how_it_stands_is_told(desk: Desk) -> None:
    with desk.database.reading() as connection:
        found = standing.taken(connection, desk.clock())
    assert {each.adviser for each in found.laptops} == {"Ada Example", "Ben Example"}
    assert "Ben Example" in operations_page.page(found)
