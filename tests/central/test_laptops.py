"""The list of laptops says which one to ring about, and what is lost with one that is lost."""

import datetime as dt
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from hah_central.cli import main
from hah_central.journal import witness
from hah_central.office import laptops, office
from hah_central.office.laptops import Line
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import FileId, child_file, visit_file
from hah_desktop.sync.asking import PROGRAM
from hah_desktop.sync.asking import Laptop as Signed
from hah_desktop.sync.client import Office
from hah_desktop.sync.wire.signed import signed_token_request
from tests.central.conftest import START, Desk
from tests.central.laptop import Laptop, good, new_id, problem, verdicts
from tests.central.test_blobs import letter, send, visit_of
from tests.central.test_operations import token, watched
from tests.conftest import ROOT

LEASE = 30
DAY = dt.timedelta(days=1)


def sign_in(laptop: Laptop, **said: object) -> None:
    """Sign in as the program does, and say how much waits."""
    mine = {"laptop": laptop.enrolled.laptop}
    words = good(laptop.client.post("/v1/challenge", json=mine)).json()["challenge"]
    signed = laptop.key.sign(signed_token_request(words, laptop.enrolled.office)).hex()
    sent = {**mine, "challenge": words, "signature": signed, **said}
    laptop.token = good(laptop.client.post("/v1/token", json=sent)).json()["token"]


def line(desk: Desk, laptop: Laptop) -> Line:
    with desk.database.reading() as connection:
        return laptops.line(connection, laptop.enrolled.laptop)


def test_a_laptop_that_says_nothing_of_itself_is_listed_so(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")

    found = line(desk, ada)

    assert (found.waiting, found.unsent_since, found.program) == (None, None, None)
    assert found.overdue(LEASE, START) == []


def test_the_program_says_its_version_and_how_much_waits(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    office = Office(str(desk.client.base_url), Signed(ada.enrolled.laptop, ada.key.sign))
    with closing(office):
        office.waiting(3, 10_800)
        office.sign_in(ada.enrolled.office)

    assert (line(desk, ada).waiting, line(desk, ada).program) == (3, PROGRAM)
    assert line(desk, ada).clock == "3 hours fast"
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert said["project"]["version"] == PROGRAM


def test_what_has_come_since_waits_no_more(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    sign_in(ada, waiting=2, program="0.1.0", ahead=-30)
    assert (line(desk, ada).ahead, line(desk, ada).clock) == (-30, "")
    assert (line(desk, ada).waiting, line(desk, ada).program) == (2, "0.1.0")

    ada.push(ada.place(new_id(), name="One"))
    assert line(desk, ada).waiting == 1
    ada.push(ada.place(new_id(), name="Two"), ada.place(new_id(), name="Three"))
    assert line(desk, ada).waiting == 0


def test_what_is_not_sent_for_days_is_overdue_however_often_it_signs_in(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    for _ in range(5):
        sign_in(ada, waiting=2)
        desk.clock.pass_by(DAY)
    sign_in(ada, waiting=2)

    assert line(desk, ada).overdue(LEASE, desk.clock()) == ["2 changes not sent for 5 days"]

    ada.push(ada.place(new_id(), name="One"), ada.place(new_id(), name="Two"))
    sign_in(ada, waiting=1)
    assert line(desk, ada).unsent_since == desk.clock()
    assert line(desk, ada).overdue(LEASE, desk.clock()) == []


@pytest.mark.usefixtures("home")
def test_an_attachment_whose_content_never_comes_is_overdue_for_who_wrote_of_it(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = visit_of(ada, ben)
    letter(ada, visit)
    assert (line(desk, ada).attachments, line(desk, ben).attachments) == (1, 0)
    assert line(desk, ada).overdue(LEASE, desk.clock()) == []
    desk.clock.pass_by(10 * DAY)
    sign_in(ada)
    assert line(desk, ada).overdue(LEASE, desk.clock()) == ["1 attachment not sent for 10 days"]
    assert main(["laptops", "--database", address]) == 0
    listed = capsys.readouterr().out
    assert "attachments waiting: 1  OVERDUE: " in listed
    assert listed.count("attachments waiting") == 1
    assert main(["laptops", "--holds", ada.enrolled.laptop, "--database", address]) == 0
    assert "the content of 1 has not come" in capsys.readouterr().out
    with watched(desk, tmp_path) as client:
        client.post("/operations", content=b"token=" + token(desk).encode())
        page, figures = client.get("/operations").text, client.get("/metrics").text
    assert "1 attachment not sent for 10 days" in page
    assert "<dt>Attachments that have not come</dt><dd>1</dd>" in page
    assert "hah_waiting_attachments 1\n" in figures
    send(ada)
    assert line(desk, ada).attachments == 0
    assert line(desk, ada).overdue(LEASE, desk.clock()) == []


@pytest.mark.usefixtures("home")
def test_what_a_colleague_sent_before_or_what_was_removed_does_not_wait(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit = visit_of(ada, ben)
    letter(ada, visit)
    send(ada)
    letter(ben, visit)
    assert line(desk, ben).attachments == 0, "the same content is here"
    other = letter(ben, visit, sha256="b" * 64)
    assert line(desk, ben).attachments == 1
    ben.push(ben.change(other, "attachment", [visit_file(visit)], {"removed": True}))
    assert line(desk, ben).attachments == 0


def test_half_a_lease_without_contact_is_overdue(desk: Desk) -> None:
    ada = desk.laptop("Ada Example")
    assert line(desk, ada).overdue(LEASE, START + 15 * DAY) == []

    assert line(desk, ada).overdue(LEASE, START + 16 * DAY) == ["no contact for 16 days"]


def test_a_revoked_laptop_is_never_overdue() -> None:
    ended = Line("1", "", "", START, None, START, True, 0, 3, START, None, 0)

    assert ended.overdue(LEASE, START + 100 * DAY) == []


@pytest.mark.parametrize(
    "said", [{"waiting": -1}, {"waiting": "2"}, {"program": 1}, {"ahead": "2"}, {"ahead": 10**12}]
)
def test_what_is_said_wrongly_is_refused(desk: Desk, said: dict[str, object]) -> None:
    ada = desk.laptop("Ada Example")
    sent = {"laptop": ada.enrolled.laptop, "challenge": "", "signature": "", **said}

    problem(desk.client.post("/v1/token", json=sent), 422, "unreadable")


def test_what_a_lost_laptop_holds_is_listed_by_file_with_names(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada = desk.laptop("Ada Example")
    child, visit = new_id(), new_id()
    ada.push(
        ada.change(child, "child", [child_file(child)], {"known_as": "Wren"}),
        ada.visit(visit, impression="Quiet."),
    )
    ada.pull_all()

    assert main(["laptops", "--holds", ada.enrolled.laptop, "--database", address]) == 0

    said = capsys.readouterr().out
    assert "of Ada Example" in said
    assert "holds 2 files" in said
    assert f"{child_file(child)}  Wren  since: 2026-11-22" in said
    assert visit_file(visit) in said


def test_the_list_of_what_is_lost_says_where_it_may_say_too_little(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada, visit = desk.laptop("Ada Example"), new_id()
    ada.push(ada.visit(visit, impression="Quiet."))
    ada.pull_all()

    def said() -> str:
        assert main(["laptops", "--holds", ada.enrolled.laptop, "--database", address]) == 0
        return capsys.readouterr().out

    assert "safety copy" not in said()
    assert "put back" not in said()
    with desk.database.writing() as connection:
        office.withdraw(
            connection, ada.enrolled.adviser, visit_file(visit), Deed("Grace", desk.clock())
        )
    ada.cursors.pop(visit_file(visit))
    ada.pull_all()
    assert "may still lie in one of the three safety copies" in said()
    desk.clock.pass_by(DAY)
    with desk.database.writing() as connection:
        witness.restored(connection, Deed("Grace", desk.clock()))
    assert "put back on 2026-11-23" in said()
    desk.clock.pass_by(DAY)
    ada.sign_in()
    assert "put back" not in said()


def test_what_a_laptop_says_itself_that_it_holds_is_listed_and_gives_it_no_right(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    visit, others = new_id(), new_id()
    ada.push(ada.visit(visit, impression="Quiet."))
    ben.push(ben.visit(others, impression="Loud."))
    ada.pull_all()
    with desk.database.writing() as connection:
        office.withdraw(
            connection, ada.enrolled.adviser, visit_file(visit), Deed("Grace", desk.clock())
        )
    ada.cursors.pop(visit_file(visit))
    ada.pull_all()
    # A safety copy was put back; what another has and what nobody can be given, it makes up.
    made_up = [visit_file(others), FileId("visit:a b"), FileId("everything")]
    for _ in range(2):
        ada.cursors |= dict.fromkeys([visit_file(visit), *made_up], 1)
        assert ada.pull()[1] == []

    for_her = [ada.visit(each, met_by="The deputy") for each in (visit, others)]
    assert verdicts(ada.push(*for_her)) == [Verdict.SET_ASIDE] * 2
    with desk.database.reading() as connection:
        known = laptops.claims(connection, ada.enrolled.laptop)
        noted = [entry for entry in audit.entries(connection) if entry.what == Did.CLAIMED.value]
    assert {each.file for each in known} == {visit_file(visit), visit_file(others)}
    assert len(noted) == 2
    data = ("--database", address)
    assert main(["laptops", "--holds", ada.enrolled.laptop, *data]) == 0
    said = capsys.readouterr().out
    assert "holds 0 files" in said
    assert f"said by itself: {visit_file(visit)}  Visit of no date yet  2026-11-22" in said


def test_one_value_that_cannot_be_read_leaves_the_list_of_what_is_lost_whole(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    ada = desk.laptop("Ada Example")
    good_, odd = new_id(), new_id()
    ada.push(ada.visit(good_, purpose="How the day goes."), ada.visit(odd, purpose=5))
    ada.pull_all()

    assert main(["laptops", "--holds", ada.enrolled.laptop, "--database", address]) == 1

    said = capsys.readouterr()
    assert "holds 2 files" in said.out
    assert visit_file(good_) in said.out
    assert f"{visit_file(odd)}  cannot be read  since:" in said.out
    assert "1 of these cannot be read" in said.err


def test_the_list_names_what_is_overdue(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    desk.clock.pass_by(-400 * DAY)
    ada = desk.laptop("Ada Example")
    sign_in(ada, waiting=7, ahead=-400)

    assert main(["laptops", "--database", address]) == 0

    said = capsys.readouterr().out
    assert "OVERDUE: no contact for" in said
    assert "OVERDUE: 7 changes not sent for" in said
    assert "waiting: 7" in said
    assert "clock: 7 minutes slow" in said


@pytest.mark.usefixtures("desk")
def test_a_laptop_that_is_not_there_holds_nothing(
    capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["laptops", "--holds", "nobody", "--database", address]) == 1

    assert "no laptop is called “nobody”" in capsys.readouterr().err
