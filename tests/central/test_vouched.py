"""A restored office: whoever comes second to it is let in by what others hold of theirs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, select, update

from hah_central.database.rows import Barred, Change, Grant
from hah_central.database.rows import Witness as Row
from hah_central.journal import witness
from hah_central.journal.access import How, Rights
from hah_central.office import office
from hah_central.people.audit import Deed
from hah_central.proof.verify import verify
from hah_desktop.domain.aside import NOTHING, Reason, reason_of
from hah_desktop.domain.changes import Change as Said
from hah_desktop.domain.changes import Edit
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import ChangeId, LaptopId, RecordId, child_file, visit_file
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.visit import Visit
from hah_desktop.sync.engine import sync
from hah_desktop.sync.wire.hand import write_by_hand
from tests.central.bureau import changes, handed
from tests.central.laptop import good, new_id
from tests.central.syncing import Shipped, Yard, backup, restore, waiting
from tests.sync.laptops import BadLine, Cut


@dataclass
class Shared:
    """Ruth began a visit with Sam, on which she met a child; the office has lost all of it."""

    ruth: Shipped
    sam: Shipped
    visit: str
    child: str
    talk: str

    @property
    def records(self) -> tuple[str, ...]:
        return self.visit, self.child, self.talk


def shared(yard: Yard, *, edits: Collection[str] = ("visit",), says_so: bool = True) -> Shared:
    """The office lost it, and mostly is to say so; Sam had written in some of the records."""
    ruth, sam = yard.laptop("Ruth Amadi"), yard.laptop("Sam Amadi")
    kept = backup(yard.desk.database)
    visit, child, talk = (RecordId(new_id()) for _ in range(3))
    both = frozenset({ruth.name.adviser, sam.name.adviser})
    ruth.store.add(Visit(id=visit, advisers=both, impression="Quiet."))
    ruth.store.add(Child(id=child, known_as="Wren"))
    ruth.store.add(Conversation(id=talk, visit=visit, child=child))
    ruth.synced()
    sam.synced()
    made = Shared(ruth, sam, visit, child, talk)
    wrote = {"visit": "met_by", "child": "known_as", "talk": "where"}
    for name in edits:
        sam.edit(getattr(made, name), **{wrote[name]: "T. Lark"})
    sam.synced()
    restore(yard.desk.database, kept)
    if says_so:
        with yard.desk.database.writing() as connection:
            witness.restored(connection, Deed("The office", yard.desk.clock()))
    return made


@pytest.mark.parametrize("first", ["ruth", "sam"])
@pytest.mark.parametrize(
    "edits", [("visit",), ("child",), ("talk",), ("child", "talk")], ids=" and ".join
)
def test_whoever_of_two_comes_back_first_both_have_what_they_had(
    yard: Yard, first: str, edits: Collection[str]
) -> None:
    lost = shared(yard, edits=edits)
    laptops = [lost.ruth, lost.sam] if first == "ruth" else [lost.sam, lost.ruth]
    for laptop in laptops * 2:
        laptop.synced(allow_removals=True)
    for record in lost.records:
        assert lost.ruth.says(record) == lost.sam.says(record) != {}
    with yard.desk.database.reading() as connection:
        assert Verdict.SET_ASIDE.value not in connection.execute(select(Change.verdict)).scalars()
        assert verify(connection).faults == []
    assert waiting(yard) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(4, 9))
def test_an_author_who_comes_while_a_colleague_is_at_it_has_what_they_had(
    yard: Yard, at: int, *, after: bool
) -> None:
    lost = shared(yard)
    line = BadLine(lost.sam.line, Cut(at, after=after))
    sync(lost.sam.store, line, lambda _: None, lambda: False, agreed=lambda _: True)
    for laptop in [lost.ruth, lost.sam] * 2:
        laptop.synced(allow_removals=True)
    for record in lost.records:
        assert lost.ruth.says(record) == lost.sam.says(record) != {}
    assert set_aside_of(yard, lost.ruth) == set_aside_of(yard, lost.sam) == {False}
    assert waiting(yard) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(3, 9))
def test_an_author_who_comes_between_has_what_they_had_where_nobody_noticed_the_restore(
    yard: Yard, at: int, *, after: bool
) -> None:
    lost = shared(yard, edits=(), says_so=False)
    lost.sam.edit(lost.visit, met_by="T. Lark")
    line = BadLine(lost.sam.line, Cut(at, after=after))
    sync(lost.sam.store, line, lambda _: None, lambda: False, agreed=lambda _: True)
    for laptop in [lost.ruth, lost.sam] * 2:
        laptop.synced(allow_removals=True)
    for record in lost.records:
        assert lost.ruth.says(record) == lost.sam.says(record) != {}
    assert set_aside_of(yard, lost.ruth) == set_aside_of(yard, lost.sam) == {False}
    assert waiting(yard) == []


def set_aside_of(yard: Yard, laptop: Shipped) -> set[bool]:
    """Whether what a laptop sent was set aside."""
    mine = select(Change.verdict).where(Change.laptop == laptop.name.enrolled.laptop)
    with yard.desk.database.reading() as connection:
        found = connection.execute(mine).scalars()
        return {verdict == Verdict.SET_ASIDE.value for verdict in found}


def test_what_is_vouched_for_is_noted_as_being_on_the_laptop_before_it_is_fetched() -> None:
    author, visit = RecordId("author"), visit_file(RecordId("visit"))
    change = Said(
        id=ChangeId("change"),
        laptop=LaptopId("laptop"),
        number=1,
        previous="",
        record=RecordId("visit"),
        kind="visit",
        files=(visit,),
        author=author,
        made_at="2026-11-22T10:00:00+00:00",
        edits={"impression": Edit("Quiet.", ())},
    )
    rights = Rights(author, defaultdict(set), used={visit}, vouched=frozenset({visit}))
    assert rights.refusal(change, None) == NOTHING
    rights.accept(change)
    assert rights.begun() == frozenset()
    assert rights.had() == {visit}
    assert list(rights.given()) == [((author, visit), How.VOUCHED)]


def test_nobody_is_let_in_by_what_somebody_tells_who_does_not_have_it(yard: Yard) -> None:
    """Only who has a file, and could give it, says who wrote in it before."""
    lost = shared(yard, edits=["visit", "child", "talk"])
    tom = yard.laptop("Tom Amadi")
    lost.sam.synced(allow_removals=True)
    with yard.desk.database.writing() as connection:
        connection.execute(update(Row).values(given_by=tom.name.enrolled.laptop))
    lost.ruth.synced(allow_removals=True)
    assert set_aside_of(yard, lost.ruth) == {True}


@pytest.mark.parametrize("taken", ["visit", "child"])
def test_from_whom_something_was_taken_nobody_vouches_for(yard: Yard, taken: str) -> None:
    lost = shared(yard, edits=["visit", "child", "talk"])
    lost.sam.synced(allow_removals=True)
    barred = {"visit": visit_file(lost.visit), "child": child_file(lost.child)}[taken]
    with yard.desk.database.writing() as connection:
        connection.execute(insert(Barred).values(adviser=lost.ruth.name.adviser, file=barred))
    lost.ruth.synced(allow_removals=True)
    with yard.desk.database.reading() as connection:
        asked = select(Grant.file).where(Grant.adviser == lost.ruth.name.adviser)
        assert barred not in connection.execute(asked).scalars().all()
    assert True in set_aside_of(yard, lost.ruth)


def test_nobody_is_let_in_by_what_a_colleague_has_of_theirs_by_hand(yard: Yard) -> None:
    """A stick says what they wrote: nothing of what they were given, or by whom."""
    ada, ben = yard.desk.laptop("Ada Example"), yard.desk.laptop("Ben Example")
    shared = ben.visit(new_id(), advisers=[ada.adviser])
    child = ben.child(new_id(), known_as="Wren")
    ben.push(shared, child)
    talk = ada.conversation(shared.record, child.record)
    stick = handed(ada.key, ada.enrolled.laptop, changes(talk))
    headers = {"Authorization": f"Bearer {ben.token}"}
    good(ben.client.post("/v1/by-hand", content=write_by_hand(stick), headers=headers))
    (receipt,) = ada.push(talk)
    assert reason_of(receipt.problem) is Reason.NOT_GIVEN


def test_nobody_is_let_in_to_a_visit_that_nobody_has_any_more(yard: Yard) -> None:
    """Who told of them there had it then; and something lies in it, so it is new to nobody."""
    lost = shared(yard)
    lost.sam.synced(allow_removals=True)
    with yard.desk.database.writing() as connection:
        file, deed = visit_file(lost.visit), Deed("The office", yard.desk.clock())
        office.withdraw(connection, lost.sam.name.adviser, file, deed)
    lost.ruth.synced(allow_removals=True)
    with yard.desk.database.reading() as connection:
        assert file not in connection.execute(select(Grant.file)).scalars().all()
    assert True in set_aside_of(yard, lost.ruth)


def test_an_author_is_let_in_by_who_has_it_also_where_somebody_else_told_first(yard: Yard) -> None:
    """The first to come had read it, and nobody said so far that they may."""
    ruth, sam, noor = (yard.laptop(f"{name} Amadi") for name in ("Ruth", "Sam", "Noor"))
    kept = backup(yard.desk.database)
    visit = RecordId(new_id())
    team = frozenset(each.name.adviser for each in (ruth, sam, noor))
    ruth.store.add(Visit(id=visit, advisers=team, impression="Quiet."))
    for each in (ruth, sam, noor):
        each.synced()
    sam.edit(visit, met_by="T. Lark")
    for each in (sam, noor):
        each.synced()
    restore(yard.desk.database, kept)
    with yard.desk.database.writing() as connection:
        witness.restored(connection, Deed("The office", yard.desk.clock()))
    for each in (noor, sam, ruth):
        each.synced(allow_removals=True)
    assert set_aside_of(yard, ruth) == {False}
    assert waiting(yard) == []
