"""Somebody at work with a laptop that may be killed: writes, syncs, and says what was saved.

The store, the client and the carrying of letters are those that ship. What is said here was true
before it was said, so whoever listens knows what must never be lost.
"""

import dataclasses as dc
import enum
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hah_desktop.domain.chunks import CHUNK
from hah_desktop.domain.codec import difference, to_body
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, Sealed
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.journal.standing import PLACE
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.rows import CHANGE, RECORD
from hah_desktop.sync import colleagues, files, readers, retelling
from hah_desktop.sync.asking import Laptop
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import sync
from hah_desktop.vault import signing
from tests.faults.plain import raw_key, real_now
from tests.killed.fork import Voice

DATABASE = "records.db"
NEWEST = 6
"""Among so many of the newest visits they choose, so that they meet."""

TRIES = 3

SHARED = ("impression", "met_by", "children_present")
"""What all of them edit: both texts stand, a person is asked, the last received is shown."""

OWN = ("purpose", "delay_reason", "exit_said")
"""What each of them edits alone, by their place."""


@dataclass(frozen=True)
class Seat:
    """One laptop: its folder, whose it is, and who the others are."""

    place: int
    folder: Path
    adviser: str
    everybody: tuple[str, ...]
    authority: Path


class Part(enum.Enum):
    """What a life is for."""

    WORK = "to write and sync as the seed decides"
    PEACE = "to sync"
    INVITE = "to begin a visit of all, and sync"
    DISAGREE = "to write in the newest visit, and not to sync"


@dataclass(frozen=True)
class Life:
    """What is to happen from its start to its end; the seed decides the rest."""

    seed: str
    part: Part = Part.WORK
    letter: bool = False


def live(seat: Seat, life: Life, voice: Voice) -> None:
    """From opening the database to closing it."""
    with closing(Store.open(seat.folder / DATABASE, raw_key, real_now)) as store:
        person = Person(seat, store, life, voice)
        if life.part is Part.WORK:
            person.work()
        elif life.part is Part.DISAGREE:
            person.disagree()
        else:
            if life.part is Part.INVITE:
                person.invite()
            person.sync_until_it_works()


class Person:
    """Whoever is at work."""

    def __init__(self, seat: Seat, store: Store, life: Life, voice: Voice) -> None:
        self._seat = seat
        self._store = store
        self._life = life
        self._voice = voice
        self._chance = random.Random(life.seed)  # noqa: S311 - what somebody does next
        self._kept = Attachments(seat.folder)
        self._written = 0
        self._told = 0

    def work(self) -> None:
        """Write, sync, and write on what was seen before the sync."""
        self._tell_received()
        for _ in range(self._chance.randint(1, 3)):
            self._write()
        if self._life.letter and not self._is_letter_going():
            self._add_letter()
        form = self._some_visit()
        self.sync_until_it_works()
        if form is not None and self._chance.random() < 1 / 2:
            self._edit(form, self._chance.choice(SHARED))
            self.sync()

    def invite(self) -> None:
        """Begin a visit that all of them have, with a letter."""
        self._add_visit(shared=True)
        self._add_letter()

    def disagree(self) -> None:
        """Write where the others write at the same time."""
        self._edit(self._newest()[-1], SHARED[0])

    def sync_until_it_works(self) -> None:
        """As the program does: what did not work is tried again, some times."""
        any(self.sync() for _ in range(TRIES))

    def sync(self) -> bool:
        """One sync as the program does it: the text, the colleagues, then the letters."""
        with closing(self._office()) as office:
            done = sync(self._store, office, lambda _p: None, lambda: False)
            self._tell_received()
            problem: object = done.problem
            if done.problem is None:
                problem = self._after(office) or self._carry(office)
        self._voice.say(synced=str(problem or ""), agrees=done.run.agrees)
        return problem is None

    def _after(self, office: Office) -> object:
        """What follows a sync; not each time, since it takes as long as the sync."""
        if self._life.part is Part.WORK and self._chance.random() < 2 / 3:
            return None
        told = retelling.tell_again(self._store, office)
        return told or colleagues.meet(self._store, office) or readers.tell(self._store, office)

    def _carry(self, office: Office) -> object:
        files.tidy(self._store, self._kept)
        if not files.is_anything_waiting(self._store):
            return None
        done = files.carry(self._store, self._kept, office, lambda _c: None, lambda: False)
        return done.problem

    def _office(self) -> Office:
        who = self._store.identity()
        assert who is not None
        laptop = Laptop(who.laptop, lambda message: signing.sign(who.signing_key, message))
        return Office(who.office_url, laptop, authority=self._seat.authority.read_text())

    def _write(self) -> None:
        chance = self._chance.random()
        held = self._some_visit()
        if held is None or chance < 1 / 4:
            self._add_visit(shared=chance < 1 / 5 or held is None)
        elif chance < 1 / 2:
            self._edit(held, OWN[self._seat.place])
        elif chance < 19 / 20:
            self._edit(held, self._chance.choice(SHARED))
        else:
            self._save(held, removed=True)

    def _add_visit(self, *, shared: bool) -> None:
        advisers = self._seat.everybody if shared else (self._seat.adviser,)
        made = Visit(
            id=RecordId(self._store.new_id()),
            advisers=frozenset(advisers),
            purpose=self._words(),
        )
        self._keep(Edited(made, NOTHING))

    def _edit(self, held: Held, field: str) -> None:
        self._save(held, **{field: self._number() if field == SHARED[2] else self._words()})

    def _save(self, held: Held, **fields: Any) -> None:
        self._keep(Edited(dc.replace(held.record, **fields), held.seen))

    def _keep(self, edited: Edited) -> None:
        self._store.save(edited)
        self._promise(edited.record, edited.seen.body)

    def _promise(self, record: Record, seen: Any) -> None:
        """Say what is saved: its place in this laptop's chain, and its words."""
        with self._store.reading() as connection:
            end = meta.chain_end(connection)
        # What was so already is no change, and has no place in the chain.
        if says := difference(seen, to_body(record)):
            self._voice.say(saved=end.number, record=record.id, says=says)

    def _add_letter(self) -> None:
        shared = [held for held in self._newest() if len(held.record.advisers) > 1]  # type: ignore[attr-defined]  # visits
        if not shared:
            return
        content = self._chance.randbytes(CHUNK + self._chance.randrange(1, CHUNK // 4))
        added: list[Attachment] = []

        def described(sealed: Sealed) -> Sequence[Edited]:
            file = sealed.file
            known = {"content": file.id, "size": file.size, "hash": file.sha256}
            made = Attachment(id=self._store.new_id(), visit=shared[-1].record.id, **known)  # type: ignore[arg-type]  # by name
            added.append(made)
            return [Edited(made, NOTHING)]

        self._kept.keep(self._store, BytesIO(content), described)
        self._promise(added[0], {})

    def _is_letter_going(self) -> bool:
        with self._store.reading() as connection:
            return bool(travelling.going(connection))

    def _some_visit(self) -> Held | None:
        found = self._newest()
        return self._chance.choice(found) if found else None

    def _newest(self) -> list[Held]:
        newest = select(RECORD.c.id).where(RECORD.c.kind == Visit.kind)
        newest = newest.order_by(RECORD.c.id.desc()).limit(NEWEST)
        with self._store.reading() as connection:
            return reading.some(connection, connection.execute(newest).scalars())

    def _words(self) -> str:
        self._written += 1
        return f"Note {self._written} of {self._life.seed}"

    def _number(self) -> int:
        return self._chance.randrange(1_000_000)

    def _tell_received(self) -> None:
        """Say which of this laptop's changes count as received, beyond those said before."""
        received = select(CHANGE.c.number).where(CHANGE.c.number > self._told, PLACE.is_not(None))
        with self._store.reading() as connection:
            numbers = sorted(connection.execute(received).scalars())
        if numbers:
            self._told = numbers[-1]
            self._voice.say(received=self._told)


def opened(seats: Sequence[Seat]) -> Iterator[Store]:
    """Each laptop's database, for looking at it once nobody works with it any more."""
    for seat in seats:
        with closing(Store.open(seat.folder / DATABASE, raw_key, real_now)) as store:
            yield store


def says(body: str) -> dict[str, Any]:
    """What a change says of each field, as it is spelled in a journal."""
    return {name: edit["value"] for name, edit in json.loads(body)["fields"].items()}
