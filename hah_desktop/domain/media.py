"""What a file is and how large, in words. Pure.

It goes by the first bytes, never by the name, which says what somebody liked.
"""

OPENING = 512
"""So many first bytes are enough to tell."""

PDF = "application/pdf"
TEXT = "text/plain"
UNKNOWN = "application/octet-stream"

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
"""The kinds of picture that the program itself shows."""

_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", "application/zip"),
)
_HEIF = (b"heic", b"heix", b"mif1", b"heif")
_KILO, _FEW = 1_000, 10
_SHORT_SIGN = b"BM"
_BMP_ZEROS = slice(6, 10)
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def media_type(opening: bytes) -> str:
    """The media type of a file that begins with these bytes."""
    if opening[:4] == b"RIFF" and opening[8:12] == b"WEBP":
        return "image/webp"
    if opening[4:8] == b"ftyp" and opening[8:12] in _HEIF:
        return "image/heic"
    for sign, kind in _SIGNS:
        # Two letters are a short sign: words may begin with them too.
        if opening.startswith(sign) and (sign != _SHORT_SIGN or opening[_BMP_ZEROS] == bytes(4)):
            return kind
    return TEXT if opening and _is_text(opening) else UNKNOWN


def size_in_words(size: int) -> str:
    """So many bytes as people say it: 820 bytes, 64 KB, 2.4 MB, 200 MB."""
    if size < _KILO:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    if size < _KILO * _KILO - _KILO // 2:
        return f"{round(size / _KILO)} KB"
    mega = size / _KILO / _KILO
    return f"{mega:.1f} MB" if mega < _FEW and f"{mega:.1f}"[-1] != "0" else f"{mega:,.0f} MB"


def _is_text(opening: bytes) -> bool:
    if not _CONTROL.isdisjoint(opening):
        return False
    try:
        opening.decode()
    except UnicodeDecodeError as fault:
        # The last letter may have been cut in the middle.
        return fault.reason == "unexpected end of data"
    return True
