"""A sync that takes files back: what goes unasked, what is asked about, and what is then left."""

import dataclasses as dc
import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

import pytest
from sqlalchemy import select

from hah_desktop.domain.exchange import Page, PulledRow
from hah_desktop.domain.ids import FileId, RecordId
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Seen
from hah_desktop.store.tables.rows import RECORD
from hah_desktop.sync.engine import Synced, sync
from hah_desktop.sync.errors import ManyRemovals, Refused
from hah_desktop.sync.pages import NAMES
from tests.sync.forgetting import forgets_the_last_edit, goes_on, pair
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import Line, MemoryOffice

KEPT = "visit-kept"


class Withdrawing(Line):
    """Names and carries some files no more, the later ones from the second answer on."""

    gone: frozenset[str] = frozenset()
    gone_later: frozenset[str] = frozenset()

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        if brief and (self.gone or self.gone_later):
            raise Refused(NAMES, "Name them.", status=409)
        page, rows = super().pull(epoch, cursors, want, brief=brief)
        gone = self.gone | (self.gone_later if len(self.pulled) > 1 else frozenset())
        files = {file: seq for file, seq in page.files.items() if file not in gone}
        rows = [row for row in rows if not gone.issuperset(row.files)]
        digests = {file: said for file, said in page.digests.items() if file not in gone}
        return dc.replace(page, files=files, digests=digests), rows


def held(laptop: Laptop) -> set[str]:
    with laptop.store.reading() as connection:
        return set(connection.execute(select(RECORD.c.id)).scalars())


def visits(*numbers: int) -> frozenset[str]:
    return frozenset(f"visit:visit-{number}" for number in numbers)


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop with ten visits that a colleague wrote."""
    colleague = laptops.make(office, "laptop-two")
    for number in range(10):
        colleague.edit(f"visit-{number}", met_by=f"manager {number}")
    colleague.sync()
    laptop = laptops.make(office)
    laptop.sync()
    laptop.line = Withdrawing(office, laptop.name)
    return laptop


def line(laptop: Laptop) -> Withdrawing:
    assert isinstance(laptop.line, Withdrawing)
    return laptop.line


def test_a_few_records_go_unasked(laptop: Laptop) -> None:
    line(laptop).gone = visits(0, 1)
    laptop.sync()
    assert held(laptop) == {f"visit-{number}" for number in range(2, 10)}


def test_many_do_not_go_and_nothing_is_changed(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    before = laptop.everything()
    told = [("known_taken_back", json.dumps(dict.fromkeys(sorted(visits(*range(6))), 0)))]
    with pytest.raises(ManyRemovals, match="6 records") as asked:
        laptop.sync()
    assert [row for row in laptop.everything() if row not in told] == before
    assert asked.value.removals.by_file == dict.fromkeys(visits(*range(6)), 1)


def test_what_is_written_after_the_question_says_that_the_laptop_knew(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    laptop.edit("visit-0", impression="Calm")
    with pytest.raises(ManyRemovals):
        laptop.sync()
    laptop.edit("visit-0", impression="Loud")
    laptop.edit("visit-9", impression="Calm")
    with pytest.raises(ManyRemovals):
        laptop.sync()
    assert line(laptop).knows == [{}, dict.fromkeys(visits(*range(6)), 1)]


def test_it_knows_it_no_more_once_they_are_given_again(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    with pytest.raises(ManyRemovals):
        laptop.sync()
    line(laptop).gone = frozenset()
    laptop.sync()
    laptop.edit("visit-0", impression="Calm")
    laptop.sync()
    assert line(laptop).knows == [{}]


def test_of_what_a_restored_office_does_not_name_it_knows_nothing(
    laptop: Laptop, office: MemoryOffice
) -> None:
    office.restore(office.backup())
    line(laptop).gone = visits(0)
    with pytest.raises(ManyRemovals):
        laptop.sync()
    laptop.edit("visit-0", impression="Calm")
    with pytest.raises(ManyRemovals):
        laptop.sync()
    assert line(laptop).knows == [{}]


def test_what_had_to_stay_is_known_to_be_taken_back(laptop: Laptop) -> None:
    with laptop.store.writing() as connection:
        drafts.keep(connection, Draft("visit-0", "visit", "", {"met_by": "the"}, Seen({}, {})))
    line(laptop).gone = visits(0)
    laptop.sync()
    laptop.edit("visit-0", met_by="the deputy")
    laptop.sync()
    assert line(laptop).knows == [dict.fromkeys(visits(0), 0)]


def test_they_go_once_a_person_has_said_so(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    laptop.sync(allow_removals=True)
    assert held(laptop) == {f"visit-{number}" for number in range(6, 10)}


def test_what_is_taken_back_behind_the_question_is_asked_about_too(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    with pytest.raises(ManyRemovals) as asked:
        laptop.sync()
    line(laptop).gone = visits(*range(7))

    def answered() -> Synced:
        shown = asked.value.removals
        return sync(laptop.store, laptop.line, lambda _: None, lambda: False, agreed=shown.covers)

    again = answered().problem
    assert isinstance(again, ManyRemovals)
    assert again.removals.by_file.keys() == visits(*range(7))
    assert len(held(laptop)) == 10
    line(laptop).gone = visits(*range(6))
    assert answered().problem is None
    assert len(held(laptop)) == 4


def test_what_goes_page_by_page_is_counted_together(
    laptop: Laptop, laptops: Laptops, office: MemoryOffice
) -> None:
    colleague = laptops.make(office, "laptop-three")
    for number in range(10, 16):
        colleague.edit(f"visit-{number}", met_by=f"manager {number}")
    colleague.sync()
    line(laptop).gone, line(laptop).gone_later = visits(0, 1, 2), visits(3, 4, 5)
    with pytest.raises(ManyRemovals):
        laptop.sync()
    assert {"visit-3", "visit-4", "visit-5"} <= held(laptop)


def test_after_a_restore_a_single_missing_file_is_asked_about(
    laptop: Laptop, office: MemoryOffice
) -> None:
    office.restore(office.backup())
    line(laptop).gone = visits(0)
    with pytest.raises(ManyRemovals, match="1 record that"):
        laptop.sync()
    assert "visit-0" in held(laptop)
    line(laptop).gone = frozenset()
    laptop.sync()
    line(laptop).gone = visits(0)
    laptop.sync()
    assert "visit-0" not in held(laptop)


def test_a_withdrawal_that_is_asked_about_is_told_in_the_history(laptop: Laptop) -> None:
    line(laptop).gone = visits(*range(6))
    done = sync(laptop.store, laptop.line, lambda _: None, lambda: False)
    assert isinstance(done.problem, ManyRemovals)
    assert "None of them was removed" in done.run.problem
    again = sync(laptop.store, laptop.line, lambda _: None, lambda: False, agreed=lambda _: True)
    assert again.problem is None


def test_what_was_written_meanwhile_is_sent_before_it_goes(
    laptop: Laptop, office: MemoryOffice
) -> None:
    laptop.edit("visit-0", impression="Calm")
    line(laptop).gone = visits(0)
    laptop.sync()
    assert "visit-0" not in held(laptop)
    assert len(office.journal.changes) == 11


@pytest.mark.parametrize("knows_how", [True, False], ids=["an office", "an older office"])
def test_what_is_taken_back_is_told_to_an_office_that_lost_it_unnoticed(
    laptops: Laptops, *, knows_how: bool
) -> None:
    office, author, holder = pair(laptops)
    forgets_the_last_edit(office, KEPT, author, holder)
    goes_on(laptops, office)
    line = Withdrawing(office, holder.name)
    line.gone = frozenset({f"visit:{KEPT}"})
    if not knows_how:
        line.unknown = _not_there  # type: ignore[assignment, method-assign]
    holder.sync(line)
    told = {item.record: item.fields for item in office.witnessed.values()}
    assert told == ({KEPT: {"met_by": "the deputy"}} if knows_how else {})
    assert KEPT not in holder.shown()


def test_what_had_to_stay_is_told_to_such_an_office_once_it_goes(laptops: Laptops) -> None:
    office, author, holder = pair(laptops)
    forgets_the_last_edit(office, KEPT, author, holder)
    with holder.store.writing() as connection:
        typed = Draft(KEPT, "visit", "", {"met_by": "the"}, Seen({}, {}))
        drafts.keep(connection, typed)
    holder.line = line = Withdrawing(office, holder.name)
    goes_on(laptops, office)
    line.gone = frozenset({f"visit:{KEPT}"})
    holder.sync()
    assert KEPT in holder.shown()
    with holder.store.writing() as connection:
        drafts.discard(connection, KEPT)
    holder.sync()
    assert KEPT not in holder.shown()
    told = {item.record: item.fields for item in office.witnessed.values()}
    assert told == {KEPT: {"met_by": "the deputy"}}


def _not_there(_: object) -> NoReturn:
    raise Refused("urn:hah:not-there", "There is no such address.", status=404)
