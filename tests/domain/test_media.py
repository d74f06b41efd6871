"""What a file is, told by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.media import PDF, PICTURES, TEXT, UNKNOWN, media_type, size_in_words


@pytest.mark.parametrize(
    ("opening", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF87a..", "image/gif"),
        (b"GIF89a..", "image/gif"),
        (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36", "image/bmp"),
        (b"II*\x00\x08\x00", "image/tiff"),
        (b"MM\x00*\x00\x08", "image/tiff"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", UNKNOWN),
        (b"\x00\x00\x00\x18ftypheic\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00", UNKNOWN),
        (b"%PDF-1.7\n", PDF),
        (b"PK\x03\x04\x14\x00", "application/zip"),
        (b"BMX bikes are not allowed here.", TEXT),
        ("Annwyl Siân,\r\n\tdiolch".encode(), TEXT),
        ("Siâ".encode()[:-1], TEXT),
        (b"caf\xe9 au lait", UNKNOWN),
        (b"\x7fELF\x02\x01\x01\x00", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_a_file_is_what_it_begins_like(opening: bytes, kind: str) -> None:
    assert media_type(opening) == kind


@given(st.binary(max_size=40))
def test_any_beginning_has_a_kind(opening: bytes) -> None:
    assert "/" in media_type(opening)


def test_a_picture_that_may_hold_a_program_is_none_that_is_shown() -> None:
    assert "image/svg+xml" not in PICTURES
    assert media_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == TEXT


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 KB"),
        (64_400, "64 KB"),
        (999_400, "999 KB"),
        (999_600, "1 MB"),
        (2_400_000, "2.4 MB"),
        (3_000_000, "3 MB"),
        (12_300_000, "12 MB"),
        (209_715_200, "210 MB"),
        (4_800_000_000, "4,800 MB"),
    ],
)
def test_a_size_is_said_in_a_few_letters(size: int, words: str) -> None:
    assert size_in_words(size) == words
