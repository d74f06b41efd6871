"""Whether a laptop's changes follow one another: their numbers, and the chain of their hashes.

A laptop that was copied, or set back to an older state, is recognised here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, String, bindparam, cast, literal, literal_column, or_, select

from hah_central.database.lookups import Lookup
from hah_central.database.questions import Question
from hah_central.database.rows import Change, Laptop
from hah_central.journal.items import Item
from hah_central.problems import chain, forked, gap
from hah_desktop.domain.aside import Why
from hah_desktop.domain.changes import without_place
from hah_desktop.domain.exchange import Reached, Verdict
from hah_desktop.domain.ids import ChangeId, LaptopId


@dataclass(frozen=True, slots=True)
class Held:
    """A change that the journal holds already; of one that came by hand also what it says."""

    laptop: str
    number: int
    hash: str
    seq: int
    verdict: str
    problem: Why
    words: str = ""

    @property
    def in_force(self) -> bool:
        """Whether the change was taken into its record."""
        return self.verdict != Verdict.SET_ASIDE

    def came_by_hand(self, item: Item) -> bool:
        """Whether this very change was taken before its author's laptop sent it.

        The laptop may have numbered it anew since, after a copy was put back: it is the same still.
        """
        if self.number >= 0:
            return False
        return self.hash == item.hash or (
            item.change is not None and self.words == without_place(item.text)
        )


def again_at(seq: int) -> str:
    """What a change is called in its author's chain that was taken by hand before."""
    return f"again-{seq}"


AGAIN = Change.id == literal("again-").concat(cast(Change.seq, String))
"""Whether a row of the journal is such a place, as a database asks it."""


BESIDE = Change.number <= literal_column("0")
"""Whether it stands beside the chains, since it came by hand."""

ODD = or_(Change.verdict != literal_column("'applied'"), BESIDE)
"""Either that, or it was not simply applied: spelled as in the index that these are found by."""


class Placed(NamedTuple):
    """An item with its number, and either its new place in the journal or what is held of it."""

    item: Item
    number: int
    seq: int
    held: Held | None = None


_HELD = select(
    Change.id,
    Change.laptop,
    Change.number,
    Change.hash,
    Change.seq,
    Change.verdict,
    Change.problem,
)


_BY_ID = Lookup(_HELD, Change.id)
_BODIES = Lookup(select(Change.id, Change.body), Change.id)
_END = Question(
    select(Laptop.last_number, Laptop.last_hash).where(Laptop.id == bindparam("laptop"))
)
Asked = Iterator[tuple[str, str, int, str, int, str, Why]]


def held(connection: Connection, ids: set[ChangeId]) -> dict[ChangeId, Held]:
    """Those of the changes that the journal holds, by id."""
    return read_held(connection, ask_held(connection, ids))


def ask_held(connection: Connection, ids: set[ChangeId]) -> Asked:
    """Ask what `held` answers, and read it later."""
    return _BY_ID.rows(connection, ids)


def read_held(connection: Connection, asked: Asked) -> dict[ChangeId, Held]:
    """Those of the changes that were asked for which the journal holds, by id."""
    known = {ChangeId(row[0]): Held(*row[1:]) for row in asked}
    taken = [id_ for id_, each in known.items() if each.number < 0]
    for id_, body in _BODIES.rows(connection, taken):
        known[ChangeId(id_)] = replace(known[ChangeId(id_)], words=without_place(body))
    return known


def last_of(connection: Connection, laptop: LaptopId) -> Reached:
    """The end of a laptop's chain."""
    return read_last(ask_last(connection, laptop))


def ask_last(connection: Connection, laptop: LaptopId) -> Iterator[tuple[int, str]]:
    """Ask for the end of a laptop's chain, and read it later."""
    return _END.ask(connection, laptop=laptop)


def read_last(asked: Iterator[tuple[int, str]]) -> Reached:
    """The end of the chain of the laptop that was asked about."""
    return Reached(*next(asked))


def place(
    connection: Connection,
    laptop: LaptopId,
    items: Sequence[Item],
    known: Mapping[ChangeId, Held],
    last: Reached,
    *,
    first: int,
) -> tuple[list[Placed], Reached]:
    """Give each item its place, new ones from `first` on, and say where the chain ends then.

    `last` is where it ends before. Raises Problem at the first item that does not follow from the
    one before it.
    """
    numbers = list(_numbers(laptop, items, known, last.number))
    earlier = _by_number(connection, laptop, [n for n in numbers if n <= last.number])
    placed = []
    for seq, (item, number) in enumerate(zip(items, numbers, strict=True), first):
        if (old := earlier.get(number)) is not None:
            if old.hash != item.hash:
                raise forked(_called(connection, laptop), number)
            placed.append(Placed(item, number, old.seq, old))
        else:
            _check_follows(connection, laptop, last, Placed(item, number, seq))
            placed.append(Placed(item, number, seq))
            last = Reached(number, item.hash)
    return placed, last


def _check_follows(connection: Connection, laptop: LaptopId, last: Reached, placed: Placed) -> None:
    if placed.number <= last.number:
        raise forked(_called(connection, laptop), placed.number)
    if placed.number != last.number + 1:
        raise gap(last.number + 1)
    if placed.item.previous is not None and placed.item.previous != last.hash:
        raise chain(_called(connection, laptop), placed.number)


def by_hand(items: Sequence[Item], first: int) -> list[Placed]:
    """Give each item its place beside the laptop's chain, which stays as it is.

    Their numbers are below nought, so that the laptop's own, when it sends them, are still free.
    """
    return [Placed(item, -seq, seq) for seq, item in enumerate(items, first)]


def _called(connection: Connection, laptop: LaptopId) -> str:
    """What whoever is told has to look for: the name on the laptop, and its id."""
    asked = select(Laptop.name).where(Laptop.id == laptop)
    return f"the laptop “{connection.execute(asked).scalar_one()}” ({laptop})"


def _numbers(
    laptop: LaptopId, items: Sequence[Item], known: Mapping[ChangeId, Held], last: int
) -> Iterator[int]:
    """The number of each item. One that cannot be read has the number of its place."""
    number = last
    for item in items:
        old = known.get(item.id)
        if item.number is not None:
            number = item.number
        elif old is not None and (old.laptop, old.hash) == (laptop, item.hash):
            number = old.number
        else:
            number += 1
        yield number


def _by_number(connection: Connection, laptop: LaptopId, numbers: list[int]) -> dict[int, Held]:
    if not numbers:
        return {}
    theirs = _HELD.where(Change.laptop == laptop, Change.number.in_(numbers))
    return {row.number: Held(*row[1:]) for row in connection.execute(theirs)}
