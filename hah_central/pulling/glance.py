"""What every pull asks first, in one question: who asks, what it may see, and how that stands.

Nothing here decides what is sent. All of it is of one moment, also outside of a transaction.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from hah_central.database.questions import POSTGRESQL, Question
from hah_central.database.rows import Clock, FileDigest, Grant, Holding, Laptop
from hah_central.journal import holding
from hah_central.people import people
from hah_central.people.people import Asker
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, LaptopId
from hah_desktop.domain.spelling import Struct, form_of


class Lies(NamedTuple):
    """What lies in a file: so many records, with such sums of their parts.

    These are to be worked out first where they are `stale`. `last` is the place of the newest.
    """

    records: int = 0
    low: int = 0
    high: int = 0
    stale: bool | int = False
    last: int = 0

    @property
    def sums(self) -> tuple[int, int, int]:
        """As `domain.digest` takes them."""
        return self[:3]


_NOTHING = Lies()


class _Told(Struct, array_like=True, gc=False):
    file: FileId
    lies: Lies | None


@dataclass(frozen=True, slots=True)
class Glance:
    """The office as it is for one laptop: every file that its adviser may see, and no other.

    `held` are those that the laptop was given and has not dropped, whoever may see them now.
    """

    asker: Asker
    now: int
    epoch: str
    files: Mapping[FileId, Lies]
    held: frozenset[FileId]


def of_token(connection: Connection, authorization: str, now: dt.datetime) -> Glance:
    """Look for whoever a request’s `Authorization` speaks for. Raises Problem."""
    question = _BY_TOKEN[connection.dialect.name == POSTGRESQL]
    token = people.token_of(authorization)
    return _seen(question.ask(connection, token=token, now=now))


def of_laptop(connection: Connection, laptop: LaptopId) -> Glance:
    """The same for a laptop that was let in. Raises Problem where its access ended meanwhile."""
    question = _BY_NAME[connection.dialect.name == POSTGRESQL]
    return _seen(question.ask(connection, laptop=laptop))


def still(connection: Connection, seen: Glance) -> Glance:
    """What a transaction sees where a glance was just before it. Raises Problem as `of_laptop`.

    What lies in a file moves with the journal alone. A file that was taken back in between is
    still told as it was at the glance.
    """
    ((now, epoch),) = _CLOCK.ask(connection)
    if (now, epoch) == (seen.now, seen.epoch):
        return seen
    return of_laptop(connection, seen.asker.laptop)


def _seen(rows: Iterator[tuple[Any, ...]]) -> Glance:
    asker, (now, epoch, common, given, held) = people.let_in(next(rows, None))
    told = [_read_file(common), *(_read_files(given) if given else ())]
    return Glance(
        asker,
        now,
        epoch,
        {each.file: each.lies or _NOTHING for each in told},
        frozenset(_read_names(held) if held else ()),
    )


_read_file = form_of(_Told)
_read_files = form_of(list[_Told])
_read_names = form_of(list[FileId])
_CLOCK = Question(select(Clock.seq, Clock.epoch))


@dataclass(frozen=True, slots=True)
class _Json:
    """How a database makes a list, one of all values of a column, and a list inside another."""

    list: Callable[..., ColumnElement[Any]]
    all: Callable[..., ColumnElement[Any]]
    inside: Callable[[ColumnElement[Any]], ColumnElement[Any]]


def _look(json: _Json) -> Select[*tuple[Any, ...]]:
    def told(file: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[Any]:
        # Each by itself, as the indexes have them: a plan is kept, whatever a table grows to.
        d = FileDigest
        lies = select(json.list(d.count, d.low, d.high, d.stale, d.last)).where(d.file == file)
        return json.list(file, json.inside(lies.scalar_subquery()))

    given = select(json.all(told(Grant.file))).where(Grant.adviser == Laptop.adviser)
    held = select(json.all(Holding.file)).where(*holding.open_of(Laptop.id))
    return (
        select(*people.ASKER, Clock.seq, Clock.epoch)
        .add_columns(cast(told(literal(REFERENCE_FILE)), Text))
        .add_columns(cast(given.correlate(Laptop).scalar_subquery(), Text))
        .add_columns(cast(held.correlate(Laptop).scalar_subquery(), Text))
        .select_from(Laptop)
        .join(Clock, true())
    )


_LOOK = {
    True: _look(_Json(func.json_build_array, func.json_agg, lambda found: found)),
    False: _look(_Json(func.json_array, func.json_group_array, func.json)),
}
_BY_TOKEN = {on: Question(people.signed_in(look)) for on, look in _LOOK.items()}
_BY_NAME = {
    on: Question(look.where(Laptop.id == bindparam("laptop"))) for on, look in _LOOK.items()
}
