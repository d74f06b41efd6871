"""Received is said only of what the office has told of, and seen by somebody who had it."""

from pathlib import Path

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Area
from hah_desktop.store import waiting
from hah_desktop.store.attachments import Attachments
from hah_desktop.store.waiting import Due
from hah_desktop.ui.parts.sync_words import FROM_STICK, RECEIVED, state_of, whole
from hah_desktop.ui.screens.visit.bundle import Bundle, load
from tests.laptop.team import Person, Team


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return tmp_path / "stick.sealed"


def bundle_of(person: Person, visit: str) -> Bundle:
    """What the page of the visit shows."""
    store = person.unlocked.store
    with store.reading() as connection:
        found = load(connection, visit, Attachments(store.folder))
    assert found is not None
    return found


def says(person: Person, visit: str, record: str) -> str:
    """How far a record has come, as the page of its visit says it."""
    bundle = bundle_of(person, visit)
    due = bundle.waiting(record)
    assert due is not None
    seen = bundle.seen_by.get(record, "")
    return state_of(due, (seen,) if seen else ())


def heading(person: Person, visit: str) -> str:
    """What the heading of the page says of the whole visit."""
    bundle = bundle_of(person, visit)
    due = bundle.waiting(*bundle.held)
    assert due is not None
    return whole(due, 0, bundle.last_well, person.unlocked.store.now())


def test_what_came_by_stick_is_not_said_to_be_received_until_the_office_tells_so(
    team: Team, stick: Path
) -> None:
    ruth, sam = team.ruth, team.sam
    area = Area(id=RecordId(ruth.unlocked.store.new_id()), visit=team.visit, seen="Mould")
    ruth.unlocked.store.add(area)
    sam.take(ruth.write(team.visit, stick))
    for _ in range(2):
        assert says(sam, team.visit, area.id) == FROM_STICK
        assert heading(sam, team.visit) == (
            "1 change from a colleague’s stick not yet received by the office"
        )
        assert (sam.unsent(), due(sam)) == (0, Due(by_hand=1))
        # The office keeps it for a person, and has not taken it in.
        sam.sync()
    ruth.sync()
    sam.sync()
    assert says(sam, team.visit, area.id) == RECEIVED
    assert heading(sam, team.visit).startswith("All received by the office")
    assert due(sam) == Due()


def due(person: Person) -> Due:
    """What the foot of the window counts."""
    with person.unlocked.store.reading() as connection:
        return waiting.of_all(connection)
