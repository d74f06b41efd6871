"""What was about the wrong child: whoever has that child's file reads nothing of it any more."""

import pytest

from hah_central.office import office
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.ids import RecordId, child_file
from hah_desktop.domain.moving import Move, back, move
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Permission
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.tables.rows import CHANGE
from tests.central.conftest import Desk
from tests.central.syncing import Shipped, Yard
from tests.store.sound import faults

WORDS = "Nobody answers the bell at night"


def given(desk: Desk, to: Shipped, child: str) -> None:
    with desk.database.writing() as connection:
        office.assign(connection, to.name.adviser, child_file(child), desk.clock())


def met(ada: Shipped) -> tuple[Concern, str, str]:
    """A concern about Ben, who was met on the same visit as Kai; the office has all of it."""
    new_id = ada.store.new_id
    visit = new_id()
    ben, kai = (Child(id=new_id(), known_as=name) for name in ("Ben", "Kai"))
    record = Concern(id=new_id(), visit=visit, child=ben.id, about=WORDS, level="S3")
    talks = (Conversation(id=new_id(), visit=visit, child=child.id) for child in (ben, kai))
    ada.store.add(Visit(id=visit), ben, kai, *talks, record)
    ada.synced()
    return record, ben.id, kai.id


def save(laptop: Shipped, *records: Record) -> None:
    with laptop.store.reading() as connection:
        seen = reading.seen(connection, [one.id for one in records])
    laptop.store.save_all([Edited(one, seen.get(one.id, NOTHING)) for one in records])


def moved(laptop: Shipped, record: Concern, child: str) -> Move:
    done = move([record], child, laptop.store.new_id)
    save(laptop, *done.saved)
    return done


def shows(laptop: Shipped) -> list[str]:
    with laptop.store.reading() as connection:
        return [str(one.record.id) for one in reading.of_kind(connection, Concern.kind)]


def words_of(laptop: Shipped) -> str:
    """Everything that came to a laptop, also of what it does not show."""
    with laptop.store.reading() as connection:
        return "\n".join(str(row.content) for row in connection.execute(CHANGE.select()))


@pytest.fixture
def ada(yard: Yard) -> Shipped:
    return yard.laptop("Ada Example")


def test_whoever_has_the_file_of_the_wrong_child_finds_it_there_no_more(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    eve = yard.laptop("Eve Example")
    given(desk, eve, wrong)
    eve.synced()
    assert shows(eve) == [record.id]
    moved(ada, record, kai)
    ada.synced()
    assert eve.synced().run.agrees
    assert shows(eve) == []
    assert faults(eve.store) == faults(ada.store) == []


@pytest.mark.parametrize("is_kai", [True, False])
def test_whoever_is_given_that_file_later_gets_none_of_its_words(
    desk: Desk, yard: Yard, ada: Shipped, *, is_kai: bool
) -> None:
    record, wrong, kai = met(ada)
    done = moved(ada, record, kai if is_kai else "")
    ada.synced()
    eve, zoe = yard.laptop("Eve Example"), yard.laptop("Zoe Example")
    given(desk, eve, wrong)
    given(desk, zoe, kai)
    assert eve.synced().run.agrees
    assert zoe.synced().run.agrees
    assert WORDS not in words_of(eve)
    assert shows(zoe) == ([done.stands[0].id] if is_kai else [])
    assert (WORDS in words_of(zoe)) == is_kai


def test_a_move_that_is_undone_before_or_after_a_sync_stands_as_before_everywhere(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    eve, zoe = yard.laptop("Eve Example"), yard.laptop("Zoe Example")
    given(desk, eve, wrong)
    for is_sent in (False, True):
        done = moved(ada, record, kai)
        if is_sent:
            ada.synced()
        save(ada, *back(done, ada.store.new_id).saved)
        ada.synced()
        assert shows(ada) == [record.id]
        assert eve.synced().run.agrees
        assert shows(eve) == [record.id]
        assert eve.says(record.id)["about"] == WORDS
    given(desk, zoe, kai)
    assert zoe.synced().run.agrees
    assert WORDS not in words_of(zoe)


def test_a_colleague_who_went_on_with_it_unseen_is_asked(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    eve = yard.laptop("Eve Example")
    given(desk, eve, wrong)
    eve.synced()
    moved(ada, record, kai)
    eve.edit(record.id, about="And not by day")
    for laptop in (ada, eve, ada):
        assert laptop.synced().run.agrees
    for laptop in (ada, eve):
        assert set(laptop.held(record.id).open) == {"about", "removed"}


def test_what_two_people_wrote_is_not_moved_before_somebody_has_decided(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    eve = yard.laptop("Eve Example")
    given(desk, eve, wrong)
    eve.synced()
    ada.edit(record.id, about="And not by day", status="open")
    eve.edit(record.id, about="And not on Sundays", status="closed")
    for laptop in (ada, eve, ada):
        laptop.synced()
    held = ada.held(record.id)
    assert held.open.keys() == {"about"}
    assert isinstance(held.record, Concern)
    with pytest.raises(NotAllowed, match="two versions"):
        moved(ada, held.record, kai)
    assert ada.held(record.id) == held
    ada.edit(record.id, about="Nor by day, nor on Sundays")
    decided = ada.held(record.id).record
    assert isinstance(decided, Concern)
    (stands,) = moved(ada, decided, kai).stands
    assert isinstance(stands, Concern)
    assert stands.about == "Nor by day, nor on Sundays"
    assert shows(ada) != [record.id]


def test_two_who_move_it_at_once_to_different_children_leave_nothing_with_the_first(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    eve = yard.laptop("Eve Example")
    for child in (wrong, kai):
        given(desk, eve, child)
    eve.synced()
    first, second = moved(ada, record, kai), moved(eve, record, kai)
    for laptop in (ada, eve, ada):
        assert laptop.synced().run.agrees
    for laptop in (ada, eve):
        assert shows(laptop) == sorted([first.stands[0].id, second.stands[0].id])
        with laptop.store.reading() as connection:
            assert reading.undecided_count(connection) == 0


def test_the_answers_about_it_do_not_stay_with_the_wrong_child(
    desk: Desk, yard: Yard, ada: Shipped
) -> None:
    record, wrong, kai = met(ada)
    said = Permission(
        id=ada.store.new_id(),
        visit=record.visit,
        child=wrong,
        item=record.id,
        answer="yes",
        reason=WORDS,
    )
    ada.store.add(said)
    save(ada, *move([record, said], kai, ada.store.new_id).saved)
    ada.synced()
    eve = yard.laptop("Eve Example")
    given(desk, eve, wrong)
    assert eve.synced().run.agrees
    assert WORDS not in words_of(eve)
    assert RecordId(said.id) not in shows(eve)
