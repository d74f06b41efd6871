"""What can go wrong with the encrypted database, in words for the person."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from hah_desktop.domain.errors import KnownError

_FULL = ("disk is full", "disk i/o error", "no space left")
_NOT_OURS = ("file is not a database", "malformed database", "hmac check failed", "disk image")
_BUSY = ("database is locked",)
_READ_ONLY = ("readonly", "read-only", "unable to open")


class StoreFull(KnownError):
    """There is no room to write; the transaction was taken back whole."""


class StoreBusy(KnownError):
    """Somebody else holds the database; nothing was written."""


class StoreDamaged(KnownError):
    """The file is cut short, changed, or not a database of ours."""


class NewestMissing(StoreDamaged):
    """The file beside the database, with what was saved last, has been taken away."""


class AnotherHistory(KnownError):
    """What the office has of this laptop is not what this laptop has of itself."""

    def __init__(self, laptop: str = "") -> None:
        do = "Call the office before you go on"
        super().__init__(
            "What this laptop sent earlier is not what the office has of it.",
            "Nothing was sent and nothing was changed.",
            f"{do}: its list calls this laptop {laptop}." if laptop else f"{do}.",
        )


class StoreTooNew(KnownError):
    """The database was written by a newer version; it was not touched."""


class StoreNotBroughtUp(KnownError):
    """A migration would have left something hanging; the database is as it was."""


class StoreMissing(KnownError):
    """There is no database where one is expected; none is made in its place."""


class StoreUnsafe(KnownError):
    """The library would not encrypt, or carries a known fault: nothing is opened."""


def damaged() -> StoreDamaged:
    """The words for a file that cannot be read as our database."""
    return StoreDamaged(
        "The database on this laptop is damaged or is not this program's.",
        "The file was left exactly as it is.",
        "Do not delete anything. Call the office: what was received there is safe.",
    )


def newest_missing() -> NewestMissing:
    """The words for a database whose newest entries lay in a file that is gone."""
    return NewestMissing(
        "The file with the newest entries of this laptop is missing.",
        "The rest of the database was left exactly as it is.",
        "Do not delete anything. Call the office: what was received there is safe.",
    )


def cut_putting_back() -> StoreDamaged:
    """The words for a safety copy that had not quite taken the place of the database."""
    return StoreDamaged(
        "The program stopped while a safety copy was being put back.",
        "The safety copy and the database from before are both kept.",
        "Put the safety copy back again.",
    )


def not_opened(said: str) -> KnownError:
    """The words for a database that does not open, after what the library said, in small letters.

    Whatever else it says, the file cannot be read as ours.
    """
    if any(words in said for words in _FULL):
        return StoreFull(
            "The disk of this laptop is full or does not answer, so the database does not open.",
            "Everything saved before is kept, exactly as it was.",
            "Make room on the disk, then try again.",
        )
    if any(words in said for words in _READ_ONLY):
        return StoreFull(
            "This laptop does not let the program write beside its database, so it does not open.",
            "Everything saved before is kept, exactly as it was.",
            "Check that the folder can be written to, then try again.",
        )
    return busy() if any(words in said for words in _BUSY) else damaged()


def busy() -> StoreBusy:
    """The words for a database that somebody else holds."""
    return StoreBusy(
        "The database is in use, perhaps by a second copy of this program.",
        "Everything saved before is kept, exactly as it was.",
        "Close the other copy, or wait a moment, then try again.",
    )


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what the database library says into what a person can act on."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as fault:
        said = fault.orig if isinstance(fault, DBAPIError) else fault
        known = _known(str(said).lower())
        if known is None:
            raise
        raise known from fault


def _known(said: str) -> KnownError | None:
    if any(words in said for words in _FULL):
        return StoreFull(
            "The disk of this laptop is full, so this was not saved.",
            "Everything saved before is kept, and your words are still on the screen.",
            "Make room on the disk, then save again.",
        )
    if any(words in said for words in _READ_ONLY):
        return StoreFull(
            "This laptop does not let the program write to its database.",
            "Everything saved before is kept, and your words are still on the screen.",
            "Check that the folder can be written to, then save again.",
        )
    if any(words in said for words in _BUSY):
        return StoreBusy(
            "The database is in use, perhaps by a second copy of this program.",
            "Everything saved before is kept, and your words are still on the screen.",
            "Close the other copy, or wait a moment, then save again.",
        )
    return damaged() if any(words in said for words in _NOT_OURS) else None
