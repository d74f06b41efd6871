"""The office's desk: each command about keys, laptops and the people who telephone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from hah_central.cli import main
from hah_central.database.database import Database
from hah_central.database.rows import Laptop as LaptopRow
from hah_central.office import keyfiles
from hah_central.office.keyfiles import FLOOR, Kind
from hah_desktop.seals import recovery as codes
from hah_desktop.seals.orders import REVOKE, RULES, read
from hah_desktop.seals.recovery import Purpose
from hah_desktop.sync.wire.joining import read_challenge
from hah_desktop.sync.wire.signed import read_code
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, enrol, good, new_id
from tests.central.refusing import Terminal
from tests.central.trust import PASSPHRASE, SECRET, SECRETS, publish

Say = Callable[..., str]


@pytest.fixture(scope="module")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key files of the office of the tests."""
    folder = tmp_path_factory.mktemp("locked away") / "keys"
    contents = {
        Kind.RECOVERY: keyfiles.lock(Kind.RECOVERY, SECRETS.recovery_seed, PASSPHRASE, FLOOR),
        Kind.ORDERS: keyfiles.lock(Kind.ORDERS, SECRETS.orders_seed, PASSPHRASE, FLOOR),
    }
    with keyfiles.written(folder, contents):
        return folder


@pytest.fixture
def say(address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command of the office and give what it says, on either stream."""
    monkeypatch.setenv("HAH_CENTRAL_DATABASE", address)
    monkeypatch.setenv("HAH_OFFICE_KEYS_PASSPHRASE", PASSPHRASE)

    def said(*words: object, ends: int = 0) -> str:
        capsys.readouterr()
        assert main([str(word) for word in words]) == ends
        told = capsys.readouterr()
        return (told.err if ends else told.out).strip()

    return said


@pytest.fixture
def open_desk(database: Database) -> Iterator[Desk]:
    """An office with its keys, whose service has a clock of its own."""
    clock = HandClock()
    publish(database, clock())
    with served(database, clock) as client:
        yield Desk(database, clock, client)


def given(ada: Laptop) -> list[str]:
    answer = ada.client.post("/v1/challenge", json={"laptop": ada.enrolled.laptop})
    _, found = read_challenge(good(answer).json())
    return [read(signed, SECRETS.public.orders).kind for signed in found]


def test_keys_are_made_with_the_passphrase_that_is_typed_twice(say: Say, tmp_path: Path) -> None:
    said = say("keys", tmp_path / "keys", "--who", "Grace Example")

    assert "fingerprint" in said
    assert {file.name for file in (tmp_path / "keys").iterdir()} == {
        "office-orders.key",
        "office-recovery.key",
    }
    assert "Grace Example  made the office’s keys" in say("log")


def test_before_there_are_keys_nobody_is_enrolled(say: Say) -> None:
    told = say("enrol", "Ada Example", ends=1)

    assert "hah-central keys FOLDER" in told
    assert say("advisers") == ""


def test_a_code_is_printed_in_six_groups_and_noted(say: Say, open_desk: Desk) -> None:
    code = say("enrol", "Ada Example", "--who", "Grace Example")

    assert [len(group) for group in code.split("-")] == [5] * 6
    assert read_code(code)[1] == SECRETS.public.fingerprint()
    log = say("log")
    assert "Grace Example  made an enrolment code  for Ada Example" in log
    assert read_code(code)[0] not in log
    enrol(open_desk.client, code)


def test_with_its_keys_the_office_signs_the_rules_for_a_newcomer(
    say: Say, open_desk: Desk, keys_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say("rules", "--lease-days", "14", "--keys", keys_folder)
    assert main(["enrol", "Ada Example"]) == 0
    assert "Without --keys" in capsys.readouterr().err

    ruled = enrol(open_desk.client, say("enrol", "Ben Example", "--keys", keys_folder))

    assert given(ruled) == [RULES]


def test_a_laptop_is_listed_with_all_that_stands_of_it(
    say: Say, open_desk: Desk, keys_folder: Path
) -> None:
    ada = enrol(open_desk.client, open_desk.code("Ada Example"), "LT-0412")
    ada.push(ada.visit(new_id(), impression="Quiet."))
    with open_desk.database.writing() as connection:
        older = {"id": "older", "adviser": ada.adviser, "name": "LT-0001", "public_key": ""}
        numbers = {"last_number": 0, "last_hash": "", "enrolled": open_desk.clock()}
        connection.execute(insert(LaptopRow).values(**older, **numbers))

    before, listed = say("laptops").splitlines()

    assert before.startswith("older  LT-0001 of Ada Example")
    assert "last contact: never" in before
    assert "can be helped by telephone: no" in before
    assert listed.startswith(f"{ada.enrolled.laptop}  LT-0412 of Ada Example")
    assert "enrolled: 2026-11-22 10:00 UTC  last contact: 2026-11-22 10:00 UTC" in listed
    assert "can be helped by telephone: yes" in listed
    assert listed.endswith("changes received: 1")
    assert "without contact: works" in listed
    say("revoke", "LT-0412", "--keys", keys_folder)
    assert "revoked: 20" in say("laptops")
    assert "without contact: " not in say("laptops").splitlines()[1]


def test_a_laptop_is_revoked_and_its_order_signed(
    say: Say, open_desk: Desk, keys_folder: Path
) -> None:
    ada = open_desk.laptop("Ada Example")

    said = say("revoke", ada.enrolled.laptop, "--keys", keys_folder, "--who", "Grace Example")

    assert f"{ada.enrolled.laptop} is revoked" in said
    assert given(ada) == [REVOKE]
    assert f"Grace Example  revoked a laptop  {ada.enrolled.laptop}" in say("log")
    assert "was revoked on" in say("revoke", ada.enrolled.laptop, "--keys", keys_folder, ends=1)


def test_rules_are_set_for_every_laptop(say: Say, open_desk: Desk, keys_folder: Path) -> None:
    ada = open_desk.laptop("Ada Example")

    said = say("rules", "--lease-days", 14, "--lock-minutes", 5, "--keys", keys_folder)

    assert "14 days without contact, and lock after 5 minutes" in said
    assert "at its next contact: 1 in all" in said
    assert given(ada) == [RULES]
    assert "lease 14 days, lock 5 minutes" in say("log")


def test_a_caller_is_shown_and_the_code_stands_alone_on_the_last_line(
    say: Say, open_desk: Desk, keys_folder: Path
) -> None:
    ada = open_desk.laptop("Ada Example")
    request = codes.request(bytes.fromhex(ada.recovery.id), Purpose.OPEN, 1)

    said = say("recovery", request, "--keys", keys_folder, "--who", "Grace Example")

    assert "Adviser:       Ada Example" in said
    assert "code 1 to open a laptop whose passphrase is forgotten" in said
    assert said.splitlines()[-1] == codes.code(SECRET, Purpose.OPEN, 1)
    assert "Grace Example  gave a one-use code" in say("log")
    assert said.splitlines()[-1] not in say("log")


@pytest.mark.parametrize(("answer", "ends"), [("yes\n", 0), ("Yes \n", 0), ("no\n", 1), ("", 1)])
def test_somebody_at_a_terminal_first_says_that_it_is_who_it_seems(
    say: Say,
    open_desk: Desk,
    keys_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    ends: int,
) -> None:
    ada = open_desk.laptop("Ada Example")
    request = codes.request(bytes.fromhex(ada.recovery.id), Purpose.LEASE, 2)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    said = say("recovery", request, "--keys", keys_folder, ends=ends)

    assert ("No code was made" in said) == bool(ends)
    assert ("gave a one-use code" in say("log")) != bool(ends)


@pytest.mark.parametrize(("answer", "ends"), [("yes\n", 0), ("no\n", 1)])
def test_somebody_at_a_terminal_sees_which_laptop_ends_before_it_does(
    say: Say,
    open_desk: Desk,
    keys_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    ends: int,
) -> None:
    ada = enrol(open_desk.client, open_desk.code("Ada Example"), "LT-0412")
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    said = say("revoke", "LT-0412", "--keys", keys_folder, ends=ends)

    shown = f"LT-0412 of Ada Example ({ada.enrolled.laptop}) will never open again."
    assert ("Nothing was changed." if ends else shown) in said
    assert (given(ada) == []) == bool(ends)


@pytest.mark.usefixtures("open_desk")
def test_letters_are_read_with_the_spaces_that_a_caller_makes(say: Say, keys_folder: Path) -> None:
    spaced = codes.request(b"other", Purpose.OPEN, 1).replace("-", " ").split()

    assert "No laptop of this office" in say("recovery", *spaced, "--keys", keys_folder, ends=1)


@pytest.mark.usefixtures("open_desk")
def test_what_was_misheard_or_is_not_known_is_said_in_plain_english(
    say: Say, keys_folder: Path
) -> None:
    unknown = codes.request(b"other", Purpose.OPEN, 1)

    assert "No laptop of this office" in say("recovery", unknown, "--keys", keys_folder, ends=1)
    assert "letters" in say("recovery", "ABCDE", "--keys", keys_folder, ends=1)


def test_a_wrong_passphrase_does_nothing(
    say: Say, open_desk: Desk, keys_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = open_desk.laptop("Ada Example")
    monkeypatch.setenv("HAH_OFFICE_KEYS_PASSPHRASE", "another one entirely")

    told = say("revoke", ada.enrolled.laptop, "--keys", keys_folder, ends=1)

    assert "does not open the office’s keys" in told
    assert given(ada) == []


@pytest.mark.usefixtures("open_desk")
def test_keys_that_are_not_there_are_said_in_plain_english(say: Say, tmp_path: Path) -> None:
    assert "cannot be read" in say("rules", "--keys", tmp_path / "nowhere", ends=1)


def test_a_visit_that_was_given_is_noted(say: Say, open_desk: Desk) -> None:
    ada = open_desk.laptop("Ada Example")
    visit = new_id()
    ada.push(ada.visit(visit, impression="Quiet."))
    open_desk.laptop("Ben Example")

    say("assign", "Ben Example", f"visit:{visit}", "--who", "Grace Example")

    assert f"Grace Example  gave a file  visit:{visit} to Ben Example" in say("log")


def typed(data: Path, keys: Path, words: str) -> subprocess.CompletedProcess[str]:
    """Make keys, with the passphrase typed in: of a terminal there is only standard input."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith("HAH_")}
    return subprocess.run(
        [sys.executable, "-m", "hah_central", "keys", str(keys), "--data", str(data)],
        input=words,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env=bare,
    )


def test_two_passphrases_that_differ_make_no_keys(tmp_path: Path) -> None:
    done = typed(tmp_path / "office", tmp_path / "keys", f"{PASSPHRASE}\nanother one\n")

    assert done.returncode == 1
    assert "two different passphrases" in done.stderr
    assert not (tmp_path / "keys").exists()


def test_the_same_passphrase_typed_twice_makes_keys(tmp_path: Path) -> None:
    done = typed(tmp_path / "office", tmp_path / "keys", f"{PASSPHRASE}\n{PASSPHRASE}\n")

    assert done.returncode == 0, done.stderr
    assert keyfiles.read(tmp_path / "keys", Kind.ORDERS, PASSPHRASE)


def test_no_passphrase_makes_no_keys(tmp_path: Path) -> None:
    done = typed(tmp_path / "office", tmp_path / "keys", "")

    assert done.returncode == 1
    assert "No passphrase was typed." in done.stderr


def test_a_service_without_keys_runs_and_says_so_to_laptops(
    database: Database, clock: HandClock
) -> None:
    with served(database, clock) as client, closing(httpx.Client(base_url=client.base_url)) as two:
        assert two.get("/health").is_success
        assert two.get("/v1/keys").json()["type"] == "urn:hah:no-keys"
