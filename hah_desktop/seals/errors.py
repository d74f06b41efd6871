"""What can go wrong with what laptop and office seal for each other, in words for the person.

KnownError
├── Misheard            letters that were read out were typed wrong; .groups says which
├── SealBroken          a sealed thing is torn, changed, or was sealed for somebody else
│   └── SealedNewer     or by a newer version of the program
└── NotSigned           a signature does not fit: it is not the office's, or not that laptop's
"""

from hah_desktop.domain.errors import KnownError


class Misheard(KnownError):
    """Typed letters that cannot have been read out; `groups` counts the wrong ones from 1."""

    def __init__(self, what: str, groups: tuple[int, ...] = ()) -> None:
        super().__init__(what, "Nothing was changed.", "Check the letters and type them again.")
        self.groups = groups


class SealBroken(KnownError):
    """What is in it cannot be believed, so none of it is used."""

    def __init__(self) -> None:
        super().__init__(
            "This was damaged, changed, or sealed for somebody else.",
            "Nothing of it was used.",
            "Get it again from where it came from.",
        )


class SealedNewer(SealBroken):
    """It says of itself that it is of a form that this version does not know."""

    def __init__(self) -> None:
        KnownError.__init__(
            self,
            "A newer version of the program made this, in a form that this one does not know.",
            "Nothing of it was used, and it was left as it is.",
            "Update the program here, then open it again.",
        )


class NotSigned(KnownError):
    """The signature does not fit what it is to vouch for."""

    def __init__(self) -> None:
        super().__init__(
            "This was not signed by whom it says.",
            "Nothing of it was used.",
            "Call the office.",
        )
