"""Where texts differ: the words that differ are marked, all stay, and it never takes long."""

import difflib
import random
import sys
from collections.abc import Callable
from itertools import combinations, compress
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.ui.parts import differing
from hah_desktop.ui.parts.differing import MOST_QUOTED, WORK, Mark, heard, marked

SAME, SOME, ALONE = Mark.SAME, Mark.SOME, Mark.ALONE
LONG = 2000


def test_only_the_words_that_differ_are_marked() -> None:
    mine, theirs = marked(
        ["Share the log every Friday and add a night worker.", "Share the log every Friday."]
    )
    assert mine == [("Share the log every", SAME), (" Friday and add a night worker.", ALONE)]
    assert theirs == [("Share the log every", SAME), (" Friday.", ALONE)]


def test_of_three_versions_it_is_told_what_one_says_alone_and_what_one_leaves_out() -> None:
    one, other, third = marked(["The bell rang twice", "The bell rang once", "The bell"])
    assert one == [("The bell", SAME), (" rang", SOME), (" twice", ALONE)]
    assert other == [("The bell", SAME), (" rang", SOME), (" once", ALONE)]
    assert third == [("The bell", SAME)]
    assert heard(one) == "Only here: twice. Not in every version: rang"


def test_only_the_beginning_of_much_that_differs_is_read_out() -> None:
    mine, _ = marked(["word " * LONG, "another"])
    assert heard(mine).endswith("… and more")
    assert len(heard(mine)) < MOST_QUOTED + 50


WORDS = st.text("ab .\n\0", max_size=60)


@given(st.lists(WORDS, min_size=2, max_size=4))
def test_marking_leaves_out_nothing_but_spaces_at_the_end(texts: list[str]) -> None:
    found = ["".join(words for words, _ in runs) for runs in marked(texts)]
    assert found == [text.rstrip() for text in texts]


@given(WORDS, st.integers(2, 4))
def test_equal_texts_carry_no_mark(text: str, count: int) -> None:
    assert all(mark is SAME for runs in marked([text] * count) for _, mark in runs)


def note(seed: int, *, ends: str = ".", length: int = LONG) -> str:
    """An invented long note, of whose words some are said as often as in English."""
    chance = random.Random(seed)  # noqa: S311 - a text to make again
    common = [f"word{n}" for n in range(400)]
    words = chance.choices(common, [1 / (n + 1) for n in range(400)], k=length)
    return " ".join(f"{word}{ends}" if n % 12 == 11 else word for n, word in enumerate(words))


def edited(text: str, seed: int, edits: int = 100) -> str:
    chance = random.Random(seed)  # noqa: S311 - as above
    words = text.split()
    for number in range(edits):
        words[chance.randrange(len(words))] = f"new{number}"
    return " ".join(words)


def with_more(text: str, place: int, more: str) -> str:
    """The text with words put in somewhere."""
    words = text.split()
    return " ".join([*words[:place], more, *words[place:]])


def wrapped(text: str) -> str:
    """The text in lines, as somebody types it who presses Enter at the edge of the window."""
    words = text.split()
    return "\n".join(" ".join(words[n : n + 14]) for n in range(0, len(words), 14))


VERY_LONG = 20_000
DAYS = note(4, ends="", length=VERY_LONG)
"""As long as many days' notes, without a full stop."""

LONG_TEXTS = {
    "very long": [DAYS, edited(DAYS, 5, 500)],
    "very long, and others": [DAYS, note(6, ends="", length=VERY_LONG)],
    "three that are very long": [DAYS, wrapped(edited(DAYS, 5, 50)), edited(DAYS, 6, 50)],
    "one word even more often": ["no " * VERY_LONG, "yes " + "no " * VERY_LONG + "yes no yes"],
    "two versions of a note": [note(1), edited(note(1), 2)],
    "three versions of a note": [note(1), edited(note(1), 2), edited(note(1), 3)],
    "two notes": [note(1), note(2)],
    "without an end": [note(1, ends=""), edited(note(1, ends=""), 2)],
    "one word again and again": ["no " * LONG, "yes " + "no " * LONG + "yes no yes"],
    "one sentence again and again": ["No. " * LONG, "Yes. No. " * (LONG // 2)],
}


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called in it: what it costs, on however busy a machine.

    difflib calls one for each pair of equal words that it looks at.
    """
    count = 0

    def counted(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("texts", LONG_TEXTS.values(), ids=list(LONG_TEXTS))
def test_however_long_texts_are_little_is_done_to_compare_them(texts: list[str]) -> None:
    words = sum(len(text.split()) for text in texts)
    assert calls_of(lambda: marked(texts)) < 3 * WORK + 10 * words


def test_comparing_long_texts_word_by_word_would_be_much() -> None:
    one, other = (text.split() for text in LONG_TEXTS["two notes"])
    assert (
        calls_of(lambda: difflib.SequenceMatcher(a=one, b=other, autojunk=False).ratio())
        > 10 * WORK
    )


@pytest.mark.parametrize("which", ["two versions of a note", "without an end"])
def test_a_long_note_is_still_compared_word_by_word(which: str) -> None:
    mine, theirs = marked(LONG_TEXTS[which])
    alone = [words.split() for words, mark in theirs if mark is ALONE]
    assert max(map(len, alone)) < 20
    assert sum(len(words.split()) for words, mark in mine if mark is SAME) > LONG * 0.9


@pytest.mark.parametrize("lines", [str, wrapped], ids=["in one line", "in lines"])
def test_one_word_that_was_changed_in_the_middle_is_marked_and_no_other(
    lines: Callable[[str], str],
) -> None:
    words = DAYS.split()
    middle = VERY_LONG // 2
    changed = [*words[:middle], "changed", *words[middle + 1 :]]
    mine, theirs = marked([DAYS, lines(" ".join(changed))])
    assert [words.split() for words, mark in mine if mark is ALONE] == [[words[middle]]]
    assert [words.split() for words, mark in theirs if mark is ALONE] == [["changed"]]


def test_what_two_people_put_in_at_different_places_is_marked_and_nothing_else() -> None:
    hers = with_more(DAYS, 3_000, "Ruth was told this later")
    his = with_more(DAYS, 15_000, "and Sam heard that")
    for texts in ([hers, his], [hers, wrapped(his), DAYS]):
        mine, theirs, *first = marked(texts)
        assert [words.strip() for words, mark in mine if mark is not SAME] == [
            "Ruth was told this later"
        ]
        assert [words.strip() for words, mark in theirs if mark is not SAME] == [
            "and Sam heard that"
        ]
        assert all(mark is SAME for runs in first for _, mark in runs)


def test_where_lines_end_is_marked_only_where_nothing_else_differs() -> None:
    mine, theirs = marked(["The bell rang twice", "The bell\nrang once"])
    assert mine == [("The bell rang", SAME), (" twice", ALONE)]
    assert theirs == [("The bell\nrang", SAME), (" once", ALONE)]
    mine, theirs = marked(["The bell rang", "The bell\nrang"])
    assert theirs == [("The bell", SAME), ("\nrang", ALONE)]


@given(st.lists(st.integers(0, 6), max_size=40), st.lists(st.integers(0, 6), max_size=40))
def test_what_is_said_to_be_shared_is_so_and_in_the_same_order(
    one: list[int], other: list[int]
) -> None:
    mine, theirs = [str(number) for number in one], [str(number) for number in other]
    for most in (0, 10, WORK):
        shared = differing._shared(mine, theirs, most)
        assert list(compress(mine, shared[0])) == list(compress(theirs, shared[1]))


def test_what_is_too_much_to_compare_is_marked_as_a_whole() -> None:
    texts = LONG_TEXTS["one sentence again and again"]
    assert LONG * LONG > WORK
    for runs, text in zip(marked(texts), texts, strict=True):
        assert ALONE in {mark for _, mark in runs}
        assert "".join(words for words, _ in runs) == text.rstrip()
    assert all(a != b for a, b in combinations(texts, 2))
