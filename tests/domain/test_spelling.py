"""Whoever spells it, a change has one spelling: its hash must be the same in every version."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain import spelling
from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.spelling import NotPlain
from tests.domain.made import changes

WHOLE = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
)
PLAIN = st.recursive(
    WHOLE,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


def before(value: Any) -> str:
    """As every version before spelled it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@given(PLAIN)
def test_what_is_plain_is_spelled_as_it_always_was(value: Any) -> None:
    assert spelling.spell_plain(value).decode() == spelling.spell(value) == before(value)


@given(st.lists(PLAIN))
def test_many_are_spelled_at_once_as_each_would_be(values: list[Any]) -> None:
    assert spelling.spell_each(values) == [spelling.spell(value) for value in values]


@given(PLAIN)
def test_what_was_spelled_is_read_again(value: Any) -> None:
    assert spelling.read_plain(before(value)) == value
    assert spelling.read(spelling.spell_as_it_comes(value)) == value


def test_every_character_is_spelled_as_it_always_was() -> None:
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    assert spelling.spell_plain(every).decode() == before(every)


@pytest.mark.parametrize("text", ["1.5", '{"a":1e3}', "NaN", "-Infinity", '"\\ud800"'])
def test_what_is_unusual_is_left_to_pythons_own_json(text: str) -> None:
    with pytest.raises(NotPlain):
        spelling.read_plain(text)
    assert repr(spelling.read(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["", "01", "[1,]", '"\t"', b'"\xff"', "{} {}"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        spelling.read(text)


def test_half_a_character_cannot_be_written() -> None:
    assert spelling.spell("\ud800") == '"\ud800"'
    with pytest.raises(UnicodeEncodeError):
        spelling.spell_plain("\ud800")


class Told(spelling.Struct):
    """A form for these tests."""

    name: str
    number: int = 1


def test_a_form_reads_what_it_knows_and_passes_over_the_rest() -> None:
    assert spelling.form_of(Told)('{"name":"Zoë","newer":[]}') == Told("Zoë")
    assert spelling.lines_of(Told)('{"name":"a"}\n{"name":"b","number":2}\n') == [
        Told("a"),
        Told("b", 2),
    ]


@pytest.mark.parametrize("text", ["{}", '{"name":1}', "no JSON"])
def test_a_form_reads_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        spelling.form_of(Told)(text)


@given(st.lists(changes, max_size=3))
def test_many_changes_are_read_at_once_as_each_is_by_itself(those: list[Change]) -> None:
    lines = [canonical(change) for change in those]
    found = spelling.read_changes(b"".join(line + b"\n" for line in lines))
    alone = [spelling.read_change(line.decode()) for line in lines]
    assert found == (None if None in alone else alone)
    for change, read in zip(those, found or (), strict=False):
        assert read.edits.keys() == change.edits.keys()


@pytest.mark.parametrize("odd", [b"{}", b"no json", b"\xff", b' {"author":"a"}'])
def test_where_one_is_spelled_otherwise_none_is_read_at_once(odd: bytes) -> None:
    assert spelling.read_changes(odd + b"\n") is None
