"""Which column of a table means what: by the words of its heading, never by where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from hah_desktop.intake.errors import AmbiguousColumns, MissingColumn, NotATable
from hah_desktop.intake.meanings import NOT_KEPT, OF_INSPECTION, OTHER_EVENTS, RULES, Meaning
from hah_desktop.intake.preview import Column
from hah_desktop.intake.text import NOTHING_TAKEN, SAVE_AS_CSV
from hah_desktop.intake.words import plain

ROWS_SEARCHED = 30
"""The row of headings is looked for in this many rows from the top."""

FEWEST_MEANINGS = 3
"""A row of headings has at least so many columns whose meaning is known."""

NEEDED = (Meaning.URN, Meaning.GRADE)
BEFORE = frozenset({"previous", "prior", "preceding"})
NOT_USED = "not used"
_MAY_REPEAT = NOT_KEPT | {Meaning.ADDRESS}


@dataclass(frozen=True)
class Claim:
    """What one column was taken for; `previous` for the inspection before the latest."""

    meaning: Meaning
    previous: bool = False

    @property
    def in_words(self) -> str:
        """What the person is told the column was taken for."""
        kept = ", not kept" if self.meaning in NOT_KEPT else ""
        return f"{self.meaning.value}{' (previous inspection)' if self.previous else ''}{kept}"


@dataclass(frozen=True)
class Table:
    """Where the headings stand, and the columns (from 0) of each meaning.

    `where` and `full` hold two things, for the latest and for the previous inspection; `full`
    is whether the headings themselves say that it is the full one.
    """

    header_row: int
    where: tuple[Mapping[Meaning, tuple[int, ...]], Mapping[Meaning, tuple[int, ...]]]
    columns: tuple[Column, ...]
    full: tuple[bool, bool]

    def at(self, meaning: Meaning, *, previous: bool = False) -> tuple[int, ...]:
        """The columns of a meaning, in reading order; none where the file has no such column."""
        return self.where[previous].get(meaning, ())


@dataclass(frozen=True)
class _Heading:
    """One heading with the group above it."""

    at: int
    as_written: str
    heading: str
    words: frozenset[str]
    previous: bool
    full: bool
    of_other_event: bool

    def claims(self) -> frozenset[Claim]:
        fitting = {rule.meaning for rule in RULES if rule.fits(self.heading, self.words)}
        if self.of_other_event:
            fitting -= OF_INSPECTION
        if self.previous:
            fitting &= OF_INSPECTION
        return frozenset(Claim(meaning, self.previous) for meaning in fitting)


def find_table(rows: Sequence[Sequence[str]], name: str) -> Table:
    """The row of headings and what its columns mean.

    Raises NotATable without a row of headings, MissingColumn without URN or grade, and
    AmbiguousColumns where two columns claim one meaning, or one column two.
    """
    candidates = [_headings(rows, number) for number in range(min(len(rows), ROWS_SEARCHED))]
    found = [len(frozenset().union(*(h.claims() for h in row))) for row in candidates]
    best = max(found, default=0)
    if best < FEWEST_MEANINGS:
        raise NotATable(
            f"“{name}” has no row of headings such as URN and Overall effectiveness "
            f"in its first {ROWS_SEARCHED} rows.",
            NOTHING_TAKEN,
            f"Check that it is Ofsted's list of providers. {SAVE_AS_CSV}",
        )
    number = found.index(best)
    return _table(number + 1, candidates[number])


def _headings(rows: Sequence[Sequence[str]], number: int) -> list[_Heading]:
    groups = _groups(rows[number - 1]) if number else []
    return [
        _heading(at, cell, groups[at] if at < len(groups) else "")
        for at, cell in enumerate(rows[number])
    ]


def _heading(at: int, cell: str, group: str) -> _Heading:
    heading = plain(cell)
    words = frozenset(heading.split())
    either = words | frozenset(group.split())
    return _Heading(
        at=at,
        as_written=" ".join(cell.split()),
        heading=heading,
        words=words,
        previous=not BEFORE.isdisjoint(either),
        full="full" in either,
        of_other_event=not OTHER_EVENTS.isdisjoint(either),
    )


def _groups(row: Sequence[str]) -> list[str]:
    """The group over each column. A merged cell leaves its words in the first of its columns.

    A row with words in one cell only is a title or a note and groups nothing.
    """
    cells = [plain(cell) for cell in row]
    if sum(map(bool, cells)) <= 1:
        return []
    current = ""
    return [current := cell or current for cell in cells]


def _table(header_row: int, headings: list[_Heading]) -> Table:
    claims = {heading.at: _only_claim(heading) for heading in headings}
    by_claim: dict[Claim, list[_Heading]] = {}
    for heading in headings:
        if claim := claims[heading.at]:
            by_claim.setdefault(claim, []).append(heading)
    _refuse_ambiguous(by_claim)
    _refuse_incomplete(by_claim, headings)
    return Table(
        header_row=header_row,
        where=(_where(by_claim, previous=False), _where(by_claim, previous=True)),
        columns=tuple(_reported(heading, claims[heading.at]) for heading in headings),
        full=(_says_full(by_claim, previous=False), _says_full(by_claim, previous=True)),
    )


def _reported(heading: _Heading, claim: Claim | None) -> Column:
    return Column(letter(heading.at), heading.as_written, claim.in_words if claim else NOT_USED)


def _only_claim(heading: _Heading) -> Claim | None:
    claims = sorted(heading.claims(), key=lambda claim: claim.in_words)
    if len(claims) > 1:
        raise AmbiguousColumns(
            f"The column “{heading.as_written}” could be "
            f"{' or '.join(claim.in_words for claim in claims)}.",
            NOTHING_TAKEN,
            "Give the column a heading that can mean one thing only, and try again.",
        )
    return claims[0] if claims else None


def _refuse_ambiguous(by_claim: Mapping[Claim, list[_Heading]]) -> None:
    """An address may stand in several columns; nothing else may."""
    for claim, those in by_claim.items():
        if len(those) > 1 and claim.meaning not in _MAY_REPEAT:
            named = " and ".join(f"“{h.as_written}” (column {letter(h.at)})" for h in those)
            raise AmbiguousColumns(
                f"Two columns could be the {claim.in_words}: {named}.",
                NOTHING_TAKEN,
                "Delete or rename the one that is not, and try again.",
            )


def _refuse_incomplete(
    by_claim: Mapping[Claim, list[_Heading]], headings: Sequence[_Heading]
) -> None:
    missing = [meaning.value for meaning in NEEDED if Claim(meaning) not in by_claim]
    if missing:
        named = ", ".join(f"“{h.as_written}”" for h in headings if h.as_written)
        raise MissingColumn(
            f"There is no column for the {' or the '.join(missing)}. The headings are: {named}.",
            NOTHING_TAKEN,
            "Check that it is Ofsted's list of providers with their latest inspections.",
        )


def _where(
    by_claim: Mapping[Claim, list[_Heading]], *, previous: bool
) -> dict[Meaning, tuple[int, ...]]:
    return {
        claim.meaning: _in_order(those)
        for claim, those in by_claim.items()
        if claim.previous == previous
    }


def _in_order(headings: Sequence[_Heading]) -> tuple[int, ...]:
    """The lines of an address follow the numbers in their headings, wherever they stand."""
    return tuple(h.at for h in sorted(headings, key=lambda h: (h.heading, h.at)))


def _says_full(by_claim: Mapping[Claim, list[_Heading]], *, previous: bool) -> bool:
    grade = by_claim.get(Claim(Meaning.GRADE, previous), [])
    dates = by_claim.get(Claim(Meaning.INSPECTED_ON, previous), [])
    return any(heading.full for heading in (*grade, *dates))


def letter(at: int) -> str:
    """The letters over a column in a spreadsheet: 0 is A, 26 is AA."""
    before, last = divmod(at, len(ascii_uppercase))
    return (letter(before - 1) if before else "") + ascii_uppercase[last]
