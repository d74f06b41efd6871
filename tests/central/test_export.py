"""All that the office has about a child is written down: whole, for the owner alone, and noted."""

import json
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hah_central.cli import main
from hah_central.database.database import Database
from hah_central.office import office
from hah_central.office.office import NotKnown
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_central.proof.export import NotExported, export
from hah_desktop.domain.ids import child_file, visit_file
from tests.central.conftest import START, Desk
from tests.central.laptop import new_id

DEED = Deed("Grace Example", START)


@pytest.fixture
def child(desk: Desk) -> str:
    """A child, with a name that was corrected, and beside her another child."""
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    child, visit = new_id(), new_id()
    first = ada.change(child, "child", [child_file(child)], {"known_as": "Wren"})
    on = ada.visit(visit, impression="Quiet.")
    statement = ada.change(
        new_id(), "statement", [visit_file(visit), child_file(child)], {"words": "I like it."}
    )
    ada.push(first, on, statement)
    ada.push(
        ada.change(child, "child", [child_file(child)], {"known_as": "Robin"}, [first.id]),
    )
    ben.push(ben.change(child, "child", [child_file(child)], {"known_as": "Finch"}))
    other = new_id()
    ben.push(ben.change(other, "child", [child_file(other)], {"known_as": "Sparrow"}))
    return child


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_change_of_a_field_says_from_what_to_what_by_whom(
    desk: Desk, child: str, tmp_path: Path
) -> None:
    export(desk.database, child, tmp_path / "out", DEED)

    names = [
        (line["who"], line["from"], line["to"], line["verdict"])
        for line in lines(tmp_path / "out" / "history.jsonl")
        if line["field"] == "known_as"
    ]
    assert names == [
        ("Ada Example", [], "Wren", "applied"),
        ("Ada Example", ["Wren"], "Robin", "applied"),
        ("Ben Example", [], "Finch", "set_aside"),
    ]


def test_records_and_who_had_them_are_written_in_words_too(
    desk: Desk, child: str, tmp_path: Path
) -> None:
    export(desk.database, child_file(child), tmp_path / "out", DEED)

    out = tmp_path / "out"
    assert {line["kind"] for line in lines(out / "records.jsonl")} == {"child", "statement"}
    assert [line["who"] for line in lines(out / "given.jsonl")] == ["Ada Example"]
    told = (out / "readable.txt").read_text("utf-8")
    assert "I like it." in told
    assert "from: Wren" in told
    assert "to: Robin" in told


def test_whoever_it_was_taken_back_from_is_named_while_their_laptop_has_it_and_after(
    desk: Desk, child: str, tmp_path: Path
) -> None:
    sam = desk.laptop("Sam Example")
    who, file = sam.enrolled.adviser, child_file(child)
    with desk.database.writing() as connection:
        office.assign(connection, who, file, desk.clock())
    sam.pull_all()
    with desk.database.writing() as connection:
        office.withdraw(connection, who, file, Deed("Grace Example", desk.clock()))
    export(desk.database, file, tmp_path / "before", DEED)
    _, before = lines(tmp_path / "before" / "given.jsonl")
    assert (before["who"], before["how"]) == ("Sam Example", None)
    assert [time["until"] for time in before["held"]] == [None]
    assert "Sam Example (taken back)" in (tmp_path / "before" / "readable.txt").read_text("utf-8")
    sam.cursors.pop(file)
    sam.pull_all()
    export(desk.database, file, tmp_path / "after", DEED)
    _, after = lines(tmp_path / "after" / "given.jsonl")
    assert [time["until"] for time in after["held"]] == [desk.clock().isoformat()]


def test_nothing_of_anybody_else_is_written(desk: Desk, child: str, tmp_path: Path) -> None:
    export(desk.database, child, tmp_path / "out", DEED)

    for path in (tmp_path / "out").iterdir():
        assert "Sparrow" not in path.read_text("utf-8")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_noted_who_had_it_written(desk: Desk, child: str, tmp_path: Path) -> None:
    export(desk.database, child, tmp_path / "out", DEED)

    with desk.database.reading() as connection:
        last = audit.entries(connection)[-1]
    assert (last.who, last.what, last.detail) == (DEED.who, Did.EXPORTED, child_file(child))


def test_a_folder_with_something_in_it_is_left_alone(
    desk: Desk, child: str, tmp_path: Path
) -> None:
    (tmp_path / "something").write_text("kept", "utf-8")
    before = len(list(tmp_path.iterdir()))

    with pytest.raises(NotExported, match="not empty"):
        export(desk.database, child, tmp_path, DEED)

    assert len(list(tmp_path.iterdir())) == before
    with desk.database.reading() as connection:
        assert Did.EXPORTED not in [entry.what for entry in audit.entries(connection)]


def test_a_folder_that_cannot_be_made_is_said(desk: Desk, child: str, tmp_path: Path) -> None:
    in_the_way = tmp_path / "in the way"
    in_the_way.write_text("a file", "utf-8")

    with pytest.raises(NotExported, match="cannot be written"):
        export(desk.database, child, in_the_way / "out", DEED)


def test_who_changed_what_of_a_place_is_written_down_too(
    desk: Desk, child: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    place, other = new_id(), new_id()
    first = ada.place(place, name="Kestrel House")
    ada.push(first)
    ben.push(ben.place(place, [first.id], name="Kestrel Lodge"), ben.place(other, name="Other"))
    for number, name in enumerate((place, f"place:{place}", "Kestrel Lodge")):
        out = tmp_path / str(number)
        assert main(["export", name, "--out", str(out), "--database", address]) == 0
        assert f"1 records of place:{place}, with 2 changes" in capsys.readouterr().out
        told = [(line["who"], line["to"]) for line in lines(out / "history.jsonl")]
        assert told == [("Ada Example", "Kestrel House"), ("Ben Example", "Kestrel Lodge")]
        readable = (out / "readable.txt").read_text("utf-8")
        assert "Every laptop has it, and who opens it is not noted." in readable
        assert child not in readable
        assert lines(out / "given.jsonl") == lines(out / "read.jsonl") == []
    with desk.database.reading() as connection:
        assert audit.entries(connection)[-1].detail == f"place:{place}"


def test_an_adviser_is_written_down_by_name(desk: Desk, tmp_path: Path) -> None:
    ada = desk.laptop("Ada Example")

    found = export(desk.database, "Ada Example", tmp_path / "out", DEED)

    assert found.name == f"adviser:{ada.adviser}"
    assert [record["record"] for record in found.records] == [ada.adviser]


def test_of_two_of_one_name_nothing_is_written_until_one_is_named(
    desk: Desk, tmp_path: Path
) -> None:
    ada = desk.laptop("Ada Example")
    both = [ada.place(new_id(), name="Invented House") for _ in range(2)]
    ada.push(*both)

    with pytest.raises(NotKnown, match="More than one is called Invented House") as refused:
        export(desk.database, "Invented House", tmp_path / "out", DEED)
    for change in both:
        assert f"place:{change.record}" in str(refused.value)
    with pytest.raises(NotKnown):
        export(desk.database, f"visit:{both[0].record}", tmp_path / "out", DEED)


@pytest.mark.parametrize("name", ["", "ref", "nobody", "child:", "child:nobody"])
def test_what_the_office_does_not_have_is_said(
    database: Database, name: str, tmp_path: Path
) -> None:
    with pytest.raises(NotKnown):
        export(database, name, tmp_path / "out", DEED)


def test_the_command_says_how_much_it_was(
    child: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:

    assert main(["export", child, "--out", str(tmp_path / "out"), "--database", address]) == 0

    assert f"2 records of child:{child}, with 4 changes" in capsys.readouterr().out


def test_a_disk_that_is_full_keeps_what_was_written_and_says_so(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada, visit = desk.laptop("Ada Example"), new_id()
    said = ada.visit(visit)
    ada.push(said)
    for part in range(20):
        # Each text stands in the history twice: as it was, and as what it was changed to.
        words = {"impression": f"{part} " * 20_000}
        said = ada.change(visit, "visit", [visit_file(visit)], words, [said.id])
        ada.push(said)
    room = 64 << 10
    if desk.database.is_sqlite:
        # Its own file may go on growing a little.
        with desk.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        room += (tmp_path / "office" / "office.db").stat().st_size
    command = ["export", visit_file(visit), "--database", address, "--out"]

    with no_file_larger_than(room):
        assert main([*command, str(tmp_path / "out")]) == 1

    told = capsys.readouterr().err
    assert "It cannot be written to" in told
    assert "What was written until then is kept there. Delete that, make room" in told
    assert main([*command, str(tmp_path / "elsewhere")]) == 0
    assert (tmp_path / "elsewhere" / "history.jsonl").stat().st_size > room


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As a disk that is full: the system tells of both in the same way."""
    keep = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, keep)
