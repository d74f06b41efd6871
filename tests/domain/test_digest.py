"""Digests: any order gives the same one, and any difference between two sides gives another."""

import json
import random
from collections.abc import Mapping
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.digest import EMPTY, NOTHING, Digest, digest_of, part, spelled_part
from hah_desktop.domain.ids import ChangeId

T = TypeVar("T")
Heads = Mapping[str, tuple[ChangeId, ...]]
File = Mapping[str, Heads]

names = st.text(min_size=1, max_size=4)
changes = st.builds(ChangeId, names)
heads = st.dictionaries(names, st.lists(changes, unique=True, max_size=3).map(tuple), max_size=3)
files = st.dictionaries(names, heads, max_size=4)
chance = st.randoms(use_true_random=False)


def digest(file: File) -> Digest:
    return digest_of(part(record, fields) for record, fields in file.items())


def said(file: File) -> dict[str, dict[str, frozenset[ChangeId]]]:
    """What a file says, whatever the order: the heads of each field that has any."""
    told = {
        record: {name: frozenset(ids) for name, ids in fields.items() if ids}
        for record, fields in file.items()
    }
    return {record: fields for record, fields in told.items() if fields}


@given(files, chance)
def test_order_does_not_matter(file: File, chance: random.Random) -> None:
    mixed = {
        record: {name: tuple(chance.sample(ids, len(ids))) for name, ids in _mixed(fields, chance)}
        for record, fields in _mixed(file, chance)
    }
    assert digest(mixed) == digest(file)


def _mixed(found: Mapping[str, T], chance: random.Random) -> list[tuple[str, T]]:
    return chance.sample(list(found.items()), len(found))


@given(files, files)
def test_two_files_have_one_digest_only_if_they_say_the_same(one: File, other: File) -> None:
    assert (digest(one) == digest(other)) == (said(one) == said(other))


@given(files, names, names, changes)
def test_one_more_head_changes_it(file: File, record: str, name: str, change: ChangeId) -> None:
    fields = file.get(record, {})
    more = {**file, record: {**fields, name: (*fields.get(name, ()), change)}}
    assert (digest(more) == digest(file)) == (change in fields.get(name, ()))


@given(heads)
def test_what_is_spelled_already_has_the_same_part(fields: Heads) -> None:
    plain = {name: ids for name, ids in fields.items() if ids}
    if all(list(ids) == sorted(ids) for ids in plain.values()) and plain:
        spelled = ",".join(
            f"{_spelled(name)}:[{','.join(map(_spelled, ids))}]"
            for name, ids in sorted(plain.items())
        )
        assert spelled_part("record", f"{{{spelled}}}") == part("record", fields)


def _spelled(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def test_a_record_without_heads_counts_for_nothing() -> None:
    assert part("record", {"met_by": ()}) == part("record", {}) == NOTHING
    assert digest({"record": {"met_by": ()}}) == digest({}) == EMPTY


def test_a_head_that_moves_to_another_record_or_field_is_a_difference() -> None:
    a = ChangeId("a")
    sides = [{"r": {"x": (a,)}}, {"s": {"x": (a,)}}, {"r": {"y": (a,)}}]
    assert len({digest(side).sum for side in sides}) == 3
    assert {digest(side).count for side in sides} == {1}
