"""Where texts differ, word by word, in a time that is bounded whatever they say. Pure."""

import difflib
import enum
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby

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
    """Every text in runs of words, by whether the others say the same there.

    Where a line ends makes no difference, unless nothing else does.
    """
    split = [_words(text) for text in texts]
    bare = [[word.lstrip() for word in words] for words in split]
    compared = split if all(words == bare[0] for words in bare) else bare
    lacking = [[0] * len(words) for words in split]
    pairs = list(combinations(range(len(texts)), 2))
    for one, other in pairs:
        shared = _shared(compared[one], compared[other], WORK // len(pairs))
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


Block = tuple[int, int, int]
"""Words that two texts share: where they start in the one and in the other, and how many."""

_PASSAGES: tuple[int, ...] = (5, 3)
"""So many words in a row that each text says once are the same passage; the longer ones first."""


def _shared(one: Sequence[str], other: Sequence[str], most: int) -> tuple[list[bool], list[bool]]:
    """For each word of two texts, whether it stands in the other one, too; at most so much work.

    Passages that both say part what is too long to be compared word by word.
    """
    shared = [False] * len(one), [False] * len(other)

    def match(start: int, begin: int, length: int) -> None:
        shared[0][start : start + length] = [True] * length
        shared[1][begin : begin + length] = [True] * length

    waiting = [(0, len(one), 0, len(other), _PASSAGES)]
    while waiting:
        start, end, begin, until, passages = waiting.pop()
        head = _alike(one[start:end], other[begin:until])
        tail = _alike(one[start + head : end][::-1], other[begin + head : until][::-1])
        match(start, begin, head)
        match(end - tail, until - tail, tail)
        start, end, begin, until = start + head, end - tail, begin + head, until - tail
        mine, theirs = one[start:end], other[begin:until]
        work = _work(mine, theirs)
        if work <= most:
            most -= work
            blocks = _by_words(mine, theirs) if work else []
        elif passages:
            blocks = _by_passages(mine, theirs, passages[0])
            waiting += [
                (start + a, start + a_end, begin + b, begin + b_end, passages[1:])
                for a, a_end, b, b_end in _between(blocks, len(mine), len(theirs))
            ]
        else:
            # What is too much to compare is shown as different as a whole: true, and soon said.
            blocks = []
        for a, b, length in blocks:
            match(start + a, begin + b, length)
    return shared


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many of the same words both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _work(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs of equal words difflib would look at, more than once."""
    mine, theirs = Counter(one), Counter(other)
    return sum(mine[word] * theirs[word] for word in mine.keys() & theirs.keys())


def _by_words(one: Sequence[str], other: Sequence[str]) -> list[Block]:
    matcher = difflib.SequenceMatcher(a=one, b=other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]


def _by_passages(one: Sequence[str], other: Sequence[str], length: int) -> list[Block]:
    """What follows one another in both, of the passages of so many words that each says once."""
    found: list[Block] = []
    for start, begin in _rising(_said_once(one, other, length)):
        a, b, size = found[-1] if found else (0, 0, 0)
        if start - a == begin - b <= size and found:
            found[-1] = a, b, start - a + length
        elif start >= a + size and begin >= b + size:
            found.append((start, begin, length))
    return found


def _said_once(one: Sequence[str], other: Sequence[str], length: int) -> list[tuple[int, int]]:
    """Where the passages stand that each text says once, in the order of the one."""
    mine, theirs = (list(zip(*(w[n:] for n in range(length)), strict=False)) for w in (one, other))
    places = dict(zip(theirs, range(len(theirs)), strict=True))
    often, often_there = Counter(mine), Counter(theirs)
    return [
        (start, places[passage])
        for start, passage in enumerate(mine)
        if passage in places and often[passage] == often_there[passage] == 1
    ]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs in which the second numbers rise as the first ones do."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, begin) in enumerate(pairs):
        length = bisect_left(ends, begin)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [begin]
        last[length : length + 1] = [number]
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _between(blocks: Sequence[Block], end: int, until: int) -> Iterator[tuple[int, int, int, int]]:
    """What lies between blocks: from where to where in the one text, and in the other."""
    start = begin = 0
    for a, b, length in (*blocks, (end, until, 0)):
        yield start, a, begin, b
        start, begin = a + length, b + length


def heard(runs: Sequence[Run]) -> str:
    """What differs, for whoever hears the text instead of seeing the marks."""
    said = []
    for mark, words in ((Mark.ALONE, "Only here"), (Mark.SOME, "Not in every version")):
        found = "; ".join(text.strip() for text, how in runs if how is mark)
        if len(found) > MOST_QUOTED:
            found = f"{found[:MOST_QUOTED].rsplit(maxsplit=1)[0]} … and more"
        said += [f"{words}: {found}"] if found else []
    return ". ".join(said)
