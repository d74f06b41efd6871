"""Why a sync stopped, in words for the person. Nothing is ever lost by any of these."""

from hah_desktop.domain.errors import KnownError
from hah_desktop.seals.orders import SignedOrder

KEPT = "Everything is saved on this laptop."
AGAIN = "The program tries again by itself."


class Unreachable(KnownError):
    """The office did not answer: no network, a cut line, or the service is down."""


class Refused(KnownError):
    """The office answered and said no. `type` is the name of the reason on the wire."""

    def __init__(self, type_: str, what: str, *, status: int, retry_after: float = 0.0) -> None:
        super().__init__(what, KEPT, AGAIN if status >= 500 or retry_after else "Call the office.")  # noqa: PLR2004 - server faults
        self.type = type_
        self.status = status
        self.retry_after = retry_after


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
