"""Generated visits: records of every kind, filled from the descriptions of their fields."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, assert_never

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from hah_desktop.documents.editions import Material
from hah_desktop.domain.fields import (
    AnyField,
    Choice,
    Choices,
    Date,
    Link,
    Moment,
    Number,
    Text,
    Time,
    YesNo,
)
from hah_desktop.domain.ids import RecordId, derived_id
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import (
    Child,
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from tests.documents.invented import ADVISERS, CODES

R = TypeVar("R", bound=Record)
Draw = Callable[[st.SearchStrategy[Any]], Any]

_WORDS = st.lists(st.sampled_from(("the", "tea,", "was", "cold.", "<b>&", "£", "ŵ")))
_MINUTES = st.integers(0, 24 * 60 - 1)
_SHARING = st.sampled_from(("FULL", "FULL", "ANON", "ANON", "NO", "WDR", "ASKME", "OVR", ""))


@dataclass(frozen=True, kw_only=True, repr=False)
class Generated(Material):
    """A generated visit. It is far too long to be written out when a test fails."""

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: object) -> None:
        printer.text(f"a visit with {len(self.records())} records")


class Visits:
    """Builds one visit. Every text in it holds a word that stands nowhere else."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._count = 0

    def word(self) -> str:
        self._count += 1
        return f"q{self._count:04d}x"

    def record(self, kind: type[R], *, stands: bool = False, **links: str) -> R:
        values: dict[str, Any] = {}
        for name, field in described(kind).items():
            if name not in links and not isinstance(field, Link) and name != "removed":
                values[name] = self._value(field)
        removed = None if stands else self._draw(st.sampled_from((None, None, None, True)))
        return kind(id=derived_id(self.word()), removed=removed, **{**values, **links})

    def _value(self, field: AnyField) -> Any:
        value: Any
        match field:
            case Text():
                value = self._text(field)
            case Date():
                value = self._draw(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)))
            case Time():
                at = self._draw(st.none() | _MINUTES)
                value = None if at is None else dt.time(*divmod(at, 60))
            case Moment():
                at = self._draw(st.none() | _MINUTES)
                start = dt.datetime(2026, 3, 29, tzinfo=dt.UTC)
                value = None if at is None else start + dt.timedelta(minutes=at)
            case Number():
                value = self._draw(st.none() | st.integers(0, 99))
            case YesNo():
                value = self._draw(st.none() | st.booleans())
            case Choice():
                value = self._draw(st.sampled_from(("", *self._codes(field.codes))))
            case Choices():
                value = self._draw(st.frozensets(st.sampled_from(self._codes(field.codes))))
            case Link():
                value = ""
            case _:
                assert_never(field)
        return value

    def _codes(self, name: str) -> list[str]:
        return list(ADVISERS) if name == "adviser" else [code.code for code in CODES[name]]

    def _text(self, field: Text) -> str:
        if self._draw(st.integers(0, 3)) == 0:
            return ""
        longer = self._draw(_WORDS) if field.lines > 1 else []
        joint: str = self._draw(st.sampled_from((" ", "\n")))
        return joint.join((self.word(), *longer))

    def many(self, most: int, make: Callable[[], R]) -> tuple[R, ...]:
        return tuple(make() for _ in range(self._draw(st.integers(0, most))))

    def one_of(self, records: tuple[Record, ...]) -> str:
        ids = ["", "unknown", *(record.id for record in records)]
        return str(self._draw(st.sampled_from(ids)))

    def permission(self, item: Record, visit: str) -> Permission:
        reader = self._draw(st.sampled_from(("place", "place", "local_authority", "child")))
        made = self.record(
            Permission,
            visit=visit,
            item=item.id,
            child=getattr(item, "child", ""),
            reader=reader,
            answer=self._draw(_SHARING),
        )
        values = {name: getattr(made, name) for name in (*described(Permission), "removed")}
        return Permission(id=RecordId(permission_id(item.id, reader)), **values)

    def material(self) -> Generated:
        place = self.record(Place, stands=True)
        visit = self.record(Visit, place=place.id, stands=True)
        visited = visit.id
        children = self.many(3, lambda: self.record(Child))
        talks = self.many(
            3, lambda: self.record(Conversation, visit=visited, child=self.one_of(children))
        )
        said = self.many(
            6,
            lambda: self.record(
                Statement,
                visit=visited,
                child=self.one_of(children),
                conversation=self.one_of(talks),
            ),
        )
        concerns = self.many(
            3, lambda: self.record(Concern, visit=visited, child=self.one_of(children))
        )
        actions = self.many(
            3, lambda: self.record(Action, visit=visited, child=self.one_of(children))
        )
        attached = self.many(
            2, lambda: self.record(Attachment, visit=visited, child=self.one_of(children))
        )
        items: tuple[Record, ...] = (*said, *concerns, *actions, *attached)
        asked = [item for item in items if self._draw(st.integers(0, 3))]
        return Generated(
            visit=visit,
            place=place,
            children=children,
            conversations=talks,
            statements=said,
            permissions=tuple(self.permission(item, visit.id) for item in asked),
            concerns=concerns,
            actions=actions,
            areas=self.many(3, lambda: self.record(Area, visit=visited)),
            attachments=attached,
            addenda=self.many(
                2, lambda: self.record(Addendum, visit=visited, about=self.one_of(items))
            ),
            advisers=ADVISERS,
            codes=CODES,
        )


@st.composite
def materials(draw: Draw) -> Generated:
    return Visits(draw).material()
