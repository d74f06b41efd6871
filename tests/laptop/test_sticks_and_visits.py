"""A stick about one visit says nothing about another, nor of what was taken back."""

import dataclasses as dc
import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from hah_central.database.database import Database
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.ids import ChangeId, FileId, RecordId, child_file, visit_file
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.tables.rows import RECORD
from tests.central.office import Office
from tests.laptop.conftest import Days
from tests.laptop.team import EDITED, Person, Team

BRUISES = "Bruises on both arms"


def new_id(person: Person) -> RecordId:
    return RecordId(person.unlocked.store.new_id())


def shared(team: Team) -> RecordId:
    """Another visit of Ruth's and Sam's, that both have."""
    made = Visit(id=new_id(team.sam), advisers=frozenset({team.ruth.card, team.sam.card}))
    team.sam.unlocked.store.add(made)
    for person in (team.sam, team.ruth):
        person.sync()
    return made.id


def added(team: Team, record: Area | Child | Conversation) -> RecordId:
    """What Sam added, as both laptops have it."""
    team.sam.unlocked.store.add(record)
    for person in (team.sam, team.ruth):
        person.sync()
    return record.id


def taken_off(served: Office, person: Person, file: FileId) -> None:
    with closing(Database(served._address)) as database, database.writing() as connection:
        office.withdraw(connection, person.card, file, Deed("Grace", Days()()))


def forged(team: Team, record: RecordId, field: str, *files: FileId) -> list[Change]:
    """What Ruth may say of the visit, and one more change as her program would never make it."""
    team.ruth.edit(team.visit, impression=EDITED)
    (own,) = team.ruth.own()
    held = team.sam.held(record)
    assert held is not None
    edits = {field: Edit("Nothing to report", tuple(held.seen.heads[field]))}
    other = dc.replace(own, id=ChangeId(new_id(team.ruth)), number=own.number + 1)
    kind = held.record.kind
    return [own, dc.replace(other, record=record, kind=kind, files=files, edits=edits)]


def refused(team: Team, stick: Path, changes: list[Change], why: str) -> None:
    """Sam takes nothing of what Ruth sealed."""
    (sam,) = team.ruth.readers(team.visit)
    with pytest.raises(NotTaken, match=why):
        team.sam.take(team.ruth.forge(stick, changes, sam))
    assert team.sam.reads(team.visit, "impression") is None
    assert team.sam.carried() == 0


def lies_in(person: Person, record: str) -> list[str]:
    with person.unlocked.store.reading() as connection:
        found = connection.execute(select(RECORD.c.files).where(RECORD.c.id == record)).scalar_one()
    return list(json.loads(found))


@pytest.mark.parametrize(
    ("named", "why"),
    [("this", "contradicts"), ("the other", "not on any more"), ("both", "not on any more")],
)
def test_what_was_taken_back_from_a_colleague_is_not_altered_by_their_stick(
    team: Team, served: Office, stick: Path, named: str, why: str
) -> None:
    other = shared(team)
    area = added(team, Area(id=new_id(team.sam), visit=other, seen=BRUISES))
    taken_off(served, team.ruth, visit_file(other))
    for person in (team.sam, team.ruth):
        person.sync()
    here, there = visit_file(team.visit), visit_file(other)
    files = {"this": (here,), "the other": (there,), "both": (here, there)}[named]
    refused(team, stick, forged(team, area, "seen", *files), why)
    assert team.sam.reads(area, "seen") == BRUISES
    assert lies_in(team.sam, area) == [visit_file(other)]
    team.ruth.sync()


def test_having_the_child_from_elsewhere_is_not_having_the_visit(team: Team, stick: Path) -> None:
    other = shared(team)
    child = added(team, Child(id=new_id(team.sam), known_as="Zara"))
    talk = Conversation(id=new_id(team.sam), visit=other, child=child, where=BRUISES)
    added(team, talk)
    files = visit_file(team.visit), child_file(child)
    refused(team, stick, forged(team, talk.id, "where", *files), "contradicts")
    assert team.sam.reads(talk.id, "where") == BRUISES
    team.ruth.sync()


def test_where_a_known_record_lies_only_the_office_says(team: Team, stick: Path) -> None:
    talk = added(team, Conversation(id=new_id(team.sam), visit=team.visit, where="In the yard"))
    child = Child(id=new_id(team.ruth), known_as="Zara")
    team.ruth.unlocked.store.add(child)
    team.ruth.edit(talk, child=child.id)
    team.sam.take(team.ruth.write(team.visit, stick))
    assert team.sam.reads(talk, "child") == child.id
    assert lies_in(team.sam, talk) == [visit_file(team.visit)]
    for person in (team.ruth, team.sam):
        person.sync()
    assert set(lies_in(team.sam, talk)) == {visit_file(team.visit), child_file(child.id)}
