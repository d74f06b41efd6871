"""PDFs that somebody else made: drawn within limits, or refused in plain words."""

import io

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from hah_desktop.documents import foreign
from hah_desktop.documents.foreign import MOST_PIXELS, NotShown


def pdf(size: tuple[float, float] = (595, 842), password: str = "") -> bytes:
    out = io.BytesIO()
    lock = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(out, pagesize=size, encrypt=lock)
    for number in (1, 2):
        canvas.drawString(20, 20, f"Rota, sheet {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_page_is_drawn_as_wide_as_asked() -> None:
    assert foreign.page_count(pdf()) == 2
    wide, high, rgb = foreign.page_image(pdf(), 1, 400)
    assert wide == pytest.approx(400, abs=1)
    assert high == pytest.approx(400 * 842 / 595, abs=2)
    assert len(rgb) == wide * high * 3
    assert set(rgb) != {255}


@pytest.mark.parametrize("size", [(14_000, 14_000), (30, 14_000), (14_000, 3)])
def test_a_page_that_says_it_is_huge_is_drawn_small(size: tuple[float, float]) -> None:
    wide, high, _ = foreign.page_image(pdf(size), 0, 6_000)
    assert wide * high <= MOST_PIXELS * 1.01


def test_the_words_of_all_pages_are_read() -> None:
    assert foreign.words(pdf()) == "Rota, sheet 1\n\nRota, sheet 2"


@pytest.mark.parametrize(
    "content", [pdf(password="larkspur"), pdf()[:40], b"%PDF-1.7\n", b"x"], ids=str
)
def test_what_cannot_be_read_is_refused_in_plain_words(content: bytes) -> None:
    for ask in (
        lambda: foreign.page_count(content),
        lambda: foreign.page_image(content, 0, 100),
        lambda: foreign.words(content),
    ):
        with pytest.raises(NotShown, match="locked with a password, or damaged"):
            ask()


def test_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotShown):
        foreign.page_image(pdf(), 7, 100)
