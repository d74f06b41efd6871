"""Where texts differ: the words that differ are marked, all stay, and it never takes long."""

import difflib
import random
import sys
from collections.abc import Callable
from itertools import combinations
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def note(seed: int, *, ends: str = ".") -> str:
    """An invented note of 2,000 words, of which some are said as often as in English."""
    chance = random.Random(seed)  # noqa: S311 - a text to make again
    common = [f"word{n}" for n in range(400)]
    words = chance.choices(common, [1 / (n + 1) for n in range(400)], k=LONG)
    return " ".join(f"{word}{ends}" if n % 12 == 11 else word for n, word in enumerate(words))


def edited(text: str, seed: int, edits: int = 100) -> str:
    chance = random.Random(seed)  # noqa: S311 - as above
    words = text.split()
    for number in range(edits):
        words[chance.randrange(len(words))] = f"new{number}"
    return " ".join(words)


LONG_TEXTS = {
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


def test_a_long_note_is_still_compared_word_by_word() -> None:
    mine, theirs = marked(LONG_TEXTS["two versions of a note"])
    alone = [words.split() for words, mark in theirs if mark is ALONE]
    assert max(map(len, alone)) < 20
    assert sum(len(words.split()) for words, mark in mine if mark is SAME) > LONG * 0.9


def test_what_is_too_much_to_compare_is_marked_as_a_whole() -> None:
    texts = LONG_TEXTS["one sentence again and again"]
    assert LONG * LONG > WORK
    for runs, text in zip(marked(texts), texts, strict=True):
        assert ALONE in {mark for _, mark in runs}
        assert "".join(words for words, _ in runs) == text.rstrip()
    assert all(a != b for a, b in combinations(texts, 2))
