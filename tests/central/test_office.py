"""What the office does itself goes through the same journal, under its own numbers."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from hah_central.cli import main
from hah_central.database.rows import Change, Record
from hah_central.office import office
from hah_desktop.domain.ids import derived_id
from hah_desktop.domain.records.reference import Place
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.central.conftest import Desk
from tests.central.laptop import values

COLUMNS = "URN,Provision type,Registration status,Name,Local authority,Event type,Inspection date,"
LIST = f"""\
{COLUMNS}Overall experiences and progress of children and young people
SC900001,Children's home,Active,Invented House,Nowhere,Full inspection,07/01/2020,Good
SC900002,Children's home,Active,Invented Hall,Elsewhere,Full inspection,08/01/2020,Inadequate
"""


def office_changes(desk: Desk) -> list[tuple[int, str, str]]:
    with desk.database.reading() as connection:
        found = connection.execute(
            select(Change.number, Change.previous, Change.hash)
            .where(Change.laptop == "office")
            .order_by(Change.number)
        )
        return [(number, previous, hash_) for number, previous, hash_ in found]


def place(urn: str, name: str) -> Place:
    return Place(id=derived_id("place", urn), urn=urn, name=name)


def test_the_offices_changes_are_numbered_and_chained(desk: Desk) -> None:
    for name in ("Ada Example", "Ben Example", "Cai Example"):
        desk.code(name)

    changes = office_changes(desk)

    assert [number for number, _, _ in changes] == [1, 2, 3]
    assert [previous for _, previous, _ in changes] == ["", *(h for _, _, h in changes[:-1])]


def test_an_adviser_who_is_there_is_not_added_again(desk: Desk) -> None:
    desk.code("Ada Example")
    desk.code("ADA EXAMPLE ".title())

    assert len(office_changes(desk)) == 1


def test_a_new_role_replaces_the_old(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    desk.code("Ada Example", "manager")

    rows = ada.pull_all()

    assert values(rows, ada.adviser, "role") == {"manager"}
    assert values(rows, ada.adviser, "name") == {"Ada Example"}


def test_places_reach_every_laptop(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    made = place("SC900001", "Invented House")

    assert office.take_in(desk.database, [made], desk.clock()) == 1

    assert values(ada.pull_all(), made.id, "name") == {"Invented House"}


def test_taking_in_the_same_list_again_changes_nothing(desk: Desk) -> None:
    made = [place(f"SC{n}", f"Invented House {n}") for n in range(5)]
    office.take_in(desk.database, made, desk.clock())

    assert office.take_in(desk.database, made, desk.clock()) == 0
    assert len(office_changes(desk)) == 5


def test_only_what_differs_is_changed(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    made = place("SC900001", "Invented House")
    office.take_in(desk.database, [made], desk.clock())
    ada.pull_all()

    office.take_in(desk.database, [place("SC900001", "Invented Hall")], desk.clock())

    (row,) = ada.pull_all()
    assert row.heads().keys() == {"name"}


def test_a_list_of_more_than_a_batch_is_taken_in_whole(desk: Desk) -> None:
    made = [place(f"SC{n}", f"Invented House {n}") for n in range(MAX_CHANGES + 1)]

    assert office.take_in(desk.database, made, desk.clock()) == len(made)

    with desk.database.reading() as connection:
        assert len(connection.execute(select(Record.id)).all()) == len(made)
        assert office.known_places(connection).keys() == {each.id for each in made}


@pytest.fixture
def published_list(tmp_path: Path) -> Path:
    file = tmp_path / "providers_at_31_march_2024.csv"
    file.write_text(LIST, encoding="utf-8")
    return file


def test_a_preview_saves_nothing(
    tmp_path: Path, published_list: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path / "office")]

    assert main(["import-places", str(published_list), "--preview", *data]) == 0
    assert "Nothing has been saved" in capsys.readouterr().out
    assert main(["import-places", str(published_list), "--preview", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["places"]["new"] == 2


def test_an_import_saves_once(
    tmp_path: Path, published_list: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["import-places", str(published_list), "--data", str(tmp_path / "office")]

    main(words)
    assert "4 records were saved" in capsys.readouterr().out
    main([*words, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["saved"], told["places"]["unchanged"]) == (0, 2)
