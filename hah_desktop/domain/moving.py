"""Moving what was written about the wrong child to the right one, or to none. Pure.

A record joins files and never leaves one: whoever has the wrong child's file goes on getting what
stands of it. So what is to leave a file is written anew as another record, and of the old one only
stands where it lay, that it was removed, and what stands in its place. Its words stay in the
history of those who had them, and at the office.

Words that were said are no exception. Nobody edits them: the new record holds the very same words,
of the same kind, by the same person, said at the same time (`Statement.written_at`), and the old
one names it. Office and laptops let words go only where they stand in the record that is named
(`said.moved_to`), so what stands is saved before what is emptied. Undoing is the same the other way
round: the old record says again what it said, and the other is emptied and names it.

An answer about sharing is good for the child who gave it. Whether that was the child to whom all
goes, because only the name was picked wrongly, a person has to say; otherwise answers stay behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import (
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Action

MOVED = "moved"
"""The field that names the other record of the two: what stands now, or what was left."""

Movable = Conversation | Attachment | Concern | Action
"""What is about a child, and may turn out to be about another."""

AboutChild = Movable | Statement | Permission
"""The same, and what hangs on it: what was said in it, and who may see it."""

_NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Step:
    """One record that was moved, and as what it stands now; None for an answer that stays."""

    was: AboutChild
    stands: AboutChild | None

    @property
    def emptied(self) -> AboutChild | None:
        """What is left of the record where it lay; None where it is the same record still."""
        if self.stands is None:
            return _emptied(self.was, "")
        return _emptied(self.was, self.stands.id) if self.stands.id != self.was.id else None


@dataclass(frozen=True, slots=True)
class Move:
    """What was moved, and all that went along. The first step is what was asked for."""

    steps: tuple[Step, ...]

    @property
    def stands(self) -> tuple[AboutChild, ...]:
        """What stands now, as what was asked for the first."""
        return tuple(step.stands for step in self.steps if step.stands is not None)

    @property
    def saved(self) -> tuple[AboutChild, ...]:
        """All that is to be saved together: what stands before what is left of the rest."""
        left = (step.emptied for step in self.steps)
        return (*self.stands, *(one for one in left if one is not None))


def leaves_something(record: AboutChild, answers: Sequence[Permission]) -> bool:
    """Whether a move to another child leaves a record behind, with the file that it lies in.

    `answers` are those about who may see it, or more.
    """
    asked = any(answer.item == record.id for answer in answers)
    return asked or record.files() != replace(record, child="").files()


def move(
    records: Sequence[AboutChild],
    child: str,
    new_id: Callable[[], str],
    *,
    answered: bool = False,
    into: Mapping[str, str] = _NOWHERE,
) -> Move:
    """Move records to another child; `child` is empty for none.

    `answered`: the answers among them were given by that child, and go along. `into` names what
    stands already, by what it was: what hangs on that goes there.
    """
    answers = [one for one in records if isinstance(one, Permission)]
    others = [one for one in records if not isinstance(one, Permission)]
    anew: dict[str, str] = {one.id: new_id() for one in others if leaves_something(one, answers)}
    ids = {**into, **anew}
    steps = [Step(one, _about(one, child, ids)) for one in others]
    goes = answered and child
    steps += [Step(one, _answer(one, child, ids) if goes else None) for one in answers]
    return Move(tuple(steps))


def back(done: Move, new_id: Callable[[], str]) -> Move:
    """The move that undoes one: each record says again what it said, and stands where it stood.

    What has only joined a child's file leaves it as all else does: written anew.
    """
    return Move(tuple(_back(step, new_id) for step in done.steps))


def _back(step: Step, new_id: Callable[[], str]) -> Step:
    was, stands = step.was, step.stands
    if stands is None or stands.id != was.id or set(stands.files()) <= set(was.files()):
        return Step(was if stands is None else stands, was)
    return Step(stands, replace(was, id=RecordId(new_id()), moved=stands.id))


def _about(record: AboutChild, child: str, ids: Mapping[str, str]) -> AboutChild:
    there = replace(record, child=child)
    if isinstance(there, Statement):
        there = replace(there, conversation=ids.get(there.conversation, there.conversation))
    if record.id not in ids:
        return there
    return replace(there, id=RecordId(ids[record.id]), moved=record.id)


def _answer(answer: Permission, child: str, ids: Mapping[str, str]) -> Permission:
    item = ids.get(answer.item, answer.item)
    key = RecordId(permission_id(item, answer.reader))
    return replace(answer, id=key, child=child, item=item, moved=answer.id)


def _emptied(record: AboutChild, stands: str) -> AboutChild:
    kept: AboutChild = type(record)(id=record.id, visit=record.visit, child=record.child)
    if isinstance(kept, Permission) and isinstance(record, Permission):
        kept = replace(kept, item=record.item, reader=record.reader)
    return replace(kept, removed=True, moved=stands)
