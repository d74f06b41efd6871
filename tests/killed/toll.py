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

    def promise(self, place: int, line: Line) -> None:
        """A laptop has said that it has saved; its next change has another number."""
        before = self.promises.setdefault((place, line["saved"]), line)
        if before != line:
            self.wrong.append(f"change {line['saved']} of laptop {place} was another one before")

    def told(self) -> dict[str, object]:
        """The same to be written down; of the promises, how many."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**plain, "promises": len(self.promises)}
