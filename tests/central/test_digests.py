"""At the end of a sync both sides hold the same, or it is repaired, or told: never silence."""

import json
import logging

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from hah_central.database.rows import FileDigest, Record, RecordFile
from hah_central.journal import digests, records
from hah_central.journal.state import RecordState
from hah_central.pulling import mending
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, RecordId, visit_file
from hah_desktop.store.exchange import outbox
from hah_desktop.store.tables.rows import RECORD
from hah_desktop.sync.errors import Differs
from tests.central.conftest import Desk
from tests.central.laptop import new_id, problem
from tests.central.syncing import Shipped, Yard


def worked(yard: Yard) -> tuple[Shipped, str]:
    """A laptop with a visit of two fields that the office has."""
    ada, visit = yard.laptop("Ada Example"), new_id()
    ada.edit(visit, met_by="T. Lark", impression="Quiet.")
    ada.synced()
    return ada, visit


def shown(connection: Connection, record: str) -> RecordState:
    """A record as the office keeps it, and what it shows."""
    id_ = RecordId(record)
    return records.shown(connection, [id_])[id_]


def anew(desk: Desk) -> dict[FileId, object]:
    """The digests, worked out from the heads alone."""
    with desk.database.writing() as connection:
        connection.execute(update(RecordFile).values(low=None, high=None))
        connection.execute(update(FileDigest).values(stale=True))
        files = connection.execute(select(FileDigest.file)).scalars().all()
        return dict(digests.of(connection, [FileId(file) for file in files]))


def kept(desk: Desk) -> dict[FileId, object]:
    with desk.database.reading() as connection:
        assert not connection.execute(select(FileDigest.file).where(FileDigest.stale)).first()
        files = connection.execute(select(FileDigest.file)).scalars().all()
        return dict(digests.of(connection, [FileId(file) for file in files]))


def test_a_sync_says_how_much_was_compared_and_that_it_agrees(yard: Yard) -> None:
    ada, _ = worked(yard)
    run = ada.synced().run
    assert (run.compared_files, run.compared_records, run.agrees) == (2, 2, True)
    with ada.store.reading() as connection:
        assert outbox.runs(connection)[0] == run


def test_what_is_kept_with_every_change_is_what_the_heads_say(yard: Yard) -> None:
    ada, visit = worked(yard)
    ben = yard.laptop("Ben Example")
    ada.edit(visit, met_by="S. Wren")
    ben.edit(new_id(), impression="Loud.")
    for laptop in (ada, ben, ada):
        laptop.synced()
    before = kept(yard.desk)
    assert len(before) == 3
    assert anew(yard.desk) == before
    with yard.desk.database.writing() as connection:
        digests.renew(connection)
    assert kept(yard.desk) == before


def test_an_office_of_a_version_without_digests_works_them_out_once(yard: Yard) -> None:
    ada, _ = worked(yard)
    before = kept(yard.desk)
    anew(yard.desk)
    assert ada.synced().run.agrees is True
    mending.bring_up(yard.desk.database)
    assert kept(yard.desk) == before


def test_unsent_changes_are_no_difference(yard: Yard) -> None:
    ada, visit = worked(yard)
    pulled = ada.line.begin_pull

    def while_she_writes(*asked: object, **how: object) -> object:
        ada.edit(visit, met_by="Somebody else", impression="")
        ada.edit(new_id(), met_by="Nobody yet")
        return pulled(*asked, **how)  # type: ignore[arg-type]  # as they were asked

    ada.line.begin_pull = while_she_writes  # type: ignore[method-assign,assignment]  # to write at that moment
    assert ada.synced().run.agrees is True
    assert ada.unsent() == 2


@pytest.mark.parametrize("column", ["office_heads", "heads"])
def test_a_laptops_row_that_was_altered_is_found_and_repaired(yard: Yard, column: str) -> None:
    ada, visit = worked(yard)
    ada.edit(visit, met_by="S. Wren")
    ada.synced()
    before = ada.says(visit)
    with ada.store.writing() as connection:
        row = connection.execute(select(RECORD).where(RECORD.c.id == visit)).one()
        heads = json.loads(row.heads)
        other = {**heads, "met_by": heads["impression"]}
        # Without a number there what the office told is read from its own column.
        altered = {column: json.dumps(other), "begun": None}
        if column == "heads":
            altered["body"] = json.dumps({"met_by": "Quiet."})
        connection.execute(update(RECORD).where(RECORD.c.id == visit).values(altered))
    done = ada.synced()
    assert done.run.agrees is True
    assert done.run.received > 0
    assert ada.says(visit) == before


def test_a_laptops_row_that_was_deleted_comes_back(yard: Yard) -> None:
    ada, visit = worked(yard)
    before = ada.says(visit)
    with ada.store.writing() as connection:
        connection.execute(delete(RECORD).where(RECORD.c.id == visit))
    ada.synced()
    assert ada.says(visit) == before


def test_a_head_that_was_altered_at_the_office_is_made_anew_from_its_journal(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    ada, visit = worked(yard)
    with yard.desk.database.writing() as connection:
        before = shown(connection, visit)
        heads = {"met_by": {"heads": sorted(before.heads["met_by"].heads)}}
        connection.execute(update(Record).where(Record.id == visit).values(heads=heads, moved={}))
    with caplog.at_level(logging.WARNING, "hah_central"):
        assert ada.synced().run.agrees is True
    assert visit in caplog.text
    with yard.desk.database.reading() as connection:
        mended = shown(connection, visit)
    assert (mended.heads, mended.moved) == (before.heads, before.moved)
    assert ada.says(visit) == before.body
    kept(yard.desk)


def test_a_difference_that_stays_is_told_and_the_office_learns_of_it(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    ada, visit = worked(yard)
    with yard.desk.database.writing() as connection:
        connection.execute(
            update(FileDigest).where(FileDigest.file == visit_file(visit)).values(low=1)
        )
    with caplog.at_level(logging.WARNING, "hah_central"):
        done = ada.sync()
    assert isinstance(done.problem, Differs)
    assert str(done.problem).startswith("This laptop and the office do not hold the same of one")
    assert done.run.agrees is False
    assert visit_file(visit) in caplog.text
    assert ada.unsent() == 0


def test_a_record_that_is_gone_at_the_office_without_a_word_is_noticed(yard: Yard) -> None:
    ada, visit = worked(yard)
    file = FileId(visit_file(visit))
    with yard.desk.database.writing() as connection:
        connection.execute(delete(RecordFile).where(RecordFile.record == visit))
        connection.execute(insert(RecordFile).values(record=visit, file="ref", seq=1, joined=1))
        found = digests.of(connection, [file, REFERENCE_FILE])
    assert found[file].count == 0
    assert isinstance(ada.sync().problem, Differs)


@pytest.mark.parametrize("differs", [{"visit:a": 1}, [1], "ref"])
def test_what_is_no_list_of_files_is_refused(yard: Yard, differs: object) -> None:
    ada = yard.laptop("Ada Example").name
    sent = {"epoch": ada.enrolled.epoch, "files": {}, "differs": differs}
    answer = yard.desk.client.post(
        "/v1/pull", json=sent, headers={"Authorization": f"Bearer {ada.token}"}
    )
    problem(answer, 422, "unreadable")
