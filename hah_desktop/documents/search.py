"""Whether a text says a name or a sentence, however it was typed or broken into lines. Pure."""

import re
import unicodedata
from collections.abc import Iterable

_LONG = 20
"""From this many letters on, a text is looked for without its spaces: a page may break words."""

_PART = 80
"""A text may run over a page's end: its first and its last so many letters are looked for."""

_WORDS = (
    "amber angel april art august autumn bill brook chance chase christian daisy dawn dean drew "
    "eve faith frank gene grace grant guy harmony hazel heather holly hope hunter iris ivy jade "
    "jasmine joy june justice lane lily mark mason may melody miles noble olive page pat penny "
    "pepper pierce poppy ray reed river rob robin rocky rose ruby rusty sage sandy serenity sky "
    "star stone storm summer sunny tanner trinity violet ward wade west will willow winter"
)
NAMES_THAT_ARE_WORDS = frozenset(_WORDS.split())
"""Names that are words too: one of these counts as a name only with its capital letter."""


def folded(text: str) -> str:
    """The text without accents, invisible characters and line breaks; the case stays."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    kept = "".join(c for c in plain if not unicodedata.combining(c) and not _invisible(c))
    return " ".join(kept.split())


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Cc"} and not character.isspace()


def says(text: str, told: str) -> bool:
    """Whether `text` says `told`: as whole words, or, where `told` is long, with any spacing."""
    return any(_says(folded(text), part) for part in _parts(folded(told)))


def said_of(text: str, many: Iterable[str]) -> tuple[str, ...]:
    """Those of `many` that `text` says, each once."""
    plain = folded(text)
    unique = dict.fromkeys(many)
    return tuple(one for one in unique if any(_says(plain, part) for part in _parts(folded(one))))


def _parts(told: str) -> tuple[str, ...]:
    close = told.replace(" ", "")
    if len(close) < _LONG:
        return (told,) if told else ()
    return (close[:_PART], close[-_PART:])


def _says(text: str, part: str) -> bool:
    if len(part) >= _LONG and " " not in part:
        return part.casefold() in text.replace(" ", "").casefold()
    is_word = part.casefold() in NAMES_THAT_ARE_WORDS
    return _whole(part, re.NOFLAG if is_word else re.IGNORECASE).search(text) is not None


def _whole(part: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(part)}(?!\w)", flags)


def spellings(name: str) -> tuple[str, ...]:
    """A name as it may turn up: whole, and each part of it that starts with a capital letter."""
    parts = [part.strip(".,'-()\"") for part in name.split()]
    telling = [p for p in parts if len(p) > 1 and (not p[0].islower() or p == parts[0])]
    return tuple(dict.fromkeys((name.strip(), *telling))) if name.strip() else ()
