"""Why a laptop that has the right passphrase does not open all the same.

KnownError
├── NotSetUp        the office has not given the laptop a name yet
├── LeaseEnded      too long without contact with the office
├── NotRenewed      the new passphrase is in force, and only the keys are those from before
└── AccessEnded     the office has ended this laptop's access
"""

from hah_desktop.domain.errors import KnownError


class NotSetUp(KnownError):
    """The folder holds a vault, but the office has not given the laptop a name yet."""

    def __init__(self) -> None:
        super().__init__(
            "Setting up this laptop was not finished.",
            "",
            "Enter the office’s code and the same passphrase again.",
        )


class LeaseEnded(KnownError):
    """`request` is what to read out to the office for a code; `days` is how long the lease was."""

    def __init__(self, days: int, request: str) -> None:
        super().__init__(
            f"This laptop has not been in contact with the office for {days} days.",
            "Everything on it is kept.",
            "Connect it to the office, or call the office for a code.",
        )
        self.days = days
        self.request = request


class NotRenewed(KnownError):
    """The office's code let a new passphrase in and is dead; renewing the keys did not work."""

    def __init__(self, fault: KnownError) -> None:
        super().__init__(
            f"Renewing the keys was not finished. {fault.what}",
            "The office’s code is used up, and your new passphrase is in force.",
            f"{fault.do} Unlock with your new passphrase, then renew the keys under Security.",
        )


class AccessEnded(KnownError):
    """The laptop obeyed the office's order; it holds nothing that anybody here could open."""

    def __init__(self, told: str) -> None:
        super().__init__(told, "", "Call the office.")
