"""A question to the office that is asked before anybody waits for its answer: a port. Pure."""

from typing import Protocol, TypeVar

Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol[Answer_co]):
    """Something that is asked of the office."""

    def begin(self) -> None:
        """Ask it, unless that was done, and wait for nothing. No fault is raised here."""
        ...

    def answer(self) -> Answer_co:
        """Ask it if that was not done, and wait. Raises the KnownError that stopped it."""
        ...

    def give_up(self) -> None:
        """Nobody wants its answer any more; the office may have done what it asks all the same."""
        ...
