"""What the office's commands refuse, and what they say when somebody types what cannot be meant."""

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import insert

from hah_central.cli import main
from hah_central.database.rows import Adviser
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import child_file, visit_file
from tests.central.conftest import Desk
from tests.central.laptop import new_id, values, verdicts

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def address(sqlite_address: str) -> str:
    """The embedded database only: the commands ask the same of both."""
    return sqlite_address


@pytest.fixture
def where(tmp_path: Path) -> tuple[str, str]:
    return "--data", str(tmp_path / "office")


def test_a_file_does_not_go_from_somebody_to_the_same_person_spelled_otherwise(
    desk: Desk, where: tuple[str, str], capsys: Capsys
) -> None:
    ada, visit = desk.laptop("Ada Example"), new_id()
    ada.push(ada.visit(visit, impression="Quiet."))

    assert main(["reassign", visit_file(visit), "Ada Example", "ada example", *where]) == 1

    said = capsys.readouterr()
    assert "Ada Example: it is the same person. Nothing was changed." in said.err
    assert said.out == ""
    assert visit_file(visit) in ada.pull()[0].files


def test_a_second_laptop_leaves_its_adviser_the_role(
    desk: Desk, where: tuple[str, str], capsys: Capsys
) -> None:
    ada = desk.laptop("Ada Example")
    assert main(["enrol", "Ada Example", "--role", "manager", *where]) == 0
    assert "Ada Example is now manager, and no longer adviser." in capsys.readouterr().err

    assert main(["enrol", "ada example", *where]) == 0

    assert "no longer" not in capsys.readouterr().err
    assert values(ada.pull_all(), ada.adviser, "role") == {"manager"}


@pytest.mark.parametrize("typed", ["ada e\u0301xample", " ADA  ÉXAMPLE "])
def test_whoever_is_known_stays_spelled_as_before_and_is_named(
    desk: Desk, where: tuple[str, str], typed: str, capsys: Capsys
) -> None:
    ada = desk.laptop("Ada Éxample")

    assert main(["enrol", typed, "--role", "manager", *where]) == 0

    said = capsys.readouterr().err
    assert f"“{typed}” was taken for Ada Éxample, who is known here so spelled." in said
    assert "The code lets one laptop of Ada Éxample in" in said
    assert values(ada.pull_all(), ada.adviser, "name") == {"Ada Éxample"}
    assert main(["enrol", "Ada Éxample", *where]) == 0
    assert "was taken for" not in capsys.readouterr().err
    assert main(["advisers", *where]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_of_two_who_are_spelled_nearly_alike_each_is_found_as_spelled(
    desk: Desk, where: tuple[str, str], capsys: Capsys
) -> None:
    """An office from before told names apart by their spaces."""
    names = ("Ada Example", "Ada  Example")
    with desk.database.writing() as connection:
        for name in names:
            connection.execute(insert(Adviser).values(id=new_id(), name=name))
    for name in names:
        assert main(["withdraw", name, "visit:x", *where]) == 1
        assert f"{name} does not have visit:x." in capsys.readouterr().err


def test_somebody_new_is_an_adviser_unless_it_is_said_otherwise(
    desk: Desk, where: tuple[str, str], capsys: Capsys
) -> None:
    ada = desk.laptop("Ada Example")

    assert main(["enrol", "Ben Example", *where]) == 0

    assert "now" not in capsys.readouterr().err
    heads = [row.heads() for row in ada.pull_all() if row.record != ada.adviser]
    assert [change.fields["role"] for head in heads for change in head["role"]] == ["adviser"]


def test_what_is_of_another_kind_is_not_given(
    desk: Desk, where: tuple[str, str], capsys: Capsys
) -> None:
    ada, visit = desk.laptop("Ada Example"), new_id()
    assert verdicts(ada.push(ada.visit(visit, impression="Quiet."))) == [Verdict.APPLIED]

    for file in (visit_file(ada.adviser), child_file(visit)):
        assert main(["assign", "Ada Example", file, *where]) == 1
        said = capsys.readouterr()
        assert "is the id of another kind of record" in said.err
        assert said.out == ""
    main(["set-aside", *where])
    assert capsys.readouterr().out == "Nothing is set aside.\n"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "no letter"),
        ("  ", "no letter"),
        ("…", "no letter"),
        ("Bad\nName", "cannot be shown (U+000A)"),
        ("Bad\x1b[31mName", "cannot be shown (U+001B)"),
        ("\udcff", "in no encoding that can be read"),
        ("A" * 201, "201 letters; at most 200"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_nobody_is_called_what_cannot_be_read(
    where: tuple[str, str], name: str, says: str, capsys: Capsys
) -> None:
    assert main(["enrol", name, *where]) == 1

    assert says in capsys.readouterr().err
    main(["advisers", *where])
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("desk")
def test_nobody_works_here_as_what_there_is_not(where: tuple[str, str], capsys: Capsys) -> None:
    assert main(["enrol", "Ada Example", "--role", "boss", *where]) == 1

    assert "Nobody works here as “boss”. Nothing was changed." in capsys.readouterr().err


def test_a_backup_of_tomorrow_and_a_folder_are_not_written_down(
    tmp_path: Path, where: tuple[str, str], capsys: Capsys
) -> None:
    file = tmp_path / "office.dump"
    file.write_bytes(b"a backup")
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).timestamp()
    os.utime(file, (later, later))

    assert main(["backup-made", "--file", str(file), *where]) == 1
    assert "has a date in the future" in capsys.readouterr().err
    assert main(["backup-made", "--file", str(tmp_path), *where]) == 1
    assert "is not a file. Nothing was written down." in capsys.readouterr().err
