"""What a sync would take away from a person's sight, and when they are asked before. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hah_desktop.domain.ids import FileId, RecordId

UNASKED = 5
"""So many records go without a question, however few there are."""

ONE_IN = 50
"""So does one in this many of all that are here: two in a hundred."""


class Hidden(NamedTuple):
    """A record of this file that somebody else removed: their record, as far as it is known."""

    file: FileId
    by: RecordId


@dataclass(frozen=True, slots=True)
class Removals:
    """What a page of the office would take out of sight: `records` of the `here` that there are.

    `by_file` counts those that are given no more, by each file that was taken back; one that lies
    in two counts in both. `doubted` says that the office was restored since it last gave one of
    those files: then it may have lost that it gave it. `hidden` are those that somebody else
    removed and that are shown here, counted in the same way by file and whoever did it.
    """

    records: int = 0
    here: int = 0
    by_file: Mapping[FileId, int] = field(default_factory=dict)
    doubted: bool = False
    hidden: int = 0
    by_others: Mapping[Hidden, int] = field(default_factory=dict)

    def ask_first(self, before: int) -> bool:
        """Whether a person is asked; `before` is how many went earlier and unasked in the sync."""
        if not self.records:
            return False
        return self.doubted or before + self.records > max(UNASKED, self.here // ONE_IN)

    def covers(self, others: "Removals") -> bool:
        """Whether whoever agreed to these was shown the others: each file, person and doubt."""
        return (
            others.by_file.keys() <= self.by_file.keys()
            and others.by_others.keys() <= self.by_others.keys()
            and self.doubted >= others.doubted
        )


Agreed = Callable[[Removals], bool]
"""Whether a person was shown what goes, and agreed to it."""


def nobody_agreed(_: Removals) -> bool:
    """Nobody was asked."""
    return False
