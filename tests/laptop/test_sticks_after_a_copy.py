"""A laptop on which a safety copy was put back still hands over what is written there since."""

from pathlib import Path

from hah_desktop.laptop.offers import offers, safety_copies
from tests.laptop.conftest import PASSPHRASE, silent
from tests.laptop.team import Person, Team


def put_back(person: Person) -> None:
    """Put back the newest safety copy."""
    newest, *_ = offers(person.laptop.folder, person.unlocked.keys)
    person.unlocked.lock()
    person.unlocked = person.laptop.put_back(PASSPHRASE, newest, silent)


def test_what_is_written_after_a_copy_was_put_back_is_taken(team: Team, tmp_path: Path) -> None:
    ruth, sam = team.ruth, team.sam
    safety_copies(ruth.laptop.folder, ruth.unlocked.keys).make(ruth.unlocked.store)
    for day in ("Monday", "Tuesday"):
        ruth.edit(team.visit, impression=day)
        assert sam.take(ruth.write(team.visit, tmp_path / day)).records == {team.visit}
    put_back(ruth)
    assert ruth.reads(team.visit, "impression") is None
    ruth.edit(team.visit, met_by="The deputy")
    assert sam.take(ruth.write(team.visit, tmp_path / "since")).records == {team.visit}
    assert sam.reads(team.visit, "met_by") == "The deputy"
    assert sam.reads(team.visit, "impression") == "Tuesday"
    for person in (ruth, sam):
        person.sync()
    ruth.edit(team.visit, met_by="The manager")
    assert sam.take(ruth.write(team.visit, tmp_path / "newest")).records == {team.visit}
    assert sam.reads(team.visit, "met_by") == "The manager"
    ruth.sync()
