"""The last check before a document leaves: it says nothing that its reader must not be told."""

from collections.abc import Iterable

from hah_desktop.documents.pages import all_words
from hah_desktop.documents.search import said_of
from hah_desktop.documents.tree import Edition, Note, Paragraph, frame_of
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

    `around` are the words on every page. Words of the program, and answers that were cleared, may
    happen to say the same as something kept back; that the blocks say it is no excuse, since this
    is the check on how they were made.
    """
    kept = edition.withheld
    remarks = [b.words for b in edition.blocks if isinstance(b, Paragraph | Note)]
    expected = "\n".join((*kept.cleared, *remarks, *around))
    frame = "\n".join(words for block in edition.blocks for words in frame_of(block))
    names = set(kept.names) - set(said_of(expected, kept.names))
    texts = set(kept.texts) - set(said_of(f"{expected}\n{frame}", kept.texts))
    forbidden = names | texts
    if forbidden and leaks(pdf, forbidden):
        raise TellsTooMuch(
            "This document holds something that its reader must not see.",
            "Nothing was printed.",
            "Tell the office: this is a fault of the program.",
        )
