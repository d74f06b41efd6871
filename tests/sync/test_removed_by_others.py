"""What colleagues removed: a sync that would hide much here stops and asks, however it comes."""

import dataclasses as dc

import pytest

from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.domain.moving import move
from hah_desktop.domain.records.child import Concern
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.domain.removals import Hidden
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.errors import ManyRemovals, Unreachable
from tests.sync.laptops import BadBox, Cut, Laptop, Laptops
from tests.sync.office import MemoryOffice

VISIT = RecordId("visit")
FILE = FileId("visit:visit")
ADA = RecordId("of-ada")


class Two:
    """Ada and Ben on one visit, on which Ada has written areas; both hold them all."""

    def __init__(self, laptops: Laptops, office: MemoryOffice, areas: int = 12) -> None:
        self.office = office
        self.ada = laptops.make(office, "ada")
        self.ben = laptops.make(office, "ben")
        self.areas = [RecordId(f"area-{number:02}") for number in range(areas)]
        visit = Visit(id=VISIT, met_by="the manager")
        self.ada.store.add(visit, *(Area(id=id_, visit=VISIT, seen="Tidy") for id_ in self.areas))
        self.ada.sync()
        self.ben.sync()

    def removes(self, who: Laptop, *records: RecordId) -> None:
        """Somebody removes areas and syncs."""
        helds = [who.held(record) for record in records]
        who.store.save(*(Edited(dc.replace(h.record, removed=True), h.seen) for h in helds))
        who.sync()

    def shown(self) -> set[str]:
        """Which areas Ben is shown."""
        return {area for area in self.areas if isinstance(self.ben.held(area).record, Area)}


@pytest.fixture(params=[1000, 1, 7], ids=["one page", "pages of one", "pages of seven"])
def two(request: pytest.FixtureRequest, laptops: Laptops) -> Two:
    return Two(laptops, MemoryOffice(page=request.param))


def asked(two: Two) -> ManyRemovals:
    with pytest.raises(ManyRemovals) as stopped:
        two.ben.sync()
    return stopped.value


def test_much_that_a_colleague_removed_is_asked_about_before_it_goes(two: Two) -> None:
    two.removes(two.ada, *two.areas)
    question = asked(two)
    assert "Others have removed" in question.what
    assert question.removals.by_others.keys() == {Hidden(FILE, ADA)}
    assert len(two.shown()) >= len(two.areas) - 5
    left = two.shown()
    for _ in range(3):
        asked(two)
    assert two.shown() == left
    two.ben.sync(allow_removals=True)
    assert two.shown() == set()


def test_a_page_with_too_many_is_not_taken_at_all(laptops: Laptops) -> None:
    two = Two(laptops, MemoryOffice(page=1000), areas=60)
    two.ada.edit(VISIT, impression="Calm")
    two.removes(two.ada, *two.areas)
    before = two.ben.everything()
    question = asked(two)
    assert two.ben.everything() == before
    assert (question.removals.records, question.removals.hidden) == (60, 60)
    assert question.removals.by_others == {Hidden(FILE, ADA): 60}


def test_a_few_go_unasked_and_are_forgotten_once_the_sync_has_ended(two: Two) -> None:
    for start in (0, 5):
        two.removes(two.ada, *two.areas[start : start + 5])
        two.ben.sync()
    assert two.shown() == set(two.areas[10:])


def test_whoever_agreed_is_not_asked_again_about_the_same(two: Two) -> None:
    two.removes(two.ada, *two.areas)
    shown = asked(two).removals

    def answered() -> Synced:
        return sync(two.ben.store, two.ben.line, lambda _: None, lambda: False, agreed=shown.covers)

    assert answered().problem is None
    assert two.shown() == set()
    assert answered().problem is None
    two.ben.sync()


def test_who_said_no_still_sends_and_is_asked_again(two: Two) -> None:
    two.removes(two.ada, *two.areas)
    asked(two)
    two.ben.edit(VISIT, impression="Loud")
    asked(two)
    assert two.ben.unsent() == 0
    two.ada.sync()
    assert two.ada.shown()[VISIT][0]["impression"] == "Loud"
    two.ben.sync(allow_removals=True)
    assert two.shown() == set()


def test_what_one_removed_oneself_never_counts(two: Two) -> None:
    two.removes(two.ben, *two.areas)
    two.ada.sync(allow_removals=True)
    two.ben.sync()
    assert two.shown() == set()


def test_what_was_never_shown_here_does_not_count(laptops: Laptops) -> None:
    two = Two(laptops, MemoryOffice(page=1000))
    two.removes(two.ada, *two.areas)
    newcomer = laptops.make(two.office, "cy")
    newcomer.sync()
    assert VISIT in newcomer.shown()


def test_what_both_removed_unseen_does_not_count(two: Two) -> None:
    two.removes(two.ada, *two.areas)
    helds = [two.ben.held(area) for area in two.areas]
    two.ben.store.save(*(Edited(dc.replace(h.record, removed=True), h.seen) for h in helds))
    two.ben.sync()
    assert two.shown() == set()


def test_what_somebody_went_on_with_unseen_stays_and_does_not_count(two: Two) -> None:
    two.removes(two.ada, *two.areas[:6])
    held = two.ben.held(two.areas[0])
    two.ben.store.save(Edited(dc.replace(held.record, seen="Very tidy"), held.seen))  # type: ignore[call-arg]  # an area
    two.ben.sync()
    assert two.shown() == {two.areas[0], *two.areas[6:]}


def test_two_colleagues_are_told_apart(laptops: Laptops) -> None:
    two = Two(laptops, MemoryOffice(page=1000), areas=10)
    eve = laptops.make(two.office, "eve")
    eve.sync()
    two.removes(two.ada, *two.areas[:4])
    two.removes(eve, *two.areas[4:7])
    question = asked(two)
    assert question.removals.by_others == {
        Hidden(FILE, ADA): 4,
        Hidden(FILE, RecordId("of-eve")): 3,
    }


def test_of_many_two_in_a_hundred_go_unasked(laptops: Laptops) -> None:
    two = Two(laptops, MemoryOffice(page=1000), areas=499)
    two.removes(two.ada, *two.areas[:10])
    two.ben.sync()
    two.removes(two.ada, *two.areas[10:21])
    assert asked(two).removals.here == 500


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 30, 4))
def test_a_cut_lets_no_more_go_unasked(laptops: Laptops, at: int, *, after: bool) -> None:
    two = Two(laptops, MemoryOffice(page=1), areas=12)
    two.removes(two.ada, *two.areas)
    for number in range(4):
        cut = BadBox(two.ben.box, Cut(at + number, after=after))
        with pytest.raises((Unreachable, ManyRemovals)):
            two.ben.sync(box=cut)
    assert len(two.shown()) >= 7


def test_what_was_moved_and_is_shown_as_another_record_is_not_asked_about(two: Two) -> None:
    concerns = [
        Concern(id=RecordId(f"concern-{number}"), visit=VISIT, child=RecordId("wrong"))
        for number in range(12)
    ]
    two.ada.store.add(*concerns)
    two.ada.sync()
    two.ben.sync()
    ids = (f"moved-{number}" for number in range(12))
    done = move(concerns, "right", lambda: next(ids))
    seen = {one.id: two.ada.held(one.id).seen for one in concerns}
    two.ada.store.save(*(Edited(one, seen.get(one.id, NOTHING)) for one in done.saved))
    two.ada.sync()

    two.ben.sync()

    assert not any(isinstance(two.ben.held(one.id).record, Concern) for one in concerns)
    assert [two.ben.held(one.id).record for one in done.stands] == list(done.stands)
