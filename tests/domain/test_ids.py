"""Ids: the layout of a UUID version 7, and ids that are the same on every laptop."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.ids import child_file, derived_id, uuid7, visit_file

random_parts = st.binary(min_size=10, max_size=10)


@given(st.integers(0, 2**48 - 1), random_parts)
def test_an_id_is_a_uuid_of_version_7_with_its_time_in_front(ms: int, random: bytes) -> None:
    made = uuid.UUID(uuid7(ms, random))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, ms)


@given(random_parts, random_parts)
def test_an_id_keeps_all_74_random_bits(one: bytes, other: bytes) -> None:
    free = (1 << 80) - 1 - (0xF << 76) - (0x3 << 62)
    differ = (int.from_bytes(one) ^ int.from_bytes(other)) & free
    assert free.bit_count() == 74
    assert (uuid7(0, one) != uuid7(0, other)) == bool(differ)


def test_a_clock_before_1970_still_gives_an_id() -> None:
    assert uuid7(-5, bytes(10)) == uuid7(0, bytes(10))


def test_the_example_of_the_standard_comes_out_of_its_parts() -> None:
    # RFC 9562, appendix A.6.
    random = (0x7CC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10)
    assert uuid7(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@pytest.mark.parametrize("length", [0, 9, 11])
def test_too_little_or_too_much_chance_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"10 random bytes, not {length}"):
        uuid7(0, bytes(length))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8)))
def test_the_same_parts_give_the_same_id_on_every_laptop(parts: list[str]) -> None:
    assert derived_id(*parts) == derived_id(*parts)


def test_parts_are_not_run_together() -> None:
    assert len({derived_id("ab", "c"), derived_id("a", "bc"), derived_id("abc")}) == 3


def test_an_id_once_derived_never_changes() -> None:
    assert derived_id("place", "1234567") == "7484f79d-fe12-58de-9e6b-a00ce45200e2"


def test_a_file_says_what_it_is_the_file_of() -> None:
    assert (visit_file("v1"), child_file("c1")) == ("visit:v1", "child:c1")
