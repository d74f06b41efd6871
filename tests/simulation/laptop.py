"""One laptop: the shipped store and sync on a database in memory, and what its person does."""

import dataclasses as dc
import datetime as dt
import json
import random
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from hah_desktop.domain.changes import Change, from_plain
from hah_desktop.domain.codec import from_body, to_body
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.moving import MOVED
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.removing import REMOVED
from hah_desktop.store.exchange import chain, outbox
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited, Seen
from hah_desktop.store.journal.standing import UNSENT
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Identity
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.sync import colleagues
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.retelling import tell_again
from hah_desktop.sync.steps import Progress, exchange
from tests.simulation import desk
from tests.simulation.line import Line
from tests.simulation.memory import Image, LaptopDisk
from tests.simulation.truth import OVERWRITTEN, Truth

ALL = 2**31

Saw = Mapping[str, frozenset[ChangeId]]
"""Of each field the changes whose words stood on the screen."""


class Row(NamedTuple):
    """A record as it is stored."""

    kind: str
    body: str
    heads: str
    open: str | None
    files: str

    @property
    def is_shown(self) -> bool:
        """Whether it was not removed, or a person has to decide whether it stays removed."""
        is_torn = self.open is not None and REMOVED in json.loads(self.open)
        return is_torn or not json.loads(self.body).get(REMOVED)

    @property
    def went_to(self) -> str:
        """The other record of a move; empty for none."""
        return str(json.loads(self.body).get(MOVED) or "")

    def is_removed_by(self, changes: Collection[ChangeId]) -> bool:
        """Whether one of these removed it."""
        return not set(changes).isdisjoint(json.loads(self.heads).get(REMOVED, ()))


class _InMemory(Store):
    """A store whose folder is empty: there are no letters and pictures here."""

    @property
    def folder(self) -> Path:
        """Where they would be."""
        return Path(tempfile.gettempdir())


@dataclass
class Laptop:
    """One laptop of one adviser. It `owes` what it read of others and the office has lost since."""

    name: LaptopId
    adviser: RecordId
    disk: LaptopDisk
    chance: random.Random
    line: Line
    truth: Truth
    clock_is_off: dt.timedelta = dt.timedelta()
    away: int = 0
    lost: bool = False
    met: bool = False
    copies: list[tuple[Image, frozenset[ChangeId]]] = field(default_factory=list)
    owes: set[ChangeId] = field(default_factory=set)
    forms: dict[int, Saw] = field(default_factory=dict)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.starts()

    def starts(self) -> None:
        """Start the program, as after a power cut: whatever was only in memory is gone."""
        self.disk.starts()
        self.line.heads_told = {}
        self.met = False
        self.line.heads_here = self.office_heads
        self.store = _InMemory(self.disk.engine, self._clock, self.chance.randbytes)

    def _clock(self) -> dt.datetime:
        return self.line.office.now + self.clock_is_off

    def joins(self) -> None:
        """Write down who this is, as enrolling does."""
        there = self.line.office.hello()
        key = desk.signing_key(self.name)
        who = Identity(key, laptop=self.name, office=there.office, epoch=there.epoch)
        self.store.keep_identity(dc.replace(who, adviser=self.adviser))
        with self.store.writing() as connection:
            meta.keep_trust(connection, desk.TRUST)
            meta.keep_sealing_seed(connection, desk.sealing_seed(self.name))

    def sync(self, *, allow_removals: bool = False, met: bool = False) -> Progress:
        """One sync; a person agreed that much goes. `met`: the token of the one before holds."""
        self.line.differs = []
        self.met = False
        trying = partial(exchange, self.line, StoreBox(self.store), lambda _: None, lambda: False)
        done = trying(agreed=lambda _: allow_removals, met=met, capacity=self.store.capacity)
        self.met = True
        colleagues.meet(self.store, self.line)
        tell_again(self.store, self.line)
        self.owes -= self.line.office.needs_no_more() if self.owes else set()
        return done

    # What its person does

    def save(self, edited: Edited, saw: Saw) -> Change | None:
        """Save, and note that it was acknowledged. None if nothing differed."""
        saved = self.save_all([edited], {edited.record.id: saw})
        return saved[0] if saved else None

    def save_all(self, edited: Sequence[Edited], seen_of: Mapping[str, Saw]) -> Sequence[Change]:
        """The same of several records at once, with what the screen showed of each."""
        end = self._end()
        self.store.save_all(edited)
        self.disk.power.goes_at(None)
        saved = self._own(end)
        for change in saved:
            self.truth.saves[change.id] = change
            saw = seen_of.get(change.record, {})
            for name, edit in change.edits.items():
                # Whoever removes a record saw all of it.
                all_of_it = name == REMOVED and edit.value is True
                seen = frozenset().union(*saw.values()) if all_of_it else saw.get(name, frozenset())
                if set(edit.replaces) != seen:
                    self.truth.accuse(
                        OVERWRITTEN, f"{change.id} replaces another {name} than was on the screen"
                    )
        return saved

    def _end(self) -> int:
        ((number,),) = self.disk.ask("SELECT coalesce(max(number), 0) FROM change")
        return int(number)

    def _own(self, after: int) -> list[Change]:
        asked = "SELECT content FROM change WHERE number > ? ORDER BY number"
        return [from_plain(desk.said(text)) for (text,) in self.disk.ask(asked, after)]

    def opens(self, record: str) -> tuple[Held, Saw] | None:
        """Open a record, and note what the screen shows."""
        with self.store.reading() as connection:
            held = reading.get(connection, record)
        return None if held is None else (held, self._seen(held))

    def _seen(self, held: Held) -> Saw:
        """The changes whose words are shown; whatever else an edit would replace is overwritten."""
        saw = {name: frozenset(heads) for name, heads in held.seen.heads.items()}
        said = self._said(held.record.id)
        for name, changes in saw.items():
            described = {said[change]["fields"][name]["value"] for change in changes}
            shown = {held.seen.body.get(name)} | {s.value for s in held.open.get(name, ())}
            by_rule = name not in held.open and len(described) > 1 and shown < described
            if shown != described and not by_rule and name != REMOVED:
                self.truth.accuse(
                    OVERWRITTEN, f"{held.record.id} shows {shown} at {name}, not {described}"
                )
        return saw

    def _said(self, record: RecordId) -> dict[ChangeId, dict[str, Any]]:
        """What each change of a record says. What the office lacks yet is among the heads here."""
        asked = (
            "SELECT id, content, received IS NULL AND (number IS NULL OR "
            "number > (SELECT coalesce(max(last), 0) FROM received)), verdict IS 'set_aside' "
            "FROM change WHERE record = ?"
        )
        rows = self.disk.ask(asked, record)
        ((heads,),) = self.disk.ask("SELECT heads FROM record WHERE id = ?", record)
        kept = json.loads(heads)
        said = {ChangeId(id_): json.loads(content) for id_, content, *_ in rows}
        unsent = {id_: said[id_] for id_, _, only_here, _ in rows if only_here}
        in_force = [said[id_] for id_, _, _, aside in rows if not aside]
        for id_, change in unsent.items():
            for name in change["fields"]:
                later = (c["fields"].get(name, {}).get("replaces", ()) for c in in_force)
                if id_ not in kept.get(name, ()) and not any(id_ in each for each in later):
                    self.truth.accuse(OVERWRITTEN, f"{self.name} hides what it did not send: {id_}")
        return said

    def opens_removed(self, record: str) -> tuple[Held, Saw] | None:
        """A record that was removed here, from the list of what can be brought back."""
        row = self.rows().get(record)
        if row is None or row.open or not json.loads(row.body).get("removed"):
            return None
        body = json.loads(row.body)
        seen = Seen(body, {k: tuple(v) for k, v in json.loads(row.heads).items()})
        held = Held(from_body(row.kind, RecordId(record), body), seen, {})
        # Of what was moved elsewhere nothing is offered to be brought back.
        return None if row.went_to else (held, self._seen(held))

    def keeps_form(self, typed: Record, held: Held, saw: Saw) -> None:
        """Leave a form open; what was typed in it is in the store."""
        number = len(self.forms) + 1
        self.forms[number] = saw
        visit = str(getattr(typed, "visit", ""))
        body = to_body(typed)
        draft = Draft(typed.id, typed.kind, visit, body, held.seen, place={"form": number})
        with self.store.writing() as connection:
            drafts.keep(connection, draft)

    def saves_form(self) -> Change | None:
        """Save the form that was left open, if there is one."""
        with self.store.reading() as connection:
            kept = drafts.every(connection)
        if not kept:
            return None
        draft = kept[0]
        record = from_body(draft.kind, draft.record, draft.body)
        return self.save(Edited(record, draft.seen), self.forms[int(draft.place["form"])])

    # Its disk

    def makes_copy(self) -> None:
        """Make a safety copy; three are kept."""
        self.copies = [*self.copies, (self.disk.image(), frozenset(self.owes))][-3:]

    def puts_back(self, copy: Image, owed: Collection[ChangeId]) -> None:
        """Lose the database and put a safety copy in its place."""
        self.disk.hold(copy)
        self.owes = set(owed)
        self.starts()
        with self.store.writing() as connection:
            about = {"made_at": self._clock().isoformat(), "number": self._end(), "changes": 0}
            meta.write(connection, chain.PUT_BACK, about)

    # What is on it

    def rows(self) -> dict[str, Row]:
        """Every record as it is stored."""
        asked = "SELECT id, kind, body, heads, open, files FROM record ORDER BY id"
        return {id_: Row(*said) for id_, *said in self.disk.ask(asked)}

    def office_heads(self) -> dict[str, dict[str, list[ChangeId]]]:
        """The heads of the office, as far as it was told."""
        asked = (
            "SELECT id, CASE WHEN begun <= (SELECT coalesce(max(last), 0) FROM received) "
            "THEN heads ELSE office_heads END FROM record"
        )
        return {id_: json.loads(heads) for id_, heads in self.disk.ask(asked)}

    def heads_read(self) -> set[ChangeId]:
        """Those of the office's heads of which it has the words; receipts only name the others."""
        told = self.office_heads().values()
        heads = {change for fields in told for ids in fields.values() for change in ids}
        return heads.intersection(
            ChangeId(id_) for (id_,) in self.disk.ask("SELECT id FROM change")
        )

    def ids_of_changes(self) -> set[ChangeId]:
        """Every change that it has, of whomever."""
        return {ChangeId(id_) for (id_,) in self.disk.ask("SELECT id FROM change")}

    def own_ids(self) -> set[ChangeId]:
        """The changes of its own that it holds."""
        asked = "SELECT id FROM change WHERE number IS NOT NULL"
        return {ChangeId(id_) for (id_,) in self.disk.ask(asked)}

    def unsent(self) -> int:
        """How many changes the office has not confirmed."""
        with self.store.reading() as connection:
            return outbox.unsent_count(connection)

    def unsent_ids(self) -> list[ChangeId]:
        """Those changes, in their order."""
        with self.store.reading() as connection:
            return [change.id for change in outbox.unsent(connection, ALL)]

    def carried(self) -> dict[ChangeId, Change]:
        """What came from a colleague's hand, and the office has not told that it has it."""
        found = self.disk.ask(
            "SELECT content FROM change WHERE number IS NULL AND received IS NULL"
        )
        changes = [from_plain(json.loads(content)) for (content,) in found]
        return {change.id: change for change in changes}

    def files(self) -> set[FileId]:
        """The files that it was given."""
        return {FileId(file) for (file,) in self.disk.ask("SELECT file FROM cursor")}

    def set_aside(self) -> set[str]:
        """The changes that the person is told were set aside."""
        asked = "SELECT id FROM change WHERE verdict = 'set_aside' AND problem != ''"
        return {id_ for (id_,) in self.disk.ask(asked)}

    def values(self, changes: Sequence[ChangeId], name: str) -> set[Json]:
        """What these changes say of one field."""
        asked = "SELECT content FROM change WHERE id IN (SELECT value FROM json_each(?))"
        found = self.disk.ask(asked, json.dumps(changes))
        said = [json.loads(text)["fields"] for (text,) in found]
        return {fields.get(name, {}).get("value") for fields in said}

    def only_here(self) -> set[str]:
        """The records of which something is nowhere else: a change, or what is being typed."""
        with self.store.reading() as connection:
            unsent = connection.execute(select(CHANGE.c.record).where(UNSENT)).scalars()
            return {*unsent, *(draft.record for draft in drafts.every(connection))}

    def undecided(self) -> list[str]:
        """The records in which a person has to decide something."""
        asked = "SELECT id FROM record WHERE open IS NOT NULL ORDER BY id"
        return [id_ for (id_,) in self.disk.ask(asked)]
