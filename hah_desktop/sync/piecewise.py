"""What goes piece by piece, one after the other: a cut costs the piece that was under way. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hah_desktop.domain.capacity import Capacity
from hah_desktop.sync.errors import BrokeOff

TRIES = 4
"""So often a piece is tried, each time a smaller one, before the sync ends and waits."""

Part = TypeVar("Part")
Answer = TypeVar("Answer")


def ask_for(capacity: Capacity, left: int, ask: Callable[[int], Answer]) -> tuple[int, Answer]:
    """Ask for as many of those left as the line carries. Returns how many that were, and what came.

    What comes in pieces of which none alone is of use would begin anew with each sync: so a smaller
    one is tried at once. Raises BrokeOff where that does not help.
    """
    tries = TRIES
    while True:
        count, tries = min(left, capacity.size), tries - 1
        try:
            answer = ask(count)
        except BrokeOff:
            capacity.cut(count)
            if not tries or capacity.size >= count:
                raise
            continue
        capacity.carried(count)
        return count, answer


def in_pieces(
    capacity: Capacity,
    whole: Sequence[Part],
    ask: Callable[[Sequence[Part]], Answer],
    may_go_on: Callable[[], None],
) -> list[Answer]:
    """What came of each piece of the whole. `may_go_on` may raise before each. Raises BrokeOff."""
    answers: list[Answer] = []
    done = 0

    def ask_on(size: int) -> Answer:
        may_go_on()
        return ask(whole[done : done + size])

    while done < len(whole):
        count, answer = ask_for(capacity, len(whole) - done, ask_on)
        done += count
        answers.append(answer)
    return answers
