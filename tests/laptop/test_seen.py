"""Received is said only of what the office has told of, and seen by somebody who had it."""

import dataclasses as dc
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from hah_central.database.database import Database
from hah_central.database.rows import Holding, Reading
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_desktop.domain.exchange import Opened
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import seen, waiting
from hah_desktop.store.exchange.waiting import Due
from hah_desktop.store.journal.saving import Edited
from hah_desktop.sync import readers
from hah_desktop.sync.errors import Refused
from hah_desktop.ui.parts.sync_words import FROM_STICK, RECEIVED, state_of, whole
from hah_desktop.ui.screens.visit.bundle import Bundle, load
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.laptop.conftest import PASSPHRASE, Days, silent
from tests.laptop.syncing import sync_now
from tests.laptop.team import EDITED, Person, Team


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
    return whole(bundle.due_together, 0, bundle.last_well, person.unlocked.store.now())


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
        assert (sam.unsent(), due(sam).by_hand) == (0, 1)
        # The office keeps it for a person, and has not taken it in.
        sam.sync()
    ruth.sync()
    sam.sync()
    assert says(sam, team.visit, area.id) == RECEIVED
    assert heading(sam, team.visit).startswith("All received by the office")
    assert due(sam).by_hand == 0


def due(person: Person) -> Due:
    """What the foot of the window counts."""
    with person.unlocked.store.reading() as connection:
        return waiting.of_all(connection)


def opens(person: Person, visit: str) -> None:
    """Open a visit, and tell the office."""
    store = person.unlocked.store
    with store.writing() as connection:
        seen.note(connection, visit, store.now())
    asks(person)


def asks(person: Person) -> None:
    """Tell the office what was opened here, and learn what others opened."""
    with closing(person.laptop.office(person.unlocked.who)) as office:
        office.sign_in(person.unlocked.who.office)
        assert readers.tell(person.unlocked.store, office) is None


def seen_by(person: Person, visit: str) -> list[str]:
    with person.unlocked.store.reading() as connection:
        return [reader.name for reader in seen.readers(connection, visit)]


def name(person: Person) -> str:
    return person.unlocked.who.adviser_name


def another(served: Office, person: Person, folder: Path) -> Person:
    """The same adviser's second laptop."""
    laptop = Laptop(folder, Days(), cost=FLOOR)
    made = laptop.set_up(served.url, served.enrol(name(person)), PASSPHRASE, silent)
    return Person(laptop, made)


def test_what_was_written_since_is_not_said_to_be_seen_on_any_laptop(
    team: Team, served: Office, tmp_path: Path
) -> None:
    ruth, sam = team.ruth, team.sam
    second = another(served, sam, tmp_path / "second")
    sam.edit(team.visit, impression="Calm")
    for person in (sam, ruth, second):
        person.sync()
    opens(ruth, team.visit)
    for person in (sam, second):
        asks(person)
        assert seen_by(person, team.visit) == [name(ruth)]
    sam.edit(team.visit, impression="She is being hurt. Please read today.")
    assert seen_by(sam, team.visit) == [], "it is only here"
    for person in (sam, second):
        person.sync()
        asks(person)
        assert seen_by(person, team.visit) == []
    ruth.sync()
    opens(ruth, team.visit)
    for person in (sam, second):
        asks(person)
        assert seen_by(person, team.visit) == [name(ruth)]
    second.unlocked.lock()


def test_what_was_set_aside_is_neither_received_nor_seen(team: Team, served: Office) -> None:
    ruth, sam = team.ruth, team.sam
    held, before = sam.held(team.visit), due(sam)
    assert held is not None
    with closing(Database(served._address)) as database:
        deed = Deed("Grace", Days()())
        with database.writing() as connection:
            office.withdraw(connection, sam.card, visit_file(team.visit), deed)
        # The second tells the office that it is gone from there.
        for _ in range(2):
            sam.sync()
        assert sam.held(team.visit) is None
        # A form that had stayed open is saved.
        late = dc.replace(held.record, impression=EDITED)  # type: ignore[call-arg]  # a visit's
        sam.unlocked.store.save(Edited(late, held.seen))
        assert sync_now(sam.laptop, sam.unlocked).problem is None
        with database.writing() as connection:
            office.assign(connection, sam.card, visit_file(team.visit), deed.now)
    for person in (ruth, sam):
        person.sync()
    opens(ruth, team.visit)
    asks(sam)
    assert seen_by(sam, team.visit) == []
    assert heading(sam, team.visit) == "1 change set aside by the office"
    assert says(sam, team.visit, team.visit) == "1 change set aside by the office"
    assert due(sam) == before + Due(aside=1)


def test_after_a_restore_nothing_is_called_seen_that_nobody_had_and_the_office_knows_again(
    tmp_path: Path,
) -> None:
    with Office.running(data=tmp_path / "office") as served:
        served.make_keys()
        people = []
        for called in ("Ruth", "Sam"):
            laptop = Laptop(tmp_path / called, Days(), cost=FLOOR)
            code = served.enrol(called)
            people.append(Person(laptop, laptop.set_up(served.url, code, PASSPHRASE, silent)))
        ruth, sam = people
        both = frozenset({ruth.card, sam.card})
        visit = Visit(id=RecordId(sam.unlocked.store.new_id()), advisers=both, purpose="The wing")
        sam.unlocked.store.add(visit)
        for person in (sam, ruth, sam):
            person.sync()
        served.backup(tmp_path / "kept")
        for number in range(5):
            sam.edit(visit.id, impression=f"draft {number}")
            sam.sync()
        ruth.sync()
        opens(ruth, visit.id)
        asks(sam)
        assert seen_by(sam, visit.id) == ["Ruth"]

        served.put_back(tmp_path / "kept")
        for person in (sam, ruth):
            person.sync()
            asks(person)
        # Ruth has not synced since Sam wrote this.
        sam.edit(visit.id, impression="She is being hurt. Please read today.")
        sam.sync()
        asks(sam)
        assert ruth.reads(visit.id, "impression") == "draft 4"
        assert seen_by(sam, visit.id) == []
        with closing(Database(served._address)) as database, database.reading() as connection:
            asked = select(Reading.record, Reading.adviser, Reading.upto)
            assert connection.execute(asked).all() == [(visit.id, ruth.card, 0)]
        ruth.sync()
        opens(ruth, visit.id)
        asks(sam)
        assert seen_by(sam, visit.id) == ["Ruth"]
        for person in people:
            person.unlocked.lock()


def test_a_moment_that_a_strange_program_made_up_keeps_nobody_from_a_visit(
    team: Team, served: Office
) -> None:
    ruth, sam = team.ruth, team.sam
    with closing(ruth.laptop.office(ruth.unlocked.who)) as office:
        office.sign_in(ruth.unlocked.who.office)
        with pytest.raises(Refused):
            office.seen(0, [Opened(team.visit, 10, "soon")])
    # An office of before wrote such things down.
    with closing(Database(served._address)) as database, database.writing() as connection:
        row = {"adviser": ruth.card, "laptop": ruth.unlocked.who.laptop, "received": Days()()}
        row |= {"record": team.visit, "upto": 10, "at": "soon"}
        connection.execute(insert(Reading).values(**row))
    asks(sam)
    assert bundle_of(sam, team.visit).seen == ""


def test_what_began_no_record_at_the_office_is_told_to_who_has_it_by_stick(
    team: Team, served: Office, stick: Path
) -> None:
    ruth, sam = team.ruth, team.sam
    area = Area(id=RecordId(ruth.unlocked.store.new_id()), visit=team.visit, seen="Mould")
    ruth.unlocked.store.add(area)
    sam.take(ruth.write(team.visit, stick))
    with closing(Database(served._address)) as database, database.writing() as connection:
        file, deed = visit_file(team.visit), Deed("Grace", Days()())
        office.withdraw(connection, ruth.card, file, deed)
        # Its laptop had dropped it before the office heard of what was written there.
        dropped = update(Holding).where(Holding.laptop == ruth.unlocked.who.laptop)
        connection.execute(dropped.values(dropped=deed.now))
    (change,) = ruth.own()
    assert sync_now(ruth.laptop, ruth.unlocked).problem is None
    with closing(team.tom.laptop.office(team.tom.unlocked.who)) as line:
        line.sign_in(team.tom.unlocked.who.office)
        assert line.carried({change.id: "f" * 64}, []).receipts == []
    sam.sync()
    assert (sam.carried(), due(sam).by_hand) == (0, 0)
    assert area.id not in bundle_of(sam, team.visit).held
    assert heading(sam, team.visit) == "1 change set aside by the office"
