"""From the bytes of a file to its text, refusing what is not a table saved as CSV."""

import re
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.intake.errors import NotATable, UnreadableFile

LARGEST = 50 * 1024 * 1024
"""In bytes. The largest list published so far has 1.5 MB."""

NOTHING_TAKEN = "Nothing was taken in."
SAVE_AS_CSV = "Open it in the spreadsheet program and save it as “CSV UTF-8”, then try again."

_UTF8_MARK = b"\xef\xbb\xbf"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "is a workbook (Excel or OpenDocument), or another zip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of an older Excel"),
    (b"%PDF", "is a PDF"),
    (b"\xff\xfe", "is “Unicode text” (UTF-16)"),
    (b"\xfe\xff", "is “Unicode text” (UTF-16)"),
)
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<table", b"<?xml")
_BEGINNING = 4096
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, and in which encoding it was read.

    `odd_lines` are the numbers of the lines whose letters depend on a guess of the encoding.
    """

    text: str
    encoding: str
    odd_lines: tuple[int, ...] = ()


def read_text(path: Path) -> Decoded:
    """The text of the file at `path`. Raises UnreadableFile, which says what the file is."""
    try:
        # A device has no size, and may have no end.
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as fault:
        raise UnreadableFile(
            f"“{path.name}” cannot be opened: {fault.strerror or fault}.",
            NOTHING_TAKEN,
            "Check that the file is still there and that no other program holds it.",
        ) from fault
    if len(content) > LARGEST:
        raise NotATable(
            f"“{path.name}” has more than {LARGEST // 1024**2} MB; a published list has one or "
            "two.",
            NOTHING_TAKEN,
            "Check that it is the right file.",
        )
    return decode(content, path.name)


def decode(content: bytes, name: str) -> Decoded:
    """The text in `content`. Raises NotATable where it is not text, naming what it is."""
    if other := _what_else(content):
        raise NotATable(f"“{name}” {other}, not a table saved as CSV.", NOTHING_TAKEN, SAVE_AS_CSV)
    try:
        return Decoded(content.decode("utf-8-sig"), _utf8_name(content))
    except UnicodeDecodeError:
        return _from_windows(content)


def _what_else(content: bytes) -> str:
    """What the file is if it is not plain text; empty if it is."""
    start = content.removeprefix(_UTF8_MARK).lstrip()[:_BEGINNING].lower()
    if not start:
        return "is empty"
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if start.startswith(_MARKUP):
        return "is a web page"
    return "is not text" if b"\0" in content or _CONTROL.search(start) else ""


def _utf8_name(content: bytes) -> str:
    return "UTF-8 with a mark" if content.startswith(_UTF8_MARK) else "UTF-8"


def _from_windows(content: bytes) -> Decoded:
    """A few bytes mean nothing in Windows-1252: each becomes a mark that the rows report."""
    odd = tuple(number for number, line in enumerate(content.splitlines(), 1) if not line.isascii())
    return Decoded(content.decode("cp1252", errors="replace"), "Windows-1252", odd)
