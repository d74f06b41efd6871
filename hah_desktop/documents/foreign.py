"""PDFs that somebody else made: drawn from memory, within limits, and nothing in them is run.

Forms are not started, so no script of the file can run; links lead nowhere. A file that PDFium
cannot read is refused in plain words.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2

from hah_desktop.documents.pages import opened
from hah_desktop.domain.errors import KnownError

MOST_PAGES = 300
"""So many pages of one file are shown; a copy has the rest."""

MOST_PIXELS = 12_000_000
"""No page is drawn larger, however large it says it is."""

MOST_LETTERS = 1_000_000
_CHANNELS = 3


class NotShown(KnownError):
    """Something that cannot be shown here; nothing about it was changed."""


def page_count(pdf: bytes) -> int:
    """How many pages there are. Raises NotShown."""
    with _readable(pdf) as document:
        return len(document)


def page_image(pdf: bytes, page: int, width: int) -> tuple[int, int, bytes]:
    """Draw one page, from 0, about so wide or less: width, height, RGB. Raises NotShown."""
    with _readable(pdf) as document:
        wide, high = (max(side, 1.0) for side in document[page].get_size())
        scale = min(width / wide, math.sqrt(MOST_PIXELS / (wide * high)))
        bitmap = document[page].render(scale=scale, rev_byteorder=True, may_draw_forms=False)
        raw, stride, line = bytes(bitmap.buffer), bitmap.stride, bitmap.width * _CHANNELS
        rows = (raw[y * stride : y * stride + line] for y in range(bitmap.height))
        return bitmap.width, bitmap.height, b"".join(rows)


def words(pdf: bytes) -> str:
    """The words of the pages that are shown, as far as the file has any. Raises NotShown."""
    with _readable(pdf) as document:
        shown = range(min(len(document), MOST_PAGES))
        pages = (document[page].get_textpage().get_text_range() for page in shown)
        return "\n\n".join("\n".join(page.splitlines()) for page in pages)[:MOST_LETTERS]


@contextmanager
def _readable(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with opened(pdf) as document:
            yield document
    except pypdfium2.PdfiumError as fault:
        raise NotShown(
            "This PDF cannot be shown: it is locked with a password, or damaged.",
            "It is kept as it was added.",
            "Save a copy to open it with another program.",
        ) from fault
