"""How the keys of colleagues' laptops are spelled, for what goes from hand to hand. Pure."""

from collections.abc import Iterable
from dataclasses import asdict

from hah_desktop.domain.exchange import Card
from hah_desktop.domain.ids import LaptopId, RecordId
from hah_desktop.sync.wire.form import lines, ours, read_lines, text


def write_cards(cards: Iterable[Card]) -> bytes:
    """The body of the answer: one card to a line."""
    return lines({}, map(asdict, cards))


def read_cards(body: bytes) -> list[Card]:
    """The colleagues' cards. Raises NotOurs when they are cut or not of this form."""
    _, items = read_lines(body)
    with ours():
        return [
            Card(
                LaptopId(text(item["laptop"])),
                RecordId(text(item["adviser"])),
                text(item["name"]),
                text(item["signing"]),
                text(item["sealing"]),
            )
            for item in items
        ]
