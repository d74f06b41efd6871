"""The service as it is run: a process of its own, and the office's command line beside it."""

import datetime as dt
import ssl
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL

from hah_central.cli import main
from hah_central.database.database import Database, in_folder
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import visit_file
from tests.central.certificate import certificate
from tests.central.laptop import enrol, new_id, problem, values, verdicts
from tests.central.office import Office
from tests.central.trust import enrolment, publish

COMMANDS = (
    "serve",
    "keys",
    "enrol",
    "advisers",
    "assign",
    "laptops",
    "revoke",
    "rules",
    "recovery",
    "log",
    "operations-token",
    "verify",
    "export",
    "import-places",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "office"


def with_keys(address: URL | str) -> None:
    """Give an office its keys before anybody uses it."""
    with closing(Database(address)) as database:
        publish(database, dt.datetime.now(dt.UTC))


def test_a_restart_keeps_everything(address: str) -> None:
    with Office.running(database=address) as office, httpx.Client(base_url=office.url) as client:
        ada = enrol(client, office.enrol("Ada Example"))
        visit = new_id()
        change = ada.visit(visit, impression="Quiet.")
        assert verdicts(ada.push(change)) == [Verdict.APPLIED]

        office.stop()
        office.start()

        assert verdicts(ada.push(change)) == [Verdict.DUPLICATE]
        assert values(ada.pull(visit)[1], visit, "impression") == {"Quiet."}


def test_what_was_confirmed_survives_a_kill(address: str) -> None:
    with Office.running(database=address) as office, httpx.Client(base_url=office.url) as client:
        ada = enrol(client, office.enrol("Ada Example"))
        change = ada.visit(new_id(), impression="Quiet.")
        ada.push(change)

        office.kill()
        office.start()

        assert verdicts(ada.push(change)) == [Verdict.DUPLICATE]


def test_the_office_lists_its_advisers_and_laptops(data: Path) -> None:
    with Office.running(data=data) as office, httpx.Client(base_url=office.url) as client:
        ada = enrol(client, office.enrol("Ada Example"), "LT-0412")
        ada.push(ada.visit(new_id(), impression="Quiet."))

        laptops, advisers = office.run("laptops"), office.run("advisers")

    assert f"{ada.enrolled.laptop}  LT-0412 of Ada Example" in laptops
    assert f"{dt.datetime.now(dt.UTC):%Y-%m-%d}" in laptops
    assert laptops.endswith("changes received: 1")
    assert advisers == f"{ada.adviser}  Ada Example  files: 1"


def test_the_office_assigns_a_visit_while_the_service_runs(data: Path) -> None:
    with Office.running(data=data) as office, httpx.Client(base_url=office.url) as client:
        ada, ben = (enrol(client, office.enrol(name)) for name in ("Ada Example", "Ben Example"))
        visit = new_id()
        ada.push(ada.visit(visit, impression="Quiet."))

        said = office.run("assign", "Ben Example", visit_file(visit))

        assert "next sync" in said
        assert values(ben.pull_all(), visit, "impression") == {"Quiet."}


def test_the_service_speaks_tls_with_a_certificate(data: Path, tmp_path: Path) -> None:
    certificate_file, key_file = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=certificate_file)

    with (
        Office.running(data=data, certificate=certificate_file, key=key_file) as office,
        httpx.Client(base_url=office.url, verify=trust) as client,
    ):
        assert office.url.startswith("https://")
        assert client.get("/v1/hello").json()["protocol"] == 1


@pytest.mark.parametrize("words", [[], *([command] for command in COMMANDS)])
def test_every_command_says_what_is_what(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert (words or ["COMMAND"])[0] in said


def test_an_unknown_adviser_is_said_in_plain_english(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Database(in_folder(data)).close()
    assert main(["assign", "Nobody", "visit:one", "--data", str(data)]) == 1

    assert "There is no adviser called “Nobody”." in capsys.readouterr().err


def test_a_database_that_is_not_there_is_said_without_its_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = "postgresql://office:opensesame@127.0.0.1:1/office"

    assert main(["advisers", "--database", address]) == 1

    said = capsys.readouterr().err
    assert "cannot be opened" in said
    assert "opensesame" not in said


def test_the_address_of_the_database_may_stand_in_the_environment(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAH_CENTRAL_DATABASE", address)
    with_keys(address)
    main(["enrol", "Ada Example"])
    capsys.readouterr()

    assert main(["advisers"]) == 0

    assert "Ada Example" in capsys.readouterr().out


def test_enrolling_again_makes_no_second_adviser(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_keys(in_folder(data))
    for name in ("Ada Example", "ada example"):
        assert main(["enrol", name, "--data", str(data)]) == 0
    capsys.readouterr()

    main(["advisers", "--data", str(data)])

    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_list_that_is_not_there_is_said_in_plain_english(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing.csv")

    assert main(["import-places", missing, "--preview", "--data", str(data)]) == 1

    assert "missing.csv" in capsys.readouterr().err


def test_a_wrong_code_is_a_problem_over_a_real_line_too(data: Path) -> None:
    with Office.running(data=data) as office:
        office.make_keys()
        sent = enrolment("A" * 12, "00" * 32)
        problem(httpx.post(f"{office.url}/v1/enrol", json=sent), 403, "code")


def test_the_service_runs_without_any_window_system() -> None:
    words = "import sys, hah_central.cli; sys.exit('PySide6' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
