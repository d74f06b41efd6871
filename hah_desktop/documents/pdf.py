"""Turns an edition into the bytes of a PDF, in memory only, and refuses one that tells too much."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from hah_desktop.documents import look
from hah_desktop.documents.blocks import Drawing
from hah_desktop.documents.letters import REGULAR, Letters, letters
from hah_desktop.documents.page import AUTHOR, Furniture
from hah_desktop.documents.safety import refuse_leaks, refuse_slips
from hah_desktop.documents.tree import Edition, words_of
from hah_desktop.domain.days import in_words

_SHORT = 10


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document; `title` says for whom.

    `missing_glyphs` are the letters that could not be printed.
    `content_hash` is the SHA-256, in hex, of what the document says; its first ten digits stand
    on every page as the version. It does not depend on who printed it when.
    """

    pdf: bytes
    title: str
    pages: int
    missing_glyphs: tuple[str, ...]
    content_hash: str


def render(edition: Edition, *, printed_by: str, printed_at: dt.datetime) -> Rendered:
    """Draw an edition. The same edition, person and time give the same bytes.

    Raises TellsTooMuch for an edition that would tell its reader what was not cleared, and
    FileNotFoundError when the program's own fonts are missing.
    """
    refuse_slips(edition)
    printable = letters()
    digest = _digest(edition)
    printed = f"Printed by {printed_by}, {in_words(printed_at)} at {printed_at:%H:%M}"
    # How many pages there are is known only when they are drawn, so they are drawn twice.
    _, total = _drawn(edition, _around(edition, printed, digest, 0, printable), printed_at)
    furniture = _around(edition, printed, digest, total, printable)
    pdf, pages = _drawn(edition, furniture, printed_at)
    refuse_leaks(edition, pdf, furniture.words(pages))
    return Rendered(pdf, edition.title, pages, _missing(edition, printed, printable), digest)


def _digest(edition: Edition) -> str:
    said = repr((edition.title, edition.reference, edition.marking, edition.blocks))
    return hashlib.sha256(said.encode()).hexdigest()


def _around(
    edition: Edition, printed: str, digest: str, total: int, printable: Letters
) -> Furniture:
    return Furniture(
        marking=edition.marking,
        title=edition.title,
        reference=edition.reference,
        printed=printed,
        version=digest[:_SHORT],
        total=total,
        letters=printable,
    )


def _missing(edition: Edition, printed: str, printable: Letters) -> tuple[str, ...]:
    words = [words for block in edition.blocks for words in words_of(block)]
    lacking = [printable.missing(text) for text in (*words, edition.title, printed)]
    return tuple(sorted(frozenset().union(*lacking)))


def _drawn(edition: Edition, furniture: Furniture, at: dt.datetime) -> tuple[bytes, int]:
    """The bytes of the document and the number of its pages."""

    def around(canvas: Canvas, document: BaseDocTemplate) -> None:
        if document.page == 1:
            canvas.setDateFormatter(lambda *_: _pdf_date(at))
        furniture.draw(canvas, document.page)

    buffer = BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=look.PAGE,
        leftMargin=look.SIDE,
        rightMargin=look.SIDE,
        topMargin=look.TOP,
        bottomMargin=look.BOTTOM,
        title=edition.title,
        author=AUTHOR,
        subject=f"Visit {edition.reference}",
        creator=AUTHOR,
        lang="en-GB",
        displayDocTitle=1,
        initialFontName=REGULAR,
        invariant=1,
    )
    frame = Frame(
        *(look.SIDE, look.BOTTOM, look.COLUMN, look.PAGE[1] - look.TOP - look.BOTTOM),
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=around))
    document.build(Drawing(furniture.letters).flowables(edition.blocks))
    return buffer.getvalue(), int(document.page)


def _pdf_date(at: dt.datetime) -> str:
    offset = f"{at:%z}"
    zone = f"{offset[:3]}'{offset[3:5]}'" if offset else ""
    return f"D:{at:%Y%m%d%H%M%S}{zone}"
