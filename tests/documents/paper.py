"""Reads a finished PDF the way a curious reader would: its words, and its raw insides."""

import base64
import re
import shutil
import subprocess
import zlib

from hah_desktop.documents.pages import all_words, page_count, page_text


def text_of(pdf: bytes) -> str:
    """The words on all pages, by poppler where it is installed."""
    tool = shutil.which("pdftotext")
    if tool is None:
        return "\n".join(page_text(pdf, page) for page in range(page_count(pdf)))
    asked = [tool, "-raw", "-enc", "UTF-8", "-", "-"]
    return subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()


def close(text: str) -> str:
    """The text without any white space: a page breaks lines where it wants."""
    return "".join(text.split())


def insides(pdf: bytes) -> str:
    """Every byte of the file, with its streams unpacked, and all that it says of itself."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    unpacked = [_unpacked(stream) for stream in packed]
    return b"\n".join((pdf, *unpacked)).decode("latin-1") + all_words(pdf)


def _unpacked(stream: bytes) -> bytes:
    body = stream.strip()
    if body.endswith(b"~>"):
        body = base64.a85decode(body.removesuffix(b"~>"))
    try:
        return zlib.decompress(body)
    except zlib.error:
        return body
