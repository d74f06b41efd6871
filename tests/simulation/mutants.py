"""Planted faults: small pieces of the shipped code made wrong, each of which must be found.

They are the three traps of the model and the faults that `sync` research planted in a prototype,
as far as they mean something here. No meaning have: *conflict by revision* (changes name ids, not
revisions), *a rebase forgets a move* (a record is never moved to another file) and *an echo is
suppressed in silence* (a laptop compares its chain with the office's before it sends or fetches,
and takes back what it lost of its own then: it is never named a change of its own unknown to it).
"""

import dataclasses as dc
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from unittest.mock import patch

from msgspec import structs
from sqlalchemy import Connection, select, update

from hah_central.database.rows import Grant
from hah_central.journal import holding, items, journal, placing, state
from hah_central.journal.access import Rights
from hah_central.pulling import glance, pull
from hah_central.pulling.glance import Glance, Lies
from hah_central.sticks import carried
from hah_desktop.domain import moving, signoff
from hah_desktop.domain.exchange import Page, PulledRow, Receipt, Verdict
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.moving import AboutChild
from hah_desktop.domain.removals import Removals
from hah_desktop.laptop import sticks
from hah_desktop.laptop.handing import Unsent
from hah_desktop.store.exchange import carrying, outbox, receipts, retelling, withdrawing, witness
from hah_desktop.store.exchange.receipts import Taken
from hah_desktop.store.journal import settling
from hah_desktop.store.journal.standing import PLACE
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.sync import colleagues
from hah_desktop.sync.engine import StoreBox
from tests.simulation.history import play
from tests.simulation.office import Office
from tests.simulation.worlds import begin_all

Plant = Callable[[], AbstractContextManager[Any]]


class Mutant(NamedTuple):
    """A fault to plant, and what has to happen often for it to do harm.

    `seed` is tried first, since it found the fault soonest when `simulate --planted` looked last.
    It is a short cut and nothing else: a history becomes another one with every change of the
    programs, and then others find the fault.
    """

    plant: Plant
    often: tuple[str, ...]
    seed: int

    def seeds(self, most: int) -> Iterator[int]:
        """The seeds to look for it in, until one finds it."""
        yield self.seed
        yield from range(most)


MUTANTS: dict[str, Mutant] = {}

LOOKED_AT = 60
ENOUGH = 5


def finders(name: str) -> tuple[str, list[int]]:
    """Some of the first seeds that find a planted fault, the one with the fewest steps first."""
    mutant = MUTANTS[name]
    found: list[tuple[int, int]] = []
    with mutant.plant():
        for seed in range(LOOKED_AT):
            past = play(seed, mutant.often, to_the_end=False)
            if past.wrong:
                found.append((len(past.told), seed))
            if len(found) == ENOUGH:
                break
    return name, [seed for _, seed in sorted(found)]


def _planted(name: str, *often: str, seed: int = 0) -> Callable[[Plant], Plant]:
    def note(plant: Plant) -> Plant:
        def unspoiled() -> AbstractContextManager[Any]:
            # Made with the fault, they would show it in histories of others too.
            begin_all()
            return plant()

        MUTANTS[name] = Mutant(unspoiled, often, seed)
        return plant

    return note


# The three traps


@_planted("a lone head", seed=10)
def _lone_head() -> AbstractContextManager[Any]:
    right = pull._moved

    def moved(*asked: Any) -> dict[RecordId, pull.Moved]:
        found = right(*asked)
        for record in (each for each in found.values() if each.by is None):
            lone = {name: head for head, names in record.heads.items() for name in names}
            record.heads.clear()
            for name, head in lone.items():
                record.heads.setdefault(head, []).append(name)
        return found

    return patch.object(pull, "_moved", moved)


@_planted("its own change must be the head", seed=6)
def _own_guess() -> AbstractContextManager[Any]:
    right = receipts.take

    def guess(connection: Connection, given: Sequence[Receipt]) -> Taken:
        return right(connection, [dc.replace(receipt, heads={}) for receipt in given])

    return patch.object(receipts, "take", guess)


@_planted("a change set aside stays in the laptop's heads", "intrudes", seed=0)
def _aside_stays() -> AbstractContextManager[Any]:
    right = journal._receipt

    def receipt(batched: journal.Batched, placed: placing.Placed) -> Receipt:
        given = right(batched, placed)
        return dc.replace(given, heads={}) if given.verdict is Verdict.SET_ASIDE else given

    return patch.object(journal, "_receipt", receipt)


# Faults of the office


@_planted("numbers that are seen before their rows", seed=4)
def _visibility_gap() -> AbstractContextManager[Any]:
    right = pull._places

    def places(connection: Connection, cursors: Mapping[FileId, int], most: int) -> Any:
        found = right(connection, cursors, most)
        newest = max(found, default=0)
        return {seq: record for seq, record in found.items() if seq != newest}

    return patch.object(pull, "_places", places)


@_planted("no de-duplication", seed=1)
def _no_duplicates() -> AbstractContextManager[Any]:
    return patch.object(placing, "_by_number", lambda *_: {})


@_planted("a gap in the numbers is accepted", "office_is_restored", "late_request_arrives", seed=19)
def _gap() -> AbstractContextManager[Any]:
    return patch.object(placing, "_check_follows", lambda *_: None)


@_planted("the last writer wins", seed=15)
def _last_wins() -> AbstractContextManager[Any]:
    def alone(_: FieldHeads, change: ChangeId, *__: object) -> FieldHeads:
        return FieldHeads(frozenset({change}))

    return patch.object(state, "take", alone)


@_planted("no memory of what was replaced before it came", "office_is_restored", seed=33)
def _no_memory() -> AbstractContextManager[Any]:
    def forgetful(before: FieldHeads, *said: Any) -> FieldHeads:
        return FieldHeads(take(before, *said).heads)

    return patch.object(state, "take", forgetful)


@_planted(
    "one cursor for all files, also for a new one",
    "office_assigns",
    "office_withdraws",
    "names_advisers",
    seed=3,
)
def _global_cursor() -> AbstractContextManager[Any]:
    right = pull._had

    def had(connection: Connection, asker: Any, cursors: Mapping[FileId, int], now: int) -> Any:
        found = right(connection, asker, cursors, now)
        newest = max(found.cursors.values(), default=0)
        return dc.replace(found, cursors=dict.fromkeys(found.cursors, newest))

    return patch.object(pull, "_had", had)


@_planted("a laptop is never told of its own changes", seed=10)
def _no_echo() -> AbstractContextManager[Any]:
    right = pull._row

    def row(*asked: Any) -> PulledRow:
        found = right(*asked)
        return structs.replace(found, changes=tuple(c for c in found.changes if not c.own))

    return patch.object(pull, "_row", row)


@_planted("no look at who may write", "intrudes", seed=0)
def _no_check_on_push() -> AbstractContextManager[Any]:
    return patch.object(Rights, "_may_write", lambda *_: True)


@_planted("no look at who may read", seed=6)
def _no_check_on_pull() -> AbstractContextManager[Any]:
    right = glance.of_laptop

    def everything(connection: Connection, laptop: LaptopId) -> Glance:
        seen = right(connection, laptop)
        given = [FileId(file) for file in connection.execute(select(Grant.file)).scalars()]
        lacking = dict.fromkeys(given, Lies(stale=True, last=seen.now))
        return dc.replace(seen, files={**lacking, **seen.files})

    return patch.object(glance, "of_laptop", everything)


@_planted("receipts before the commit", seed=5)
def _hasty_receipts() -> AbstractContextManager[Any]:
    right = Office.push
    count = itertools.count(1)

    def push(self: Office, laptop: LaptopId, body: bytes) -> bytes:
        before = self.disk.image()
        answer = right(self, laptop, body)
        if not next(count) % 5:
            self.disk.hold(before)
        return answer

    return patch.object(Office, "push", push)


@_planted(
    "an office takes what goes on in what it has lost",
    "author_comes_between",
)
def _takes_what_goes_on() -> AbstractContextManager[Any]:
    right = journal.receive

    def receive(connection: Connection, sender: journal.Sender, *sent: Any) -> Any:
        return right(connection, dc.replace(sender, read=None), *sent)

    return patch.object(journal, "receive", receive)


# Faults of the laptop


@_planted("what the office once had is not offered again", "office_is_restored", seed=2)
def _pruned() -> AbstractContextManager[Any]:
    right = outbox.start_again

    def start_again(connection: Connection, epoch: str) -> None:
        asked = select(CHANGE.c.id, PLACE.label("received")).where(PLACE.is_not(None))
        had = connection.execute(asked).all()
        right(connection, epoch)
        for row in had:
            put = update(CHANGE).where(CHANGE.c.id == row.id)
            connection.execute(put.values(received=row.received))

    return patch.object(outbox, "start_again", start_again)


@_planted("a restored office is not noticed", "office_is_restored", seed=6)
def _no_rollback_check() -> AbstractContextManager[Any]:
    def only_the_epoch(self: StoreBox, epoch: str) -> None:
        who = self._store.identity()
        if who is not None:
            self._store.keep_identity(dc.replace(who, epoch=epoch))

    return patch.object(StoreBox, "start_again", only_the_epoch)


@_planted(
    "a restored office is known by its epoch alone",
    "office_is_restored_unnoticed",
    "office_is_backed_up",
    "syncs",
    seed=27,
)
def _by_its_epoch_alone() -> AbstractContextManager[Any]:
    return patch.object(StoreBox, "is_behind", lambda *_: False)


@_planted(
    "what both hold is not compared",
    "office_is_restored_unnoticed",
    "office_is_backed_up",
    "office_assigns",
    "names_advisers",
    "syncs",
    seed=31,
)
def _not_compared() -> AbstractContextManager[Any]:
    return patch.object(StoreBox, "compared", lambda _: ())


@_planted("cursors before the rows", "syncs", seed=6)
def _cursors_first() -> AbstractContextManager[Any]:
    right = StoreBox.take_page

    def take_page(self: StoreBox, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
        right(self, page, [])
        return right(self, page, rows)

    return patch.object(StoreBox, "take_page", take_page)


@_planted("a pull overwrites what is not sent yet", "goes_on_with_it", "edits", "syncs", seed=188)
def _overwrites_pending() -> AbstractContextManager[Any]:
    right = outbox.take_page

    def take_page(*asked: Any) -> list[RecordId]:
        with patch.object(settling, "_laid_over", lambda office, _: sorted(office)):
            return right(*asked)

    return patch.object(outbox, "take_page", take_page)


@_planted("a file that is no longer given stays", seed=0)
def _no_exit() -> AbstractContextManager[Any]:
    return patch.object(withdrawing, "remove", lambda *_: 0)


@_planted(
    "nobody tells a restored office what it lost",
    "office_is_restored",
    "office_assigns",
    seed=1,
)
def _no_witness() -> AbstractContextManager[Any]:
    return patch.object(witness, "words", lambda *_: iter(()))


@_planted(
    "an office that is restored twice is not told again",
    "office_is_restored_twice",
    "office_is_backed_up",
    "laptop_is_lost",
    "syncs",
    seed=10,
)
def _not_told_again() -> AbstractContextManager[Any]:
    return patch.object(retelling, "keep", lambda *_: None)


@_planted(
    "what is taken off takes along what is only here", "office_withdraws", "leaves_form", seed=10
)
def _purges_unsent() -> AbstractContextManager[Any]:
    return patch.object(withdrawing, "_needed", lambda _: set())


@_planted("much is taken off, and nobody is asked", "office_withdraws", seed=10)
def _no_guard() -> AbstractContextManager[Any]:
    return patch.object(Removals, "ask_first", lambda *_: False)


@_planted("nobody is told what was set aside", "intrudes", seed=9)
def _dropped() -> AbstractContextManager[Any]:
    right = receipts.take

    def take(connection: Connection, given: Sequence[Receipt]) -> Taken:
        quiet = [dc.replace(receipt, verdict=Verdict.APPLIED) for receipt in given]
        return right(connection, quiet)

    return patch.object(receipts, "take", take)


_TAKEN = ("office_withdraws", "leaves_form", "saves_form", "syncs")


@_planted("it is not heeded that a laptop knew what was taken back", *_TAKEN, seed=31)
def _not_heeded() -> AbstractContextManager[Any]:
    return patch.object(holding, "know", lambda *_: None)


@_planted("the office takes other words than were said", "alters_words", seed=9)
def _other_words() -> AbstractContextManager[Any]:
    return patch.object(state.RecordState, "alters", lambda *_: False)


# Faults in what goes from hand to hand, and in what cannot be read

_HANDS = ("writes_stick", "stick_arrives")


@_planted("a stick counts as received", *_HANDS, seed=11)
def _received_by_stick() -> AbstractContextManager[Any]:
    right = sticks._seal

    def seal(store: Store, who: Identity, unsent: Unsent, *where: Any) -> None:
        right(store, who, unsent, *where)
        sealed = update(CHANGE).where(CHANGE.c.content.in_(unsent.changes))
        with store.writing() as connection:
            connection.execute(sealed.values(received=0))

    return patch.object(sticks, "_seal", seal)


@_planted("a stick is sealed for every laptop that the office vouches for", *_HANDS, seed=24)
def _sealed_for_all() -> AbstractContextManager[Any]:
    return patch.object(sticks, "colleagues", lambda connection, _: carrying.cards(connection))


@_planted("a stick may say anything of anybody", *_HANDS, "office_withdraws", seed=43)
def _stick_not_looked_at() -> AbstractContextManager[Any]:
    return patch.object(sticks, "_check", lambda *_: None)


@_planted("what came by hand is taken a second time", *_HANDS, "office_takes_by_hand", seed=34)
def _twice_by_hand() -> AbstractContextManager[Any]:
    return patch.object(placing.Held, "came_by_hand", lambda *_: False)


@_planted("the office is not given what came by hand", *_HANDS, "laptop_is_lost", seed=15)
def _not_given() -> AbstractContextManager[Any]:
    return patch.object(colleagues, "_give", lambda *_: None)


@_planted("nobody is told what became of what came by hand", *_HANDS, seed=3)
def _not_told() -> AbstractContextManager[Any]:
    return patch.object(carried, "receipts", lambda *_: [])


@_planted(
    "bytes that nobody can read are chained as something else",
    "office_cannot_read",
    "edits",
    seed=7,
)
def _chain_of_bytes() -> AbstractContextManager[Any]:
    right = items._as_bytes

    def as_bytes(plain: dict[str, Any]) -> items.Item:
        found = right(plain)
        packed = hashlib.sha256(found.text.encode()).hexdigest()
        return found if found.change else found._replace(hash=packed)

    return patch.object(items, "_as_bytes", as_bytes)


# Faults in what becomes of what was about the wrong child

_MOVES = ("moves", "goes_on_with_it", "office_withdraws", "office_assigns", "syncs")


@_planted("what is moved is removed where it stood, and its words stay there", *_MOVES)
def _words_stay() -> AbstractContextManager[Any]:
    def removed(record: AboutChild, stands: str) -> AboutChild:
        return dc.replace(record, removed=True, moved=stands)

    return patch.object(moving, "_emptied", removed)


@_planted("what is moved goes on as the same record, in both files", *_MOVES)
def _in_both_files() -> AbstractContextManager[Any]:
    return patch.object(moving, "leaves_something", lambda *_: False)


@_planted("of two versions one is moved, and the other goes", *_MOVES)
def _moves_one_of_two() -> AbstractContextManager[Any]:
    return patch.object(signoff, "_DECIDED", ())
