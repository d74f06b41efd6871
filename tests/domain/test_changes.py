"""Changes: one spelling, read back as they were, and every malformation named."""

import dataclasses as dc
import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.changes import (
    MAX_TEXT,
    Change,
    Edit,
    MalformedChange,
    Spelled,
    canonical,
    content_hash,
    from_canonical,
    from_plain,
    from_spelled,
    to_plain,
    words_hash,
)
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.spelling import spell
from tests.domain.made import changes

CHANGE = Change(
    id=ChangeId("c1"),
    laptop=LaptopId("l1"),
    number=2,
    previous="0f" * 32,
    record=RecordId("r1"),
    kind="visit",
    files=(FileId("visit:r1"),),
    author="ruth",
    made_at="2026-03-02T12:00:00+00:00",
    edits={"met_by": Edit("Zoë", (ChangeId("b0"), ChangeId("a0")))},
)

Spoil = Callable[[dict[str, Any]], object]


@given(changes)
def test_a_change_reads_back_as_it_was_written(change: Change) -> None:
    assert from_plain(to_plain(change)) == change


@given(changes)
def test_a_change_reads_back_from_its_one_spelling(change: Change) -> None:
    read = from_plain(json.loads(canonical(change)))
    assert read == change
    assert canonical(read) == canonical(change)


@given(changes)
def test_a_change_in_its_one_spelling_takes_the_short_way(change: Change) -> None:
    spelled = canonical(change).decode()
    # Larger numbers are left to the general rule, which sets them aside.
    assert from_canonical(spelled) == (change if change.number <= 2**62 else None)
    assert from_spelled(spelled) == change


@pytest.mark.parametrize("spoiled", [{"previous": "short"}, {"number": 0}, {"more": 1}])
def test_what_is_spelled_otherwise_is_left_to_the_general_rule(spoiled: dict[str, Any]) -> None:
    assert from_canonical(spell({**to_plain(CHANGE), **spoiled})) is None
    assert from_canonical(json.dumps(to_plain(CHANGE))) is None


@given(changes, st.randoms(use_true_random=False))
def test_the_order_of_fields_and_replaced_changes_does_not_change_the_hash(
    change: Change, chance: random.Random
) -> None:
    shuffled = {
        name: Edit(edit.value, tuple(chance.sample(edit.replaces, len(edit.replaces))))
        for name, edit in chance.sample(sorted(change.edits.items()), len(change.edits))
    }
    assert content_hash(dc.replace(change, edits=shuffled)) == content_hash(change)


def test_what_a_change_says_is_hashed_as_it_is_spelled() -> None:
    assert canonical(CHANGE).startswith(b'{"author":"ruth","clock_trusted":true,"fields":{"met_by"')
    assert "Zoë".encode() in canonical(CHANGE)
    assert content_hash(CHANGE) == hashlib.sha256(canonical(CHANGE)).hexdigest()


def test_how_far_a_clock_was_off_is_spelled_only_where_it_is_known() -> None:
    assert b"clock_off" not in canonical(CHANGE)
    off = dc.replace(CHANGE, clock_trusted=False, clock_off=-90)
    assert b'"clock_off":-90' in canonical(off)
    assert from_plain(to_plain(off)).clock_off == -90


def test_a_change_that_says_nothing_of_its_clock_is_believed() -> None:
    plain = to_plain(CHANGE)
    del plain["clock_trusted"]
    assert from_plain(plain).clock_trusted


def put(key: str, value: object) -> Spoil:
    return lambda plain: plain.update({key: value})


def put_edit(value: object) -> Spoil:
    return put("fields", {"met_by": value})


MALFORMED: tuple[tuple[str, Spoil, str], ...] = (
    ("files is one word", put("files", "visit:r1"), "one or two files"),
    ("no file", put("files", []), "one or two files"),
    ("three files", put("files", ["a", "b", "c"]), "one or two files"),
    ("a file without a name", put("files", [""]), "“files” is missing"),
    ("a file that is a number", put("files", [7]), "“files” is missing"),
    ("number nought", put("number", 0), "count from 1"),
    ("number yes", put("number", True), "count from 1"),
    ("number as text", put("number", "2"), "count from 1"),
    ("number with a point", put("number", 2.0), "count from 1"),
    ("no previous", lambda plain: plain.pop("previous"), "“previous” is missing"),
    ("a short previous", put("previous", "0f"), "the change before it"),
    ("a clock mark of 1", put("clock_trusted", 1), "clock mark"),
    ("a clock off by yes", put("clock_off", True), "its clock was off"),
    ("a clock off for ever", put("clock_off", -(10**13)), "its clock was off"),
    ("no id", lambda plain: plain.pop("id"), "“id” is missing"),
    ("an id of 201 characters", put("id", "x" * 201), "“id” is missing or too long"),
    ("no laptop", put("laptop", ""), "“laptop” is missing"),
    ("no record", put("record", None), "“record” is missing"),
    ("no kind", put("kind", ["visit"]), "“kind” is missing"),
    ("no author", put("author", 1), "“author” is missing"),
    ("no time", put("made_at", {}), "“made_at” is missing"),
    ("half a character in a name", put("author", "\ud800"), "half a character"),
    ("no fields", lambda plain: plain.pop("fields"), "changes no field"),
    ("empty fields", put("fields", {}), "changes no field"),
    ("fields as a list", put("fields", [1]), "changes no field"),
    ("a field without a name", put("fields", {"": {"value": 1}}), "“a field” is missing"),
    ("a field of 201 characters", put("fields", {"x" * 201: {"value": 1}}), "“a field”"),
    ("an edit that is a value", put_edit("Zoë"), "met_by has no value"),
    ("an edit without a value", put_edit({}), "met_by has no value"),
    ("a list for a value", put_edit({"value": []}), "other than a single value"),
    ("a number with a point", put_edit({"value": 1.5}), "other than a single value"),
    ("not a number", put_edit({"value": float("nan")}), "other than a single value"),
    ("too long a text", put_edit({"value": "x" * (MAX_TEXT + 1)}), "longer than 1,000,000"),
    ("half a character", put_edit({"value": "\udc00"}), "half a character"),
    ("replaces one word", put_edit({"value": 1, "replaces": "a0"}), "what it replaces"),
    ("replaces a number", put_edit({"value": 1, "replaces": [7]}), "“replaces” is missing"),
)


@pytest.mark.parametrize(
    ("spoil", "reason"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_malformed_change_is_refused_with_its_reason(spoil: Spoil, reason: str) -> None:
    plain = to_plain(CHANGE)
    spoil(plain)
    with pytest.raises(MalformedChange, match=reason):
        from_plain(plain)


@pytest.mark.parametrize("plain", [None, [], "change", 7])
def test_what_is_no_object_is_no_change(plain: object) -> None:
    with pytest.raises(MalformedChange, match="not an object"):
        from_plain(plain)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(to_plain(CHANGE))), json_like)
def test_whatever_stands_in_a_change_is_read_or_refused(key: str, value: object) -> None:
    try:
        read = from_plain({**to_plain(CHANGE), key: value})
    except MalformedChange:
        return
    assert from_plain(json.loads(canonical(read))) == read


def test_the_longest_text_is_still_a_change() -> None:
    long = dc.replace(CHANGE, edits={"impression": Edit("x" * MAX_TEXT)})
    assert from_plain(to_plain(long)) == long


@given(changes, st.integers(1, 2**40))
def test_the_same_words_are_known_wherever_they_stand_in_the_chain(
    change: Change, number: int
) -> None:
    moved = dc.replace(change, number=number, previous="ab" * 32)
    names = [words_hash(Spelled(canonical(each).decode())) for each in (change, moved)]
    assert names[0] == names[1]
    other = dc.replace(change, record=RecordId(f"{change.record}x"))
    assert words_hash(Spelled(canonical(other).decode())) != names[0]
