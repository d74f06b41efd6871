"""What people do to one visit unseen, and what must hold once everybody has everything."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select

from hah_desktop.domain.codec import from_body
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import CHANGE, RECORD


class Person(Protocol):
    """Somebody with a laptop."""

    @property
    def name(self) -> str:
        """Which laptop it is."""
        ...

    @property
    def store(self) -> Store:
        """Its database."""
        ...


def standing(laptop: Person, record: str) -> Seen:
    """A record as it stands on a laptop, also one that was removed."""
    columns = select(RECORD.c.body, RECORD.c.heads).where(RECORD.c.id == record)
    with laptop.store.reading() as connection:
        row = connection.execute(columns).one()
    heads = {name: tuple(ids) for name, ids in json.loads(row.heads).items()}
    return Seen(json.loads(row.body), heads)


def edit(laptop: Person, record: str, **fields: Json) -> None:
    seen = standing(laptop, record)
    body = {k: v for k, v in {**seen.body, **fields}.items() if v is not None}
    laptop.store.save(Edited(from_body("visit", record, body), seen))


def create(laptop: Person, record: str) -> None:
    """As somebody does who never saw it: two laptops may derive one id."""
    made = Visit(id=RecordId(record), met_by=f"first seen by {laptop.name}")
    laptop.store.save(Edited(made, NOTHING))


def attach(laptop: Person, record: str) -> None:
    made = Attachment(id=RecordId(f"{record}-{laptop.name}"), visit=record, what="A letter")
    laptop.store.add(made)


ACTS: Mapping[str, Callable[[Person, str], None]] = {
    "create": create,
    "edit": lambda laptop, record: edit(laptop, record, met_by=f"seen by {laptop.name}"),
    "edit another field": lambda laptop, record: edit(
        laptop, record, impression=f"as {laptop.name} found it"
    ),
    "delete": lambda laptop, record: edit(laptop, record, removed=True),
    "bring back": lambda laptop, record: edit(laptop, record, removed=None),
    "attach": attach,
    "sign off": lambda laptop, record: edit(laptop, record, status="signed_off"),
}


@dataclass
class Entered:
    """What was written down about one field: by whom, and what they had before their eyes."""

    values: dict[ChangeId, Json] = field(default_factory=dict)
    replaced: set[ChangeId] = field(default_factory=set)


def entered(laptops: Sequence[Person]) -> dict[tuple[str, str], Entered]:
    """Every change that anybody made, from the laptop that made it."""
    found: dict[tuple[str, str], Entered] = {}
    mine = select(CHANGE.c.content).where(CHANGE.c.number.is_not(None))
    for laptop in laptops:
        with laptop.store.reading() as connection:
            contents = [json.loads(text) for text in connection.execute(mine).scalars()]
        for change in contents:
            for name, said in change["fields"].items():
                one = found.setdefault((change["record"], name), Entered())
                one.values[ChangeId(change["id"])] = said["value"]
                one.replaced |= set(said.get("replaces", ()))
    return found


def unsent(laptop: Person) -> int:
    """How many changes the office has not confirmed."""
    with laptop.store.reading() as connection:
        return outbox.unsent_count(connection)


State = dict[str, tuple[str, str, str | None]]


def state(laptop: Person) -> State:
    """What is shown of every record, by which changes, and what is undecided."""
    columns = select(RECORD.c.id, RECORD.c.body, RECORD.c.heads, RECORD.c.open)
    with laptop.store.reading() as connection:
        return {r.id: (r.body, r.heads, r.open) for r in connection.execute(columns)}


def faults(laptops: Sequence[Person]) -> list[str]:
    """What is wrong once everybody has everything."""
    wrong = [f"{x.name} differs" for x in laptops if state(x) != state(laptops[0])]
    wrong += [f"{x.name} has not sent all" for x in laptops if unsent(x)]
    return wrong + unsettled(state(laptops[0]), entered(laptops))


def unsettled(now: State, said: Mapping[tuple[str, str], Entered]) -> list[str]:
    """Whatever was said and is neither current, nor waits for a person, nor was replaced."""
    wrong = []
    for (record, name), one in said.items():
        body, heads, sides = (json.loads(text or "{}") for text in now[record])
        standing_ids = set(one.values) - one.replaced
        if set(heads.get(name, ())) != standing_ids:
            wrong.append(f"{record}: {name} has other heads than were left to stand")
        values = {one.values[change] for change in standing_ids}
        if len(values) > 1 and set(sides.get(name, ())) != standing_ids:
            wrong.append(f"{record}: {name} was settled without a person")
        # A removal waits for a person also where it is the only one: somebody edited unseen.
        torn = name in sides and name != REMOVED
        if len(values) == 1 and (body.get(name) not in values or torn):
            wrong.append(f"{record}: {name} does not say what was entered")
    return wrong
