"""A folder of every released format is opened by this version, with all that is in it.

Each NAME.zip was made by `make.py` with the code of its release; NAME.json says what lies in it.
"""

import dataclasses as dc
import datetime as dt
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop import leases
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.attachments import attachments
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.disk import engine
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreTooNew
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.tables import schema
from hah_desktop.store.tables.rows import METADATA
from hah_desktop.vault.errors import NoRecovery, VaultTooNew, WrongCode
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import HEADER_NAME
from tests.faults.made import in_plain_english
from tests.formats.make import LETTER, plain
from tests.store.older import in_the_earlier_form
from tests.store.sound import faults
from tests.vault.planted import OTHER_PASSPHRASE, with_trailer

HERE = Path(__file__).parent
FORMATS = sorted(path.stem for path in HERE.glob("*.zip"))
NEWER = b"999999"


def now() -> dt.datetime:
    return dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(params=FORMATS)
def said(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What was written down about the folder when it was made."""
    found: dict[str, Any] = json.loads((HERE / f"{request.param}.json").read_text("utf-8"))
    return {"name": request.param, **found}


@pytest.fixture
def laptop(said: dict[str, Any], tmp_path: Path) -> Laptop:
    with zipfile.ZipFile(HERE / f"{said['name']}.zip") as packed:
        packed.extractall(tmp_path / "laptop")
    return Laptop(tmp_path / "laptop", now, cost=FLOOR)


@pytest.fixture
def unlocked(laptop: Laptop, said: dict[str, Any]) -> Iterator[Unlocked]:
    opened = laptop.unlock(said["passphrase"])
    yield opened
    opened.lock()


def first_line(laptop: Laptop) -> bytes:
    return (laptop.folder / HEADER_NAME).read_bytes().split(b"\n")[0]


def rows(unlocked: Unlocked, table: str) -> list[dict[str, Any]]:
    with unlocked.store.reading() as connection:
        found = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()  # noqa: S608 - a table of ours
        return [{name: plain(value) for name, value in row.items()} for row in found]


def files(laptop: Laptop) -> dict[str, bytes]:
    """What lies in the folder, without the count of tries: a try is always counted."""
    found = {p.relative_to(laptop.folder).as_posix(): p for p in laptop.folder.rglob("*")}
    return {n: p.read_bytes() for n, p in found.items() if p.is_file() and "tries" not in n}


def test_there_is_a_folder_of_every_migration_but_the_newest() -> None:
    kept = {json.loads((HERE / f"{name}.json").read_text("utf-8"))["revision"] for name in FORMATS}
    versions = (schema.MIGRATIONS / "versions").glob("r*.py")
    released = {path.name[1:5] for path in versions} - {schema.HEAD}
    assert released <= kept


def test_the_folder_is_what_was_written_down(laptop: Laptop, said: dict[str, Any]) -> None:
    assert first_line(laptop).decode() == said["header"]


def test_every_row_is_there_as_it_was_spelled(unlocked: Unlocked, said: dict[str, Any]) -> None:
    for table, written in said["tables"].items():
        if not written:
            continue
        found = rows(unlocked, table)
        # A later version may have more columns; what was there is there unchanged.
        assert [{name: row[name] for name in written[0]} for row in found] == written, table


def test_the_fixture_holds_every_kind_of_record_and_every_state(said: dict[str, Any]) -> None:
    tables = said["tables"]
    kinds = {row["kind"] for row in tables["record"]}
    states = {(row["number"] is None, row["received"] is None) for row in tables["change"]}
    assert len(kinds) >= 12
    assert states == {(False, False), (False, True), (True, False)}
    assert any(row["open"] for row in tables["record"])
    assert tables["draft"]


def test_every_body_is_made_again_from_its_journal_byte_for_byte(unlocked: Unlocked) -> None:
    assert faults(unlocked.store) == []


def test_the_tables_are_those_of_this_version(unlocked: Unlocked) -> None:
    with unlocked.store.reading() as connection:
        assert schema.revision(connection) == schema.HEAD
    for table in METADATA.tables.values():
        rows(unlocked, table.name)


def test_the_laptop_knows_who_it_is(unlocked: Unlocked, said: dict[str, Any]) -> None:
    assert said["meta"]["identity"].items() <= dc.asdict(unlocked.who).items()


def test_every_word_is_found(unlocked: Unlocked, said: dict[str, Any]) -> None:
    with unlocked.store.reading() as connection:
        found = {
            word: sorted(held.record.id for held in reading.find(connection, word))
            for word in said["search"]
        }
    assert found == said["search"]
    assert all(found.values())


def test_both_sides_of_a_clash_and_the_draft_over_it_are_there(unlocked: Unlocked) -> None:
    with unlocked.store.reading() as connection:
        (held,) = reading.undecided(connection)
        draft = drafts.get(connection, held.record.id)
    assert {side.author for side in held.open["impression"]} == {"adviser-ruth", "adviser-amir"}
    assert draft is not None
    assert draft.body["met_by"] == "Half a na"


def test_the_office_opens_it_with_a_code_and_the_code_is_spent(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    if "code" not in said:
        with pytest.raises(NoRecovery):
            laptop.recovery_request()
        return
    laptop.recover(said["code"], OTHER_PASSPHRASE, lambda _words: None).lock()
    with pytest.raises(WrongCode):
        laptop.recover(said["code"], OTHER_PASSPHRASE, lambda _words: None)


def test_a_sealed_letter_is_read_again(
    laptop: Laptop, unlocked: Unlocked, said: dict[str, Any]
) -> None:
    if "letter" not in said:
        pytest.skip("no file could be kept in this format")
    with unlocked.store.reading() as connection:
        kept = attachments.find(connection, said["letter"])
    assert kept is not None
    assert Attachments(laptop.folder).read(kept) == LETTER


def test_a_safety_copy_takes_the_place_of_the_database(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    if "snapshot" not in said:
        pytest.skip("there were no safety copies in this format")
    (laptop.folder / DATABASE).write_bytes(b"nothing of ours")
    (offer,) = laptop.snapshots(said["passphrase"])
    assert offer.snapshot.number == said["snapshot"]
    restored = laptop.put_back(said["passphrase"], offer, lambda _words: None)
    assert faults(restored.store) == []
    restored.lock()


def test_the_work_goes_on_where_it_stopped(unlocked: Unlocked, said: dict[str, Any]) -> None:
    with unlocked.store.reading() as connection:
        (held,) = reading.undecided(connection)
        before = outbox.unsent_count(connection)
    assert isinstance(held.record, Visit)
    unlocked.store.save(Edited(dc.replace(held.record, met_by="A. Wren"), held.seen))
    assert faults(unlocked.store) == []
    with unlocked.store.reading() as connection:
        newest = outbox.unsent(connection, 1_000)[-1]
        assert outbox.unsent_count(connection) == before + 1
    end = said["meta"]["chain"]
    assert (newest.number, newest.previous) == (end["number"] + 1, end["hash"])


def test_it_opens_a_second_time_as_this_version_left_it(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    laptop.unlock(said["passphrase"]).lock()
    again = laptop.unlock(said["passphrase"])
    assert faults(again.store) == []
    again.lock()


def test_its_pages_are_proved_as_today_from_then_on(laptop: Laptop, said: dict[str, Any]) -> None:
    opened = laptop.unlock(said["passphrase"])
    assert engine.form_of(laptop.folder / DATABASE, opened.keys.database_spec) == engine.TODAY
    assert opened.note == leases.NO_HELP * ("code" not in said)
    opened.lock()


def test_a_disk_that_is_too_full_to_write_it_anew_is_said_at_unlocking(
    laptop: Laptop, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = laptop.unlock(said["passphrase"])
    key = bytes(opened.keys.database_spec())
    opened.lock()
    in_the_earlier_form(laptop.folder / DATABASE, lambda: bytearray(key))
    full = shutil.disk_usage(laptop.folder)._replace(free=1_000)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: full)
        opened = laptop.unlock(said["passphrase"])
    assert "too full to write the database anew" in opened.note
    assert faults(opened.store) == []
    opened.lock()


def test_a_newer_header_is_refused_unchanged_with_the_reason(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    for path in laptop.folder.glob(f"{HEADER_NAME}*"):
        whole = path.read_bytes()[:-65]
        path.write_bytes(with_trailer(re.sub(rb"(?<=vault )\d+", NEWER, whole, count=1)))
    before = files(laptop)
    with pytest.raises(VaultTooNew) as told:
        laptop.unlock(said["passphrase"])
    assert files(laptop) == before
    assert "newer" in str(told.value)
    assert in_plain_english(told.value)


def test_a_newer_database_is_refused_unchanged_with_the_reason(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    opened = laptop.unlock(said["passphrase"])
    with opened.store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.lock()
    before = files(laptop)
    with pytest.raises(StoreTooNew) as told:
        laptop.unlock(said["passphrase"])
    assert files(laptop) == before
    assert "newer" in str(told.value)
    assert in_plain_english(told.value)


def test_a_cut_in_the_middle_of_the_step_to_this_version_leaves_the_old_one(
    laptop: Laptop, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if said["revision"] == schema.HEAD:
        pytest.skip("this folder has the tables of this version already")

    def cut(_connection: object) -> None:
        upgrade(_connection)  # type: ignore[arg-type]  # a connection
        raise KnownError("The power went.")

    upgrade = schema.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade", cut)
        with pytest.raises(KnownError, match="power"):
            laptop.unlock(said["passphrase"])
    opened = laptop.unlock(said["passphrase"])
    assert faults(opened.store) == []
    opened.lock()


def test_a_folder_that_lost_its_database_is_not_given_a_new_one(
    laptop: Laptop, said: dict[str, Any]
) -> None:
    (laptop.folder / DATABASE).unlink()
    with pytest.raises(KnownError):
        laptop.unlock(said["passphrase"])
    assert not (laptop.folder / DATABASE).exists()
