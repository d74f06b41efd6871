"""The cells of one row as values, and what is doubtful about them; a doubt is never silent."""

import datetime as dt
import re
from collections.abc import Sequence

from hah_desktop.intake.columns import Table
from hah_desktop.intake.dates import read_date
from hah_desktop.intake.grades import grade_code, inspection_code, provision_codes
from hah_desktop.intake.meanings import Meaning
from hah_desktop.intake.words import plain, said_in, withheld

REGIONS = frozenset(
    {
        "north east",
        "north west",
        "yorkshire and the humber",
        "north east yorkshire and the humber",
        "east midlands",
        "west midlands",
        "east of england",
        "london",
        "south east",
        "south west",
    }
)
"""The regions of England, and the one that Ofsted makes of two."""

SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number in a narrow column: 1.02E+07."""


class Cells:
    """One row, read by meaning. Doubts gather here while the row is read.

    `misplaced` are the meanings whose cell holds something of quite another form, such as a
    number for a sector: two of them in one row, and the row's cells have slipped.
    """

    def __init__(self, table: Table, cells: Sequence[str]) -> None:
        self.table = table
        self.cells = cells
        self.doubts: list[str] = []
        self.misplaced: set[Meaning] = set()
        # A short row says nothing in the columns that it has not.
        self._said = [*map(said_in, cells), *[""] * (len(table.columns) - len(cells))]

    def words(self, meaning: Meaning, *, previous: bool = False) -> str:
        """The cell as written, in single spaces; "" for none, or for one that is kept back."""
        for at in self.table.at(meaning, previous=previous):
            if self._said[at]:
                return self._said[at]
        return ""

    def lines(self, meaning: Meaning) -> list[str]:
        """All cells of a meaning that say anything."""
        return [self._said[at] for at in self.table.at(meaning) if self._said[at]]

    def withheld(self, meaning: Meaning) -> bool:
        """Whether the list says that this is kept back."""
        silent = (at for at in self.table.at(meaning) if not self._said[at])
        return any(withheld(self.cells[at]) for at in silent if at < len(self.cells))

    def date(self, meaning: Meaning, *, previous: bool = False) -> dt.date | None:
        """The day in the cell."""
        words = self.words(meaning, previous=previous)
        day = read_date(words) if words else None
        if words and day is None:
            self._misplaced(meaning, f"“{words}” is not a date ({meaning.value}); left out.")
        return day

    def event_number(self, *, previous: bool) -> str:
        """The event number; one that a spreadsheet has rounded away is no number any more."""
        words = self.words(Meaning.EVENT_NUMBER, previous=previous)
        if SHORTENED.fullmatch(words):
            self.doubts.append(
                f"A spreadsheet has shortened the event number to “{words}”; left out."
            )
            return ""
        return words

    def grade(self, meaning: Meaning, *, previous: bool = False) -> str:
        """The code of the grade in the cell."""
        words = self.words(meaning, previous=previous)
        if not words:
            return ""
        if code := grade_code(words):
            return code
        said = f"“{words}” is not a grade that is known ({meaning.value})."
        if any(letter.isdigit() for letter in words):
            self._misplaced(meaning, said)
        else:
            self.doubts.append(said)
        return ""

    def inspection_type(self, *, previous: bool) -> str:
        """The code of the type of inspection; headings that say "full" speak for empty cells."""
        words = self.words(Meaning.EVENT_TYPE, previous=previous)
        if not words:
            return self._type_by_heading(previous=previous)
        code = inspection_code(words)
        if code is None:
            said = f"“{words}” is not a type of inspection that is known."
            if grade_code(words) or any(letter.isdigit() for letter in words):
                self._misplaced(Meaning.EVENT_TYPE, said)
            else:
                self.doubts.append(said)
        return code or ""

    def _type_by_heading(self, *, previous: bool) -> str:
        if self.table.full[previous]:
            return "FULL"
        if self.table.at(Meaning.EVENT_TYPE, previous=previous):
            self.doubts.append("The type of inspection is missing.")
        return ""

    def provision(self) -> tuple[str, str]:
        """The codes of the kind of provision and the type of place; unknown words are kept."""
        words = self.words(Meaning.PROVISION)
        if not words:
            if self.table.at(Meaning.PROVISION):
                self.doubts.append("The kind of provision is missing.")
            return "", ""
        codes = provision_codes(words)
        if codes is None:
            self.doubts.append(f"“{words}” is not a kind of provision that is known; it is kept.")
        return codes or (words, "OTH")

    def places(self) -> int | None:
        """How many children the place is registered for."""
        words = self.words(Meaning.PLACES)
        if words.isascii() and words.isdecimal():
            return int(words)
        if words:
            self._misplaced(Meaning.PLACES, f"“{words}” is not a number of places; left out.")
        return None

    def sector(self) -> str:
        """The sector; whoever runs places is never a number."""
        words = self.words(Meaning.SECTOR)
        if any(letter.isdigit() for letter in words):
            self._misplaced(Meaning.SECTOR, f"“{words}” is not a sector; left out.")
            return ""
        return words

    def region(self) -> str:
        """The region of government; Ofsted's own where the list has no other."""
        words = self.words(Meaning.REGION) or self.words(Meaning.OFSTED_REGION)
        if words and plain(words) not in REGIONS:
            self._misplaced(Meaning.REGION, f"“{words}” is not a region of England; left out.")
            return ""
        return words

    def _misplaced(self, meaning: Meaning, doubt: str) -> None:
        self.misplaced.add(meaning)
        self.doubts.append(doubt)
