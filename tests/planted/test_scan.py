"""The search itself: it finds a word in every spelling, across edges, and where it is deleted."""

import base64
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hah_desktop.sync.wire import packing
from tests.planted.scan import LONGEST, Found, Packed, Search, in_calls, in_files, in_image
from tests.planted.sentences import COUNT, Sentences, spellings

SENTENCES = Sentences.of("a seed")
SEARCH = Search(SENTENCES)
WORD = SENTENCES.words[7]


def hits(piece: bytes, before: bytes = b"") -> Found:
    found = Found()
    SEARCH.look(piece, "here", found, before)
    return found


def test_there_are_fifty_sentences_each_with_a_word_of_its_own() -> None:
    assert len(set(SENTENCES.words)) == len(set(SENTENCES.texts)) == COUNT == 50
    assert all(text.count(SENTENCES.stem) == 1 for text in SENTENCES.texts)
    assert Sentences.of("a seed") == SENTENCES != Sentences.of("another")


@pytest.mark.parametrize("form", spellings(WORD))
def test_a_word_is_found_once_in_every_spelling(form: str) -> None:
    found = hits(b"\0before " + spellings(WORD)[form] + b" after\xff")
    assert dict(found.forms) == {form: 1}


@pytest.mark.parametrize("before", range(7))
def test_a_word_is_found_in_base64_wherever_it_begins(before: int) -> None:
    assert hits(base64.b64encode(b"x" * before + WORD.encode() + b"yz")).hits == 1


@pytest.mark.parametrize("at", [1, 7, len(WORD) - 1])
def test_a_word_is_found_across_two_pieces_and_counted_once(at: int) -> None:
    whole = WORD.encode()
    assert hits(whole[at:] + b" and more", before=b"some " + whole[:at]).hits == 1
    assert hits(b"nothing", before=whole).hits == 0
    assert hits(whole, before=b"nothing").hits == 1


def test_no_spelling_is_longer_than_the_edge() -> None:
    assert all(len(one) <= LONGEST for word in SENTENCES.words for one in spellings(word).values())


def test_the_name_of_a_file_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / f"notes about {WORD}.txt").write_text("nothing", encoding="utf-8")
    assert in_files(SEARCH, tmp_path).hits == 1


def test_a_picture_of_a_page_is_a_find_although_it_holds_no_word(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"%PDF-1.7 all of it compressed")
    assert in_files(SEARCH, tmp_path).hits == 1


@pytest.mark.parametrize("piece", [16, 50, 1000])
def test_a_raw_disk_is_read_in_pieces_and_nothing_is_missed(tmp_path: Path, piece: int) -> None:
    image = tmp_path / "disk"
    image.write_bytes(b"\0" * 70 + SENTENCES.texts[3].encode() * 3 + b"\0" * 500)
    assert in_image(SEARCH, image, max(piece, LONGEST)).hits == 3


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_what_a_program_and_its_children_write_is_seen_and_what_is_allowed_is_not(
    tmp_path: Path,
) -> None:
    paper = tmp_path / "paper"
    paper.mkdir()
    program = f"""
import os, socket, subprocess, sys
half = {WORD!r}[:5].encode()
with open({str(tmp_path / "deleted")!r}, "wb", buffering=0) as file:
    file.write(half); file.write({WORD!r}[5:].encode())
os.unlink({str(tmp_path / "deleted")!r})
one, other = socket.socketpair()
one.sendmsg([{WORD!r}.encode("utf-16-le")])
open({str(paper / "copy")!r}, "w").write({WORD!r})
subprocess.run([sys.executable, "-c", "import os; os.writev(2, [{WORD[:4]!r}.encode(), {WORD[4:]!r}.encode()])"])
"""  # noqa: E501 - one line of the program
    source = tmp_path / "program.py"
    source.write_text(program, encoding="utf-8")
    calls = "trace=write,pwrite64,writev,sendto,sendmsg"
    watcher = ["strace", "-f", "-qq", "-e", calls, "-s", "9999", "-xx", "-y"]
    trace = tmp_path / "trace"
    subprocess.run([*watcher, "-o", trace, sys.executable, source], check=True, capture_output=True)
    found = in_calls(SEARCH, trace, allowed=paper)
    assert dict(found.forms) == {"UTF-8": 2, "UTF-16LE": 1}
    assert found.places["write to deleted"] == 1


@pytest.mark.parametrize("how", [packing.GZIP, packing.ZSTD])
def test_what_is_packed_is_unpacked_even_when_it_comes_in_pieces(how: str) -> None:
    packed = packing.pack(" ".join(SENTENCES.texts).encode(), how)
    assert dict(hits(b"POST /v1/push\r\n\r\n" + packed).forms) == {"UTF-8, packed": COUNT}
    under_way, found, half = Packed(), Found(), len(packed) // 2
    for piece in (b"POST /v1/push\r\n\r\n", packed[:half], packed[half:], b"and more"):
        SEARCH.look(piece, "here", found, packed=under_way)
    assert COUNT - 1 <= found.hits <= COUNT


def test_what_is_packed_with_gzip_is_unpacked_even_when_it_is_cut() -> None:
    packed = packing.pack(" ".join(SENTENCES.texts).encode(), packing.GZIP)
    assert hits(packed[: len(packed) // 2]).hits > COUNT // 4
