"""Bytes to text: what is a table saved as CSV, and what is something else."""

import zipfile
from pathlib import Path

import pytest

from hah_desktop.intake.errors import NotATable, UnreadableFile
from hah_desktop.intake.text import LARGEST, decode, read_text

ENDLESS = Path("/dev/zero")


def test_utf8_with_a_mark_is_read_without_the_mark() -> None:
    decoded = decode("\ufeffURN,£".encode(), "list.csv")
    assert (decoded.text, decoded.encoding) == ("URN,£", "UTF-8 with a mark")


def test_utf8_without_a_mark_is_read() -> None:
    decoded = decode("URN,–".encode(), "list.csv")
    assert (decoded.text, decoded.encoding) == ("URN,–", "UTF-8")


def test_what_windows_writes_is_read_and_its_odd_lines_are_named() -> None:
    decoded = decode("URN\nplain\n£5 – or more\n".encode("cp1252"), "list.csv")
    assert decoded.text == "URN\nplain\n£5 – or more\n"
    assert (decoded.encoding, decoded.odd_lines) == ("Windows-1252", (3,))


def test_a_byte_that_means_nothing_becomes_a_mark() -> None:
    assert decode(b"caf\x8d", "list.csv").text == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "a workbook of an older Excel"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"<HTML>", "a web page"),
        (b"<table><tr><td>URN", "a web page"),
        ("URN\tName".encode("utf-16"), "Unicode text"),
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"URN,\x00Name", "not text"),
        (b"\x1f\x8b\x08\x1c", "not text"),
    ],
)
def test_what_is_not_a_table_is_refused_by_its_name(content: bytes, named: str) -> None:
    with pytest.raises(NotATable, match=named) as refused:
        decode(content, "list.csv")
    assert refused.value.kept == "Nothing was taken in."
    assert "save it as “CSV UTF-8”" in refused.value.do


def test_a_workbook_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with zipfile.ZipFile(path, "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(NotATable, match=r"“list\.csv” is a workbook"):
        read_text(path)


def test_a_file_that_is_far_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(NotATable, match="has more than 50 MB"):
        read_text(path)


@pytest.mark.skipif(not ENDLESS.exists(), reason="this system has no device without an end")
def test_what_has_no_end_is_refused() -> None:
    with pytest.raises(NotATable, match=r"“zero” has more than 50 MB"):
        read_text(ENDLESS)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"“list\.csv” cannot be opened"):
        read_text(tmp_path / "list.csv")
