"""What nearly every change takes is a short way; it comes to the same as the general rule."""

import dataclasses as dc
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hah_central.journal import items
from hah_central.journal.state import Known, RecordState
from hah_desktop.domain.changes import Change, Edit, canonical, from_canonical, to_plain
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.removing import REMOVED
from tests.domain.made import changes

SPOILED: list[dict[str, Any]] = [
    {},
    {"more": 1},
    {"number": 2**62 + 1},
    {"number": True},
    {"previous": "short"},
    {"previous": None},
    {"kind": "a\x00b"},
    {"author": "é" * 201},
    {"files": []},
    {"fields": {}},
    {"fields": {"met_by": {"value": 2**70}}},
    {"fields": {"met_by": {"value": 1.5}}},
    {"fields": {"met_by": {"value": "x" * 1_000_001}}},
    {"fields": {"met_by": {"value": None, "replaces": []}}},
    {"fields": {"met_by": {"value": None, "replaces": None}}},
    {"fields": {"met_by": {"value": "here", "more": 1}}},
]
SPELLED = [
    {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")},
    {"ensure_ascii": True, "sort_keys": True, "separators": (",", ":")},
    {"ensure_ascii": False, "sort_keys": False, "separators": (",", ":")},
    {"ensure_ascii": False, "sort_keys": True},
]


@given(changes, st.sampled_from(SPOILED), st.sampled_from(SPELLED))
def test_an_item_is_read_the_same_whoever_spelled_it(
    change: Change, spoiled: dict[str, Any], spelled: dict[str, Any]
) -> None:
    line = json.dumps({**to_plain(change), **spoiled}, **spelled)
    assert items._read(line) == items._read_unusual(line)


@given(changes)
def test_an_item_that_replaces_itself_is_read_the_same(change: Change) -> None:
    fields = {"met_by": {"value": "here", "replaces": [change.id]}}
    line = json.dumps({**to_plain(change), "fields": fields}, sort_keys=True, separators=(",", ":"))
    assert items._read(line) == items._read_unusual(line)
    assert items._read(line).problem


@given(changes)
def test_a_change_as_it_is_kept_takes_the_short_way(change: Change) -> None:
    # Larger numbers are left to the general rule, which sets them aside.
    numbered = dc.replace(change, number=change.number % 2**62 + 1)
    assert from_canonical(canonical(numbered).decode()) == numbered


edits = st.dictionaries(
    st.sampled_from(["met_by", "impression", REMOVED]),
    st.builds(
        Edit,
        st.none() | st.booleans() | st.text(max_size=3),
        st.lists(
            st.sampled_from(["c0", "c1", "c2", "before"]).map(ChangeId), max_size=2, unique=True
        ).map(tuple),
    ),
    min_size=1,
)


@given(changes, st.lists(edits, min_size=1, max_size=3))
def test_a_new_record_says_what_the_general_rule_says(
    change: Change, each: list[dict[str, Edit]]
) -> None:
    short = RecordState(change.record, change.kind, new=True)
    # One that is not new has to ask the general rule, whatever it holds.
    general = RecordState(change.record, change.kind, new=False)
    sent = [dc.replace(change, id=ChangeId(f"c{n}"), edits=e) for n, e in enumerate(each)]
    for seq, one in enumerate(sent, 1):
        seen = {other.id: Known(other, n) for n, other in enumerate(sent[: seq - 1], 1)}
        for record in (short, general):
            record.take(one, seq, seen.keys(), seen)
    known = {one.id: Known(one, seq) for seq, one in enumerate(sent, 1)}
    short.settle(known)
    general.settle(known)
    for name in (
        "files",
        "joined",
        "heads",
        "body",
        "moved",
        "touched",
        "unsettled",
        "unseen",
        "seq",
    ):
        assert getattr(short, name) == getattr(general, name), name
    for one in sent:
        assert short.verdict(one) == general.verdict(one)
        assert short.other_heads(one) == general.other_heads(one)
