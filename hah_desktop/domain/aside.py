"""Why the office sets a change aside, and for each reason what is kept and what to do. Pure.

What happened is one sentence: it is what the journal keeps and what a receipt says. The next steps
are looked up by it on either side, so an older journal and an older office have them too.
"""

import enum
from dataclasses import dataclass
from typing import NewType

Why = NewType("Why", str)
"""What happened, as one of the reasons says it. Nothing else makes one: each has its next step."""

NOTHING = Why("")
"""The change is in order."""

_KEPT = "The office keeps the words without using them, and they stay on this laptop."
_UPDATE = "Update the program. If the words are needed before, copy them from here into a new note."


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, what is kept, what the adviser does, and what the office does."""

    what: str
    kept: str
    do: str
    office: str


class Reason(enum.Enum):
    """Every reason that there is."""

    NOT_GIVEN = Told(
        "This adviser has not been given the visit or child that this belongs to.",
        _KEPT,
        "Ask the office for the visit or child. Once it is here, copy the words from here into it.",
        "If the adviser is to have it, use “assign”, and have the words saved again there.",
    )
    TAKEN_BACK = Told(
        "The visit or child that this belongs to is no longer given to this adviser.",
        _KEPT,
        "Tell whoever has the visit or child now what you had written, or ask the office for it.",
        "Have the words brought to whoever has it now, or use “assign” to give it back.",
    )
    OFFICE_ONLY = Told(
        "Only the office may change this.",
        _KEPT,
        "Ask the office to change it.",
        "If it is right, change it here; the laptops get it with their next sync.",
    )
    OTHER_AUTHOR = Told(
        "This change names another author than the adviser whose laptop it came from.",
        _KEPT,
        "Call the office: somebody else may have used this laptop under your name.",
        "Ask the adviser who wrote it. If nobody knows, end the laptop’s access with “revoke”.",
    )
    MISPLACED = Told(
        "This change names a file that its record cannot lie in.",
        _KEPT,
        _UPDATE,
        "Ask the adviser to update the program, and to save the words again.",
    )
    OTHER_KIND = Told(
        "This change is about another kind of record than the one the office holds.",
        _KEPT,
        _UPDATE,
        "Ask the adviser to update the program, and to save the words again.",
    )
    SAME_ID = Told(
        "Another change with the same id came before.",
        _KEPT,
        "Copy the words from here into the record once more, and save.",
        "Ask the adviser to save the words again. If it comes often, look whether it is a copy.",
    )
    REPLACES_ITSELF = Told(
        "This change says that it replaces itself.",
        _KEPT,
        _UPDATE,
        "Ask the adviser to update the program, and to save the words again.",
    )
    OTHER_WORDS = Told(
        "This change puts other words in the place of words that were said.",
        f"What was said stands as it was written. {_KEPT}",
        "If more was said, add another statement, or an addendum if the visit is signed off. If "
        "nobody did this here, call the office: the program on this laptop may have been altered.",
        "Ask the adviser: no form of the program does this. If nobody knows of it, somebody else "
        "has the laptop or altered its program: end its access with “revoke”.",
    )
    UNREADABLE = Told(
        "This change cannot be read",
        _KEPT,
        _UPDATE,
        "Ask the adviser to update the program, and to save the words again. What came is kept.",
    )

    @property
    def why(self) -> Why:
        """What happened."""
        return Why(self.value.what)

    def because(self, detail: str) -> Why:
        """What happened, and of what kind it was."""
        return Why(f"{self.value.what}: {detail}.")


def malformed(fault: Exception) -> Why:
    """What is wrong with the form of a change. Its own words say that it cannot be read."""
    said = str(fault)
    known = said.startswith(Reason.UNREADABLE.why)
    return Why(said) if known else Reason.UNREADABLE.because("it is of another form")


def told(problem: str) -> Told:
    """What is to be said of what was set aside. A newer office may have a reason of its own."""
    reason = reason_of(problem)
    if reason is None:
        what = problem or "The office gave no reason."
        return Told(what, _KEPT, "Call the office.", "Look in the journal what the words are.")
    words = reason.value
    return Told(problem, words.kept, words.do, words.office)


def reason_of(problem: str) -> Reason | None:
    """Which reason it is; None for one that this version does not know."""
    for reason in Reason:
        if problem.startswith(reason.value.what):
            return reason
    return None
