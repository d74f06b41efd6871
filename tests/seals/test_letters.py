"""Letters by telephone: what was misheard or typed wrong is found, and the group named."""

import string
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.seals import letters
from hah_desktop.seals.errors import Misheard
from hah_desktop.seals.letters import ALPHABET

groups = st.text(ALPHABET, min_size=4, max_size=4)
data = st.lists(groups, min_size=1, max_size=6).map("".join)


def _refused(written: list[str], count: int) -> tuple[int, ...]:
    with pytest.raises(Misheard) as refusal:
        letters.read("-".join(written), count)
    return refusal.value.groups


@given(data)
def test_what_was_written_is_read_back(said: str) -> None:
    assert letters.read(letters.write(said), len(said)) == said


def test_letters_are_written_in_groups_of_five() -> None:
    assert letters.write("ABCDEFGH") == "ABCDD-EFGH3"


@given(data)
def test_case_spaces_dashes_and_look_alikes_do_not_matter(said: str) -> None:
    written = letters.write(said)
    loose = written.lower().replace("-", " – ").replace("0", "o").replace("1", "l")
    assert letters.read(f"\t{loose}\u00a0", len(said)) == said
    assert letters.read(written.replace("-", "").replace("1", "I"), len(said)) == said


@given(data)
def test_every_single_wrong_letter_is_found_and_its_group_named(said: str) -> None:
    written = letters.write(said).split("-")
    for number, group in enumerate(written):
        for place in range(5):
            for other in set(ALPHABET) - {group[place]}:
                wrong = group[:place] + other + group[place + 1 :]
                typed = [*written[:number], wrong, *written[number + 1 :]]
                assert _refused(typed, len(said)) == (number + 1,)


@given(data)
def test_every_swap_of_two_letters_in_a_group_is_found_and_the_group_named(said: str) -> None:
    written = letters.write(said).split("-")
    for number, group in enumerate(written):
        for one, two in combinations(range(5), 2):
            swapped = list(group)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            typed = [*written[:number], "".join(swapped), *written[number + 1 :]]
            if swapped == list(group):
                assert letters.read("-".join(typed), len(said)) == said
            else:
                assert _refused(typed, len(said)) == (number + 1,)


@given(data)
def test_every_swap_of_two_groups_is_found_and_both_named(said: str) -> None:
    written = letters.write(said).split("-")
    for one, two in combinations(range(len(written)), 2):
        swapped = written.copy()
        swapped[one], swapped[two] = swapped[two], swapped[one]
        assert _refused(swapped, len(said)) == (one + 1, two + 1)


@given(groups)
def test_equal_groups_in_another_place_are_written_otherwise(said: str) -> None:
    assert len(set(letters.write(said * 31).split("-"))) == 31


def test_groups_in_any_other_order_are_refused() -> None:
    written = letters.write("0000" * 4).split("-")
    for order in permutations(written):
        if list(order) != written:
            assert _refused(list(order), 16)


@given(data, st.characters(exclude_characters=ALPHABET + ALPHABET.lower() + "oOiIlL"))
def test_what_is_no_letter_of_ours_is_never_taken_for_one(said: str, other: str) -> None:
    written = letters.write(said)
    with pytest.raises(Misheard):
        letters.read(other + written[1:], len(said))


@pytest.mark.parametrize("other", sorted(set(string.printable) - set(ALPHABET.lower() + ALPHABET)))
def test_a_sign_that_is_no_letter_is_refused_in_its_group(other: str) -> None:
    written = letters.write("ZZZZZZZZ")
    with pytest.raises(Misheard):
        letters.read(written[:-1] + other, 8)


def test_several_wrong_groups_are_named_together() -> None:
    with pytest.raises(Misheard, match="Groups 1, 2 and 3 of the letters cannot") as refusal:
        letters.read("2BCDE-FGHJK-MNPQR", 12)
    assert refusal.value.groups == (1, 2, 3)
    assert refusal.value.kept == "Nothing was changed."


def test_a_group_of_another_length_is_named() -> None:
    one, two, three = letters.write("ABCDEFGHJKMN").split("-")
    with pytest.raises(Misheard, match="Group 2 of the letters should have five") as refusal:
        letters.read(f"{one} {two[:-1]} {three}", 12)
    assert refusal.value.groups == (2,)
    assert _refused([one[:-1], two, three + "A", "A"], 12) == ()


@pytest.mark.parametrize(("typed", "number"), [("", 0), ("ABCD", 4), ("A" * 16, 16)])
def test_too_few_and_too_many_letters_are_counted(typed: str, number: int) -> None:
    with pytest.raises(Misheard, match=f"There should be 15 .* and {number} were typed") as refusal:
        letters.read(typed, 12)
    assert refusal.value.groups == ()


@pytest.mark.parametrize("said", ["", "ABC", "ABCDE", "A" * 128])
def test_what_is_not_whole_groups_is_not_written(said: str) -> None:
    with pytest.raises(ValueError, match="groups of four"):
        letters.write(said)


def test_bytes_are_written_five_bits_to_a_letter_from_the_left() -> None:
    assert letters.of_bytes(b"\x00\x44\x32\x14\xc7\xff", 8) == "01234567"
    assert letters.of_bytes(b"\xff", 1) == "Z"
    with pytest.raises(ValueError, match="too few bytes"):
        letters.of_bytes(b"\xff", 2)


@given(st.binary(min_size=15, max_size=40))
def test_bytes_that_differ_in_the_first_bits_are_written_otherwise(data: bytes) -> None:
    assert letters.number(letters.of_bytes(data, 24)) == int.from_bytes(data[:15])


@given(st.integers(0, 2**60 - 1))
def test_a_number_comes_back(number: int) -> None:
    written = letters.of_number(number, 12)
    assert len(written) == 12
    assert letters.number(written) == number


@pytest.mark.parametrize("number", [-1, 32])
def test_a_number_with_too_few_letters_is_not_written(number: int) -> None:
    with pytest.raises(ValueError, match="too few letters"):
        letters.of_number(number, 1)
