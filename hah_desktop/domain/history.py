"""The known past of a record: who changed which field, from what to what, and what they saw. Pure.

A machine knows only the changes that reached it: a laptop that was given a record late has its
heads, and what they replaced is at the office. An entry says so, and never guesses.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hah_desktop.domain.changes import Edit
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head, agree
from hah_desktop.domain.removing import REMOVED, Removal, unseen


@dataclass(frozen=True, slots=True)
class Known:
    """One change that is known here, with the fields of it that are. `aside`: it never counted."""

    change: ChangeId
    author: str
    made_at: str
    order: int
    edits: Mapping[str, Edit]
    by_office: bool = False
    clock_trusted: bool = True
    aside: str = ""
    clock_off: int = 0

    def head(self, name: str) -> Head:
        """What it says of one field; of one that it leaves alone, nothing."""
        return Head(
            self.change,
            self.edits[name].value if name in self.edits else None,
            self.author,
            self.made_at,
            self.order,
            self.by_office,
            self.clock_trusted,
            self.clock_off,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """What one change says of one field.

    `saw` is what its author had seen of the field and replaced, and `beyond` how much of that is
    known at the office only; of a removal, what somebody went on with beside it is seen too, with
    no value. `stands` is False once somebody has replaced it in turn; `aside` says
    why the office never used it.
    """

    name: str
    head: Head
    saw: tuple[Head, ...] = ()
    beyond: int = 0
    stands: bool = True
    aside: str = ""

    @property
    def chose(self) -> bool:
        """Whether its author saw several versions and put one value in their place."""
        return len(self.saw) + self.beyond > 1 and (self.beyond > 0 or not agree(self.saw))


def entries(known: Iterable[Known], heads: Mapping[str, Collection[ChangeId]]) -> list[Entry]:
    """The past of a record in the office's order; `heads` are those that stand now, by field."""
    changes = {one.change: one for one in known}
    found = []
    for one in sorted(changes.values(), key=lambda one: (one.order, one.change)):
        for name, edit in one.edits.items():
            saw, beyond = _seen(name, edit, changes)
            found.append(
                Entry(
                    name,
                    one.head(name),
                    tuple(sorted(saw, key=lambda head: (head.order, head.change))),
                    beyond=beyond,
                    stands=one.change in heads.get(name, ()),
                    aside=one.aside,
                )
            )
    return found


def _seen(name: str, edit: Edit, changes: Mapping[ChangeId, Known]) -> tuple[list[Head], int]:
    """What an edit replaced, as far as it is known here, and how much of it is not."""
    known = [changes[change] for change in edit.replaces if change in changes]
    said = [one for one in known if name in one.edits]
    if name != REMOVED:
        return [one.head(name) for one in said], len(edit.replaces) - len(said)
    # A removal replaces all that its author saw, of every field: most of that is no other side.
    removals = [
        Removal(one.change, one.edits[name].value, one.edits[name].replaces) for one in said
    ]
    beside = unseen(removals, {"": edit.replaces})
    went_on = [one for one in known if one.change in beside and name not in one.edits]
    return [one.head(name) for one in (*said, *went_on)], len(edit.replaces) - len(known)


def before_all(past: Sequence[Entry], name: str) -> Head | None:
    """What a field said before the first of the versions that stand now; None if not known here."""
    said = [entry for entry in past if entry.name == name and not entry.aside]
    first = min((e.head.order for e in said if e.stands), default=0)
    earlier = [e.head for e in said if not e.stands and e.head.order < first]
    return earlier[-1] if earlier else None
