"""A conversation goes on a stick with the child it was with; nobody else goes with it."""

import dataclasses as dc
from contextlib import closing
from pathlib import Path

import pytest

from hah_central.database.database import Database
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_central.sticks import by_hand
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.ids import ChangeId, RecordId, child_file, visit_file
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.carrying import NotTaken
from tests.central.office import Office
from tests.laptop.conftest import Days
from tests.laptop.team import Person, Team, proofs, waiting


def new_id(person: Person) -> RecordId:
    return RecordId(person.unlocked.store.new_id())


def met(person: Person, visit: str, name: str = "Zara") -> tuple[RecordId, RecordId]:
    """A child whom somebody meets on a visit, and the conversation with them."""
    child = Child(id=new_id(person), known_as=name)
    talk = Conversation(id=new_id(person), visit=visit, child=child.id)
    person.unlocked.store.add(child)
    person.unlocked.store.add(talk)
    return child.id, talk.id


def set_aside(person: Person) -> int:
    with person.unlocked.store.reading() as connection:
        return len(outbox.set_aside(connection))


def sync(*people: Person) -> None:
    for person in people:
        person.sync()


def test_a_conversation_goes_with_the_child_and_later_syncs_bring_both_once(
    team: Team, stick: Path
) -> None:
    child, talk = met(team.ruth, team.visit)
    assert team.sam.take(team.ruth.write(team.visit, stick)).records == {child, talk}
    assert team.sam.reads(child, "known_as") == "Zara"
    sync(team.sam, team.ruth, team.sam)
    assert (team.sam.carried(), set_aside(team.ruth), proofs(team.sam)) == (0, 0, [])
    team.sam.edit(child, full_name="Zara Example")
    sync(team.sam, team.ruth)
    assert team.ruth.reads(child, "full_name") == "Zara Example"


def test_whom_a_colleague_does_not_meet_there_does_not_go(team: Team, stick: Path) -> None:
    ruth = team.ruth
    other = Visit(id=new_id(ruth), advisers=frozenset({ruth.card}))
    ruth.unlocked.store.add(other)
    elsewhere, _ = met(ruth, other.id, "Ana")
    known, _ = met(ruth, other.id, "Ben")
    moved, talk = met(ruth, team.visit, "Cal")
    here, _ = met(ruth, team.visit, "Dee")
    ruth.edit(talk, child=here)
    team.sam.take(ruth.write(team.visit, stick))
    assert team.sam.held(here) is not None
    assert [team.sam.held(each) for each in (elsewhere, known, moved)] == [None] * 3
    sync(ruth, team.sam)


def test_a_child_whom_the_office_knows_is_not_given_on(team: Team, stick: Path) -> None:
    # The office may have taken the child back from the colleague: only it knows.
    ruth = team.ruth
    other = Visit(id=new_id(ruth), advisers=frozenset({ruth.card}))
    ruth.unlocked.store.add(other)
    child, _ = met(ruth, other.id)
    ruth.sync()
    ruth.edit(child, full_name="Zara Example")
    talk = Conversation(id=new_id(ruth), visit=team.visit, child=child)
    ruth.unlocked.store.add(talk)
    assert team.sam.take(ruth.write(team.visit, stick)).records == {talk.id}
    assert team.sam.held(child) is None
    sync(ruth, team.sam)
    assert team.sam.reads(child, "full_name") == "Zara Example"


def test_a_child_of_no_conversation_in_the_file_is_not_taken(team: Team, stick: Path) -> None:
    child, talk = met(team.ruth, team.visit)
    (sam,) = team.ruth.readers(team.visit)
    of_child, of_talk = team.ruth.own()
    for changes in ([of_child], [of_child, dc.replace(of_talk, files=(visit_file(team.visit),))]):
        with pytest.raises(NotTaken, match="was not given"):
            team.sam.take(team.ruth.forge(stick, changes, sam))
    beside = dc.replace(of_talk, id=ChangeId(new_id(team.ruth)), record=new_id(team.ruth))
    beside = dc.replace(beside, files=(child_file(child),))
    with pytest.raises(NotTaken, match="was not given"):
        team.sam.take(team.ruth.forge(stick, [of_child, of_talk, beside], sam))
    assert team.sam.held(talk) is None
    sync(team.ruth)


def test_a_laptop_that_is_lost_after_it_loses_neither(
    team: Team, stick: Path, served: Office
) -> None:
    child, talk = met(team.ruth, team.visit)
    team.sam.take(team.ruth.write(team.visit, stick))
    team.sam.sync()
    found = {each.record: each.change for each in waiting(served)}
    with closing(Database(served._address)) as database, database.writing() as connection:
        by_hand.take(connection, Deed("Grace", Days()()), found[talk])
    sync(team.sam, team.sam)
    assert (team.sam.carried(), team.sam.reads(child, "known_as")) == (0, "Zara")
    sync(team.ruth)
    assert set_aside(team.ruth) == 0


def test_the_child_leaves_with_the_visit_once_the_office_has_both(
    team: Team, stick: Path, served: Office
) -> None:
    child, talk = met(team.ruth, team.visit)
    team.sam.take(team.ruth.write(team.visit, stick))
    with closing(Database(served._address)) as database, database.writing() as connection:
        file = visit_file(team.visit)
        office.withdraw(connection, team.sam.card, file, Deed("Grace", Days()()))
    sync(team.sam)
    assert team.sam.held(child) is not None
    sync(team.ruth, team.sam, team.sam)
    assert [team.sam.held(each) for each in (child, talk)] == [None, None]
    assert team.sam.carried() == 0


def test_what_would_make_the_child_somebody_else_s_is_not_saved(team: Team, stick: Path) -> None:
    child, talk = met(team.ruth, team.visit)
    team.sam.take(team.ruth.write(team.visit, stick))
    sams = Visit(id=new_id(team.sam), advisers=frozenset({team.sam.card}))
    team.sam.unlocked.store.add(sams)
    with pytest.raises(NotAllowed, match="does not know"):
        team.sam.edit(child, full_name="Zara Example")
    with pytest.raises(NotAllowed, match="does not know"):
        team.sam.unlocked.store.add(Conversation(id=new_id(team.sam), visit=sams.id, child=child))
    team.sam.edit(talk, where="In the yard")
    # Where both have the visit it is in nobody’s way, whoever comes first.
    sync(team.sam, team.ruth, team.sam)
    assert set_aside(team.ruth) == 0
    assert team.ruth.reads(talk, "where") == "In the yard"
    team.sam.edit(child, full_name="Zara Example")
    sync(team.sam, team.ruth)
    assert team.ruth.reads(child, "full_name") == "Zara Example"


def test_a_child_whom_the_office_gives_neither_is_told_of_and_leaves(
    team: Team, stick: Path
) -> None:
    # What no form of the program does: Ruth writes of a child whom only Tom met.
    child, _ = met(team.tom, team.toms)
    ruth = team.ruth
    ruth.unlocked.store.add(Child(id=child, full_name="Zara Example"))
    talk = Conversation(id=new_id(ruth), visit=team.visit, child=child)
    ruth.unlocked.store.add(talk)
    assert team.sam.take(ruth.write(team.visit, stick)).records == {child, talk.id}
    sync(team.tom, ruth, team.sam)
    assert (set_aside(ruth), team.sam.carried(), proofs(team.sam)) == (2, 0, [])
    sync(team.sam)
    assert (team.sam.held(child), team.sam.reads(talk.id, "child")) == (None, None)
