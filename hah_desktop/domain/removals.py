"""What the office takes back from a laptop, and when a person is asked before it goes. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hah_desktop.domain.ids import FileId

UNASKED = 5
"""So many records go without a question, however few there are."""

ONE_IN = 50
"""So does one in this many of all that are here: two in a hundred."""


@dataclass(frozen=True, slots=True)
class Removals:
    """What an answer of the office would take off this laptop: `records` of the `here` it has.

    `by_file` counts them by each file that was taken back; one that lies in two counts in both.
    `doubted` says that the office was restored since it last gave one of those files: then it may
    have lost that it gave it.
    """

    records: int = 0
    here: int = 0
    by_file: Mapping[FileId, int] = field(default_factory=dict)
    doubted: bool = False

    def ask_first(self, before: int) -> bool:
        """Whether a person is asked; `before` is how many went earlier in the same sync."""
        if not self.records:
            return False
        return self.doubted or before + self.records > max(UNASKED, self.here // ONE_IN)

    def covers(self, others: "Removals") -> bool:
        """Whether whoever agreed to these was shown each file of the others, and every doubt."""
        return others.by_file.keys() <= self.by_file.keys() and self.doubted >= others.doubted


Agreed = Callable[[Removals], bool]
"""Whether a person was shown what goes, and agreed to it."""


def nobody_agreed(_: Removals) -> bool:
    """Nobody was asked."""
    return False
