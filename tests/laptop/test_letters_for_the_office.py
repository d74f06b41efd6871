"""A letter that reached the office on a stick lies with its record, for whoever may have it."""

import re
from pathlib import Path

import pytest

from hah_central.attachments import blobs
from hah_desktop.laptop import sticks
from hah_desktop.store.exchange import outbox
from tests.central.office import Office
from tests.laptop.team import Person, Team, attach, carry, letter

LETTER = b"A letter from the social worker. " * 4_000


def for_office(person: Person, stick: Path) -> None:
    sticks.for_office(person.unlocked.store, person.unlocked.who, stick)


def opened(served: Office, stick: Path, out: Path) -> str:
    return served.run("bundle", str(stick), "--keys", str(served.keys), "--out", str(out))


def contents(served: Office) -> list[Path]:
    """What lies where those lie that laptops send."""
    walked = served.run("verify")
    assert "Everything is as it was received." in walked
    (folder,) = re.findall("attachments in (.*)\\.", walked)
    return sorted(Path(folder).iterdir()) if Path(folder).exists() else []


def test_a_letter_is_kept_with_its_record_and_a_colleague_fetches_it(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    record = attach(team.ruth, team.visit, LETTER)
    for_office(team.ruth, stick)
    before = contents(served)
    said = opened(served, stick, tmp_path / "out")
    assert "Files kept with the records that name them: 1." in said
    assert "readable now" not in said
    assert list((tmp_path / "out").iterdir()) == []
    (new,) = set(contents(served)).difference(before)
    assert new.read_bytes() == LETTER
    assert new.stat().st_mode & 0o077 == 0
    # Ruth’s laptop is lost.
    team.sam.sync()
    assert letter(team.sam, record) is None
    carry(team.sam)
    assert letter(team.sam, record) == LETTER
    # It was found again: it has nothing to send twice.
    team.ruth.sync()
    assert carry(team.ruth) == 1
    assert set(contents(served)).difference(before) == {new}


def test_opened_again_it_mends_what_is_missing(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    attach(team.ruth, team.visit, LETTER + b"2")
    for_office(team.ruth, stick)
    before = contents(served)
    opened(served, stick, tmp_path / "out")
    (new,) = set(contents(served)).difference(before)
    new.write_bytes(bytes(new.stat().st_size))
    with pytest.raises(AssertionError, match="not as it should be"):
        served.run("verify")
    opened(served, stick, tmp_path / "out")
    assert new in contents(served)
    team.ruth.sync()
    carry(team.ruth)


def test_a_letter_that_no_record_names_lies_loose_and_that_is_said(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    # Such as where what was written about it waits for a person, or was set aside.
    attach(team.ruth, team.visit, LETTER + b"3")
    for_office(team.ruth, stick)
    path = tmp_path / "forged"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(outbox, "unsent_spelled", lambda *_: [])
        for_office(team.ruth, path)
    before = contents(served)
    said = opened(served, path, tmp_path / "out")
    assert "run this again" in said
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert contents(served) == before
    opened(served, stick, tmp_path / "other")
    again = opened(served, path, tmp_path / "third")
    assert "Files kept with the records that name them: 1." in again
    team.ruth.sync()
    carry(team.ruth)


def test_without_room_nothing_is_lost_and_it_goes_on_later(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    attach(team.ruth, team.visit, LETTER + b"4")
    for_office(team.ruth, stick)
    before = contents(served)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blobs, "SPARE", 1 << 60)
        with pytest.raises(AssertionError, match=r"no room .* is kept, and so is the bundle"):
            opened(served, stick, tmp_path / "out")
    assert contents(served) == before
    said = opened(served, stick, tmp_path / "out")
    assert "1 known before" in said
    assert "Files kept with the records that name them: 1." in said
    assert len(contents(served)) == len(before) + 1
    team.ruth.sync()
    carry(team.ruth)
