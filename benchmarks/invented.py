"""Invented records and an invented published list, of the size and shape of the real ones."""

import csv
import random
from collections.abc import Iterator
from itertools import chain, islice, repeat
from pathlib import Path

from hah_desktop.domain.ids import RecordId, uuid7
from hah_desktop.domain.records.child import Statement

HOMES_OF_2024 = 0.85
"""The part of the places in the list of 2024 that had been inspected before."""

STATEMENTS_OF_A_VISIT = 40

_SYLLABLES = [first + second for first in "bcdfghklmnprstvwz" for second in "aeiou"]
_GRADES = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")
_HEADINGS = (
    "Web link",
    "URN",
    "Provision type",
    "Registration date",
    "Registration status",
    "Name",
    "Address 1",
    "Town",
    "County",
    "Postcode",
    "Government Office Region",
    "Local authority",
    "Sector",
    "Places",
    "Organisation which owns the provider",
)
_INSPECTED = (
    "full inspection event type",
    "full inspection date",
    "full inspection publication date",
    "full inspection event number",
    "overall experiences and progress of children and young people",
    "how well children and young people are helped and protected",
    "effectiveness of leaders and managers",
)


class Invention:
    """Makes things up, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        # What a later seed makes up was written later.
        self._now = 1_800_000_000_000 + seed * 10_000_000_000
        # Few words are frequent and most are rare, as in any language: search depends on it.
        self.words = [self._word() for _ in range(8000)]
        self._weights = [1 / (rank + 10) for rank in range(len(self.words))]

    def _word(self) -> str:
        return "".join(self._chance.choices(_SYLLABLES, k=self._chance.randint(2, 4)))

    def text(self, characters: int) -> str:
        """About so many characters of words."""
        words = self._chance.choices(self.words, self._weights, k=max(1, characters // 7))
        return " ".join(words)

    def record_id(self) -> RecordId:
        """An id as the program makes them: a minute later than the one before."""
        self._now += 60_000
        return RecordId(uuid7(self._now, self._chance.randbytes(10)))

    def statements(self, count: int, characters: int) -> list[Statement]:
        """What children said, on one visit after the other."""
        visits = repeat(STATEMENTS_OF_A_VISIT, count // STATEMENTS_OF_A_VISIT + 1)
        found = chain.from_iterable(self.visit(each, characters) for each in visits)
        return list(islice(found, count))

    def visit(self, count: int, characters: int) -> list[Statement]:
        """What one child said on one visit."""
        visit, child, talk = (self.record_id() for _ in range(3))
        return [
            Statement(
                id=self.record_id(),
                visit=visit,
                child=child,
                conversation=talk,
                type="said",
                text=self.text(characters),
            )
            for _ in range(count)
        ]

    def searches(self, count: int) -> list[str]:
        """Words to look for: some frequent, most rare, each in the vocabulary."""
        return [self.words[at] for at in range(0, len(self.words), len(self.words) // count)][
            :count
        ]

    def published_list(self, path: Path, rows: int) -> None:
        """A list of places with latest and previous inspection, in the form of March 2024."""
        headings = [*_HEADINGS, *(f"Latest {h}" for h in _INSPECTED)]
        headings += [f"Previous {h}" for h in _INSPECTED]
        with path.open("w", encoding="utf-8", newline="") as file:
            written = csv.writer(file)
            written.writerow(["Invented social care providers as at 31 March 2024"])
            written.writerow(headings)
            written.writerows(self._rows(rows))

    def _rows(self, count: int) -> Iterator[list[str]]:
        for number in range(count):
            previous = self._chance.random() < HOMES_OF_2024
            yield [
                "Social Care Provider Webpage",
                f"{2_000_000 + number}",
                "Children's home",
                "01/04/2015",
                "Active",
                f"{self.text(14).title()} House",
                f"{number} {self._chance.choice(self.words).title()} Lane",
                self._chance.choice(self.words).title(),
                "Larkshire",
                "ZZ1 1AA",
                "South West",
                "Larkshire",
                self._chance.choice(("Private", "Voluntary", "Local Authority")),
                str(self._chance.randint(2, 8)),
                f"{self.text(20).title()} Limited",
                *self._inspected(number, "2024"),
                *(self._inspected(number, "2023") if previous else [""] * len(_INSPECTED)),
            ]

    def _inspected(self, number: int, year: str) -> list[str]:
        day = self._chance.randint(1, 28)
        grade = self._chance.choices(_GRADES, (14, 71, 13, 2))[0]
        return [
            "Full inspection",
            f"{day:02}/01/{year}",
            f"{day:02}/02/{year}",
            f"{year}{number:05}",
            grade,
            grade,
            grade,
        ]
