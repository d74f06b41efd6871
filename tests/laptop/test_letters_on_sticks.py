"""Letters and pictures go on the stick with what was written about them, if there is room."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import delete

from hah_desktop.laptop import stick_files
from hah_desktop.laptop.stick_files import Missing
from hah_desktop.laptop.sticks import NotWritten, Written
from hah_desktop.seals.bundle import Bundle
from hah_desktop.store.attachments import attachments
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import SEALED_FILE
from tests.laptop.team import (
    LETTER,
    Team,
    attach,
    carry,
    give,
    letter,
    offered,
    proofs,
)


def test_a_letter_goes_with_what_was_written_about_it(team: Team, stick: Path) -> None:
    record = attach(team.ruth, team.visit)
    offer = offered(team.ruth, team.visit)
    assert offer is not None
    assert (offer.changes, offer.files, offer.size) == (1, 1, len(LETTER))
    assert give(team, stick) == Written(1, 1)
    taken = team.sam.take(stick)
    assert (taken.records, taken.files, taken.missing) == (frozenset({record}), 1, ())
    assert letter(team.sam, record) == LETTER
    # The office gets it from whoever comes first, and each says for itself that it is there.
    team.sam.sync()
    assert carry(team.sam) == 0
    team.ruth.sync()
    team.sam.sync()
    assert (carry(team.sam), carry(team.ruth)) == (1, 1)
    for person in (team.ruth, team.sam):
        assert offered(person, team.visit) is None


def test_a_letter_goes_also_after_the_text_about_it_was_sent(team: Team, stick: Path) -> None:
    record = attach(team.ruth, team.visit)
    team.ruth.sync()
    team.sam.sync()
    assert letter(team.sam, record) is None
    assert give(team, stick) == Written(0, 1)
    taken = team.sam.take(stick)
    assert (taken.records, taken.files) == (frozenset(), 1)
    assert letter(team.sam, record) == LETTER
    assert team.sam.take(stick).before
    assert proofs(team.sam) == []
    carry(team.ruth)
    carry(team.sam)


def test_what_has_no_room_on_the_stick_is_left_and_the_text_goes(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = attach(team.ruth, team.visit)
    monkeypatch.setattr(stick_files, "SPARE", 1 << 60)
    assert give(team, stick) == Written(1, 0, left=1)
    assert team.sam.take(stick).records == {record}
    assert letter(team.sam, record) is None
    team.ruth.sync()
    with pytest.raises(NotWritten, match="no room"):
        give(team, stick)
    carry(team.ruth)
    team.sam.sync()
    carry(team.sam)
    assert letter(team.sam, record) == LETTER


def test_what_has_no_room_here_comes_from_the_same_stick_later(team: Team, stick: Path) -> None:
    record = attach(team.ruth, team.visit)
    give(team, stick)
    with pytest.MonkeyPatch.context() as full:
        full.setattr(attachments, "ROOM_LEFT", 1 << 60)
        taken = team.sam.take(stick)
    assert (taken.records, taken.files) == (frozenset({record}), 0)
    assert [(each.what, "not enough room" in each.why) for each in taken.missing] == [
        ("A letter", True)
    ]
    again = team.sam.take(stick)
    assert (again.before, again.files, again.missing) == (True, 1, ())
    assert letter(team.sam, record) == LETTER
    for person in (team.ruth, team.sam):
        person.sync()
        carry(person)


def test_a_letter_that_is_damaged_stays_and_the_rest_goes(team: Team, stick: Path) -> None:
    record = attach(team.ruth, team.visit)
    store = team.ruth.unlocked.store
    with store.reading() as connection:
        (file,) = stick_files.of_visit(connection, team.visit)
    path = Attachments(store.folder).path(file.id)
    path.write_bytes(path.read_bytes()[:-1])
    assert give(team, stick) == Written(1, 0, left=1)
    assert team.sam.take(stick).records == {record}
    with store.writing() as connection:
        connection.execute(delete(SEALED_FILE).where(SEALED_FILE.c.id == file.id))
    team.ruth.sync()
    team.sam.sync()


class PulledOut:
    """What a stick is that is not there any more."""

    def seek(self, _: int) -> int:
        return 0

    def read(self, _: int = -1) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("how", ["pulled out", "cut"])
def test_a_stick_that_goes_between_text_and_letters_is_said_and_taken_again(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    record = attach(team.ruth, team.visit)
    give(team, stick)
    whole = stick.read_bytes()
    real = stick_files.take

    def goes(store: Store, kept: Attachments, opened: Bundle) -> tuple[int, tuple[Missing, ...]]:
        if how == "cut":
            os.truncate(stick, 70_000)
        else:
            object.__setattr__(opened._body, "source", PulledOut())
        return real(store, kept, opened)

    with monkeypatch.context() as patched:
        patched.setattr(stick_files, "take", goes)
        taken = team.sam.take(stick)
        assert (taken.records, taken.files, taken.before) == (frozenset({record}), 0, False)
        assert taken.missing == (Missing("A letter", stick_files.NOT_READ),)
        stick.write_bytes(whole)
        again = team.sam.take(stick)
        assert (again.before, again.missing) == (True, taken.missing)
    stick.write_bytes(whole)
    again = team.sam.take(stick)
    assert (again.before, again.files, again.missing) == (True, 1, ())
    assert letter(team.sam, record) == LETTER
    for person in (team.ruth, team.sam):
        person.sync()
        carry(person)
