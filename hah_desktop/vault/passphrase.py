"""The rules for choosing a passphrase: long enough, and not one of the first anybody would try.

There is no rule about capitals, digits or signs: length and surprise are what count.
"""

import unicodedata
from collections.abc import Iterable, Iterator

SHORTEST = 12
FEWEST_DIFFERENT = 5
# What stands beside listed phrases and runs of keys must itself be worth something.
FEWEST_OF_ITS_OWN = 6
SHORTEST_RUN = 4

COMMON_PHRASES: frozenset[str] = frozenset(
    {
        # what this program and this service are called
        "help at hand",
        "children's commissioner",
        "children's commissioner for england",
        "childrens rights",
        "commissioner",
        "advocacy",
        "adviser",
        "advisor",
        "safeguarding",
        "social worker",
        "social care",
        "secure children's home",
        "young offender institution",
        "secure training centre",
        "sanctuary buildings",
        "department for education",
        "ofsted",
        "every child matters",
        # what people write when they are asked for one of these
        "password",
        "passphrase",
        "passcode",
        "passwort",
        "secret",
        "let me in",
        "open sesame",
        "log in",
        "log on",
        "sign in",
        "welcome",
        "change me",
        "default",
        "administrator",
        "admin",
        "root",
        "guest",
        "user",
        "test",
        "testing",
        "temporary",
        "temp",
        "demo",
        "example",
        "laptop",
        "computer",
        "windows",
        "microsoft",
        "internet",
        "office",
        "work",
        "desktop",
        "trust no one",
        "i forgot",
        "this is my password",
        "my password is",
        "who cares",
        "whatever",
        "nothing",
        # what is on every published list
        "correct horse battery staple",
        "i love you",
        "princess",
        "sunshine",
        "football",
        "baseball",
        "superman",
        "batman",
        "spiderman",
        "monkey",
        "dragon",
        "master",
        "shadow",
        "michael",
        "charlie",
        "jessica",
        "ashley",
        "summer",
        "autumn",
        "winter",
        "spring",
        "monday",
        "friday",
        "january",
        "february",
        "september",
        "october",
        "november",
        "december",
        "starwars",
        "pokemon",
        "chocolate",
        "cheese",
        "banana",
        "flower",
        "freedom",
        "liverpool",
        "arsenal",
        "chelsea",
        "manchester united",
        "manchester",
        "tottenham",
        "everton",
        "england",
        "london",
        "great britain",
        "united kingdom",
        "god save the king",
        "god save the queen",
        "keep calm and carry on",
        "to be or not to be",
        "that is the question",
        "once upon a time",
        "happily ever after",
        "the quick brown fox",
        "jumps over the lazy dog",
        "may the force be with you",
        "you'll never walk alone",
        "hello world",
        "hello",
        "good morning",
        "merry christmas",
        "happy birthday",
        "mary had a little lamb",
        "twinkle twinkle little star",
        "lorem ipsum dolor sit amet",
        "abracadabra",
        "supercalifragilisticexpialidocious",
        "a b c 1 2 3",
    }
)

# Digits and signs that stand for letters; l goes to i because 1 stands for both.
_LOOKALIKES = str.maketrans("0134578@$!|+€£l", "oieastbasiiteii")
_BETWEEN_WORDS = " -_.,:;'\u2019/"
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    '!"£$%^&*()_+',
    "!@#$%^&*()_+",
)


def problems(passphrase: str, common_phrases: Iterable[str] = COMMON_PHRASES) -> tuple[str, ...]:
    """Say why this passphrase may not be chosen, one sentence for each reason; none: it may."""
    typed = unicodedata.normalize("NFKC", passphrase)
    return tuple(_problems(typed, common_phrases))


def _problems(typed: str, common_phrases: Iterable[str]) -> Iterator[str]:
    if len(typed) < SHORTEST:
        yield (
            f"Use at least {SHORTEST} characters; four or five words that do not"
            " belong together are good."
        )
    bare = _bare(typed)
    if len(set(bare)) < FEWEST_DIFFERENT or _repeats(bare):
        yield "Do not repeat the same few characters or the same word."
    if len(bare) - len(_guessable(bare, common_phrases)) < FEWEST_OF_ITS_OWN:
        yield (
            "Do not use a well-known phrase, the name of the service or a run of keys;"
            " add words of your own."
        )


def _bare(typed: str) -> str:
    """Leave out case, spaces and the marks that are put between words."""
    return "".join(c for c in typed.casefold() if c.isprintable() and c not in _BETWEEN_WORDS)


def _repeats(bare: str) -> bool:
    """Tell whether the text is one shorter piece over and over."""
    return bare in (bare + bare)[1:-1]


def _guessable(bare: str, common_phrases: Iterable[str]) -> set[int]:
    """Find the places of the text that a list of phrases or a keyboard explains."""
    places = set(_in_runs(bare))
    folded = bare.translate(_LOOKALIKES)
    for phrase in common_phrases:
        places.update(_occurrences(folded, _bare(phrase).translate(_LOOKALIKES)))
    return places


def _occurrences(text: str, phrase: str) -> Iterator[int]:
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        yield from range(start, start + len(phrase))
        start = text.find(phrase, start + 1)


def _in_runs(bare: str) -> Iterator[int]:
    """Give the places that lie in four or more neighbours of one row, or in one repeated key."""
    for start in range(len(bare) - SHORTEST_RUN + 1):
        piece = bare[start : start + SHORTEST_RUN]
        if len(set(piece)) == 1 or any(piece in row or piece[::-1] in row for row in _ROWS):
            yield from range(start, start + SHORTEST_RUN)
