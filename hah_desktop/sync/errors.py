"""Why a sync stopped, in words for the person. Nothing is ever lost by any of these."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.removals import Removals
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.wire.form import NotOurs

KEPT = "Everything is saved on this laptop."
NOTHING_CHANGED = "Nothing was changed."
AGAIN = "The program tries again by itself."
TOO_LARGE = 413


class Unreachable(KnownError):
    """The office did not answer: no network, a cut line, or the service is down.

    `retry_after` is for how many seconds whoever stands before it asks to be left alone.
    """

    retry_after: float = 0.0


class BrokeOff(Unreachable):
    """The line was there, and was cut or fell silent before the answer was."""


class Untrusted(Unreachable):
    """Somebody answered and could not show to be the office, so nothing was said to them.

    `check` is what to look at where nothing is tried again by itself.
    """

    def __init__(self, what: str, do: str, check: str) -> None:
        super().__init__(what, f"Nothing was sent to it. {KEPT}", do)
        self.check = check


class Refused(KnownError):
    """The office answered and said no. `type` is the name of the reason on the wire."""

    def __init__(self, type_: str, what: str, *, status: int, retry_after: float = 0.0) -> None:
        passes = status >= 500 or retry_after > 0  # noqa: PLR2004 - server faults
        super().__init__(
            what, self._kept(), self._do(retry_after) if passes else "Call the office."
        )
        self.type = type_
        self.status = status
        self.retry_after = retry_after

    def _kept(self) -> str:
        return KEPT

    def _do(self, wait: float) -> str:
        if wait <= 0:
            return AGAIN
        return f"The office asks to wait {seconds(wait)}; then the program tries again by itself."


UNKNOWN_LAPTOP = "urn:hah:unknown-laptop"


def is_unknown(problem: KnownError | None) -> bool:
    """Whether the office does not know this laptop: it was put back to before it was enrolled."""
    return isinstance(problem, Refused) and problem.type == UNKNOWN_LAPTOP


class RefusedNewcomer(Refused):
    """The same, said to a laptop that is not set up yet: nothing is tried again by itself."""

    def _kept(self) -> str:
        return NOTHING_CHANGED

    def _do(self, wait: float) -> str:
        return f"Wait {seconds(wait)}, then try again." if wait > 0 else "Try again in a minute."


class Unsendable(Refused):
    """The office does not take one change, however it is sent, and no other can go before it."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.type, refusal.what, status=refusal.status)
        KnownError.__init__(
            self,
            f"The office could not take one of the changes: {refusal.what} What was saved after it "
            "waits behind it.",
            KEPT,
            "Carry what is not sent to the office on a stick, and call the office.",
        )


class OtherOffice(NotOurs):
    """An office answered, but not the one that this laptop belongs to. Waiting mends nothing."""

    def __init__(self) -> None:
        super().__init__(
            "This is not the office that this laptop is enrolled with.",
            "Nothing was sent and nothing was changed.",
            "Check the office’s address, or call the office.",
        )


class Cancelled(KnownError):
    """The person stopped the sync; what was done until then stands."""


class Differs(KnownError):
    """At the end of a sync the two sides hold different things, also after a second look."""

    def __init__(self, files: int) -> None:
        super().__init__(
            "This laptop and the office do not hold the same of "
            f"{'one visit or child' if files == 1 else f'{files} visits or children'}.",
            "What you saved was sent, and nothing was taken away. The office has been told.",
            "Call the office if this is said again after the next sync.",
        )


class Restored(NotOurs):
    """The office went back to an earlier copy of itself in the middle of a sync."""

    def __init__(self) -> None:
        super().__init__(
            "The office was restored from an earlier copy of itself.",
            KEPT,
            "At the next sync this laptop gives back what the office lost.",
        )


class ManyRemovals(KnownError):
    """So much would go out of sight that a person is asked before any of it does."""

    def __init__(self, removals: Removals) -> None:
        taken_back = removals.records - removals.hidden
        words = []
        if taken_back:
            words.append(f"The office no longer gives this laptop {_records(taken_back)} it holds.")
        if removals.hidden:
            words.append(
                f"Others have removed {_records(removals.hidden)} this laptop still shows."
            )
        super().__init__(
            " ".join(words),
            "None of them was removed here. What was saved here was sent.",
            "Say on the page Sync whether they may be removed, or call the office.",
        )
        self.removals = removals


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'} that"


class TooOld(KnownError):
    """This program is older than what the office understands."""

    def __init__(self) -> None:
        super().__init__(
            "This version of the program is too old for the office.",
            f"{KEPT} Nothing was sent.",
            "Update the program. Until then, carry what is not sent to the office on a stick.",
        )


class OfficeTooOld(KnownError):
    """The office is older than what this program understands."""

    def __init__(self) -> None:
        super().__init__(
            "The office has an older version than this program understands.",
            f"{KEPT} Nothing was sent.",
            "Tell the office that its service has to be updated. Until then, carry what is not "
            "sent to the office on a stick.",
        )


class WrongOffice(KnownError):
    """Somebody else's keys than those the enrolment code names: nothing may be sent to them."""

    def __init__(self) -> None:
        super().__init__(
            "This is not the office that made this code.",
            "Nothing was sent and nothing was changed.",
            "Check the office’s address, and ask the office for a new code.",
        )


class Revoked(KnownError):
    """The office has ended this laptop's access. `order` is its word for it, already proved."""

    def __init__(self, order: SignedOrder) -> None:
        super().__init__(
            "The office has ended this laptop’s access.",
            "What the office does not have yet is sealed for it before the keys are destroyed.",
            "Call the office.",
        )
        self.order = order


def unreachable() -> Unreachable:
    """The words for an office that does not answer."""
    return Unreachable("The office cannot be reached.", KEPT, AGAIN)


def broke_off() -> BrokeOff:
    """The words for a line that was there and was cut."""
    return BrokeOff("The line to the office broke off.", KEPT, AGAIN)


def too_slow() -> BrokeOff:
    """The words for a line that is there, and on which too little moves."""
    return BrokeOff("The office did not answer in time.", KEPT, AGAIN)


def untrusted() -> Untrusted:
    """The words for a certificate that is not of an authority that this laptop trusts."""
    return Untrusted(
        "What answers at the office’s address cannot prove that it is the office: this laptop does "
        "not trust its certificate.",
        "Sign in if this network asks for it, or wait for another; the program tries again by "
        "itself. If this is said in other networks too, call the office.",
        "If the office has a certificate authority of its own, start the program with its file.",
    )


def untrusted_today() -> Untrusted:
    """The words for a certificate that has run out, or has not begun, by this laptop's clock."""
    return Untrusted(
        "The certificate of what answers at the office’s address is not valid on the day that this "
        "laptop’s clock shows.",
        "Check the laptop’s date and time; the program tries again by itself. If they are right, "
        "call the office.",
        "Check the laptop’s date and time.",
    )


def not_ours() -> NotOurs:
    """The words for an answer that came from somebody else."""
    return NotOurs(
        "Something other than the office answered: perhaps the sign-in page of this network.",
        KEPT,
        "Sign in to the network, or wait for another; the program tries again by itself. If this "
        "is said in other networks too, call the office.",
    )


@contextmanager
def by_hand(kept: str, do: str) -> Iterator[None]:
    """Within, nothing is tried again by itself: whatever stops it says what to do instead."""
    try:
        yield
    except (Unreachable, NotOurs) as fault:
        first = fault.check if isinstance(fault, Untrusted) else ""
        KnownError.__init__(fault, fault.what, kept, " ".join(filter(None, (first, do))))
        raise


def other_receipts() -> NotOurs:
    """The words for receipts of something else than what was sent."""
    return NotOurs("The office’s receipts do not match what was sent.", KEPT, "Call the office.")


def too_large_on_the_way(kind: type[Refused]) -> Refused:
    """The words for what somebody between laptop and office does not let through at once."""
    what = "Something on the way to the office lets no message through that is as large as this."
    return kind("too-large-on-the-way", what, status=TOO_LARGE)


def cancelled() -> Cancelled:
    """The words for a sync that the person stopped."""
    return Cancelled("The sync was stopped.", "What was sent and fetched until then is kept.")


def seconds(number: float) -> str:
    """So many seconds in words, rounded up; minutes where there are many."""
    whole = max(1, math.ceil(number))
    if whole < 120:  # noqa: PLR2004 - two minutes
        return f"{whole} second{'' if whole == 1 else 's'}"
    return f"{math.ceil(whole / 60)} minutes"
