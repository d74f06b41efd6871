"""The page of operations: to this machine and a token alone, readable by everybody who may."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from hah_central.cli import main
from hah_central.office import backups, standing
from hah_central.people import people
from hah_central.people.audit import Deed
from hah_central.service import operations_page
from hah_central.service.metrics import Metrics
from hah_central.service.operations import Operations
from hah_desktop.domain.aside import Reason
from hah_desktop.domain.ids import child_file
from hah_desktop.sync.wire.changes import write_push
from tests.central.browser import browser, program
from tests.central.conftest import START, Desk, reached
from tests.central.laptop import new_id, problem
from tests.central.office import Office
from tests.house.contrast import contrast

WORDS = "Wren counts the swifts."


def watched(
    desk: Desk, folder: Path, metrics: Metrics | None = None
) -> AbstractContextManager[httpx.Client]:
    """Yield a client of the service that is for this machine alone."""
    return reached(Operations(desk.database, desk.clock, metrics or Metrics(), folder).app())


def token(desk: Desk) -> str:
    with desk.database.writing() as connection:
        return people.operations_token(connection, Deed("Grace Example", desk.clock()))


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"hah_operations={token}"}


def worked(desk: Desk) -> None:
    """An office with something of everything that the page shows."""
    ada, ben = desk.laptop("Ada <Example>"), desk.laptop("Ben Example")
    child, place = new_id(), new_id()
    ada.push(ada.change(child, "child", [child_file(child)], {"known_as": "Wren", "notes": WORDS}))
    ben.push(ben.change(child, "child", [child_file(child)], {"known_as": "Finch"}))
    ada.push(ada.place(place, from_the_future="Home"))
    ben.push(ben.place(place, from_the_future="Lodge"))
    ada.number += 5
    early = write_push("", [ada.place(new_id(), name="Too early")])
    problem(ada.push_body(early), 409, "gap")
    desk.clock.pass_by(dt.timedelta(days=20))
    desk.laptop("Cleo Example")


def test_without_the_token_nothing_is_shown(desk: Desk, tmp_path: Path) -> None:
    worked(desk)
    with watched(desk, tmp_path) as client:
        asked = client.get("/operations")
        wrong = client.post("/operations", content=b"token=wrong")
        laptops = client.get("/operations", headers=cookie(desk.laptop("Di").token))

    assert {asked.status_code, wrong.status_code, laptops.status_code} == {401}
    assert "Example" not in asked.text + wrong.text + laptops.text
    assert "not valid" in wrong.text


def test_with_the_token_a_cookie_shows_the_page(desk: Desk, tmp_path: Path) -> None:
    worked(desk)
    with watched(desk, tmp_path) as client:
        answer = client.post("/operations", content=b"token=" + token(desk).encode())
        page = client.get("/operations")

    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert page.status_code == 200
    for said in ("Ada &lt;Example&gt;", "no contact for 20 days", "gap", "1, the oldest from"):
        assert said in page.text
    assert Reason.NOT_GIVEN.value.what in page.text
    assert Reason.NOT_GIVEN.value.office in page.text
    assert "<script" not in page.text
    assert WORDS not in page.text
    assert "Wren" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_token_runs_out_and_opens_nothing_else(desk: Desk, tmp_path: Path) -> None:
    made = token(desk)
    headers = {"Authorization": f"Bearer {made}"}
    asked = {"epoch": "", "files": {}}
    problem(desk.client.post("/v1/pull", json=asked, headers=headers), 401, "sign-in")

    desk.clock.pass_by(people.OPERATIONS_LASTS)
    with watched(desk, tmp_path) as client:
        assert client.get("/operations", headers=cookie(made)).status_code == 401


def test_another_name_for_this_machine_is_refused(desk: Desk, tmp_path: Path) -> None:
    with watched(desk, tmp_path) as client:
        for path in ("/operations", "/metrics", "/health"):
            assert client.get(path, headers={"Host": "office.example"}).status_code == 400


def test_health_says_what_is_wrong(desk: Desk, tmp_path: Path) -> None:
    with watched(desk, tmp_path) as client:
        well = client.get("/health")
        with desk.database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        old = client.get("/health")
        with desk.database.writing() as connection:
            connection.execute(text("DROP TABLE clock"))
        broken = client.get("/health")

    assert (well.status_code, well.json()) == (
        200,
        {"database": True, "disk": True, "migrations": True},
    )
    assert (old.status_code, old.json()["migrations"]) == (503, False)
    assert (broken.status_code, broken.json()["database"]) == (503, False)


def test_health_looks_at_the_disk(desk: Desk, tmp_path: Path) -> None:
    with watched(desk, tmp_path / "gone") as client:
        answer = client.get("/health")

    assert (answer.status_code, answer.json()["disk"]) == (503, False)


def test_metrics_name_nobody(desk: Desk, tmp_path: Path) -> None:
    worked(desk)
    metrics = Metrics()
    metrics.note("/v1/push", "POST", 200, 0.02)
    metrics.note("/v1/push", "POST", 409, 3)

    with watched(desk, tmp_path, metrics) as client:
        answer = client.get("/metrics")

    said = answer.text.splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in (
        'hah_requests_total{route="/v1/push",method="POST",status="409"} 1',
        'hah_request_seconds_bucket{route="/v1/push",le="0.025"} 1',
        'hah_request_seconds_bucket{route="/v1/push",le="+Inf"} 2',
        'hah_request_seconds_count{route="/v1/push"} 2',
        "hah_set_aside 1",
        "hah_conflicts_open 1",
        "hah_laptops_overdue 2",
        'hah_changes{verdict="conflict"} 1',
    ):
        assert line in said
    assert all(re.fullmatch(r"# TYPE \w+ \w+|\w+(\{[^}]*\})? [\d.]+", line) for line in said)
    assert "Example" not in answer.text


def test_requests_are_counted_by_the_address_as_it_is_written(
    data_office: tuple[str, str],
) -> None:
    office, beside = data_office
    httpx.get(f"{office}/v1/hello")
    httpx.get(f"{office}/v1/blobs/{'0' * 64}")
    httpx.get(f"{office}/made/up")

    said = httpx.get(f"{beside}/metrics").text

    assert 'route="/v1/hello",method="GET",status="200"' in said
    assert 'route="/v1/blobs/{sha256}",method="GET",status="401"' in said
    assert 'route="unknown",method="unknown",status="404"' in said
    assert "made" not in said


@pytest.fixture
def data_office(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Start a service as it is run, with operations beside it."""
    with Office.running(data=tmp_path / "office", operations=True) as office:
        yield office.url, f"http://127.0.0.1:{office.operations_port}"


def test_the_page_is_not_on_the_port_of_the_laptops(data_office: tuple[str, str]) -> None:
    office, beside = data_office

    for path in ("/operations", "/metrics"):
        problem(httpx.get(f"{office}{path}"), 404, "unknown-path")
    assert httpx.get(f"{beside}/operations").status_code == 401


def test_the_command_prints_a_token_and_notes_it(
    desk: Desk, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["operations-token", "--who", "Ada", "--database", address]) == 0
    made = capsys.readouterr().out.strip()

    with desk.database.reading() as connection:
        assert people.may_read_operations(connection, made, START)
    main(["log", "--database", address])
    assert "let somebody see how the office stands" in capsys.readouterr().out


def test_nobody_told_of_a_backup_is_said_and_so_is_how_old_one_is(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    data = ("--who", "Ada", "--database", address)
    file = tmp_path / "office.dump"
    file.write_bytes(b"a backup")
    written = START - dt.timedelta(days=3)
    os.utime(file, (written.timestamp(), written.timestamp()))
    with watched(desk, tmp_path) as client:
        client.post("/operations", content=b"token=" + token(desk).encode())
        assert "Nobody told the service of one" in client.get("/operations").text
        assert "hah_backup_age" not in client.get("/metrics").text
        assert main(["backup-made", "--file", str(file), *data]) == 0
        assert f"{written:%Y-%m-%d %H:%M} UTC, 3 days ago" in client.get("/operations").text
        assert "hah_backup_age_seconds 259200\n" in client.get("/metrics").text
        with desk.database.writing() as connection:
            hours_ago = START - dt.timedelta(hours=5)
            backups.told(connection, Deed("Ada", START), hours_ago)
        assert "UTC, 5 hours ago" in client.get("/operations").text
    capsys.readouterr()
    main(["log", "--database", address])
    assert "said that a backup was made and verified" in capsys.readouterr().out


@pytest.mark.usefixtures("desk")
def test_a_backup_that_is_not_there_is_not_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["backup-made", "--file", str(tmp_path / "none"), "--database", address]) == 1
    assert "Nothing was written down" in capsys.readouterr().err
    assert main(["backup-made", "--database", address]) == 0


def test_no_conflict_is_counted_where_both_say_the_same(desk: Desk) -> None:
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    place = new_id()
    for laptop in (ada, ben):
        laptop.push(laptop.place(place, name="Invented House"))

    with desk.database.reading() as connection:
        assert standing.conflicts(connection) == 0


def test_every_colour_stands_out_from_the_paper() -> None:
    ink = (operations_page.INK, operations_page.ALARM, operations_page.LINK, operations_page.LINE)

    assert all(contrast(colour, operations_page.PAPER) >= 4.5 for colour in ink)


@pytest.mark.skipif(program() is None, reason="no Chromium is installed here")
def test_a_real_browser_shows_the_page_to_everybody(desk: Desk, tmp_path: Path) -> None:
    worked(desk)
    path = program()
    assert path is not None
    with watched(desk, tmp_path) as client, browser(path, tmp_path / "browser") as page:
        url = str(client.base_url.join("/operations"))
        page.load(url)
        page.ask(f"document.getElementById('token').value = '{token(desk)}'")
        page.ask("document.querySelector('button').click()")
        page.until("Page.loadEventFired")
        assert page.ask("document.title") == "How the office stands – Help at Hand"
        assert page.ask("document.cookie") == ""  # no script sees it
        assert [each for each in page.complaints if "401" not in each] == []
        nodes = page.nodes()
        # 320 px is also what is left of 1280 at 400 %.
        page.width(320)
        wider = page.ask("document.documentElement.scrollWidth - window.innerWidth")

    roles = [role for role, _ in nodes]
    assert wider <= 0
    assert {"main", "banner", "contentinfo", "caption", "columnheader", "rowheader"} <= set(roles)
    assert ("heading", "How the office stands") in nodes
    regions = {name for role, name in nodes if role == "region"}
    assert {"In short", "Overdue", "Laptops"} <= regions
    assert all(name for role, name in nodes if role in ("table", "link", "columnheader"))
