"""The last check before a document leaves: it says nothing that its reader must not be told."""

from collections.abc import Iterable

from hah_desktop.documents.pages import all_words
from hah_desktop.documents.search import said_of
from hah_desktop.documents.tree import Edition, words_of
from hah_desktop.domain.errors import KnownError


class TellsTooMuch(KnownError):
    """A document that would tell its reader what was not cleared; it was not made."""


def leaks(pdf: bytes, forbidden: Iterable[str]) -> tuple[str, ...]:
    """Those of `forbidden` that a PDF says on its pages, in its description or its outline."""
    return said_of(all_words(pdf), forbidden)


def refuse_slips(edition: Edition) -> None:
    """Refuse words that somebody typed where the reader would see them. Raises TellsTooMuch."""
    slips = edition.withheld.slips
    if slips:
        found = "; ".join(f"“{slip.told}” stands in “{slip.where}”" for slip in slips)
        raise TellsTooMuch(
            f"This document would tell more than may be told: {found}.",
            "Nothing was printed.",
            "Put it in other words there, or leave that answer out of what may be shared.",
        )


def refuse_leaks(edition: Edition, pdf: bytes, around: Iterable[str]) -> None:
    """Refuse a file that says what was kept back. Raises TellsTooMuch.

    `around` are words on every page that are not part of the edition.
    """
    own = [words for block in edition.blocks for words in words_of(block)]
    expected = "\n".join((*own, edition.title, edition.reference, edition.marking, *around))
    kept = (*edition.withheld.names, *edition.withheld.texts)
    harmless = set(said_of(expected, kept))
    if leaks(pdf, [one for one in kept if one not in harmless]):
        raise TellsTooMuch(
            "This document holds something that its reader must not see.",
            "Nothing was printed.",
            "Tell the office: this is a fault of the program.",
        )
