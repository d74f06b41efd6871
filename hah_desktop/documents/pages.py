"""Reads finished PDFs from memory: pictures of pages for preview and printer, and their words."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2

_POINTS_PER_INCH = 72
_CHANNELS = 3

# PDFium is one for the whole process and must not be entered by two threads.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The file, for one thread at a time."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    with opened(pdf) as document:
        return len(document)


def page_image(pdf: bytes, page: int, dpi: int) -> tuple[int, int, bytes]:
    """Draw one page, counted from 0: width and height in pixels, and three bytes RGB a pixel."""
    with opened(pdf) as document:
        bitmap = document[page].render(scale=dpi / _POINTS_PER_INCH, rev_byteorder=True)
        raw, stride = bytes(bitmap.buffer), bitmap.stride
        wide, high = bitmap.width, bitmap.height
        line = wide * _CHANNELS
        return wide, high, b"".join(raw[y * stride : y * stride + line] for y in range(high))


def page_text(pdf: bytes, page: int) -> str:
    """The words of one page, counted from 0, in reading order."""
    with opened(pdf) as document:
        return str(document[page].get_textpage().get_text_range())


def all_words(pdf: bytes) -> str:
    """Everything that the file says: its description, its outline and its pages."""
    with opened(pdf) as document:
        described = document.get_metadata_dict().values()
        outline = [entry.get_title() for entry in document.get_toc()]
        pages = [page.get_textpage().get_text_range() for page in document]
        return "\n".join((*described, *outline, *pages))
