"""The keys of colleagues' laptops, on the wire: they read back as they were, or not at all."""

from dataclasses import asdict

import pytest

from hah_desktop.domain.exchange import Card
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.sync.wire.cards import read_cards, write_cards
from hah_desktop.sync.wire.form import NotOurs, lines

CARDS = [
    Card(LaptopId("l1"), RecordId("a1"), "Zoë Example", "0f" * 32, "1e" * 32),
    Card(LaptopId("l2"), RecordId("a2"), "Ben Example", "2d" * 32, "3c" * 32),
]


@pytest.mark.parametrize("cards", [[], CARDS])
def test_cards_read_back_as_they_were(cards: list[Card]) -> None:
    assert read_cards(write_cards(cards)) == cards


def test_cut_cards_are_none() -> None:
    with pytest.raises(NotOurs):
        read_cards(write_cards(CARDS)[:-2])


@pytest.mark.parametrize("name", ["laptop", "adviser", "name", "signing", "sealing"])
def test_a_card_without_one_of_its_words_is_none(name: str) -> None:
    whole = asdict(CARDS[0])
    with pytest.raises(NotOurs):
        read_cards(lines({}, [{**whole, name: None}]))
    del whole[name]
    with pytest.raises(NotOurs):
        read_cards(lines({}, [whole]))
