"""What a file is, told by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.media import PDF, PICTURES, TEXT, UNKNOWN, media_type


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
