"""Laptops that lose their database and put a safety copy back."""

import dataclasses as dc
from dataclasses import dataclass, field
from pathlib import Path

from hah_desktop.domain.changes import Change, Spelled, content_hash
from hah_desktop.domain.exchange import OwnChange, Verdict
from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.store.safety.backups import Backups
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.wire.form import MAX_CHANGES
from tests.store.hand import copy_key
from tests.store.sound import faults
from tests.sync.laptops import BadBox, Cut, Laptop, Laptops, raw_key
from tests.sync.office import Line, MemoryOffice

FIELDS = ("met_by", "impression")
"""Fields of which no side may be lost: a person decides, or joins them."""


@dataclass
class Losing:
    """A laptop, and the safety copies of its database."""

    laptop: Laptop
    folder: Path
    laptops: Laptops
    backups: Backups = field(init=False)

    def __post_init__(self) -> None:
        """Keep the copies beside the database."""
        self.backups = Backups(self.folder / self.laptop.store.place.path.stem, copy_key)

    def snapshot(self) -> None:
        """Make a safety copy."""
        self.backups.make(self.laptop.store)

    def lose(self, copy: int = 0) -> None:
        """Put a safety copy back, the newest or an older one, as the person would."""
        path = self.laptop.store.place.path
        self.laptop.store.close()
        self.backups.put_back(self.backups.good()[copy], path, raw_key)
        self.reopen()

    def reopen(self) -> None:
        """Close the database, if it is open, and open it again."""
        path, clock = self.laptop.store.place.path, self.laptop.store._clock
        self.laptop.store.close()
        self.laptop.store = self.laptops.reopen(path, clock)
        self.laptop.box = StoreBox(self.laptop.store)


def visible(laptop: Laptop) -> dict[tuple[str, str], set[Json]]:
    """What a person can see of the fields that are written here: every side of each."""
    return {
        (record, name): set(sides.get(name, [body.get(name)]))
        for record, (body, sides) in laptop.shown().items()
        for name in FIELDS
        if name in body
    }


def expected(changes: list[Change]) -> dict[tuple[str, str], set[Json]]:
    """The heads of every such field, by the rule alone, from all that the office ever received."""
    said = {change.id: change for change in changes}
    heads: dict[tuple[str, str], FieldHeads] = {}
    seen: set[ChangeId] = set()
    for change in changes:
        for name, edit in change.edits.items():
            place = (change.record, name)
            known = frozenset(edit.replaces) & seen
            heads[place] = take(heads.get(place, FieldHeads()), change.id, edit.replaces, known)
        seen.add(change.id)
    return {
        (record, name): {said[change].edits[name].value for change in field_heads.heads}
        for (record, name), field_heads in heads.items()
        if name in FIELDS
    }


def wrong_at(office: MemoryOffice, laptops: list[Laptop]) -> list[str]:
    """What is wrong once everything was sent and fetched; nothing if all is well."""
    wrong = []
    changes = [change for _, change in office.journal.changes.values()]
    for laptop in laptops:
        mine = sorted((c for c in changes if c.laptop == laptop.name), key=lambda c: c.number)
        last = ""
        for number, change in enumerate(mine, 1):
            if (change.number, change.previous) != (number, last):
                wrong.append(f"the chain of {laptop.name} breaks at {number}")
            last = content_hash(change)
        if laptop.unsent():
            wrong.append(f"{laptop.name} has not sent all")
        if visible(laptop) != expected(changes):
            wrong.append(f"{laptop.name} shows something else")
        wrong += [f"{laptop.name}: {fault}" for fault in faults(laptop.store)]
    return wrong


class Strict(Line):
    """An office that set aside whatever it gives back."""

    def own(self, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
        found = super().own(after, most)
        return [dc.replace(o, verdict=Verdict.SET_ASIDE, problem="No.") for o in found]


class OnlyOwn(BadBox):
    """Takes its own back, and then nothing more."""

    def __init__(self, laptop: Laptop) -> None:
        super().__init__(laptop.box, Cut(0, after=False))

    def unsent(self, most: int, behind: int = 0) -> list[Spelled]:
        return super().unsent(0 * most, behind)
