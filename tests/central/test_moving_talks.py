"""A conversation and a letter that were with the wrong child, moved by one of two laptops."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import Change
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.domain.moving import AboutChild, Move, back, move
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.child import (
    Child,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.sharing import permissions_of
from hah_desktop.store.journal import reading
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem, verdicts
from tests.central.syncing import Shipped, Yard
from tests.central.test_blobs import CONTENT, SHA, SIZE, get, letter, send, visit_of
from tests.central.test_moving import given, save, words_of
from tests.store.sound import faults

R = TypeVar("R", bound=Record)
WORDS = "Nobody comes when I ring"
ANSWER = "Tell the manager, but not who said it"


@dc.dataclass
class Met:
    """A conversation with Ben that was with Kai, who was met on the visit as well."""

    talk: Conversation
    said: Statement
    allowed: Permission
    ben: str
    kai: str

    def all(self) -> list[AboutChild]:
        """The conversation, and what hangs on it."""
        return [self.talk, self.said, self.allowed]


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Let no test keep a file at home."""


@pytest.fixture
def ada(yard: Yard) -> Shipped:
    return yard.laptop("Ada Example")


@pytest.fixture
def eve(yard: Yard) -> Shipped:
    return yard.laptop("Eve Example")


@pytest.fixture
def met(ada: Shipped, eve: Shipped) -> Met:
    """The office has it, and so has Eve, who is on the visit."""
    new = ada.store.new_id
    visit = Visit(id=new(), advisers=frozenset({str(eve.name.adviser)}))
    ben, kai = (Child(id=new(), known_as=name) for name in ("Ben", "Kai"))
    talk = Conversation(id=new(), visit=visit.id, child=ben.id, agreed_next="Ring on Monday")
    said = Statement(id=new(), visit=visit.id, child=ben.id, type="own_words", text=WORDS)
    said = dc.replace(said, conversation=talk.id)
    key = RecordId(permission_id(said.id, "place"))
    allowed = Permission(id=key, visit=visit.id, child=ben.id, item=said.id, reader="place")
    allowed = dc.replace(allowed, answer="ANON", reason=ANSWER)
    other = Conversation(id=new(), visit=visit.id, child=kai.id)
    ada.store.add(visit, ben, kai, talk, other, said, allowed)
    ada.synced()
    eve.synced()
    return Met(talk, said, allowed, ben.id, kai.id)


def moved(laptop: Shipped, met: Met, *, answered: bool = False) -> Move:
    done = move(met.all(), met.kai, laptop.store.new_id, answered=answered)
    save(laptop, *done.saved)
    return done


def shown(laptop: Shipped, kind: type[R]) -> dict[str, R]:
    with laptop.store.reading() as connection:
        held = reading.of_kind(connection, kind.kind)
    return {str(one.record.id): one.record for one in held if isinstance(one.record, kind)}


def settled(*laptops: Shipped) -> None:
    for laptop in (*laptops, *laptops):
        assert laptop.synced().run.agrees
    for laptop in laptops:
        assert faults(laptop.store) == []
        assert laptop.unsent() == 0


@pytest.mark.parametrize("answered", [True, False])
def test_all_of_it_stands_with_the_right_child_on_both_laptops_and_none_with_the_wrong_one(
    desk: Desk, yard: Yard, ada: Shipped, eve: Shipped, met: Met, *, answered: bool
) -> None:
    done = moved(ada, met, answered=answered)
    settled(ada, eve)
    for laptop in (ada, eve):
        (said,) = shown(laptop, Statement).values()
        assert said == dc.replace(
            met.said,
            id=said.id,
            child=met.kai,
            conversation=str(done.stands[0].id),
            moved=met.said.id,
        )
        assert met.talk.id not in shown(laptop, Conversation)
        allowed = permissions_of(shown(laptop, Permission).values())
        assert set(allowed) == ({(said.id, "place")} if answered else set())
    bens, kais = yard.laptop("Zoe Example"), yard.laptop("Max Example")
    given(desk, bens, met.ben)
    given(desk, kais, met.kai)
    settled(bens, kais)
    for words in (WORDS, ANSWER, "Ring on Monday"):
        assert words not in words_of(bens)
    assert shown(bens, Conversation) == {}
    assert shown(bens, Statement) == {}
    assert shown(kais, Statement).keys() == shown(ada, Statement).keys()
    assert (ANSWER in words_of(kais)) == answered


def test_a_move_that_is_undone_after_a_sync_stands_as_before_everywhere(
    desk: Desk, yard: Yard, ada: Shipped, eve: Shipped, met: Met
) -> None:
    done = moved(ada, met, answered=True)
    settled(ada, eve)
    save(ada, *back(done, ada.store.new_id).saved)
    settled(ada, eve)
    for laptop in (ada, eve):
        assert shown(laptop, Statement) == {met.said.id: met.said}
        assert met.talk.id in shown(laptop, Conversation)
        assert shown(laptop, Permission) == {met.allowed.id: met.allowed}
    kais = yard.laptop("Max Example")
    given(desk, kais, met.kai)
    settled(kais)
    assert WORDS not in words_of(kais)


def test_what_a_colleague_edits_and_adds_unseen_is_not_lost(
    ada: Shipped, eve: Shipped, met: Met
) -> None:
    done = moved(ada, met, answered=True)
    eve.edit(met.talk.id, agreed_next="Ring on Tuesday")
    eve.edit(met.allowed.id, answer="NO")
    more = dc.replace(met.said, id=eve.store.new_id(), text="And the light is broken")
    eve.store.add(more)
    settled(ada, eve)
    for laptop in (ada, eve):
        # What was edited waits for a person; what was added is shown where the rest stands now.
        assert set(laptop.held(met.talk.id).open) == {"agreed_next", "removed"}
        assert set(laptop.held(met.allowed.id).open) == {"answer", "removed"}
        with laptop.store.reading() as connection:
            assert reading.undecided_count(connection) == 2
            to = reading.moved_on(connection, met.talk.visit)
        assert to[str(met.talk.id)] == done.stands[0].id
        assert shown(laptop, Statement)[more.id] == more


def test_two_who_move_it_at_once_leave_nothing_with_the_wrong_child(
    desk: Desk, yard: Yard, ada: Shipped, eve: Shipped, met: Met
) -> None:
    moved(ada, met)
    moved(eve, met)
    settled(ada, eve)
    for laptop in (ada, eve):
        texts = [one.text for one in shown(laptop, Statement).values()]
        assert texts == [WORDS, WORDS]
        with laptop.store.reading() as connection:
            assert reading.undecided_count(connection) == 0
    bens = yard.laptop("Zoe Example")
    given(desk, bens, met.ben)
    settled(bens)
    assert WORDS not in words_of(bens)


# Words may go only where they stand


def pushed(
    laptop: Laptop, record: str, visit: str, fields: Mapping[str, Json], replaces: Sequence[Change]
) -> Change:
    ids = [change.id for change in replaces]
    return laptop.change(record, "statement", [visit_file(visit)], fields, ids)


@pytest.mark.parametrize("stands", [WORDS, "Somebody comes when I ring", None])
@pytest.mark.parametrize("together", [True, False])
def test_the_office_lets_words_go_only_where_they_stand_in_the_record_that_is_named(
    desk: Desk, stands: Json, *, together: bool
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit, one, other = visit_of(ruth), new_id(), new_id()
    said = pushed(ruth, one, visit, {"text": WORDS}, ())
    there = pushed(ruth, other, visit, {"text": stands, "moved": one}, ())
    gone = pushed(ruth, one, visit, {"text": None, "removed": True, "moved": other}, [said])
    if together:
        *_, receipt = ruth.push(said, there, gone)
    else:
        ruth.push(said)
        ruth.push(there)
        (receipt,) = ruth.push(gone)
    expected = Verdict.APPLIED if stands == WORDS else Verdict.SET_ASIDE
    assert receipt.verdict is expected
    assert receipt.problem == ("" if stands == WORDS else Reason.OTHER_WORDS.why)


@pytest.mark.parametrize("names", ["nothing", "itself", "unknown", "another kind", "not seen"])
def test_words_go_nowhere_else(desk: Desk, names: str) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Brook")
    visit, one, other, hidden = visit_of(ruth), new_id(), new_id(), new_id()
    said = pushed(ruth, one, visit, {"text": WORDS}, ())
    note = ruth.change(other, "addendum", [visit_file(visit)], {"text": WORDS})
    ruth.push(said, note)
    sam.push(pushed(sam, hidden, visit_of(sam), {"text": WORDS}, ()))
    to = {"nothing": None, "itself": one, "unknown": new_id(), "another kind": other}
    fields = {"text": None, "removed": True, "moved": to.get(names, hidden)}
    assert verdicts(ruth.push(pushed(ruth, one, visit, fields, [said]))) == [Verdict.SET_ASIDE]


# A letter


def changes_of(laptop: Laptop, visit: str, record: str, to: str) -> list[Change]:
    """A letter of this visit written anew as another record, and the one that it was emptied."""
    laptop.pull_all()
    said: dict[str, Json] = {"visit": visit, "hash": SHA, "size": SIZE, "content": "0" * 32}
    seen = {head for name in said for head in laptop.heads[record, name]}
    left: dict[str, Json] = dict.fromkeys(("hash", "size", "content"))
    left |= {"removed": True, "moved": to}
    return [
        laptop.change(to, "attachment", [visit_file(visit)], {**said, "moved": record}),
        laptop.change(record, "attachment", [visit_file(visit)], left, seen),
    ]


def test_a_letter_that_was_moved_is_given_without_being_sent_again(desk: Desk) -> None:
    ruth, sam, eve = (desk.laptop(name) for name in ("Ruth Aldous", "Sam Birch", "Eve Carrow"))
    visit = visit_of(ruth, sam)
    record = letter(ruth, visit)
    send(ruth)
    once, twice = new_id(), new_id()
    # Whoever moves it need not have its content.
    assert set(verdicts(sam.push(*changes_of(sam, visit, record, once)))) == {Verdict.APPLIED}
    assert good(get(ruth)).content == CONTENT
    assert set(verdicts(ruth.push(*changes_of(ruth, visit, once, twice)))) == {Verdict.APPLIED}
    assert good(get(sam)).content == CONTENT
    problem(get(eve), 404, "no-attachment")


def test_nobody_is_given_a_letter_by_saying_that_it_was_moved_to_them(desk: Desk) -> None:
    ruth, eve = desk.laptop("Ruth Aldous"), desk.laptop("Eve Carrow")
    visit = visit_of(ruth)
    record = letter(ruth, visit)
    send(ruth)
    hers = visit_of(eve)
    named: dict[str, Json] = {"visit": hers, "hash": SHA, "size": SIZE, "content": "0" * 32}
    named["moved"] = record
    mine = new_id()
    eve.push(eve.change(mine, "attachment", [visit_file(hers)], named))
    gone: dict[str, Json] = {"removed": True, "moved": mine}
    forged = eve.change(record, "attachment", [visit_file(hers)], gone)
    assert verdicts(eve.push(forged)) == [Verdict.SET_ASIDE]
    problem(get(eve), 404, "no-attachment")


def test_a_ring_of_letters_that_name_each_other_opens_nothing(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    record = letter(ruth, visit)
    send(ruth)
    other = new_id()
    first, gone = changes_of(ruth, visit, record, other)
    left: dict[str, Json] = {"hash": None, "removed": True, "moved": record}
    last = ruth.change(other, "attachment", [visit_file(visit)], left, [first.id])
    ruth.push(first, gone, last)
    problem(get(ruth), 404, "no-attachment")
