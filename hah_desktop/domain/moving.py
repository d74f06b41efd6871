"""Moving what was written about the wrong child to the right one, or to none. Pure.

A record joins files and never leaves one: whoever has the wrong child's file goes on getting what
stands of it. So what is to leave a file is written anew as another record, and of the old one only
stands where it lay, that it was removed, and what stands in its place. Its words stay in the
history of those who had them, and at the office.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.child import Concern, Permission
from hah_desktop.domain.records.visit import Action

MOVED = "moved"
"""The field that names the other record of the two: what stands now, or what was left."""

Movable = Concern | Action
"""What is about a child, and may turn out to be about another."""


@dataclass(frozen=True, slots=True)
class Move:
    """What was moved, what stands now, and of which records nothing stands any more."""

    moved: Movable
    stands: Movable
    emptied: tuple[Movable | Permission, ...] = ()


def leaves_something(record: Movable, answers: Sequence[Permission]) -> bool:
    """Whether a move to another child leaves a record behind, with the file that it lies in.

    `answers` are those about who may see it.
    """
    return bool(answers) or record.files() != replace(record, child="").files()


def move(
    record: Movable, child: str, answers: Sequence[Permission], new_id: Callable[[], str]
) -> Move:
    """Move a record to another child; `child` is empty for none.

    The answers were the wrong child's or nobody's: they stay behind, and the right child is asked.
    """
    there = replace(record, child=child)
    if not leaves_something(record, answers):
        return Move(record, there)
    anew = replace(there, id=RecordId(new_id()), moved=record.id)
    return Move(record, anew, (_emptied(record, anew), *map(_emptied_answer, answers)))


def back(
    done: Move, answers: Sequence[Permission], new_id: Callable[[], str]
) -> tuple[Movable | Permission, ...]:
    """What to save where a move is undone, with what stands then as the last.

    That is what was moved, with the answers about it. What has only joined a child's file leaves it
    as all else does: written anew.
    """
    if done.emptied:
        return (_emptied(done.stands, done.moved), *answers, done.moved)
    again = move(done.stands, done.moved.child, (), new_id)
    return (*again.emptied, again.stands)


def _emptied(record: Movable, stands: Movable) -> Movable:
    kept = type(record)(id=record.id, visit=record.visit, child=record.child)
    return replace(kept, removed=True, moved=stands.id)


def _emptied_answer(answer: Permission) -> Permission:
    kept = Permission(id=answer.id, visit=answer.visit, child=answer.child)
    return replace(kept, item=answer.item, reader=answer.reader, removed=True)
