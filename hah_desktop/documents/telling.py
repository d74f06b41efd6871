"""Turns what a reader may see of any record into blocks: facts, sections, tables. Pure."""

from collections.abc import Iterable, Sequence

from hah_desktop.documents.answers import Answer
from hah_desktop.documents.search import folded
from hah_desktop.documents.sight import Seen
from hah_desktop.documents.tree import Alternatives, Block, Facts, Heading, Note, Table

NEWER = "More was recorded here by a newer version of the program. Update the program to print it."

UNDECIDED = "(different answers, still to be decided)"

_LONGEST_CELL = 160
"""Longer answers, in letters, are told one below the other instead of in a table."""

_MOST_LINES = 5
_FEWEST_COLUMNS, _MOST_COLUMNS = 3, 6


def titled(level: int, title: str, blocks: Sequence[Block], tag: str = "") -> list[Block]:
    """The blocks under a heading; nothing at all where there are none."""
    return [Heading(level, title, tag), *blocks] if blocks else []


def facts(answers: Iterable[Answer], heading: str = "") -> list[Block]:
    """The answers as questions and answers, but for one that the heading above already gives."""
    return [
        Alternatives(f"{answer.label} {UNDECIDED}", answer.options)
        if answer.options
        else Facts(answer.label, answer.words)
        for answer in answers
        if answer.options or folded(answer.words) != folded(heading)
    ]


def by_section(seen: Seen, level: int, heading: str = "") -> dict[str, list[Block]]:
    """The answers of a record by the titles of its sections; "" holds those outside of any.

    Each section opens with its heading of `level`. Empty sections are left out.
    """
    left = {answer.name for answer in seen.answers}
    parts: dict[str, list[Block]] = {}
    for section in type(seen.record).sections:
        inside = [answer for answer in seen.answers if answer.name in section.fields]
        left -= set(section.fields)
        if told := facts(inside, heading):
            parts[section.title] = titled(level, section.title, _under(section.title, told))
    rest = facts(answer for answer in seen.answers if answer.name in left) + newer(seen)
    return parts | ({"": rest} if rest else {})


def _under(title: str, told: Sequence[Block]) -> list[Block]:
    """The blocks under a heading, which a question in the same words need not say again."""
    first, *rest = told
    if isinstance(first, Facts) and first.label == title:
        return [Facts("", first.value), *rest]
    return list(told)


def newer(seen: Seen) -> list[Block]:
    """A note where a newer version of the program wrote something that this one cannot read."""
    return [Note(NEWER)] if seen.record.unknown and seen.whole else []


def listed(seen: Sequence[Seen], level: int, numbers: Sequence[str]) -> list[Block]:
    """Records of one kind: a table where all answers are short, else one below the other.

    `numbers` are what the records are called, a heading or the first cell for each; empty words
    where they have no numbers.
    """
    if _fits_a_table(seen):
        return [_table(seen, numbers)]
    blocks: list[Block] = []
    for part, number in zip(seen, numbers, strict=True):
        title = number or (part.record.noun.capitalize() if len(seen) > 1 else "")
        inside = facts(part.answers) + newer(part)
        blocks += titled(level, title, inside) if title else inside
    return blocks


def _fits_a_table(seen: Sequence[Seen]) -> bool:
    narrow = _FEWEST_COLUMNS <= len(_columns(seen)) <= _MOST_COLUMNS
    short = all(_is_short(answer) for part in seen for answer in part.answers)
    return narrow and short and not any(newer(part) for part in seen)


def _is_short(answer: Answer) -> bool:
    within = len(answer.words) <= _LONGEST_CELL and answer.words.count("\n") < _MOST_LINES
    return within and not answer.options


def _columns(seen: Sequence[Seen]) -> dict[str, str]:
    """The questions that at least one of the records answers, in the order of the record."""
    return {answer.name: answer.label for part in seen for answer in part.answers}


def _table(seen: Sequence[Seen], numbers: Sequence[str]) -> Table:
    columns = _columns(seen)
    numbered = any(numbers)
    rows = []
    for part, number in zip(seen, numbers, strict=True):
        said = {answer.name: answer.words for answer in part.answers}
        cells = tuple(said.get(name, "") for name in columns)
        rows.append((number, *cells) if numbered else cells)
    head = tuple(columns.values())
    return Table(("Number", *head) if numbered else head, tuple(rows))
