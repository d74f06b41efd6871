"""A letter that was with the wrong child reaches everybody from where it stands now."""

import dataclasses as dc

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.moving import move
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import Child
from hah_desktop.store.attachments import travelling
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from tests.laptop.team import LETTER, Person, Team, attach, carry, letter


def ben(team: Team) -> str:
    """Ruth has met Ben, and says that the letter is his."""
    child = Child(id=RecordId(team.ruth.unlocked.store.new_id()), known_as="Ben")
    team.ruth.unlocked.store.add(child)
    return child.id


def moved(person: Person, record: RecordId, child: str) -> RecordId:
    held = person.held(record)
    assert held is not None
    assert isinstance(held.record, Attachment)
    store = person.unlocked.store
    done = move([held.record], child, store.new_id)
    store.save_all([Edited(one, held.seen if one.id == record else NOTHING) for one in done.saved])
    return RecordId(done.stands[0].id)


def bens_letter(team: Team) -> RecordId:
    """A letter that Ruth adds with the wrong child; the office knows of it, and has no file."""
    record = attach(team.ruth, team.visit)
    held = team.ruth.held(record)
    assert held is not None
    his = dc.replace(held.record, child=ben(team))  # type: ignore[call-arg]  # of a letter
    team.ruth.unlocked.store.save(Edited(his, held.seen))
    team.ruth.sync()
    return record


@pytest.mark.parametrize("sent_before", [True, False])
@pytest.mark.parametrize("fetched_before", [True, False])
def test_whoever_moves_it_and_whether_its_file_was_sent_before_or_not(
    team: Team, *, sent_before: bool, fetched_before: bool
) -> None:
    record = bens_letter(team)
    if sent_before:
        assert carry(team.ruth) == 1
    team.sam.sync()
    if fetched_before:
        carry(team.sam)
    stands = moved(team.sam, record, "")
    team.sam.sync()
    team.ruth.sync()
    assert team.ruth.held(record) is None
    assert letter(team.ruth, stands) == LETTER
    assert carry(team.ruth) == (0 if sent_before else 1)
    with team.ruth.unlocked.store.reading() as connection:
        assert travelling.only_here_count(connection) == 0
        assert str(stands) in [h.record.id for h in reading.of_visit(connection, team.visit)]
    carry(team.sam)
    assert letter(team.sam, stands) == LETTER


def test_what_is_only_on_the_laptop_that_added_it_stays_there_when_another_moves_it(
    team: Team,
) -> None:
    record = bens_letter(team)
    team.sam.sync()
    stands = moved(team.sam, record, "")
    team.sam.sync()
    team.ruth.sync()
    with team.ruth.unlocked.store.reading() as connection:
        assert travelling.added_and_only_here(connection) == {stands}
