"""An office that was restored gets back what it lost, and is told what only others hold of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

from hah_desktop.domain.exchange import Witness
from hah_desktop.domain.ids import ChangeId
from hah_desktop.store.exchange import witness
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.store.tables.rows import CHANGE, LOST_CHANGE, SEARCH
from hah_desktop.sync.errors import Differs, ManyRemovals, Refused, Unreachable, unreachable
from hah_desktop.sync.steps import exchange
from tests.store.sound import faults
from tests.sync.forgetting import (
    ALL_THAT_WAS_LOST,
    KEPT,
    LOST,
    forgets,
    forgets_the_last_edit,
    lost,
    pair,
    said_again,
)
from tests.sync.laptops import BadBox, BadLine, Cut, Laptop, Laptops
from tests.sync.losing import Losing
from tests.sync.office import Line, MemoryOffice


@pytest.mark.parametrize("says_so", [True, False], ids=["a new epoch", "the epoch forgotten"])
def test_what_only_others_hold_is_told_and_leaves_the_heads(
    laptops: Laptops, *, says_so: bool
) -> None:
    office, _, holder = lost(laptops)
    if says_so:
        office.restore(office.journal)
    holder.sync()
    assert said_again(office) == ALL_THAT_WAS_LOST
    assert holder.shown() == {KEPT: ({"met_by": "the manager", "children_present": 3}, {})}
    assert faults(holder.store) == []
    assert holder.sync().received == 0


def test_words_that_replaced_this_laptops_own_are_told_though_its_own_are_sent_again(
    laptops: Laptops,
) -> None:
    office, author, holder = pair(laptops)
    backup = office.backup()
    holder.edit(KEPT, met_by="the manager")
    holder.sync()
    author.sync()
    author.edit(KEPT, met_by="the deputy")
    author.sync()
    holder.sync()
    office.restore(backup)
    holder.sync()
    assert said_again(office) == {KEPT: {"met_by": "the deputy"}}
    assert holder.shown() == {KEPT: ({"met_by": "the manager"}, {})}
    assert faults(holder.store) == []


def gone_on(laptops: Laptops) -> tuple[MemoryOffice, Laptop, Laptop]:
    """An office that went back unnoticed; a holder of what it lost, and somebody who goes on."""
    office = MemoryOffice()
    author, holder, third = (laptops.make(office, name) for name in ("one", "two", "three"))
    forgets_the_last_edit(office, KEPT, author, holder, [holder, third])
    return office, holder, third


def test_words_are_told_though_the_office_went_on_without_them_before_anybody_noticed(
    laptops: Laptops,
) -> None:
    office, holder, third = gone_on(laptops)
    third.edit(KEPT, met_by="the cook")
    third.sync()
    for _ in range(2):
        holder.sync()
    assert said_again(office) == {KEPT: {"met_by": "the deputy"}}
    assert holder.shown() == third.shown() == {KEPT: ({"met_by": "the cook"}, {})}
    assert holder.sync().received == 0


def test_words_are_told_though_only_a_receipt_leaves_them_out(laptops: Laptops) -> None:
    office, holder, third = gone_on(laptops)
    before = third.held(KEPT)
    holder.save(before, met_by="the cook")
    for name in ("impression", "source"):
        third.edit(f"{KEPT}-{name}", met_by="nobody")
    third.sync()
    for _ in range(3):
        holder.sync()
    assert said_again(office) == {KEPT: {"met_by": "the deputy"}}
    assert holder.shown()[KEPT] == ({"met_by": "the cook"}, {})


def test_nothing_of_it_is_applied_until_the_author_comes_back(laptops: Laptops) -> None:
    office, author, holder = lost(laptops)
    office.restore(office.journal)
    holder.sync()
    assert LOST not in office.journal.records
    author.sync()
    holder.sync()
    bodies = {record: body for record, (body, _) in holder.shown().items()}
    assert bodies == {
        KEPT: {"met_by": "the deputy", "impression": "Loud", "children_present": 3},
        LOST: {"met_by": "nobody"},
    }
    assert author.shown() == holder.shown()


def test_an_author_who_came_back_first_leaves_nothing_to_tell(laptops: Laptops) -> None:
    office, author, holder = lost(laptops)
    before = holder.shown()
    office.restore(office.journal)
    author.sync()
    holder.sync()
    assert office.witnessed == {}
    assert holder.shown() == before


def test_an_author_who_comes_back_in_between_is_heard(laptops: Laptops) -> None:
    office, author, holder = lost(laptops)
    before = holder.shown()
    office.restore(office.journal)

    class _Between(Line):
        def witness(self, items: Sequence[object]) -> int:
            author.sync()
            return len(items)

    holder.sync(_Between(office, holder.name))
    assert holder.shown() == before
    with holder.store.reading() as connection:
        assert not connection.execute(select(LOST_CHANGE.c.id)).all()


def test_an_office_that_is_only_behind_the_cursors_is_noticed_in_the_same_sync(
    laptops: Laptops,
) -> None:
    office, author, holder = pair(laptops)
    holder.edit(KEPT, impression="Quiet")
    holder.sync()
    with forgets(office):
        author.edit(KEPT, met_by="the manager")
        author.sync()
        holder.sync()
    holder.sync()
    assert said_again(office) == {KEPT: {"met_by": "the manager"}}
    assert holder.shown() == {KEPT: ({"impression": "Quiet"}, {})}


def test_an_office_that_went_on_after_it_was_restored_is_noticed_by_what_it_holds(
    laptops: Laptops,
) -> None:
    office, author, holder = pair(laptops)
    author.edit(KEPT, met_by="the manager")
    author.sync()
    with forgets(office):
        author.edit(LOST, met_by="nobody")
        author.sync()
        holder.sync()
    third = laptops.make(office, "laptop-three")
    for number in range(3):
        third.edit(f"visit-{number}", met_by="somebody")
    third.sync()
    holder.sync()
    assert holder.line.differs
    assert said_again(office) == {LOST: {"met_by": "nobody"}}
    assert holder.shown().keys() == {KEPT, "visit-0", "visit-1", "visit-2"}


def test_all_that_such_an_office_lost_is_told_at_once_though_it_also_replaced_some(
    laptops: Laptops,
) -> None:
    office, author, holder = pair(laptops)
    author.edit(KEPT, met_by="the manager")
    author.sync()
    with forgets(office):
        author.edit(KEPT, met_by="the deputy")
        author.edit(LOST, met_by="nobody")
        author.sync()
        holder.sync()
    third = laptops.make(office, "laptop-three")
    third.sync()
    third.edit(KEPT, met_by="somebody")
    third.edit("visit-0", met_by="somebody")
    third.sync()
    holder.sync()
    assert said_again(office) == {KEPT: {"met_by": "the deputy"}, LOST: {"met_by": "nobody"}}
    assert holder.shown() == third.shown()


def test_a_record_with_a_change_that_is_only_here_stays(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    line = Line(office, holder.name)
    pulled = line.pull

    def while_somebody_writes(*asked: object, **how: object) -> object:
        if not holder.unsent():
            holder.edit(LOST, impression="Quiet")
        return pulled(*asked, **how)  # type: ignore[arg-type]  # as they were asked

    line.pull = while_somebody_writes  # type: ignore[method-assign,assignment]  # at that moment
    holder.sync(line)
    assert holder.shown()[LOST] == ({"impression": "Quiet"}, {})
    holder.sync()
    assert holder.shown()[LOST] == ({"impression": "Quiet"}, {})


def test_a_record_in_which_somebody_is_writing_stays_with_what_was_typed(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    typed = {"impression": "Quiet"}
    with holder.store.writing() as connection:
        drafts.keep(connection, drafts.Draft(LOST, "visit", LOST, typed, holder.held(LOST).seen))
    holder.sync()
    with holder.store.reading() as connection:
        (draft,) = drafts.of_visit(connection, LOST)
    assert draft.body == typed
    assert LOST in holder.shown()
    assert faults(holder.store) == []
    holder.sync()


def test_a_record_about_which_somebody_is_deciding_stays_with_what_was_begun(
    laptops: Laptops,
) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    begun = drafts.Draft(f"{drafts.DECISION}{LOST}", "decision", "", {}, holder.held(LOST).seen)
    with holder.store.writing() as connection:
        drafts.keep(connection, begun)
    holder.sync()
    assert LOST in holder.shown()
    with holder.store.reading() as connection:
        assert drafts.get(connection, begun.record) == begun
    with holder.store.writing() as connection:
        drafts.discard(connection, begun.record)
    holder.sync()


def test_what_leads_to_what_is_being_typed_stays_too(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    with holder.store.writing() as connection:
        draft = drafts.Draft("new", "permission", "", {"item": LOST}, NOTHING)
        drafts.keep(connection, draft)
    holder.sync()
    assert LOST in holder.shown()


def test_what_leaves_is_not_found_by_its_words_either(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    holder.sync()
    with holder.store.reading() as connection:
        found = connection.execute(
            select(SEARCH.c.rowid).where(SEARCH.c.search.op("MATCH")("nobody"))
        )
        assert found.all() == []
        assert not connection.execute(select(CHANGE.c.id).where(CHANGE.c.record == LOST)).all()


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_cut_anywhere_it_is_made_good_by_the_next_sync(laptops: Laptops, *, after: bool) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    counting = Cut(0, after=False)
    holder.sync(BadLine(holder.line, counting), BadBox(holder.box, counting))
    shown = holder.shown()
    for at in range(1, counting.calls + 1):
        office, _, holder = lost(laptops)
        office.restore(office.journal)
        cut = Cut(at, after=after)
        with pytest.raises(Unreachable):
            holder.sync(BadLine(holder.line, cut), BadBox(holder.box, cut))
        holder.sync()
        assert said_again(office) == ALL_THAT_WAS_LOST, f"cut at call {at}"
        assert holder.shown() == shown, f"cut at call {at}"


class _Older(Line):
    """An office of a version that cannot be told."""

    def unknown(self, changes: Sequence[ChangeId]) -> NoReturn:
        assert changes
        raise Refused("urn:hah:unknown-path", "There is nothing at this address.", status=404)


class _Busy(Line):
    """Has no time to be told."""

    def unknown(self, changes: Sequence[ChangeId]) -> NoReturn:
        assert changes
        raise Refused("urn:hah:busy", "The office is busy.", status=503)


def test_an_older_office_that_cannot_be_told_takes_nothing_away(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    with pytest.raises(Differs):
        holder.sync(_Older(office, holder.name))
    assert holder.shown()[LOST] == ({"met_by": "nobody"}, {})
    with holder.store.reading() as connection:
        assert witness.is_due(connection)


def test_an_office_without_time_is_told_by_the_next_sync(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    with pytest.raises(Refused):
        holder.sync(_Busy(office, holder.name))
    holder.sync()
    assert said_again(office) == ALL_THAT_WAS_LOST


def test_what_was_told_and_stayed_is_told_again_to_an_office_that_forgot_it(
    laptops: Laptops,
) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)

    class _CutOff(Line):
        def witness(self, items: Sequence[Witness]) -> int:
            told = super().witness(items)
            self.pull = unreachable_now  # type: ignore[method-assign]  # from now on
            return told

    def unreachable_now(*_: object, **__: object) -> NoReturn:
        raise unreachable()

    with pytest.raises(Unreachable):
        holder.sync(_CutOff(office, holder.name))
    assert said_again(office) == ALL_THAT_WAS_LOST
    office.witnessed.clear()  # An older backup, and nobody says so.
    holder.sync()
    assert said_again(office) == ALL_THAT_WAS_LOST
    assert LOST not in holder.shown()


def test_much_is_told_in_parts(laptops: Laptops, monkeypatch: pytest.MonkeyPatch) -> None:
    office, _, holder = lost(laptops)
    office.restore(office.journal)
    monkeypatch.setattr(witness, "_MOST_BYTES", 1)
    monkeypatch.setattr(witness, "_AT_ONCE", 1)
    told: list[int] = []

    class _Counting(Line):
        def witness(self, items: Sequence[object]) -> int:
            told.append(len(items))
            return super().witness(items)  # type: ignore[arg-type]  # as they come

    holder.sync(_Counting(office, holder.name))
    assert told == [1, 1]
    assert said_again(office) == ALL_THAT_WAS_LOST


def test_before_much_leaves_a_person_is_asked(laptops: Laptops) -> None:
    office = MemoryOffice(page=1000)
    author, holder = laptops.make(office), laptops.make(office, "laptop-two")
    author.edit(KEPT, met_by="the manager")
    author.sync()
    backup = office.backup()
    for number in range(6):
        author.edit(f"visit-{number}", met_by="nobody")
    author.sync()
    holder.sync()
    office.restore(backup)
    before = holder.shown()
    for _ in range(2):
        with pytest.raises(ManyRemovals, match="6 records"):
            holder.sync()
        assert holder.shown() == before
    assert len(office.witnessed) == 6
    exchange(holder.line, holder.box, lambda _: None, lambda: False, agreed=lambda _: True)
    assert holder.shown().keys() == {KEPT}


def test_a_copy_from_before_a_restore_that_nobody_told_learns_where_its_changes_stand_now(
    laptops: Laptops, tmp_path: Path
) -> None:
    office, laptop, other = pair(laptops)
    losing = Losing(laptop, tmp_path, laptops)
    laptop.edit("visit-0", purpose="To meet them")
    laptop.sync()
    other.sync()
    with forgets(office):
        laptop.edit("visit-0", met_by="the cook")
        laptop.sync()
        losing.snapshot()
    # What stood there in the journal is another’s now, and the laptop’s own comes behind.
    other.edit("visit-1", met_by="nobody")
    other.edit("visit-0", met_by="the deputy")
    other.sync()
    laptop.sync()
    losing.lose()
    for each in (losing.laptop, other, losing.laptop):
        each.sync()
    assert losing.laptop.shown()["visit-0"][1] != {}
    assert losing.laptop.shown() == other.shown()
