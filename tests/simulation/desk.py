"""What the office does about what goes from hand to hand, and about what it cannot read.

As in `office`, the shipped functions without their HTTP. The keys are real ones, always the same.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from hah_central.attachments.blobs import Blobs
from hah_central.database.rows import Clock
from hah_central.journal import evidence, items, placing, witness
from hah_central.journal.journal import take_numbers
from hah_central.people.audit import Deed
from hah_central.problems import cut
from hah_central.sticks import by_hand, cards, carried, handed
from hah_central.sticks.handed import Handed, Places
from hah_desktop.domain import unread
from hah_desktop.domain.exchange import Accepted
from hah_desktop.domain.ids import ChangeId, LaptopId
from hah_desktop.seals.sealing import OfficeSecrets
from hah_desktop.store.tables.meta import Trust
from hah_desktop.sync.wire.cards import write_cards
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.hand import read_by_hand, write_heard
from hah_desktop.vault import signing
from tests.simulation.office import Office

SECRETS = OfficeSecrets(bytes(range(96)), bytes(range(32)))
TRUST = Trust(SECRETS.public.recovery.hex(), SECRETS.public.orders.hex(), "", "")


def signing_key(laptop: LaptopId) -> str:
    """What a laptop signs with."""
    return hashlib.sha256(laptop.encode()).hexdigest()


def sealing_seed(laptop: LaptopId) -> bytes:
    """The seed of the key that colleagues seal to."""
    return hashlib.shake_256(laptop.encode()).digest(96)


def public_key(laptop: LaptopId) -> str:
    """What the office knows of a laptop since it was enrolled."""
    return signing.public_key(signing_key(laptop))


# What a laptop asks


def swap_cards(office: Office, laptop: LaptopId, sealing: str) -> bytes:
    """The laptop's own key against those of its adviser's colleagues."""
    asker = office.asker(laptop)
    with office.disk.database.writing() as connection:
        cards.keep(connection, asker, sealing, office.now)
        return write_cards(cards.of_colleagues(connection, asker))


def ask_after(
    office: Office, laptop: LaptopId, changes: Mapping[ChangeId, str], given: Collection[str]
) -> bytes:
    """What became of changes from a colleague's hand, and what is lacking of what was given."""
    asker = office.asker(laptop)
    with office.disk.database.reading() as connection:
        epoch = connection.execute(select(Clock.epoch)).scalar_one()
        reached = placing.last_of(connection, laptop)
        found = carried.receipts(connection, asker, changes.keys(), changes)
        lacks = evidence.lacking(connection, given)
    return write_heard(Accepted(epoch, reached.number), found, lacks)


def keep_by_hand(office: Office, laptop: LaptopId, body: bytes) -> bytes:
    """Keep what a laptop has of a colleague's."""
    asker = office.asker(laptop)
    try:
        hand = read_by_hand(body)
    except NotOurs as fault:
        raise cut() from fault
    with office.disk.database.writing() as connection:
        take_numbers(connection, 0)
        return b"%d" % by_hand.keep(connection, asker, hand, office.now)


# What its people do


def take_in(office: Office, stick: bytes, out: Path) -> Handed:
    """Open what a laptop sealed for the office."""
    deed = Deed("The office", office.now)
    database = office.disk.database
    places = Places(Blobs(database, out / "attachments"), out)
    return handed.take_in(database, BytesIO(stick), SECRETS, places, deed)


def waiting(office: Office) -> list[ChangeId]:
    """What came by hand and waits for a person, signed for."""
    with office.disk.database.reading() as connection:
        return [ChangeId(each.change) for each in witness.waiting(connection) if each.signed]


def take_by_hand(office: Office, change: ChangeId) -> None:
    """A person takes it into the journal, with all that came signed with it."""
    with office.disk.database.writing() as connection:
        by_hand.take(connection, Deed("The office", office.now), change)


@contextmanager
def cannot_read(changes: Collection[ChangeId]) -> Iterator[None]:
    """An office that takes some changes for gibberish, as one of another version might."""
    right: Callable[[dict[str, Any]], items.Item] = items.item

    def read(plain: dict[str, Any]) -> items.Item:
        if plain.get("id") in changes and not unread.is_opaque(plain):
            raise ValueError("gibberish")
        return right(plain)

    with patch.object(items, "item", read):
        yield


def said(body: str) -> Any:
    """What a row of the journal says, also where the office keeps it as mere bytes."""
    plain = json.loads(body)
    content = unread.content(plain) if unread.is_opaque(plain) else None
    return plain if content is None else json.loads(content)
