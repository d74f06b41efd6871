"""What came from a colleague's hand reaches the office on a stick too, and from an ended laptop."""

from contextlib import closing
from pathlib import Path

import pytest

from hah_central.database.database import Database
from hah_central.people.audit import Deed
from hah_central.sticks import by_hand
from hah_desktop.laptop import handing, sticks
from hah_desktop.laptop.handing import Counts, Unsent
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import carrying
from hah_desktop.store.tables import meta
from hah_desktop.sync import colleagues
from tests.central.office import Office
from tests.laptop.conftest import Days
from tests.laptop.team import (
    EDITED,
    LETTER,
    BreakingOff,
    Person,
    Team,
    attach,
    carry,
    give,
    letter,
    proofs,
    waiting,
)


def for_office(person: Person, stick: Path) -> Counts:
    return sticks.for_office(person.unlocked.store, person.unlocked.who, stick)


def opened(served: Office, stick: Path, out: Path) -> str:
    return served.run("bundle", str(stick), "--keys", str(served.keys), "--out", str(out))


def collected(person: Person) -> Unsent:
    store = person.unlocked.store
    return handing.collect(store, Attachments(store.folder))


def test_the_office_has_it_from_a_stick_as_from_a_sync(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    record = attach(team.ruth, team.visit)
    give(team, stick)
    team.sam.take(stick)
    team.sam.edit(team.visit, met_by="The deputy")
    counts = for_office(team.sam, tmp_path / "office")
    assert (counts.changes, counts.files) == (3, 1)
    # Both laptops are lost.
    said = opened(served, tmp_path / "office", tmp_path / "out")
    assert "Changes: 1. Taken into the records: 1 applied." in said
    assert "Changes from colleagues’ sticks: 2." in said
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [LETTER]
    found = {each.record: each for each in waiting(served)}
    assert found[team.visit].fields == {"impression": EDITED}
    assert all(found[each].signed for each in (team.visit, record))
    with closing(Database(served._address)) as database, database.writing() as connection:
        by_hand.take(connection, Deed("Grace", Days()()), found[team.visit].change)
    again = opened(served, tmp_path / "office", tmp_path / "out")
    assert "Files kept with the records that name them: 1." in again
    # They were found again, and nothing of it comes twice.
    for person in (team.sam, team.ruth, team.sam):
        person.sync()
    assert team.ruth.reads(team.visit, "met_by") == "The deputy"
    assert (team.sam.carried(), proofs(team.sam)) == (0, [])
    assert letter(team.sam, record) == LETTER
    for person in (team.ruth, team.sam):
        carry(person)


def test_what_the_office_has_already_does_not_go(team: Team, stick: Path) -> None:
    before = collected(team.sam).counts()
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    counts = collected(team.sam).counts()
    assert (counts.changes, counts.files) == (before.changes + 1, before.files)
    team.sam.sync()
    assert len(proofs(team.sam)) == 1
    assert collected(team.sam).counts() == before
    team.ruth.sync()
    team.sam.sync()


def test_what_the_office_would_not_take_goes_all_the_same(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    with team.sam.unlocked.store.writing() as connection:
        (bundle,) = carrying.to_give(connection, meta.enrolled(connection).epoch)
        for _ in range(carrying.MOST_REFUSALS):
            carrying.note_refused(connection, bundle)
    assert [part.name for part in collected(team.sam).parts()] == ["by-hand-0001"]
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()


def test_more_than_the_office_takes_at_once_goes_in_parts(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    for number in range(5):
        team.ruth.edit(team.visit, impression=str(number))
    (sam,) = team.ruth.readers(team.visit)
    most = handing.MOST_CHANGES
    handing.MOST_CHANGES = 2
    team.sam.take(team.ruth.forge(stick, team.ruth.own(), sam))
    handing.MOST_CHANGES = most
    for_office(team.sam, tmp_path / "office")
    assert len(list(collected(team.sam).parts())) == 3
    said = opened(served, tmp_path / "office", tmp_path / "out")
    assert "Changes from colleagues’ sticks: 5." in said
    assert len([each for each in waiting(served) if each.record == team.visit]) == 5
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()


def test_a_line_that_breaks_off_between_the_parts_of_a_stick_goes_on_where_it_was(
    team: Team, stick: Path, served: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "MOST_CHANGES", 1)
    for said in ("first", "second", "third", "fourth", EDITED):
        team.ruth.edit(team.visit, impression=said)
    team.sam.take(team.ruth.write(team.visit, stick))
    who, came = team.sam.unlocked.who, list[bytes]()
    for _ in range(3):
        with closing(team.sam.laptop.office(who)) as line:
            line.sign_in(who.office)
            breaking = BreakingOff(line, carries=2)
            colleagues.meet(team.sam.unlocked.store, breaking)
        came += breaking.given
    assert (len(came), len(set(came))) == (5, 5)
    found = [each for each in waiting(served) if each.record == team.visit]
    assert [each.signed for each in found] == [True] * 5
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()
    assert (team.sam.carried(), proofs(team.sam)) == (0, [])


def test_what_nobody_signed_for_lies_loose(team: Team, served: Office, tmp_path: Path) -> None:
    class Strange(Unsent):
        def parts(self) -> list[Part]:  # type: ignore[override]  # all at once will do
            return [Part("by-hand-0001", Kind.FILE, [b"{}\n"])]

    store, who = team.sam.unlocked.store, team.sam.unlocked.who
    with store.reading() as connection:
        agreed = meta.trust(connection)
    assert agreed is not None
    strange = Strange(Attachments(store.folder), [], [])
    office = [bytes.fromhex(agreed.recovery_key)]
    handing.seal(store, who, strange, office, tmp_path / "stick", number=99)
    said = opened(served, tmp_path / "stick", tmp_path / "out")
    assert "colleagues’ sticks" not in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["by-hand-0001"]
