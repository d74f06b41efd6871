"""Where texts differ, word by word, in a time that is bounded whatever they say. Pure."""

import difflib
import enum
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import accumulate, combinations, groupby

WORK = 20_000
"""How many pairs of equal words are looked at in all: about 15 ms. difflib's time grows with them.

Two different texts of 2,000 words have 130,000 pairs, and a word that is repeated 2,000 times has
four million: three quarters of a second.
"""

MOST_QUOTED = 300
"""So many characters of what differs are read out; the text itself says the rest."""


class Mark(enum.Enum):
    """In how many of the other texts words stand, too."""

    SAME = "in all"
    SOME = "not in all"
    ALONE = "only here"


Run = tuple[str, Mark]
"""Words that follow one another and are marked alike."""


def marked(texts: Sequence[str]) -> list[list[Run]]:
    """Every text in runs of words, by whether the others say the same there."""
    split = [_words(text) for text in texts]
    lacking = [[0] * len(words) for words in split]
    pairs = list(combinations(range(len(texts)), 2))
    for one, other in pairs:
        shared = _shared(split[one], split[other], WORK // len(pairs))
        for which, found in zip((one, other), shared, strict=True):
            for place, is_shared in enumerate(found):
                lacking[which][place] += not is_shared
    others = len(texts) - 1
    return [_runs(*pair, others) for pair in zip(split, lacking, strict=True)]


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


def _runs(words: Sequence[str], lacking: Sequence[int], others: int) -> list[Run]:
    marks = [
        Mark.SAME if not count else Mark.ALONE if count == others else Mark.SOME
        for count in lacking
    ]
    grouped = groupby(zip(words, marks, strict=True), key=lambda pair: pair[1])
    return [("".join(word for word, _ in pairs), mark) for mark, pairs in grouped]


def _shared(one: Sequence[str], other: Sequence[str], most: int) -> tuple[list[bool], list[bool]]:
    """For each word of two texts, whether it stands in the other one, too; at most so much work."""
    shared = [False] * len(one), [False] * len(other)

    def match(start: int, begin: int, length: int) -> None:
        shared[0][start : start + length] = [True] * length
        shared[1][begin : begin + length] = [True] * length

    head = _alike(one, other)
    tail = _alike(one[head:][::-1], other[head:][::-1])
    match(0, 0, head)
    match(len(one) - tail, len(other) - tail, tail)
    mine, theirs = one[head : len(one) - tail], other[head : len(other) - tail]
    is_little = _work(mine, theirs) <= most
    blocks = _by_words(mine, theirs) if is_little else _by_parts(mine, theirs, most)
    for start, begin, length in blocks:
        match(head + start, head + begin, length)
    return shared


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many of the same words both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _work(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """How many pairs of equal things difflib would look at, more than once."""
    mine, theirs = Counter(one), Counter(other)
    return sum(count * theirs[word] for word, count in mine.items())


Block = tuple[int, int, int]


def _by_words(one: Sequence[str], other: Sequence[str]) -> list[Block]:
    matcher = difflib.SequenceMatcher(a=one, b=other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]


def _by_parts(one: Sequence[str], other: Sequence[str], most: int) -> list[Block]:
    """Compare sentence by sentence, and word by word only where sentences differ."""
    mine, theirs = _parts(one), _parts(other)
    left = most - _work(mine, theirs)
    if left < 0:
        return []
    starts, begins = _starts(mine), _starts(theirs)
    found: list[Block] = []
    matcher = difflib.SequenceMatcher(a=mine, b=theirs, autojunk=False)
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        start, begin = starts[a], begins[b]
        if tag == "equal":
            found.append((start, begin, starts[a_end] - start))
            continue
        here, there = one[start : starts[a_end]], other[begin : begins[b_end]]
        work = _work(here, there)
        # What is too much to compare is shown as different as a whole: true, and soon said.
        if work <= left:
            left -= work
            found += [(start + x, begin + y, n) for x, y, n in _by_words(here, there)]
    return found


def _parts(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The words as sentences: one ends with a full stop or its like, or with its line."""
    parts: list[list[str]] = [[]]
    for word in words:
        if "\n" in word and parts[-1]:
            parts.append([])
        parts[-1].append(word)
        if word[-1] in ".!?":
            parts.append([])
    return [tuple(part) for part in parts if part]


def _starts(parts: Sequence[Sequence[str]]) -> list[int]:
    """At which word each part starts, and where the last one ends."""
    return list(accumulate(map(len, parts), initial=0))


def heard(runs: Sequence[Run]) -> str:
    """What differs, for whoever hears the text instead of seeing the marks."""
    said = []
    for mark, words in ((Mark.ALONE, "Only here"), (Mark.SOME, "Not in every version")):
        found = "; ".join(text.strip() for text, how in runs if how is mark)
        if len(found) > MOST_QUOTED:
            found = f"{found[:MOST_QUOTED].rsplit(maxsplit=1)[0]} … and more"
        said += [f"{words}: {found}"] if found else []
    return ". ".join(said)
