"""What can go wrong with what laptop and office seal for each other, in words for the person.

KnownError
├── Misheard            letters that were read out were typed wrong; .groups says which
├── SealBroken          a sealed thing is torn, changed, or was sealed for somebody else
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


class NotSigned(KnownError):
    """The signature does not fit what it is to vouch for."""

    def __init__(self) -> None:
        super().__init__(
            "This was not signed by whom it says.",
            "Nothing of it was used.",
            "Call the office.",
        )
