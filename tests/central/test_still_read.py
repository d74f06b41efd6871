"""Whoever loses a child or a visit goes on reading what lies in the other, and is named for it."""

import sys

import pytest

from hah_central.cli import main
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.ids import REFERENCE_FILE, child_file, visit_file
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values
from tests.central.refusing import Terminal
from tests.central.test_withdrawing import assign, where_of


@pytest.fixture
def met(ada: Laptop, visit: str) -> str:
    """A child who was met on the visit."""
    child = new_id()
    ada.push(ada.child(child, known_as="Sky"), ada.conversation(visit, child))
    return child


def test_a_child_who_is_taken_back_is_still_read_of_on_visits_and_the_command_says_so(
    desk: Desk,
    ada: Laptop,
    ben: Laptop,
    visit: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    met, other = new_id(), new_id()
    ada.push(ada.child(met, known_as="Sky"), ada.child(other, known_as="Wren"))
    said = ada.conversation(visit, met)
    ada.push(said, ada.conversation(visit, other))
    where = ("--who", "Grace Example", *where_of(desk, address))

    assert main(["withdraw", "Ben Example", child_file(met), "--keep-visits", *where]) == 0
    told = capsys.readouterr().out
    assert f"Ben Example no longer has {child_file(met)}." in told
    assert f"    {visit_file(visit)}  Visit of no date yet" in told
    again = ["withdraw", "“Ben Example”", child_file(met), "--with-visits"]
    assert f"To take these visits too: {' '.join(again)}" in told
    ada.push(ada.change(said.record, "conversation", said.files, {"where": "The garden"}))
    assert values(ben.pull_all(), said.record, "where") == {"The garden"}

    again[1] = "Ben Example"
    assert main([*again, *where]) == 0
    told = capsys.readouterr().out
    assert f"Ben Example no longer has {visit_file(visit)}, {child_file(other)}." in told
    assert "goes on reading" not in told
    assert ben.pull()[0].files.keys() == {REFERENCE_FILE}


@pytest.mark.parametrize("command", ["withdraw", "reassign"])
@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("yes\n", {"child", "visit"}),
        (" No\n", {"child"}),
        ("perhaps\n", set()),
        ("", set()),
        (None, set()),
    ],
    ids=["yes", "no", "neither", "nothing", "nobody there"],
)
def test_whoever_takes_a_child_back_says_what_becomes_of_the_visits(
    desk: Desk,
    ben: Laptop,
    visit: str,
    met: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    typed: str | None,
    taken: set[str],
) -> None:
    if typed is not None:
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
    cai = desk.laptop("Cai Example")
    words = [command, "Ben Example", child_file(met)]
    if command == "reassign":
        words = [command, child_file(met), "Ben Example", "Cai Example"]

    done = main([*words, "--who", "Grace", *where_of(desk, address)])

    assert done == (0 if taken else 1)
    has_it = child_file(met) in cai.pull()[0].files
    assert has_it is (command == "reassign" and "child" in taken)
    told = capsys.readouterr()
    assert visit_file(visit) in told.out + told.err
    assert ("Nothing was changed." in told.err) is (not taken)
    had = {"child": child_file(met), "visit": visit_file(visit)}
    assert ben.pull()[0].files.keys() == {
        REFERENCE_FILE,
        *(file for kind, file in had.items() if kind not in taken),
    }


def test_where_there_is_no_such_visit_nothing_is_asked(
    desk: Desk, ada: Laptop, ben: Laptop, address: str
) -> None:
    alone = new_id()
    ada.push(ada.child(alone, known_as="Sky"))
    assign(desk, ben.adviser, child_file(alone))

    words = ("withdraw", "Ben Example", child_file(alone), *where_of(desk, address))
    assert main([*words, "--who", "Grace"]) == 0


def test_a_child_and_the_visits_are_taken_back_at_once(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str, met: str
) -> None:
    deed = Deed("Grace Example", desk.clock())

    with desk.database.writing() as connection:
        taken = office.withdraw_with_visits(connection, ben.adviser, child_file(met), deed)

    assert taken == (child_file(met), visit_file(visit))
    ada.push(ada.conversation(visit, met))
    assert ben.pull()[0].files.keys() == {REFERENCE_FILE}
    with desk.database.writing() as connection, pytest.raises(office.NotKnown):
        office.withdraw_with_visits(connection, ben.adviser, child_file(met), deed)


def test_what_is_said_on_a_visit_is_still_read_with_a_child_whom_the_adviser_keeps(
    desk: Desk,
    ben: Laptop,
    visit: str,
    met: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assign(desk, ben.adviser, child_file(met))
    where = ("--who", "Grace Example", *where_of(desk, address))

    assert main(["withdraw", "Ben Example", visit_file(visit), *where]) == 0

    told = capsys.readouterr().out
    assert f"    {child_file(met)}  Sky" in told
    assert "To take that too, withdraw these as well." in told


@pytest.mark.parametrize("said", ["--with-visits", "--keep-visits"])
def test_a_case_is_handed_on_with_the_visits_or_without_them_as_is_said(
    desk: Desk, ben: Laptop, visit: str, met: str, address: str, said: str
) -> None:
    desk.laptop("Cai Example")
    words = ("reassign", child_file(met), "Ben Example", "Cai Example", said, "--who", "Grace")

    assert main([*words, *where_of(desk, address)]) == 0

    keeps = visit_file(visit) in ben.pull()[0].files
    assert keeps is (said == "--keep-visits")


def test_nobody_is_asked_about_handing_something_on_to_the_same_person(
    desk: Desk,
    ben: Laptop,
    met: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("reassign", child_file(met), "Ben Example", "ben example", "--who", "Grace")

    assert main([*words, *where_of(desk, address)]) == 1

    assert "it is the same person" in capsys.readouterr().err
    assert child_file(met) in ben.pull()[0].files
