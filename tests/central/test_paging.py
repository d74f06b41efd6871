"""Many records come in pages: none is lost, none comes twice, no field is left out."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest
from sqlalchemy import func, select

from hah_central.database.rows import Change
from hah_desktop.domain.changes import MAX_TEXT
from hah_desktop.domain.changes import Change as DomainChange
from hah_desktop.domain.ids import REFERENCE_FILE, visit_file
from hah_desktop.sync.wire.form import BEARABLE, MAX_CHANGES
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values

Laptops = Callable[[str], Laptop]
MANY = MAX_CHANGES + MAX_CHANGES // 4


def push_in_batches(laptop: Laptop, changes: Sequence[DomainChange]) -> None:
    left = iter(changes)
    while batch := list(islice(left, MAX_CHANGES)):
        laptop.push(*batch)


def places(laptop: Laptop, count: int) -> list[DomainChange]:
    return [laptop.place(new_id(), name=f"Invented House {n}") for n in range(count)]


def pages(laptop: Laptop) -> Iterator[list[str]]:
    """The records of each page, as the laptop asks on."""
    more = True
    while more:
        page, rows = laptop.pull()
        more = page.more
        yield [row.record for row in rows]


def test_more_than_a_page_comes_whole_and_once(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    made = places(ada, MANY)
    push_in_batches(ada, made)

    first, second = pages(ben)

    assert len(first) == MAX_CHANGES
    assert sorted(first + second) == sorted({c.record for c in made} | {ada.adviser, ben.adviser})


@pytest.mark.parametrize(("most", "come"), [(3, 3), (1, 1), (0, 1), (MAX_CHANGES * 2, 7)])
def test_a_laptop_on_a_line_that_carries_little_asks_for_small_pages(
    laptop: Laptops, most: int, come: int
) -> None:
    ada = laptop("Ada Example")
    made = places(ada, 6)
    ada.push(*made)

    page, rows = ada.pull(most=most)

    assert (len(rows), page.more) == (come, come < len(made) + 1)
    further = ada.pull_all() if page.more else []
    assert [row.record for row in rows + further] == [ada.adviser, *(c.record for c in made)]


def test_a_field_that_moved_before_the_page_began_comes_with_its_record(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    early = ada.place(new_id(), name="Invented House", region="Nowhere")
    made = [early, *places(ada, MANY), ada.place(early.record, [early.id], region="Elsewhere")]
    push_in_batches(ada, made)

    rows = ben.pull_all()

    assert values(rows, early.record, "name") == {"Invented House"}
    assert values(rows, early.record, "region") == {"Elsewhere"}


def test_a_record_that_moves_while_it_is_paged_is_not_lost(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    made = places(ada, MANY)
    push_in_batches(ada, made)
    ben.pull()
    first, last = made[0], made[-1]
    ada.push(
        ada.place(first.record, [first.id], name="Moved after it was sent"),
        ada.place(last.record, region="Moved before it was sent"),
    )

    rows = ben.pull_all()

    assert values(rows, first.record, "name") == {"Moved after it was sent"}
    assert values(rows, last.record, "region") == {"Moved before it was sent"}
    assert values(rows, last.record, "name") == {f"Invented House {MANY - 1}"}


def test_a_file_given_later_comes_whole_beside_what_is_new_elsewhere(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = new_id()
    first = ada.visit(visit, impression="Quiet.")
    areas = [
        ada.change(new_id(), "area", [visit_file(visit)], {"visit": visit, "saw": f"{n}"})
        for n in range(MANY)
    ]
    push_in_batches(ada, [first, *areas])
    ben.pull_all()
    assert ben.cursors.keys() == {REFERENCE_FILE}
    named, new_place = ada.visit(visit, advisers=[ben.adviser]), ada.place(new_id(), name="New")

    ada.push(named, new_place)

    sent = [record for page in pages(ben) for record in page]
    assert sorted(sent) == sorted({visit, new_place.record, *(area.record for area in areas)})


def test_a_page_of_very_long_texts_is_cut_to_a_bearable_size(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    long = "x" * MAX_TEXT
    made = [ada.place(new_id(), address=long) for _ in range(5)]
    for change in made:
        ada.push(change)

    sizes = [len(page) for page in pages(ben)]

    assert 2 * MAX_TEXT < BEARABLE < 3 * MAX_TEXT
    # The first has the two advisers too.
    assert sizes == [4, 2, 1]


def test_each_transaction_leaves_a_number_that_no_change_has(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    ada.push(*places(ada, 3))

    page, _ = ada.pull()

    with desk.database.reading() as connection:
        highest = connection.execute(select(func.max(Change.seq))).scalar_one()
    assert page.files[REFERENCE_FILE] == highest + 1
