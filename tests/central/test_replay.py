"""What each record says is what its journal says: replayed by the rule, it comes out the same."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hah_central.database.database import Database, in_folder
from hah_central.database.rows import Change as ChangeRow
from hah_central.database.rows import Record
from hah_central.journal import records
from hah_central.journal.items import item
from hah_central.journal.journal import Sender, receive
from hah_central.office.enrolment import NewLaptop, enrol, new_code
from hah_central.office.office import add_adviser
from hah_desktop.domain.changes import Change, Edit, content_hash, from_plain, to_plain
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, LaptopId, RecordId
from hah_desktop.domain.merge import Head, rule_of, shown
from tests.central.conftest import START
from tests.central.laptop import MADE_AT, new_id
from tests.central.trust import SECRETS, publish, sealed_for

LAPTOPS = 3
FIELDS = ("name", "region", "from_the_future")


@dataclass
class Chain:
    """One laptop's numbers."""

    laptop: LaptopId
    number: int = 0
    previous: str = ""


@dataclass(frozen=True)
class Step:
    """One change to come: by whom, of which field, to what, and which others it has seen."""

    laptop: int
    field: str
    value: int | None
    replaces: frozenset[int]


@dataclass
class House:
    """An office with a few laptops, shared by all examples: each uses a record of its own."""

    database: Database
    chains: list[Chain]

    def receive(self, steps: list[Step], record: str, batch: int) -> None:
        ids = [ChangeId(new_id()) for _ in steps]
        for start in range(0, len(steps), batch):
            part = range(start, min(start + batch, len(steps)))
            for laptop, chain in enumerate(self.chains):
                mine = [
                    self._made(steps[n], record, ids, n) for n in part if steps[n].laptop == laptop
                ]
                with self.database.writing() as connection:
                    sender = Sender(chain.laptop, None)
                    receive(connection, sender, [item(to_plain(c)) for c in mine], START)

    def _made(self, step: Step, record: str, ids: list[ChangeId], at: int) -> Change:
        chain = self.chains[step.laptop]
        chain.number += 1
        seen = tuple(ids[n] for n in sorted(step.replaces) if n < len(ids) and n != at)
        change = Change(
            id=ids[at],
            laptop=chain.laptop,
            number=chain.number,
            previous=chain.previous,
            record=RecordId(record),
            kind="place",
            files=(REFERENCE_FILE,),
            author="somebody",
            made_at=MADE_AT,
            edits={step.field: Edit(step.value, seen)},
        )
        chain.previous = content_hash(change)
        return change


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    database = Database(in_folder(tmp_path_factory.mktemp("office")))
    publish(database, START)
    chains = []
    with database.writing() as connection:
        adviser = add_adviser(connection, "Ada Example", "adviser", START)
        for number in range(LAPTOPS):
            code = new_code(connection, adviser, START).letters
            new = NewLaptop(f"{number + 1:064x}", "LT", sealed_for(SECRETS.public))
            enrolled = enrol(connection, code, new, START)
            chains.append(Chain(enrolled.laptop))
    yield House(database, chains)
    database.close()


def replayed(rows: Iterable[tuple[int, str]]) -> tuple[dict[str, FieldHeads], dict[str, Any]]:
    """Heads and body as the rule makes them of the changes, in the order of the journal."""
    heads: dict[str, FieldHeads] = {}
    said: dict[tuple[ChangeId, str], Head] = {}
    for seq, body in rows:
        change = from_plain(json.loads(body))
        known = {id_ for id_, _ in said}
        for name, edit in change.edits.items():
            before = heads.get(name, FieldHeads())
            heads[name] = take(before, change.id, edit.replaces, known)
            said[change.id, name] = Head(change.id, edit.value, change.author, MADE_AT, order=seq)
    shows = {
        name: shown(
            rule_of(field_of("place", name)), [said[id_, name] for id_ in sorted(state.heads)]
        ).value
        for name, state in heads.items()
    }
    return heads, {name: value for name, value in sorted(shows.items()) if value is not None}


steps = st.lists(
    st.builds(
        Step,
        st.integers(0, LAPTOPS - 1),
        st.sampled_from(FIELDS),
        st.one_of(st.none(), st.integers(0, 2)),
        st.frozensets(st.integers(0, 11), max_size=4),
    ),
    min_size=1,
    max_size=12,
)


@given(steps=steps, batch=st.integers(1, 5))
def test_replaying_the_journal_gives_the_record(
    house: House, steps: list[Step], batch: int
) -> None:
    record = new_id()
    house.receive(steps, record, batch)

    with house.database.reading() as connection:
        journal = connection.execute(
            select(ChangeRow.seq, ChangeRow.body)
            .where(ChangeRow.record == record)
            .order_by(ChangeRow.seq)
        ).all()
        seq = connection.execute(select(Record.seq).where(Record.id == record)).scalar_one()
        row = records.shown(connection, [RecordId(record)])[RecordId(record)]

    heads, body = replayed([(seq, body) for seq, body in journal])
    assert len(journal) == len(steps)
    assert row.heads == heads
    assert json.dumps(row.body) == json.dumps(body)
    assert set(row.moved) == set(heads)
    assert seq == max(row.moved.values())
