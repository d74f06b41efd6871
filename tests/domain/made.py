"""Made-up records, bodies and changes of every kind, drawn from the descriptions of their fields.

A field that is added to a record is drawn here from its description, without a line of its own.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import strategies as st

from hah_desktop.domain.changes import FIRST_PREVIOUS, MOST_OFF, Change, Edit
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
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json, Record, Value, described
from hah_desktop.domain.records.catalogue import RECORD_TYPES

words = st.text(st.characters(codec="utf-8"), max_size=30)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
zones = st.integers(-14 * 60, 14 * 60).map(lambda late: dt.timezone(dt.timedelta(minutes=late)))
moments = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=zones)  # noqa: DTZ001 - the zone is drawn
scalars: st.SearchStrategy[str | int | bool] = st.booleans() | st.integers() | words
json_values: st.SearchStrategy[Json] = st.none() | scalars
_FILLED: Mapping[type[AnyField], st.SearchStrategy[Value]] = MappingProxyType(
    {
        Text: names,
        Choice: names,
        Link: names,
        Date: st.dates(),
        Time: st.times(),
        Moment: moments,
        Number: st.integers(0),
        YesNo: st.booleans(),
        Choices: st.frozensets(words, min_size=1, max_size=4),
    }
)
newer_fields = st.dictionaries(names.map("newer_{}".format), scalars, max_size=3)


def filled(field: AnyField) -> st.SearchStrategy[Value]:
    """Values of a field that holds something."""
    return _FILLED[type(field)]


@st.composite
def records_of(draw: st.DrawFn, kind: type[Record]) -> Record:
    """Records of one kind, some fields filled and others not, some from a newer version."""
    fields = described(kind)
    chosen = draw(st.sets(st.sampled_from(sorted(fields))))
    values = {name: draw(filled(fields[name])) for name in sorted(chosen)}
    return kind(id=RecordId(draw(names)), unknown=draw(newer_fields), **values)  # type: ignore[arg-type]  # drawn to fit


records = st.sampled_from(RECORD_TYPES).flatmap(records_of)
change_ids = st.uuids().map(lambda made: ChangeId(str(made)))
replaced = st.frozensets(change_ids, max_size=3).map(lambda ids: tuple(sorted(ids)))
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
changes = st.builds(
    Change,
    id=change_ids,
    laptop=names.map(LaptopId),
    number=st.integers(1),
    previous=st.just(FIRST_PREVIOUS) | hashes,
    record=names.map(RecordId),
    kind=names,
    files=st.lists(names.map(FileId), min_size=1, max_size=2).map(tuple),
    author=names,
    made_at=names,
    edits=st.dictionaries(names, st.builds(Edit, json_values, replaced), min_size=1, max_size=4),
    clock_trusted=st.booleans(),
    clock_off=st.integers(-MOST_OFF, MOST_OFF),
)
