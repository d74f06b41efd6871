"""An office that is restored once more, to before a laptop told what it had lost."""

from collections.abc import Sequence
from typing import NoReturn

import pytest

from hah_desktop.domain.exchange import Waits, Witness
from hah_desktop.domain.ids import ChangeId
from hah_desktop.store.exchange import retelling
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.retelling import tell_again
from tests.sync.forgetting import ALL_THAT_WAS_LOST, LOST, lost, said_again
from tests.sync.laptops import Cut, Laptop, Laptops
from tests.sync.office import Line


def meets(laptop: Laptop) -> None:
    """A sync of the laptop, with what follows it."""
    laptop.sync(allow_removals=True)
    assert tell_again(laptop.store, laptop.line) is None


def kept_aside(laptop: Laptop) -> int:
    with laptop.store.reading() as connection:
        return len(retelling.every(connection))


def test_an_office_that_is_restored_twice_is_told_once_more_what_left_the_laptop(
    laptops: Laptops,
) -> None:
    office, _, holder = lost(laptops)
    backup = office.backup()
    for _ in range(3):
        office.restore(backup)
        meets(holder)
        assert said_again(office) == ALL_THAT_WAS_LOST
        assert LOST not in holder.shown()
    meets(holder)
    assert said_again(office) == ALL_THAT_WAS_LOST


def test_an_office_of_which_nobody_noticed_that_it_lost_what_it_was_told_is_told_again(
    laptops: Laptops,
) -> None:
    office, _, holder = lost(laptops)
    meets(holder)
    office.witnessed.clear()
    meets(holder)
    assert said_again(office) == ALL_THAT_WAS_LOST


def test_what_was_told_is_forgotten_once_the_office_has_it_again(laptops: Laptops) -> None:
    _, author, holder = lost(laptops)
    meets(holder)
    assert kept_aside(holder) == 2
    author.sync()
    meets(holder)
    assert kept_aside(holder) == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_telling_again_that_is_cut_anywhere_is_made_good_by_the_next(
    laptops: Laptops, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool
) -> None:
    monkeypatch.setattr("hah_desktop.sync.retelling.ASKED_AFTER", 1)
    office, _, holder = lost(laptops)
    meets(holder)
    office.witnessed.clear()
    fault = Cut(at, after=after)

    class _Cut(Line):
        def waits(self, told: Sequence[ChangeId]) -> Waits:
            return fault(lambda: holder.line.waits(told))

        def witness(self, items: Sequence[Witness]) -> int:
            return fault(lambda: holder.line.witness(items))

    assert tell_again(holder.store, _Cut(office, holder.name)) is not None
    meets(holder)
    assert said_again(office) == ALL_THAT_WAS_LOST


def test_an_older_office_is_asked_nothing_of_what_it_was_told(laptops: Laptops) -> None:
    office, _, holder = lost(laptops)

    class _Older(Line):
        def waits(self, _told: Sequence[ChangeId]) -> NoReturn:
            raise Refused("urn:hah:none", "There is nothing.", status=404)

    meets(holder)
    assert tell_again(holder.store, _Older(office, holder.name)) is None
    assert kept_aside(holder) == 2
