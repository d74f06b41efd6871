"""What a campaign has done, what was said meanwhile, and whatever is not as it must be."""

from collections import Counter
from dataclasses import dataclass, field, fields

from tests.killed.fork import Line


@dataclass
class Toll:
    """What was done and what it cost. `promises` is by laptop and number: its record and words."""

    kills: Counter[str] = field(default_factory=Counter)
    where: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    lives: int = 0
    syncs: int = 0
    good_syncs: int = 0
    promises: dict[tuple[int, int], Line] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, side: str, stage: str, where: str) -> None:
        """One more was killed there."""
        self.kills[f"{side}: {stage}"] += 1
        self.where[where] += 1

    def told(self) -> dict[str, object]:
        """The same to be written down; of the promises, how many."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**plain, "promises": len(self.promises)}
