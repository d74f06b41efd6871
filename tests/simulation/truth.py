"""What really happened: kept apart from the programs, and by rules that are written down anew.

The programs are believed in nothing here. A save counts once `Store.save` has returned; what its
author saw is what stood on the screen when the form was opened.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hah_desktop.domain.changes import Change, from_plain
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, FileId, LaptopId, RecordId
from tests.simulation.office import GIVEN, Deed, Office

LOST = "lost"
OVERWRITTEN = "overwritten"
RESURRECTED = "resurrected"
DIVERGED = "diverged"
WRONG_ACCESS = "wrong access"
ALONE = "conflicts of one person"
UNSETTLED = "never settled"
KINDS = (LOST, OVERWRITTEN, RESURRECTED, DIVERGED, WRONG_ACCESS, ALONE, UNSETTLED)


class Wrong(NamedTuple):
    """Something that must not be: what kind, and in words."""

    kind: str
    words: str


@dataclass
class Truth:
    """Every save that was acknowledged; those that no machine holds any more are `gone`."""

    saves: dict[ChangeId, Change] = field(default_factory=dict)
    gone: set[ChangeId] = field(default_factory=set)
    wrong: list[Wrong] = field(default_factory=list)

    def copy(self) -> "Truth":
        """The same, to go on by itself."""
        return Truth(dict(self.saves), set(self.gone), list(self.wrong))

    def accuse(self, kind: str, words: str) -> None:
        """Note what must not be."""
        self.wrong.append(Wrong(kind, words))


@dataclass
class Access:
    """Who may have which file: followed from the journal, by the rules as the papers tell them.

    The first who writes in a file has it; a visit's file goes to whom the visit names; a child's
    to everybody with a visit on which the child was met; and the office gives what it likes.
    """

    holders: defaultdict[FileId, set[RecordId]] = field(default_factory=lambda: defaultdict(set))
    lies_in: defaultdict[RecordId, set[FileId]] = field(default_factory=lambda: defaultdict(set))
    upto: int = 0
    deeds_done: int = 0

    def follow(self, office: Office) -> list[str]:
        """Take in what is new in the journal. Returns what should not have been accepted there."""
        wrong = []
        for row in office.journal(self.upto):
            self._deeds(office.deeds, before=row.seq)
            self.upto = row.seq
            if row.verdict != "set_aside":
                change = from_plain(json.loads(row.body))
                adviser = office.advisers.get(LaptopId(row.laptop))
                if adviser and not self._may_write(change, adviser):
                    wrong.append(f"{change.id} of {change.laptop} in {change.record}")
                self._accept(change, adviser)
        self._deeds(office.deeds, before=None)
        return wrong

    def begin_again(self) -> None:
        """The journal is another one now."""
        self.holders.clear()
        self.lies_in.clear()
        self.upto = self.deeds_done = 0

    def has(self, adviser: RecordId, file: FileId) -> bool:
        """Whether an adviser may see what lies in a file."""
        return file == REFERENCE_FILE or adviser in self.holders[file]

    def files_of(self, adviser: RecordId) -> set[FileId]:
        """Every file of an adviser."""
        return {REFERENCE_FILE, *(f for f, people in self.holders.items() if adviser in people)}

    def _may_write(self, change: Change, adviser: RecordId) -> bool:
        def free(file: FileId) -> bool:
            return self.has(adviser, file) or not self.holders[file]

        known = self.lies_in[change.record]
        children = [file for file in change.files if file.startswith("child:")]
        return (
            (not known or any(map(free, known)))
            and any(map(free, change.files))
            and all(map(free, children))
        )

    def _accept(self, change: Change, adviser: RecordId | None) -> None:
        for file in change.files:
            if adviser and not self.holders[file]:
                self.holders[file].add(adviser)
        if change.kind == "visit":
            for name, edit in change.edits.items():
                if name.startswith("advisers:") and edit.value is True:
                    self.holders[FileId(f"visit:{change.record}")].add(
                        RecordId(name.removeprefix("advisers:"))
                    )
        self.lies_in[change.record].update(change.files)
        self._children()

    def _children(self) -> None:
        for files in self.lies_in.values():
            visits = [file for file in files if file.startswith("visit:")]
            for child in files:
                if child.startswith("child:"):
                    self.holders[child].update(*(self.holders[visit] for visit in visits))

    def _deeds(self, deeds: Sequence[Deed], before: int | None) -> None:
        for deed in deeds[self.deeds_done :]:
            if before is not None and deed.seq >= before:
                break
            self.deeds_done += 1
            if deed.what == GIVEN:
                self.holders[deed.file].add(deed.adviser)
            else:
                self.holders[deed.file].discard(deed.adviser)
            self._children()


Heads = dict[tuple[str, str], set[ChangeId]]


def heads(in_force: Mapping[ChangeId, Change]) -> Heads:
    """Of each field the changes that no other names as replaced: the whole rule, in two loops."""
    found: defaultdict[tuple[str, str], set[ChangeId]] = defaultdict(set)
    replaced: set[tuple[str, ChangeId]] = set()
    for change in in_force.values():
        for name, edit in change.edits.items():
            found[change.record, name].add(change.id)
            replaced.update((name, other) for other in edit.replaces)
    return {
        place: {change for change in changes if (place[1], change) not in replaced}
        for place, changes in found.items()
    }
