"""The rules for choosing a passphrase."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.vault.passphrase import COMMON_PHRASES, SHORTEST, problems

TOO_SHORT = "Use at least 12 characters"
REPEATS = "Do not repeat"
WELL_KNOWN = "Do not use a well-known phrase"


def _has(found: tuple[str, ...], start: str) -> bool:
    return any(problem.startswith(start) for problem in found)


@pytest.mark.parametrize(
    "good",
    [
        "violet kettle orbit marsh",
        "violetkettle",
        "my password is a purple elephant in Crewe",
        "wqkd7 vbnt2 mrrj",
        "дом кактус весна река",
        "ein Käse ohne Löcher",
    ],
)
def test_words_that_do_not_belong_together_are_accepted(good: str) -> None:
    assert problems(good) == ()


@given(st.text(max_size=SHORTEST - 1, alphabet=string.printable))
def test_fewer_than_twelve_characters_are_too_few(short: str) -> None:
    assert _has(problems(short), TOO_SHORT)


def test_twelve_characters_are_enough() -> None:
    assert problems("kettle marsh") == ()


def test_characters_are_counted_as_they_will_be_used() -> None:
    decomposed = "ke\u0301ttle mars"
    assert len(decomposed) == 12
    assert _has(problems(decomposed), TOO_SHORT)


@pytest.mark.parametrize(
    "known",
    [
        "Help at Hand 2026!",
        "HelpAtHand-HelpAtHand",
        "children's commissioner",
        "Childrens Commissioner1",
        "PASSWORD12345678",
        "p@55w0rd p@55w0rd!",
        "Password, passcode, secret",
        "correct horse battery staple",
        "qwertyuiop123",
        "poiuytrewq987",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "zzzzzzzzz-laptop",
        "welcome welcome to",
        "letmein letmein now",
        '!"£$%^&*()_+',
    ],
)
def test_what_anybody_would_try_first_is_refused(known: str) -> None:
    assert _has(problems(known), WELL_KNOWN)


@pytest.mark.parametrize(
    "repeated",
    ["            ", "aaaaaaaaaaaa", "abababababab", "lemon lemon lemon", "zkzkzkzqzqzq"],
)
def test_repetition_adds_no_strength(repeated: str) -> None:
    assert _has(problems(repeated), REPEATS)


def _disguised(phrase: str, marks: list[int]) -> str:
    """Write a phrase as people do who think that it makes it safe."""
    swaps = {"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7", "l": "1"}
    letters = [c for c in phrase if c not in " '"]
    for place, mark in enumerate(marks[: len(letters)]):
        plain = letters[place]
        letters[place] = (plain, plain.upper(), swaps.get(plain, plain), f"{plain} ")[mark]
    return "".join(letters)


@given(
    st.sampled_from(sorted(COMMON_PHRASES)),
    st.lists(st.integers(0, 3), max_size=40),
    st.sampled_from(["", "1", "!", "2026", "123", "99!", "123456789"]),
)
def test_case_spaces_and_digits_for_letters_hide_nothing(
    phrase: str, marks: list[int], ending: str
) -> None:
    assert problems(_disguised(phrase, marks) + ending) != ()


@given(st.text())
def test_any_text_gets_an_answer_in_whole_sentences(text: str) -> None:
    assert all(problem[0].isupper() and problem.endswith(".") for problem in problems(text))


@given(st.text(alphabet=string.ascii_lowercase + " ", max_size=30))
def test_the_form_of_the_letters_does_not_change_the_answer(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in text)
    assert problems(wide) == problems(text)


def test_a_list_of_ones_own_can_be_given() -> None:
    known = frozenset({"", "violet kettle", "orbit marsh"})
    assert _has(problems("Violet-Kettle Orbit-Marsh", known), WELL_KNOWN)


def test_every_reason_is_given_at_once() -> None:
    assert len(problems("aaaa")) == 3
