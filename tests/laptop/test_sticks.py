"""Days without a network: a colleague's changes come by stick, whole, once, from nobody else."""

import dataclasses as dc
import datetime as dt
import errno
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete

from hah_central.attachments.blobs import Blobs
from hah_central.database.database import Database
from hah_central.database.rows import Evidence, Witness
from hah_central.office import keys, office
from hah_central.people.audit import Deed
from hah_central.sticks import by_hand, handed
from hah_central.sticks.handed import Places
from hah_desktop.domain.changes import Change, Edit, canonical
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import REFERENCE_FILE, LaptopId, RecordId, visit_file
from hah_desktop.laptop import handing, sticks
from hah_desktop.laptop.handing import Unsent
from hah_desktop.laptop.sticks import NotWritten
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import carrying
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.tables import meta
from hah_desktop.sync import colleagues
from hah_desktop.sync.wire.form import MAX_BYTES
from tests.central.office import Office
from tests.central.syncing import without_its_rule
from tests.central.trust import PASSPHRASE as OFFICES
from tests.laptop.conftest import Days
from tests.laptop.team import (
    EDITED,
    Cutting,
    Elsewhere,
    Person,
    Team,
    never_given,
    proofs,
    waiting,
)


def refused(person: Person, path: Path, why: str) -> None:
    """Nothing is taken, and nothing has changed."""
    before = person.unlocked.store
    with before.reading() as connection:
        known = carrying.without_receipt(connection, 100)
    with pytest.raises(NotTaken, match=why):
        person.take(path)
    with before.reading() as connection:
        assert carrying.without_receipt(connection, 100) == known


def test_the_office_vouches_for_those_who_share_a_visit_and_for_nobody_else(team: Team) -> None:
    assert [card.adviser for card in team.ruth.readers(team.visit)] == [team.sam.card]
    assert [card.adviser for card in team.sam.readers(team.visit)] == [team.ruth.card]
    assert team.tom.readers(team.toms) == []


def test_a_colleague_reads_what_was_said_and_later_syncs_bring_it_once(
    team: Team, stick: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    taken = team.sam.take(team.ruth.write(team.visit, stick))
    assert taken.records == {team.visit}
    assert not taken.before
    assert team.sam.reads(team.visit, "impression") == EDITED
    assert (team.sam.unsent(), team.sam.carried()) == (0, 1)
    team.ruth.sync()
    team.sam.sync()
    assert team.sam.reads(team.visit, "impression") == EDITED
    assert (team.sam.unsent(), team.sam.carried()) == (0, 0)


def test_a_laptop_that_is_lost_after_handing_over_loses_nothing(
    team: Team, stick: Path, served: Office
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    # Ruth’s laptop is gone. Sam’s next sync gives the office what it holds of it.
    team.sam.sync()
    (found,) = [each for each in waiting(served) if each.record == team.visit]
    assert found.signed
    assert found.fields == {"impression": EDITED}
    assert (len(proofs(team.sam)), team.sam.carried()) == (1, 1)
    with closing(Database(served._address)) as database, database.writing() as connection:
        by_hand.take(connection, Deed("Grace", Days()()), found.change)
    team.sam.sync()
    team.sam.sync()
    assert (proofs(team.sam), team.sam.carried()) == ([], 0)
    assert team.sam.reads(team.visit, "impression") == EDITED
    # It was found again: what it sends is there already.
    team.sam.edit(team.visit, impression=f"{EDITED}, and smiled")
    for person in (team.sam, team.ruth, team.sam):
        person.sync()
    for person in (team.ruth, team.sam):
        assert person.reads(team.visit, "impression") == f"{EDITED}, and smiled"
        assert person.unsent() == 0


def test_what_was_taken_back_meanwhile_leaves_the_colleague_once_the_office_has_it(
    team: Team, stick: Path, served: Office
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    with closing(Database(served._address)) as database, database.writing() as connection:
        days = Deed("Grace", Days()())
        office.withdraw(connection, team.sam.card, visit_file(team.visit), days)
    team.sam.sync()
    # Nobody else had given it to the office when Sam’s laptop was told, so it stayed there.
    assert team.sam.reads(team.visit, "impression") == EDITED
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()
    assert (team.sam.held(team.visit), team.sam.carried(), proofs(team.sam)) == (None, 0, [])


def test_a_laptop_gives_the_office_the_same_stick_once_in_each_epoch(
    team: Team, stick: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    team.sam.sync()
    with team.sam.unlocked.store.reading() as connection:
        epoch = meta.enrolled(connection).epoch
        assert carrying.to_give(connection, epoch) == []
        assert len(carrying.to_give(connection, "another")) == 1
    team.ruth.sync()
    team.sam.sync()


def test_an_office_that_was_restored_unnoticed_is_given_the_stick_again(
    team: Team, stick: Path, served: Office
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    team.sam.sync()
    # What nobody but Sam knows of goes, so nothing shows that the office was restored.
    with closing(Database(served._address)) as database, database.writing() as connection:
        without_its_rule(connection)
        lost = delete(Witness).where(Witness.record == team.visit).returning(Witness.digest)
        digests = connection.execute(lost).scalars().all()
        connection.execute(delete(Evidence).where(Evidence.digest.in_(digests)))
    assert len(digests) == 1
    assert [each for each in waiting(served) if each.record == team.visit] == []
    team.sam.sync()
    (found,) = [each for each in waiting(served) if each.record == team.visit]
    assert (found.signed, found.fields) == (True, {"impression": EDITED})
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()
    assert (proofs(team.sam), team.sam.carried()) == ([], 0)


@pytest.mark.parametrize(("status", "tries"), [(404, 4), (413, 3), (422, 3), (503, 4)])
def test_an_office_that_does_not_take_it_is_asked_again_until_that_is_told(
    team: Team, stick: Path, status: int, tries: int
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    office = Elsewhere(status)
    told = []
    for _ in range(4):
        fault = colleagues.meet(team.sam.unlocked.store, office)
        assert (fault is None) == (status != 503)
        told.append(never_given(team.sam))
    assert office.given == tries
    ruth = [card.name for card in team.sam.readers(team.visit)]
    assert told == [[], [], *([ruth] * 2 if tries == 3 else [[], []])]
    team.ruth.sync()
    team.sam.sync()
    team.sam.sync()
    assert never_given(team.sam) == []


def test_the_office_that_tells_of_what_it_had_refused_clears_that_and_nothing_else(
    team: Team, tmp_path: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, tmp_path / "refused"))
    for _ in range(carrying.MOST_REFUSALS):
        colleagues.meet(team.sam.unlocked.store, Elsewhere(422))
    team.ruth.sync()
    team.ruth.edit(team.visit, met_by="The deputy")
    team.sam.take(team.ruth.write(team.visit, tmp_path / "later"))
    for _ in range(2):
        team.sam.sync()
    assert (never_given(team.sam), team.sam.carried(), len(proofs(team.sam))) == ([], 1, 1)


def test_what_is_never_given_is_laid_aside_and_stays_readable(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    for _ in range(carrying.MOST_REFUSALS):
        colleagues.meet(team.sam.unlocked.store, Elsewhere(422))
    assert len(never_given(team.sam)) == 1
    with team.sam.unlocked.store.writing() as connection:
        carrying.lay_aside(connection)
    assert never_given(team.sam) == []
    assert team.sam.reads(team.visit, "impression") == EDITED
    assert team.sam.carried() == 1
    team.ruth.sync()
    team.sam.sync()
    assert (team.sam.reads(team.visit, "impression"), team.sam.carried()) == (EDITED, 0)


def test_more_than_the_office_takes_at_once_is_given_to_it_in_parts(
    team: Team, stick: Path, served: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "MOST_CHANGES", 2)
    for said in ("first", "second", "third", "fourth", EDITED):
        team.ruth.edit(team.visit, impression=said)
    team.sam.take(team.ruth.write(team.visit, stick))
    assert team.sam.reads(team.visit, "impression") == EDITED
    team.sam.sync()
    found = [each for each in waiting(served) if each.record == team.visit]
    assert [each.signed for each in found] == [True] * 5
    assert never_given(team.sam) == []
    team.ruth.sync()
    for _ in range(2):
        team.sam.sync()
    left = [each for each in waiting(served) if each.record == team.visit]
    assert (team.sam.carried(), proofs(team.sam), left) == (0, [], [])


def test_a_part_of_a_stick_holds_no_more_than_a_bad_line_carries_at_once(team: Team) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    (change,) = team.ruth.own()
    kept = Attachments(team.ruth.unlocked.store.folder)
    long = dc.replace(change, edits={"impression": Edit("x" * handing.MOST_BYTES)})
    changes = [*[change] * (handing.MOST_CHANGES + 1), long, change, long]
    said = [canonical(each).decode() for each in changes]
    parts = [b"".join(part.pieces) for part in Unsent(kept, said, []).parts()]
    assert [part.count(b"\n") for part in parts] == [handing.MOST_CHANGES, 1, 1, 1, 1]
    assert all(len(part) < MAX_BYTES for part in parts)


def test_a_stick_that_is_cut_on_its_way_to_the_office_is_given_at_the_next_sync(
    team: Team, stick: Path, served: Office
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    who = team.sam.unlocked.who
    with closing(team.sam.laptop.office(who)) as line:
        line.sign_in(who.office)
        assert colleagues.meet(team.sam.unlocked.store, Cutting(line)) is None
    assert team.visit not in [each.record for each in waiting(served)]
    team.sam.sync()
    assert team.visit in [each.record for each in waiting(served)]
    team.ruth.sync()
    team.sam.sync()


def test_what_a_colleague_builds_on_it_meets_no_conflict(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    team.sam.edit(team.visit, impression=f"{EDITED}, and smiled")
    # The office hears of the answer before it hears of what was answered.
    for person in (team.sam, team.ruth, team.sam, team.ruth):
        person.sync()
    for person in (team.ruth, team.sam):
        assert person.reads(team.visit, "impression") == f"{EDITED}, and smiled"


def test_both_write_and_a_person_decides_between_both(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, met_by="The deputy")
    team.sam.edit(team.visit, met_by="A teacher")
    team.sam.take(team.ruth.write(team.visit, stick))
    assert team.sam.reads(team.visit, "met_by") == {"The deputy", "A teacher"}
    for person in (team.ruth, team.sam, team.ruth):
        person.sync()
    for person in (team.ruth, team.sam):
        assert person.reads(team.visit, "met_by") == {"The deputy", "A teacher"}


def test_what_was_replaced_at_the_office_meanwhile_does_not_come_back(
    team: Team, stick: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    team.ruth.sync()
    team.ruth.edit(team.visit, impression="She did not want to talk")
    team.ruth.sync()
    # A pull does not tell of what has been replaced: only the receipt does.
    team.sam.sync()
    assert team.sam.reads(team.visit, "impression") == "She did not want to talk"
    assert team.sam.carried() == 0


def test_the_same_stick_twice_is_taken_once(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.sam.take(team.ruth.write(team.visit, stick))
    again = team.sam.take(stick)
    assert (again.before, again.records) == (True, frozenset())
    assert team.sam.carried() == 1


def test_sticks_are_taken_in_any_order(team: Team, tmp_path: Path) -> None:
    team.ruth.edit(team.visit, impression="first")
    older = team.ruth.write(team.visit, tmp_path / "older")
    team.ruth.edit(team.visit, impression="second")
    team.sam.take(team.ruth.write(team.visit, tmp_path / "newer"))
    assert team.sam.take(older).records == frozenset()
    assert team.sam.reads(team.visit, "impression") == "second"


def test_an_older_stick_brings_what_the_newer_has_no_more(team: Team, tmp_path: Path) -> None:
    team.ruth.edit(team.visit, impression="first", met_by="The deputy")
    older = team.ruth.write(team.visit, tmp_path / "older")
    team.ruth.sync()
    team.ruth.edit(team.visit, impression="second")
    team.sam.take(team.ruth.write(team.visit, tmp_path / "newer"))
    assert team.sam.take(older).records == {team.visit}
    for _ in range(2):
        assert team.sam.reads(team.visit, "impression") == "second"
        assert team.sam.reads(team.visit, "met_by") == "The deputy"
        for person in (team.ruth, team.sam):
            person.sync()


def test_it_cannot_be_passed_on_to_a_third(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    refused(team.tom, team.ruth.write(team.visit, stick), "meant for another laptop")


@pytest.mark.parametrize("kept", [0, 7, 500, 1_500, -1], ids=str)
def test_what_is_cut_is_not_taken(team: Team, stick: Path, kept: int) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    whole = team.ruth.write(team.visit, stick).read_bytes()
    stick.write_bytes(whole[:kept])
    refused(team.sam, stick, "damaged")


def test_a_changed_byte_is_not_taken(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    whole = bytearray(team.ruth.write(team.visit, stick).read_bytes())
    whole[-40] ^= 1
    stick.write_bytes(whole)
    refused(team.sam, stick, "was changed")


def test_one_of_a_newer_version_is_told_as_that(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    today = team.ruth.write(team.visit, stick).read_bytes()
    stick.write_bytes(b"HAHBDL2" + today.removeprefix(b"HAHBDL1"))
    with pytest.raises(NotTaken, match=r"newer version.*Update the program"):
        team.sam.take(stick)


def test_a_stranger_is_not_believed(team: Team, stick: Path) -> None:
    team.tom.edit(team.toms, impression="Tom was here")
    (sam,) = team.ruth.readers(team.visit)
    refused(team.sam, team.tom.forge(stick, team.tom.own(), sam), "not from a colleague")


def test_a_file_that_is_gone_is_said(team: Team, stick: Path) -> None:
    refused(team.sam, stick, "cannot be read")


Forge = Callable[[Change, Team], Change]

FORGED: dict[str, tuple[Forge, str]] = {
    "as somebody else": (lambda c, t: dc.replace(c, author=t.sam.card), "may not say"),
    "of another laptop": (lambda c, _: dc.replace(c, laptop=LaptopId("x")), "may not say"),
    "for everybody": (lambda c, _: dc.replace(c, files=(REFERENCE_FILE,)), "may not say"),
    "of another visit": (
        lambda c, t: dc.replace(c, record=RecordId(t.toms), files=(visit_file(t.toms),)),
        "was not given",
    ),
    "of another kind": (lambda c, _: dc.replace(c, kind="conversation"), "contradicts"),
}


@pytest.mark.parametrize(("forge", "why"), FORGED.values(), ids=list(FORGED))
def test_a_colleague_who_says_what_is_not_theirs_to_say_is_refused(
    team: Team, stick: Path, forge: Forge, why: str
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    (sam,) = team.ruth.readers(team.visit)
    refused(team.sam, team.ruth.forge(stick, [forge(team.ruth.own()[0], team)], sam), why)


def test_another_wording_under_a_known_name_is_refused(team: Team, tmp_path: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    (sam,) = team.ruth.readers(team.visit)
    (said,) = team.ruth.own()
    team.sam.take(team.ruth.forge(tmp_path / "one", [said], sam))
    other = dc.replace(said, made_at="2026-01-01T00:00:00+00:00")
    refused(team.sam, team.ruth.forge(tmp_path / "two", [other], sam), "contradicts")


def test_what_its_author_numbered_anew_is_the_same_change(team: Team, tmp_path: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    (sam,) = team.ruth.readers(team.visit)
    (said,) = team.ruth.own()
    team.sam.take(team.ruth.forge(tmp_path / "one", [said], sam))
    # A safety copy was put back on Ruth’s laptop, and the office had another change at this place.
    moved = dc.replace(said, number=said.number + 1, previous="f" * 64)
    assert team.sam.take(team.ruth.forge(tmp_path / "two", [moved], sam)).records == frozenset()
    for person in (team.ruth, team.sam):
        person.sync()
    assert (team.sam.carried(), team.sam.reads(team.visit, "impression")) == (0, EDITED)


def test_lines_that_are_no_changes_are_refused(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    monkeypatch.setattr(sticks, "canonical", lambda change: canonical(change)[:-2])
    refused(team.sam, team.ruth.write(team.visit, stick), "not of the form")


def test_where_nothing_is_unsent_nothing_is_written(team: Team, stick: Path) -> None:
    with pytest.raises(NotWritten, match="has everything of this visit"):
        team.ruth.write(team.visit, stick)
    assert not stick.exists()


def test_it_is_written_for_those_on_the_visit_alone(team: Team, stick: Path) -> None:
    team.tom.edit(team.toms, impression="Tom was here")
    with pytest.raises(NotWritten, match="Not everybody"):
        sticks.for_colleagues(
            team.tom.unlocked.store,
            team.tom.unlocked.who,
            RecordId(team.toms),
            team.ruth.readers(team.visit),
            stick,
        )
    assert not stick.exists()


def test_a_stick_that_takes_nothing_is_said(team: Team, tmp_path: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    with pytest.raises(NotWritten, match="cannot be written"):
        team.ruth.write(team.visit, tmp_path / "gone" / "stick")
    assert team.ruth.unsent() == 1


def test_a_laptop_without_a_key_of_its_own_takes_nothing(team: Team, stick: Path) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    team.ruth.write(team.visit, stick)
    store = team.sam.unlocked.store
    with store.writing() as connection:
        own = meta.sealing_seed(connection)
        meta.keep_sealing_seed(connection, bytes(96))
    refused(team.sam, stick, "another laptop")
    with store.writing() as connection:
        meta.keep_sealing_seed(connection, own or b"")


# For the office


def test_the_office_takes_a_stick_and_a_later_sync_brings_no_duplicate(
    team: Team, stick: Path, served: Office, tmp_path: Path
) -> None:
    team.ruth.edit(team.visit, impression=EDITED)
    counts = sticks.for_office(team.ruth.unlocked.store, team.ruth.unlocked.who, stick)
    assert (counts.changes, counts.drafts) == (1, 0)
    assert team.ruth.unsent() == 1
    with closing(Database(served._address)) as database, stick.open("rb") as source:
        secrets = keys.recovery_key(database, served.keys, OFFICES)
        deed = Deed("Ada", dt.datetime.now(dt.UTC))
        places = Places(Blobs(database, tmp_path / "attachments"), tmp_path / "out")
        found = handed.take_in(database, source, secrets, places, deed)
    assert found.verdicts == {Verdict.APPLIED: 1}
    team.sam.sync()
    assert team.sam.reads(team.visit, "impression") == EDITED
    team.ruth.sync()
    assert team.ruth.unsent() == 0
    assert team.ruth.reads(team.visit, "impression") == EDITED


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "there is no room left on it"),
        (errno.EROFS, "nothing may be written to it"),
        (errno.EFBIG, "it takes no file as large as this one, as sticks of the form FAT32 do not"),
        (errno.ETXTBSY, os.strerror(errno.ETXTBSY)),
    ],
)
def test_why_a_stick_takes_nothing_is_said_in_plain_words(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(handing, "seal", refuse)
    team.ruth.edit(team.visit, impression=EDITED)
    with pytest.raises(NotWritten, match=words):
        team.ruth.write(team.visit, stick)
