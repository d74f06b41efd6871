"""A laptop that was enrolled after the backup comes back to the office that was put back."""

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hah_central.journal import witness
from hah_central.office import office
from hah_central.office.enrolment import CODE_LASTS
from hah_central.people.audit import Deed, entries
from hah_desktop.domain.ids import RecordId
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.wire.joining import read_enrolled
from hah_desktop.sync.wire.signed import read_code
from tests.central.bureau import Bureau
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.syncing import Shipped, Yard, backup, restore
from tests.central.trust import enrolment

RUTH = "Ruth Amadi"


def said(who: Laptop, typed: str, **other: object) -> dict[str, object]:
    """What a laptop sends with a code to be let in again."""
    key = who.key.public_key().public_bytes_raw().hex()
    was = {"laptop": who.enrolled.laptop, "adviser": who.enrolled.adviser}
    return {**enrolment(read_code(typed)[0], key), **was, **other}


def ask(yard: Yard, who: Laptop, typed: str, **other: object) -> httpx.Response:
    return yard.desk.client.post("/v1/return", json=said(who, typed, **other))


def lost(yard: Yard, *before: str, tell: bool = True) -> tuple[Shipped, str]:
    """A laptop with a visit at an office that was put back to before it was enrolled."""
    for adviser in before:
        yard.laptop(adviser)
    kept = backup(yard.desk.database)
    laptop = yard.laptop(RUTH)
    visit = new_id()
    laptop.edit(visit, met_by="T. Lark")
    laptop.synced()
    laptop.edit(visit, impression="Loud.")
    restore(yard.desk.database, kept)
    if tell:
        with yard.desk.database.writing() as connection:
            witness.restored(connection, Deed("Ada", yard.desk.clock()))
    return laptop, visit


def who_there_is(yard: Yard) -> dict[str, str]:
    with yard.desk.database.reading() as connection:
        return {id_: name for id_, name, _ in office.advisers(connection)}


@pytest.mark.parametrize("tell", [True, False], ids=["it is said", "nobody says so"])
@pytest.mark.parametrize("before", [(), (RUTH,)], ids=["a new adviser", "a known one"])
def test_all_that_it_holds_comes_back_with_it(
    yard: Yard, before: tuple[str, ...], *, tell: bool
) -> None:
    laptop, visit = lost(yard, *before, tell=tell)
    refused = laptop.sync().problem
    assert isinstance(refused, Refused)
    assert refused.type == "urn:hah:unknown-laptop"
    answer = read_enrolled(good(ask(yard, laptop.name, yard.desk.return_code(RUTH))).json())
    assert (answer.laptop, answer.adviser) == (
        laptop.name.enrolled.laptop,
        laptop.name.enrolled.adviser,
    )
    assert laptop.synced().run.agrees
    assert laptop.unsent() == 0
    assert laptop.says(visit) == {"met_by": "T. Lark", "impression": "Loud."}
    assert list(who_there_is(yard).values()) == [RUTH]
    other = yard.laptop(RUTH)
    other.synced()
    assert other.says(visit) == laptop.says(visit)
    with yard.desk.database.reading() as connection:
        # That the office had named her it has done again.
        assert witness.waiting(connection) == []


@pytest.mark.parametrize("role", ["adviser", "manager"])
def test_what_the_office_named_her_waits_until_it_has_named_her_so_again(
    yard: Yard, role: str
) -> None:
    sam = yard.laptop("Sam Osei")
    kept = backup(yard.desk.database)
    ruth = yard.laptop(RUTH)
    for each in (ruth, sam):
        each.synced()
    restore(yard.desk.database, kept)
    with yard.desk.database.writing() as connection:
        witness.restored(connection, Deed("Ada", yard.desk.clock()))
    sam.sync()

    def waiting() -> list[str]:
        with yard.desk.database.reading() as connection:
            return [each.kind for each in witness.waiting(connection)]

    assert waiting() == ["adviser"]
    good(ask(yard, ruth.name, yard.desk.return_code(RUTH, role)))
    # Whether she is a manager is for a person to look at.
    assert waiting() == ([] if role == "adviser" else ["adviser"])


def test_an_answer_that_was_lost_is_asked_for_again(yard: Yard) -> None:
    laptop, _ = lost(yard)
    sent = said(laptop.name, yard.desk.return_code(RUTH))
    answers = [good(yard.desk.client.post("/v1/return", json=sent)).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    laptop.synced()


def test_a_code_lets_one_laptop_in_and_no_second(yard: Yard) -> None:
    laptop, _ = lost(yard)
    code = yard.desk.return_code(RUTH)
    good(ask(yard, laptop.name, code))
    problem(ask(yard, laptop.name, code, laptop=new_id()), 403, "code")
    laptop.name.key = Ed25519PrivateKey.generate()
    problem(ask(yard, laptop.name, code), 403, "code")


def test_a_code_of_the_other_kind_or_an_old_one_lets_nobody_in(yard: Yard) -> None:
    laptop, _ = lost(yard)
    problem(ask(yard, laptop.name, yard.desk.code(RUTH)), 403, "code")
    code = yard.desk.return_code(RUTH)
    problem(yard.desk.client.post("/v1/enrol", json=said(laptop.name, code)), 403, "code")
    yard.desk.clock.pass_by(CODE_LASTS)
    problem(ask(yard, laptop.name, code), 403, "code")


def test_a_laptop_that_is_known_keeps_its_key(yard: Yard) -> None:
    known = yard.laptop(RUTH)
    thief = Laptop(yard.desk.client, known.name.enrolled, Ed25519PrivateKey.generate())
    code = yard.desk.return_code(RUTH)
    told = problem(ask(yard, thief, code), 409, "known-laptop")
    assert "the code is still good" in told
    known.synced()


def test_nobody_comes_back_as_somebody_else(yard: Yard) -> None:
    laptop, _ = lost(yard, "Sam Osei")
    problem(ask(yard, laptop.name, yard.desk.return_code("Sam Osei")), 403, "another-adviser")
    sam = next(iter(who_there_is(yard)))
    code = yard.desk.return_code("Ruth Amadi")
    problem(ask(yard, laptop.name, code, adviser=sam), 403, "another-adviser")
    good(ask(yard, laptop.name, code))
    assert sorted(who_there_is(yard).values()) == [RUTH, "Sam Osei"]


def test_whoever_was_made_anew_meanwhile_comes_back_under_another_name(yard: Yard) -> None:
    laptop, visit = lost(yard)
    yard.desk.code(RUTH)
    problem(ask(yard, laptop.name, yard.desk.return_code(RUTH)), 403, "another-adviser")
    code = yard.desk.return_code("Ruth Amadi, before")
    assert good(ask(yard, laptop.name, code)).json()["adviser_name"] == "Ruth Amadi, before"
    assert laptop.synced().run.agrees
    assert laptop.says(visit)["impression"] == "Loud."


def test_no_record_becomes_an_adviser(yard: Yard) -> None:
    laptop, _ = lost(yard)
    place = new_id()
    with yard.desk.database.writing() as connection:
        fields = {"name": "Larch House"}
        made = office.Intended(RecordId(place), "place", ("ref",), fields)  # type: ignore[arg-type]  # a file
        office.make(connection, [made], yard.desk.clock())
    code = yard.desk.return_code(RUTH)
    problem(ask(yard, laptop.name, code, adviser=place), 403, "another-adviser")


@pytest.mark.parametrize("name", ["laptop", "adviser"])
@pytest.mark.parametrize("odd", ["office", "", "0" * 32, "A1" + "0" * 34, 7, None])
def test_what_is_no_id_of_ours_is_not_taken(yard: Yard, name: str, odd: object) -> None:
    laptop, _ = lost(yard)
    sent = said(laptop.name, yard.desk.return_code(RUTH), **{name: odd})
    problem(yard.desk.client.post("/v1/return", json=sent), 422, "unreadable")


def test_the_office_makes_the_code_and_notes_who_came_back(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop, _ = lost(yard)
    desk = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert desk.run("readmit", RUTH, "--role", "manager", "--who", "Ada") == 0
    told = capsys.readouterr()
    assert f"Nobody here is called {RUTH}" in told.err
    good(ask(yard, laptop.name, told.out.strip()))
    with yard.desk.database.reading() as connection:
        noted = [(e.who, e.what, e.detail) for e in entries(connection)][-2:]
        assert office.role_of(connection, laptop.name.enrolled.adviser) == "manager"
    assert noted == [
        ("Ada", "made an enrolment code", f"for {RUTH}, to come back"),
        (RUTH, "let a laptop in again", ""),
    ]


@pytest.mark.parametrize("words", [("\u202e",), (RUTH, "--role", "king")])
def test_a_code_for_nobody_is_not_made(yard: Yard, words: tuple[str, ...]) -> None:
    desk = Bureau(yard.desk, yard.folder, str(yard.desk.database.engine.url))
    assert desk.run("readmit", *words, "--who", "Ada") == 1
