"""What can go wrong with the vault, in words for the person who wants to get in.

KnownError
├── WrongPassphrase     the same words whatever was wrong
├── WrongCode           as WrongPassphrase, for a code that was read out
├── NoRecovery          no code from the office opens this vault
├── WeakPassphrase      a new passphrase breaks the rules; .problems says which
├── TooSoon             wait after wrong tries; .seconds_left says how long
├── VaultLocked         the keys were dropped
├── VaultMissing        there is no vault in this folder
├── VaultExists         there is one already
├── VaultDamaged        the header is torn, foreign or was changed
├── VaultRolledBack     the header is older than the database says
├── RotationUnfinished  the vault key is being changed; nothing else can be
├── VaultTooNew         a newer version of the program wrote it
├── VaultUnreadable     the system would not let us read the header
├── VaultNotSaved       the system would not let us write the header
└── TooLittleMemory     deriving the key needs more than the laptop has free
"""

import math

from hah_desktop.domain.errors import DISK_FULL, KnownError

_RECORDS_ARE_SAFE = "The records on this laptop were not touched."
_NOTHING_CHANGED = "Nothing was changed."


class WrongPassphrase(KnownError):
    """The passphrase opens no slot; nobody is told which part of it was wrong."""

    def __init__(self) -> None:
        super().__init__(
            "That passphrase does not unlock this laptop.",
            _NOTHING_CHANGED,
            "Check Caps Lock and try again; if you have forgotten it, ask the office.",
        )


class WrongCode(KnownError):
    """The code opens nothing, or no more; nobody is told which part of it was wrong."""

    def __init__(self) -> None:
        super().__init__(
            "That code does not unlock this laptop.",
            _NOTHING_CHANGED,
            "Read the letters on the screen to the office again and type the code it answers.",
        )


class NoRecovery(KnownError):
    """The vault was made without a way in for the office."""

    def __init__(self) -> None:
        super().__init__(
            "No code from the office unlocks this laptop: only its passphrase does.",
            _RECORDS_ARE_SAFE,
            "Ask the office before doing anything else.",
        )


class WeakPassphrase(KnownError):
    """A passphrase that may not be chosen; `problems` holds one sentence for each reason."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(
            "That passphrase is too easy to guess.", _NOTHING_CHANGED, " ".join(problems)
        )
        self.problems = problems


class TooSoon(KnownError):
    """Another try must wait; `seconds_left` is a whole number of seconds, rounded up."""

    def __init__(self, seconds_left: float) -> None:
        self.seconds_left = max(1, math.ceil(seconds_left))
        super().__init__(
            "There were too many wrong tries, so this laptop waits before the next one.",
            _RECORDS_ARE_SAFE,
            f"Try again in {_in_words(self.seconds_left)}.",
        )


class VaultLocked(KnownError):
    """The keys were dropped when the laptop was locked."""

    def __init__(self) -> None:
        super().__init__(
            "This laptop is locked.", "Everything you typed was kept.", "Enter your passphrase."
        )


class VaultMissing(KnownError):
    """There is no header in the folder."""

    def __init__(self) -> None:
        super().__init__(
            "The file that unlocks the records is not on this laptop.",
            _NOTHING_CHANGED,
            "If this laptop held records before, ask the office before doing anything else.",
        )


class VaultExists(KnownError):
    """A vault stands where a new one was to be made."""

    def __init__(self) -> None:
        super().__init__(
            "This laptop already holds locked records.",
            "They were not touched.",
            "Unlock them with their passphrase.",
        )


class VaultDamaged(KnownError):
    """The header is torn, is some other file, or was changed by something but this program."""

    def __init__(self) -> None:
        super().__init__(
            "The file that unlocks the records is damaged, or something changed it.",
            "The file was left as it is, and the records were not touched.",
            "Do not delete anything; ask the office.",
        )


class VaultRolledBack(KnownError):
    """The header is whole and ours, but from an earlier time than the database."""

    def __init__(self) -> None:
        super().__init__(
            "An older state of the file that unlocks the records was put back.",
            _RECORDS_ARE_SAFE,
            "Do not delete anything; ask the office.",
        )


class RotationUnfinished(KnownError):
    """The vault key is being changed: until that is finished or dropped nothing else is."""

    def __init__(self) -> None:
        super().__init__(
            "This laptop has not finished changing its keys.",
            _NOTHING_CHANGED,
            "Lock it, unlock it again, and then try once more.",
        )


class VaultTooNew(KnownError):
    """A newer version of the program wrote the header."""

    def __init__(self) -> None:
        super().__init__(
            "A newer version of this program locked these records.",
            _NOTHING_CHANGED,
            "Install the newer version again.",
        )


class VaultUnreadable(KnownError):
    """The system refused to read the header, which may be whole."""

    def __init__(self) -> None:
        super().__init__(
            "The file that unlocks the records could not be read.",
            _NOTHING_CHANGED,
            "Close other programs that may be using it and try again.",
        )


class VaultNotSaved(KnownError):
    """The header was not written; what was there before still stands."""

    def __init__(self, reason: OSError) -> None:
        full = reason.errno in DISK_FULL
        super().__init__(
            "The disk is full, so the file that unlocks the records could not be saved."
            if full
            else "The file that unlocks the records could not be saved on this laptop.",
            "What was there before still stands.",
            "Free some space on the disk and try again."
            if full
            else "Check that the disk can be written to and try again.",
        )


class TooLittleMemory(KnownError):
    """The laptop has too little free memory to derive the key; the passphrase was not judged."""

    def __init__(self) -> None:
        super().__init__(
            "This laptop has too little free memory to unlock the records.",
            _NOTHING_CHANGED,
            "Close other programs and try again.",
        )


def _in_words(seconds: int) -> str:
    if seconds == 1:
        return "1 second"
    if seconds <= 90:  # noqa: PLR2004 - up to a minute and a half people count in seconds
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
