"""Advisers with laptops who hand something to each other, and what tests ask of them."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from hah_central.database.database import Database
from hah_central.journal import witness
from hah_central.journal.witness import Waiting
from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import ByHand, Card, Heard
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.laptop import handing, sticks
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.handing import Unsent
from hah_desktop.laptop.sticks import Offer, Taken, Written
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.attachments import attachments
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import carrying, outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.rows import TAKEN_BUNDLE
from hah_desktop.sync import colleagues, files
from hah_desktop.sync.client import Office as Client
from hah_desktop.sync.errors import Refused, broke_off
from tests.central.office import Office
from tests.laptop.syncing import sync_now
from tests.store.letters import add_letter

EDITED = "She came to the door herself"


@dataclass
class Person:
    """An adviser with an unlocked laptop."""

    laptop: Laptop
    unlocked: Unlocked

    @property
    def card(self) -> RecordId:
        return RecordId(self.unlocked.who.adviser)

    def sync(self) -> None:
        """A whole sync, with what follows it."""
        done = sync_now(self.laptop, self.unlocked)
        assert done.problem is None
        self.meet()

    def meet(self) -> None:
        with closing(self.laptop.office(self.unlocked.who)) as office:
            office.sign_in(self.unlocked.who.office)
            assert colleagues.meet(self.unlocked.store, office) is None

    def held(self, visit: str) -> Held | None:
        with self.unlocked.store.reading() as connection:
            return reading.get(connection, visit)

    def edit(self, visit: str, **fields: str) -> None:
        held = self.held(visit)
        assert held is not None
        record = dc.replace(held.record, **fields)  # type: ignore[arg-type]  # fields of a visit
        self.unlocked.store.save(Edited(record, held.seen))

    def reads(self, visit: str, name: str) -> object:
        """What a field says here; every side of it where a person has to decide."""
        held = self.held(visit)
        assert held is not None
        sides = held.open.get(name, ())
        return {side.value for side in sides} or held.seen.body.get(name)

    def readers(self, visit: str) -> list[Card]:
        with self.unlocked.store.reading() as connection:
            return sticks.colleagues(connection, RecordId(visit))

    def write(self, visit: str, path: Path) -> Path:
        """Write a stick for everybody on the visit."""
        sticks.for_colleagues(
            self.unlocked.store, self.unlocked.who, RecordId(visit), self.readers(visit), path
        )
        return path

    def take(self, path: Path) -> Taken:
        return sticks.take(self.unlocked.store, path)

    def forge(self, path: Path, changes: list[Change], to: Card) -> Path:
        """Seal and sign whatever this person likes, for a colleague."""
        store, who = self.unlocked.store, self.unlocked.who
        said = [canonical(change).decode() for change in changes]
        unsent = Unsent(Attachments(store.folder), said, [])
        with store.writing() as connection:
            number = meta.next_bundle(connection)
        handing.seal(store, who, unsent, [bytes.fromhex(to.sealing)], path, number=number)
        return path

    def own(self) -> list[Change]:
        with self.unlocked.store.reading() as connection:
            return outbox.unsent(connection, 1000)

    def unsent(self) -> int:
        with self.unlocked.store.reading() as connection:
            return outbox.unsent_count(connection)

    def carried(self) -> int:
        with self.unlocked.store.reading() as connection:
            return len(carrying.without_receipt(connection, 100))


@dataclass
class Team:
    """Ruth and Sam share a visit; Tom has another. All of them have synced since."""

    ruth: Person
    sam: Person
    tom: Person
    visit: RecordId
    toms: RecordId


def waiting(served: Office) -> list[Waiting]:
    with closing(Database(served._address)) as database, database.reading() as connection:
        return witness.waiting(connection)


def proofs(person: Person) -> list[str]:
    """What is still kept here to be given to the office."""
    with person.unlocked.store.reading() as connection:
        return list(
            connection.execute(
                select(TAKEN_BUNDLE.c.id).where(TAKEN_BUNDLE.c.changes.is_not(None))
            ).scalars()
        )


def never_given(person: Person) -> list[str]:
    """Whose words the office does not take from this laptop, as the page about syncs says it."""
    with person.unlocked.store.reading() as connection:
        return carrying.never_given(connection)


class Elsewhere:
    """An office that answers what somebody gives it as the test says."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.given = 0

    def cards(self, sealing: str) -> list[Card]:
        raise AssertionError(sealing)

    def carried(self, _changes: Mapping[ChangeId, str], _given: Sequence[str]) -> Heard:
        return Heard([])

    def by_hand(self, hand: ByHand) -> int:
        assert hand.changes
        self.given += 1
        raise Refused("urn:hah:no", "No.", status=self.status)


@dataclass
class Cutting:
    """The office behind a line that cuts the end off whatever came by hand."""

    office: Client

    def cards(self, sealing: str) -> list[Card]:
        return self.office.cards(sealing)

    def carried(self, changes: Mapping[ChangeId, str], given: Sequence[str]) -> Heard:
        return self.office.carried(changes, given)

    def by_hand(self, hand: ByHand) -> int:
        return self.office.by_hand(dc.replace(hand, changes=hand.changes[:-20]))


@dataclass
class BreakingOff:
    """The office behind a line that breaks off after so many parts that came by hand."""

    office: Client
    carries: int
    given: list[bytes] = field(default_factory=list)

    def cards(self, sealing: str) -> list[Card]:
        return self.office.cards(sealing)

    def carried(self, changes: Mapping[ChangeId, str], given: Sequence[str]) -> Heard:
        return self.office.carried(changes, given)

    def by_hand(self, hand: ByHand) -> int:
        if not self.carries:
            raise broke_off()
        self.carries -= 1
        self.given.append(hand.changes)
        return self.office.by_hand(hand)


LETTER = b"A scanned letter. " * 5_000


def attach(person: Person, visit: str, content: bytes = LETTER) -> RecordId:
    """Add a letter to a visit."""
    return add_letter(person.unlocked.store, visit, content)


def letter(person: Person, record: RecordId) -> bytes | None:
    """What a letter holds here; nothing where it is elsewhere."""
    held = person.held(record)
    if held is None or not isinstance(held.record, Attachment):
        return None
    store = person.unlocked.store
    with store.reading() as connection:
        file = attachments.find(connection, held.record.content)
    return Attachments(store.folder).read(file) if file else None


def give(team: Team, path: Path) -> Written:
    """Ruth writes what is only there of the visit for Sam."""
    ruth = team.ruth.unlocked
    return sticks.for_colleagues(
        ruth.store, ruth.who, team.visit, team.ruth.readers(team.visit), path
    )


def carry(person: Person) -> int:
    """Send and fetch files. Returns how many the office got."""
    with closing(person.laptop.office(person.unlocked.who)) as office:
        office.sign_in(person.unlocked.who.office)
        store = person.unlocked.store
        kept = Attachments(store.folder)
        return files.carry(store, kept, office, lambda _: None, lambda: False).sent


def offered(person: Person, visit: str) -> Offer | None:
    with person.unlocked.store.reading() as connection:
        return next((each for each in sticks.offers(connection) if each.visit.id == visit), None)
