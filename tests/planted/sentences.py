"""Fifty random sentences, each with a word that is nowhere else, and every way to spell that word.

The child process and the test that watches it make the same ones from the same seed, so the
sentences themselves are never handed over in a file, a pipe or an argument.
"""

import base64
import random
from dataclasses import dataclass

COUNT = 50
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True)
class Sentences:
    """Sentence by sentence; `stem` begins every planted word, so a search looks for it first."""

    stem: str
    words: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, seed: str) -> "Sentences":
        """The sentences of one seed."""
        chance = random.Random(seed)  # noqa: S311 - words to plant, not a secret
        stem = _syllables(chance, 4)
        words: dict[str, str] = {}
        while len(words) < COUNT:
            word = stem + _syllables(chance, 4)
            around = [_syllables(chance, 2) for _ in range(5)]
            words[word] = f"{' '.join(around[:2])} {word} {' '.join(around[2:])}."
        return cls(stem, tuple(words), tuple(words.values()))


def _syllables(chance: random.Random, count: int) -> str:
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(count))


def spellings(word: str) -> dict[str, bytes]:
    """Every form in which a word is looked for. Each is what lies on a disk, byte for byte."""
    plain = word.encode()
    found = {
        "UTF-8": plain,
        "UTF-8, capitals": word.upper().encode(),
        "UTF-16LE": word.encode("utf-16-le"),
        "hex": plain.hex().encode(),
        "hex, capitals": plain.hex().upper().encode(),
        "reversed": plain[::-1],
    }
    for offset in range(3):
        found[f"base64 at {offset}"] = _base64_inside(plain, offset)
    return found


def _base64_inside(plain: bytes, offset: int) -> bytes:
    """The part of the base64 of a longer text that this word alone decides."""
    whole = base64.b64encode(bytes(offset) + plain)
    # A letter holds six bits: the first and the last ones hold bits of a neighbour too.
    first, end = -(-offset * 8 // 6), (offset + len(plain)) * 8 // 6
    return whole[first:end]
