"""Questions to an office that is at hand: answered once they are asked, or once somebody waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hah_desktop.domain.errors import KnownError

Answer = TypeVar("Answer")


class AtOnce(Generic[Answer]):
    """Answered as soon as it is asked; a fault is told to whoever waits."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self.given_up = False
        self._ask = ask
        self._found: list[Answer] = []
        self._fault: KnownError | None = None

    def begin(self) -> None:
        if self._found or self._fault:
            return
        try:
            self._found.append(self._ask())
        except KnownError as fault:
            self._fault = fault

    def answer(self) -> Answer:
        self.begin()
        if self._fault is not None:
            raise self._fault
        return self._found[0]

    def give_up(self) -> None:
        self.given_up = True


def begun(ask: Callable[[], Answer]) -> AtOnce[Answer]:
    """What was asked and is answered by now."""
    question = AtOnce(ask)
    question.begin()
    return question


@dataclass(frozen=True)
class InTurn(Generic[Answer]):
    """Asked when somebody waits for the answer."""

    answer: Callable[[], Answer]

    def begin(self) -> None:
        """Its turn has not come."""

    def give_up(self) -> None:
        """Nobody asked."""
