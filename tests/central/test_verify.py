"""The journal is walked: in order it says so, and each thing that was altered in it is found."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from hah_central.database.database import Database
from hah_central.database.rows import Batch, Change, Clock, Evidence, FileSet, Record
from hah_central.database.rows import Laptop as LaptopRow
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_central.proof.verify import Report, verify
from hah_desktop.domain.changes import canonical
from hah_desktop.domain.ids import child_file
from hah_desktop.sync.wire.changes import write_push
from tests.central.bureau import Bureau, changes
from tests.central.conftest import START, Desk
from tests.central.laptop import Laptop, good, new_id
from tests.central.syncing import without_its_rule

Plant = Callable[[Database], None]


def walked(database: Database) -> Report:
    with database.reading() as connection:
        return verify(connection)


def worked(desk: Desk) -> tuple[Laptop, Laptop]:
    """An office after some work: two laptops, a merge, a conflict, something set aside."""
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    place = new_id()
    first = ada.place(place, name="Invented House", region="North")
    ada.push(first)
    ada.push(ada.place(place, [first.id], name="Invented Home"), ada.place(new_id(), name="Other"))
    ben.push(ben.place(place, [first.id], name="Invented Lodge"))
    visit = ada.visit(new_id(), impression="Quiet.")
    ada.push(visit)
    ben.push(ben.visit(visit.record, impression="Loud."), ben.place(place, region="South"))
    return ada, ben


def first_of(desk: Desk, laptop: Laptop) -> Any:
    asked = select(Change.__table__).where(Change.laptop == laptop.enrolled.laptop)
    with desk.database.reading() as connection:
        return connection.execute(asked.order_by(Change.number)).first()


def planted(desk: Desk, *statements: Any) -> list[str]:
    """What is said of an office in which somebody did this to the database, past its own rule."""
    with desk.database.writing() as connection:
        without_its_rule(connection)
        for statement in statements:
            connection.execute(statement)
    return walked(desk.database).faults


def test_a_journal_in_order_is_said_to_be(desk: Desk) -> None:
    worked(desk)

    found = walked(desk.database)

    assert found.faults == []
    assert (found.laptops, found.unproved) == (2, 0)
    assert (found.changes, found.records) == (7 + 2, 3 + 2)  # with the two advisers


def test_what_was_sent_twice_leaves_no_gap(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    first, second = ada.place(new_id(), name="One"), ada.place(new_id(), name="Two")
    ada.push(first)
    ada.push(first)
    ada.push(first, second)
    ada.push(ada.place(new_id(), name="Three"))

    assert walked(desk.database).faults == []


def test_rights_that_were_given_and_taken_leave_no_gap(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    child = new_id()
    ada.push(ada.change(child, "child", [child_file(child)], {"name": "Wren"}))
    with desk.database.writing() as connection:
        ben = office.add_adviser(connection, "Ben Example", "adviser", START)
        for _ in range(2):
            office.assign(connection, ben, child_file(child), START)
        office.withdraw(connection, ben, child_file(child), Deed("Grace Example", START))

    assert walked(desk.database).faults == []


def test_what_cannot_be_read_is_proved_too(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    good_one = json.loads(canonical(ada.place(new_id(), name="One")))
    lines = [
        {"epoch": "", "protocol": 1},
        good_one,
        {"number": 2, "id": "\ud800", "previous": ada.previous},
        {"odd": [1, {"deep": None}]},
        {"end": True, "count": 3},
    ]
    good(ada.push_body("\n".join(map(json.dumps, lines)).encode()))

    assert walked(desk.database).faults == []


def test_a_word_that_was_altered_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)
    altered = row.body.replace("Invented House", "Real House")

    faults = planted(desk, update(Change).where(Change.seq == row.seq).values(body=altered))

    assert f"Number {row.seq} of the journal: its words are not those that were received." in faults


def test_a_word_that_was_altered_with_its_hash_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)
    body = row.body.replace("Invented House", "Real House")
    hash_ = hashlib.sha256(body.encode()).hexdigest()

    faults = planted(
        desk, update(Change).where(Change.seq == row.seq).values(body=body, hash=hash_)
    )

    said = f"Number {row.seq} of the journal: laptop {row.laptop} did not sign for it."
    assert said in faults
    assert any("does not follow" in fault for fault in faults)


def test_a_row_that_was_removed_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)

    faults = planted(desk, delete(Change).where(Change.seq == row.seq))

    assert any(f"change 1, which {row.laptop} signed for, is missing" in f for f in faults)
    assert any("after change 0" in fault for fault in faults)


def test_a_whole_batch_that_was_removed_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)

    faults = planted(
        desk,
        delete(Change).where(Change.batch == row.batch),
        delete(Batch).where(Batch.seq == row.batch),
    )

    assert any("unexplained" in fault for fault in faults)
    assert any("after change 0" in fault for fault in faults)


def test_the_last_batch_of_a_laptop_is_missed(desk: Desk) -> None:
    _, ben = worked(desk)
    mine = Change.laptop == ben.enrolled.laptop

    faults = planted(desk, delete(Change).where(mine, Change.number == ben.number))

    assert any(f"Laptop {ben.enrolled.laptop}: the office noted" in fault for fault in faults)


def test_a_row_that_was_inserted_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)
    forged = ada.place(new_id(), name="Forged House")
    body = canonical(forged).decode()
    with desk.database.reading() as connection:
        end = connection.execute(select(Clock.seq)).scalar_one()
    values = {
        **row._mapping,
        "id": forged.id,
        "seq": end + 1,
        "number": forged.number,
        "previous": forged.previous,
        "hash": ada.previous,
        "record": forged.record,
        "body": body,
        "batch": end + 2,
    }
    batch = {
        "seq": end + 2,
        "laptop": row.laptop,
        "received": START,
        "digest": "0" * 64,
        "signature": "0" * 128,
        "numbers": 2,
    }

    faults = planted(
        desk,
        insert(Batch).values(batch),
        insert(Change).values(values),
        update(Clock).values(seq=end + 2),
        update(LaptopRow)
        .where(LaptopRow.id == row.laptop)
        .values(last_number=forged.number, last_hash=ada.previous),
    )

    assert any("the signature is not by the laptop’s key" in fault for fault in faults)
    assert any("the record is not there" in fault for fault in faults)


def test_a_row_that_was_slipped_into_a_signed_batch_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)
    forged = ada.place(new_id(), name="Forged House")
    values = {
        **row._mapping,
        "id": forged.id,
        "number": forged.number,
        "hash": ada.previous,
        "body": canonical(forged).decode(),
    }

    faults = planted(
        desk,
        # In the place of one that was signed for: every other number is taken.
        delete(Change).where(Change.seq == row.seq),
        insert(Change).values(values),
    )

    assert f"Number {row.seq} of the journal: laptop {row.laptop} did not sign for it." in faults


def test_a_row_after_the_last_batch_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)

    faults = planted(desk, update(Change).where(Change.seq == row.seq).values(seq=10_000))

    assert "Number 10000 of the journal: it belongs to no batch." in faults


def test_signatures_that_were_swapped_are_found(desk: Desk) -> None:
    ada, ben = worked(desk)
    rows = [first_of(desk, laptop) for laptop in (ada, ben)]
    with desk.database.reading() as connection:
        signatures = [
            connection.execute(select(Batch.signature).where(Batch.seq == row.batch)).scalar_one()
            for row in rows
        ]

    faults = planted(
        desk,
        *(
            update(Batch).where(Batch.seq == row.batch).values(signature=signature)
            for row, signature in zip(rows, reversed(signatures), strict=True)
        ),
    )

    assert sum("the signature is not by the laptop’s key" in fault for fault in faults) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(b"another body"), "not the one that was signed"),
        (b"no gzip", "is damaged"),
    ],
)
def test_evidence_that_was_altered_is_found(desk: Desk, body: bytes, said: str) -> None:
    worked(desk)

    faults = planted(desk, update(Evidence).values(body=body))

    assert any(said in fault for fault in faults)


def test_evidence_that_was_removed_proves_nothing_else(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)
    assert planted(desk, delete(Evidence)) == []  # the rows alone make up what was signed

    altered = row.body.replace("Invented House", "Real House")
    faults = planted(desk, update(Change).where(Change.seq == row.seq).values(body=altered))

    assert any("signed for is missing" in fault for fault in faults)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("heads", "its heads"),
        ("moved", "where its fields moved"),
        ("seq", "its place"),
    ],
)
def test_a_record_that_was_altered_is_found(desk: Desk, column: str, words: str) -> None:
    worked(desk)
    altered: Any = 1 if column == "seq" else {"name": {"heads": ["another"]}}
    where = Record.kind == "place"

    faults = planted(desk, update(Record).where(where).values({column: altered}))

    assert any(words in fault for fault in faults)


def test_a_record_that_was_removed_is_found(desk: Desk) -> None:
    worked(desk)

    faults = planted(desk, delete(Record).where(Record.kind == "visit"))

    assert any("but the record is not there" in fault for fault in faults)


def test_a_record_that_was_put_into_another_file_is_found(desk: Desk) -> None:
    worked(desk)

    faults = planted(desk, update(FileSet).where(FileSet.file != "ref").values(file="ref"))

    assert any("the files it lies in" in fault for fault in faults)


def test_a_verdict_that_was_altered_is_found(desk: Desk) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)

    faults = planted(desk, update(Change).where(Change.seq == row.seq).values(verdict="conflict"))

    assert any("by the rules it is “applied”" in fault for fault in faults)


@pytest.mark.parametrize("column", ["author", "record", "kind", "made_at", "id"])
def test_a_column_beside_the_words_that_was_altered_is_found(desk: Desk, column: str) -> None:
    ada, _ = worked(desk)
    row = first_of(desk, ada)

    faults = planted(desk, update(Change).where(Change.seq == row.seq).values({column: "another"}))

    assert any(f"its {column} beside the words" in fault for fault in faults)


def test_a_counter_that_was_set_back_is_found(desk: Desk) -> None:
    worked(desk)

    faults = planted(desk, update(Clock).values(seq=3))

    assert any("The counter stands at 3" in fault for fault in faults)


def test_changes_of_the_first_versions_are_proved_from_the_rows(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    body = write_push(ada.enrolled.epoch, [ada.place(new_id(), name="One")])
    good(ada.push_body(body))
    another = write_push("an older epoch", [ada.place(new_id(), name="Two")])
    good(ada.push_body(another))

    faults = planted(desk, delete(Evidence), update(Batch).values(numbers=None))

    assert faults == []
    assert walked(desk.database).unproved == 1


def test_what_was_handed_over_sealed_is_proved_too(
    desk: Desk, key_files: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HAH_OFFICE_KEYS_PASSPHRASE", "lantern orbit marsh kettle")
    bureau = Bureau(desk, key_files, address)
    ruth = bureau.laptop()
    data = bureau.sealed(ruth, changes(*(ruth.place(new_id(), name="One") for _ in range(3))))
    sent = tmp_path / "handed.bundle"
    sent.write_bytes(data)
    assert bureau.open(str(sent), tmp_path / "out") == 0

    assert walked(desk.database).faults == []

    said = select(Evidence.said).where(Evidence.said != b"")
    with desk.database.reading() as connection:
        manifest = connection.execute(said).scalar_one()
    faults = planted(desk, update(Evidence).values(said=manifest[:-1]))
    assert any("not by the laptop’s key" in fault for fault in faults)


def test_the_command_says_what_was_walked(
    desk: Desk, key_files: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    worked(desk)
    bureau = Bureau(desk, key_files, address)

    assert bureau.run("verify") == 0
    assert "9 changes in 7 batches of 2 laptops, 5 records" in capsys.readouterr().out

    planted(desk, update(Clock).values(seq=3))
    assert bureau.run("verify") == 1
    told = capsys.readouterr()
    assert "The counter stands at 3" in told.out
    assert "One thing is not as it should be." in told.err
