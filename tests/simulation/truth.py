"""What really happened: kept apart from the programs, and by rules that are written down anew.

The programs are believed in nothing here. A save counts once `Store.save` has returned; what its
author saw is what stood on the screen when the form was opened.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, product
from typing import NamedTuple

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import Change, from_plain
from hah_desktop.domain.ids import REFERENCE_FILE, ChangeId, FileId, LaptopId, RecordId
from tests.simulation.office import GIVEN, Heard, Line, Office

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


class Moved(NamedTuple):
    """What a person took out of a child's file, where it stands now, and who may read it there.

    `known` are the changes that said it, and its `words` theirs: none of it is to be read where it
    was `left`, once the office has all that was saved to move it.
    """

    left: RecordId
    saved: frozenset[ChangeId]
    stands: ChangeId
    there: tuple[FileId, ...]
    known: frozenset[ChangeId]
    words: frozenset[str]


def tokens(said: object) -> frozenset[str]:
    """The words in something, which nobody ever wrote before."""
    return frozenset(re.findall(r"\d+ by laptop-[a-z]", str(said)))


@dataclass
class Truth:
    """Every save that was acknowledged; those that no machine holds any more are `gone`.

    `altered` put other words in the place of words that were said.
    """

    saves: dict[ChangeId, Change] = field(default_factory=dict)
    gone: set[ChangeId] = field(default_factory=set)
    altered: set[ChangeId] = field(default_factory=set)
    moves: list[Moved] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def copy(self) -> "Truth":
        """The same, to go on by itself."""
        gone, altered = set(self.gone), set(self.altered)
        return Truth(dict(self.saves), gone, altered, list(self.moves), list(self.wrong))

    def accuse(self, kind: str, words: str) -> None:
        """Note what must not be."""
        self.wrong.append(Wrong(kind, words))


@dataclass
class Access:
    """Who may have which file: followed from the journal, by the rules as the papers tell them.

    The first who writes in a new file has it; a visit's file goes to whom the visit names; a
    child's to everybody with a visit on which the child was met; the office gives what it likes.
    What it took back, no rule gives again, and with a visit it takes the children met only there.
    Until a laptop was told and dropped a file, or says that it knows, it may still write there, and
    give it to nobody. A restored office lets somebody `back_in` by what others tell of their words.
    Whoever had `read` what it lost tells so before anything is written there by that laptop: else
    the author may come between, and is `locked_out`.
    """

    holders: defaultdict[FileId, set[RecordId]] = field(default_factory=lambda: defaultdict(set))
    lies_in: defaultdict[RecordId, set[FileId]] = field(default_factory=lambda: defaultdict(set))
    barred: set[tuple[RecordId, FileId]] = field(default_factory=set)
    by_office: set[tuple[RecordId, FileId]] = field(default_factory=set)
    back_in: set[FileId] = field(default_factory=set)
    in_force: set[ChangeId] = field(default_factory=set)
    read: Mapping[LaptopId, Collection[ChangeId]] = field(default_factory=dict)
    wrote: defaultdict[FileId, set[LaptopId]] = field(default_factory=lambda: defaultdict(set))
    locked_out: list[str] = field(default_factory=list)
    upto: int = 0
    deeds_done: int = 0

    def follow(self, office: Office) -> list[str]:
        """Take in what is new in the journal. Returns what should not have been accepted there."""
        wrong = []
        for _, batch in groupby(office.journal(self.upto), key=lambda row: row.batch):
            late: set[FileId] = set()
            rows = list(batch)
            adviser = office.advisers.get(rows[0].laptop)
            self._deeds(office, before=rows[0].seq)
            self.back_in = self._let_in(rows[0], adviser, office.heard)
            for row in rows:
                self.upto = row.seq
                if row.verdict in ("set_aside", "duplicate"):
                    self._look_for_author(row, adviser, office)
                    continue  # Kept only; or in force since it came by hand.
                change = from_plain(json.loads(row.body))
                still_there = office.held(change.laptop, change.number)
                if adviser and not self._may_write(change, adviser, still_there):
                    wrong.append(f"{change.id} of {change.laptop} in {change.record}")
                self.in_force.add(change.id)
                for file in change.files:
                    self.wrote[file].add(change.laptop)
                late |= self._accept(change, adviser, partial(office.begun, change.laptop))
            self._children()
            for visit in late:
                if adviser:
                    self._take_children(adviser, visit, office)
        self._deeds(office, before=None)
        return wrong

    def begin_again(self) -> None:
        """The journal is another one now."""
        for known in (self.holders, self.lies_in, self.barred, self.by_office, self.in_force):
            known.clear()
        self.locked_out.clear()
        self.read = {}
        self.upto = self.deeds_done = 0

    def has(self, adviser: RecordId, file: FileId) -> bool:
        """Whether an adviser may see what lies in a file."""
        return file == REFERENCE_FILE or adviser in self.holders[file]

    def _look_for_author(self, row: Line, adviser: RecordId | None, office: Office) -> None:
        """An author is set aside where somebody has gone on who could have told of the words."""
        if row.problem != Reason.NOT_GIVEN.why or row.number < 0 or adviser is None:
            return
        change = from_plain(json.loads(row.body))
        visits = [file for file in change.files if file.startswith("visit:")]
        for laptop, read in self.read.items():
            went_on = any(laptop in self.wrote[visit] for visit in visits)
            may_tell = all(self.has(office.advisers[laptop], file) for file in change.files)
            barred = any((adviser, file) in self.barred for file in change.files)
            if change.id in read and laptop != row.laptop and went_on and may_tell and not barred:
                self.locked_out.append(f"{row.laptop} from {change.id}, which {laptop} had read")

    def _is_new(self, file: FileId) -> bool:
        used = any(file in files for files in self.lies_in.values())
        return not used and not self.holders[file]

    def _may_write(
        self, change: Change, adviser: RecordId, still_there: Collection[FileId]
    ) -> bool:
        def may(file: FileId) -> bool:
            had = file in still_there or file in self.back_in
            return self.has(adviser, file) or self._is_new(file) or had

        known = self.lies_in[change.record]
        children = [file for file in change.files if file.startswith("child:")]
        return (
            (not known or any(map(may, known)))
            and any(map(may, change.files))
            and all(map(may, children))
        )

    def _let_in(self, sent: Line, adviser: RecordId | None, told: Iterable[Heard]) -> set[FileId]:
        """The files in which the sender wrote, as somebody told who has them now.

        A visit is among them, which may be new to the office, and nothing was taken back. What is
        taken by hand lets nobody in, nor what only a colleague's stick said.
        """

        def vouches(teller: RecordId, file: FileId) -> bool:
            new = file.startswith("visit:") and self._is_new(file)
            return (adviser, file) not in self.barred and (new or self.has(teller, file))

        return {
            file
            for seq, teller, lost in told
            if seq < sent.seq
            and sent.number >= 0
            and (lost.laptop, lost.author) == (sent.laptop, adviser)
            and lost.change not in self.in_force
            and any(each.startswith("visit:") for each in lost.files)
            and all(vouches(teller, each) for each in lost.files)
            for file in lost.files
        }

    def _accept(
        self, change: Change, adviser: RecordId | None, begun: Callable[[FileId], None]
    ) -> set[FileId]:
        """Returns the visits' files that the adviser has no more, and wrote in all the same."""
        late = set()
        for file in change.files:
            if not adviser or self.has(adviser, file):
                continue
            if self._is_new(file) or file in self.back_in:
                self._give(adviser, file)
                begun(file)
            elif file.startswith("visit:"):
                late.add(file)
        visit = FileId(f"visit:{change.record}")
        if change.kind == "visit" and (adviser is None or self.has(adviser, visit)):
            for name, edit in change.edits.items():
                if name.startswith("advisers:") and edit.value is True:
                    named = RecordId(name.removeprefix("advisers:"))
                    self._give(named, visit)
        self.lies_in[change.record].update(change.files)
        return late

    def _give(self, adviser: RecordId, file: FileId) -> None:
        if (adviser, file) not in self.barred:
            self.holders[file].add(adviser)

    def _met(self) -> Iterator[tuple[FileId, FileId]]:
        """Each visit's file with each child's of which a record lies in both."""
        for files in self.lies_in.values():
            visits = [file for file in files if file.startswith("visit:")]
            children = [file for file in files if file.startswith("child:")]
            yield from product(visits, children)

    def _children(self) -> None:
        for visit, child in self._met():
            for adviser in self.holders[visit]:
                self._give(adviser, child)

    def _take(self, adviser: RecordId, file: FileId, office: Office) -> None:
        if adviser in self.holders[file]:
            self.holders[file].discard(adviser)
            office.taken(adviser, file)

    def _take_children(self, adviser: RecordId, visit: FileId, office: Office) -> None:
        met = list(self._met())
        kept = {child for other, child in met if adviser in self.holders[other]}
        for other, child in met:
            if other == visit and child not in kept and (adviser, child) not in self.by_office:
                self._take(adviser, child, office)

    def _deeds(self, office: Office, before: int | None) -> None:
        for deed in office.deeds[self.deeds_done :]:
            if before is not None and deed.seq >= before:
                break
            self.deeds_done += 1
            key = (deed.adviser, deed.file)
            if deed.what == GIVEN:
                if deed.file.startswith("child:"):
                    self.by_office.add(key)
                self.barred.discard(key)
                self.holders[deed.file].add(deed.adviser)
                if deed.file.startswith("visit:"):
                    self._children()
            else:
                self.barred.add(key)
                self.by_office.discard(key)
                self._take(*key, office)
                self._take_children(*key, office)


Heads = dict[tuple[str, str], set[ChangeId]]


def heads(in_force: Mapping[ChangeId, Change]) -> Heads:
    """Of each field the changes that no other names as replaced: the whole rule, in two loops.

    Words that were said are replaced by nothing but what says them as well.
    """
    found: defaultdict[tuple[str, str], set[ChangeId]] = defaultdict(set)
    replaced: set[tuple[str, ChangeId]] = set()
    for change in in_force.values():
        for name, edit in change.edits.items():
            found[change.record, name].add(change.id)
            for other in edit.replaces:
                if name != "text" or _says(change, in_force.get(other)):
                    replaced.add((name, other))
    return {
        place: {change for change in changes if (place[1], change) not in replaced}
        for place, changes in found.items()
    }


def _says(change: Change, other: Change | None) -> bool:
    """Whether a change says all that was said in another: nobody ever writes the same here."""
    said = other.edits["text"].value if other is not None and "text" in other.edits else None
    lines = str(change.edits["text"].value).split("\n\n")
    return said is None or all(line in lines for line in str(said).split("\n\n"))
