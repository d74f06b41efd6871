"""Looks for planted words in bytes, files, a raw disk, and in what a process gave to the system."""

import re
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.packing import Damaged, Unpacker
from tests.planted.sentences import Sentences, spellings

PAPER = {"a PDF": b"%PDF-", "a picture": b"\x89PNG\r\n"}
"""How compressed documents begin, whose words no search for words would find."""

LONGEST = 64
"""Bytes kept from one piece to the next: a word may lie across two of them."""

_PACKED = {packing.GZIP: b"\x1f\x8b\x08", packing.ZSTD: b"\x28\xb5\x2f\xfd"}
"""How what is sent begins, where it is packed and nobody has encrypted it."""

_QUOTED = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')
_CALL = re.compile(rb"^\d+ +(?:<\.\.\. )?(\w+)")
_WHERE = re.compile(rb"^\d+ +\w+\(\d+<([^>]*)>")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass
class Found:
    """How often planted words were seen, by form and by place; and how much was looked at."""

    forms: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    @property
    def hits(self) -> int:
        """All of them."""
        return sum(self.forms.values())

    def __add__(self, other: "Found") -> "Found":
        """Both together."""
        return Found(self.forms + other.forms, self.places + other.places, self.bytes + other.bytes)

    def say(self) -> str:
        """What a person reads when a test fails."""
        return f"{self.hits} hits; forms {dict(self.forms)}; places {dict(self.places)}"


class Search:
    """One search for the words of one run."""

    def __init__(self, sentences: Sentences) -> None:
        # Word by word 450 needles: the stem, which all words share, is looked for first.
        self._stems = spellings(sentences.stem)
        self._needles = [spellings(word) for word in sentences.words]

    def look(
        self,
        piece: bytes,
        place: str,
        found: Found,
        before: bytes = b"",
        packed: "Packed | None" = None,
    ) -> None:
        """Count what is planted in a piece of bytes, or across its edge to the piece before.

        `packed` is what the pieces before it have begun to say.
        """
        found.bytes += len(piece)
        seen = self._count(piece)
        if before:
            edge = piece[:LONGEST]
            across = self._count(before + edge)
            across.subtract(self._count(before))
            across.subtract(self._count(edge))
            seen += across
        for form, magic in PAPER.items():
            seen[form] += piece.startswith(magic)
        inside = self._count((packed or Packed()).inside(piece))
        seen += Counter({f"{form}, packed": hits for form, hits in inside.items()})
        if seen.total():
            found.forms += seen
            found.places[place] += seen.total()

    def _count(self, piece: bytes) -> Counter[str]:
        return Counter(
            {
                form: sum(piece.count(needle[form]) for needle in self._needles)
                for form, stem in self._stems.items()
                if stem in piece
            }
        )


class Packed:
    """What is packed in the pieces of one place: it may go on from one to the next."""

    def __init__(self) -> None:
        self._under_way: Unpacker | None = None

    def inside(self, piece: bytes) -> bytes:
        """As much of it as can be unpacked so far."""
        begun, self._under_way = self._under_way, None
        if begun is not None and (said := self._said(begun, piece)):
            return said
        ways = ((piece.find(magic), how) for how, magic in _PACKED.items())
        found = min(((at, how) for at, how in ways if at >= 0), default=None)
        return self._said(Unpacker(found[1]), piece[found[0] :]) if found else b""

    def _said(self, unpacker: Unpacker, piece: bytes) -> bytes:
        with suppress(Damaged):
            said = unpacker.take(piece)
            if not (unpacker.is_whole or unpacker.goes_on):
                self._under_way = unpacker
            return said
        return b""


def in_files(search: Search, folder: Path) -> Found:
    """What is planted in the names and the contents of every file."""
    found = Found()
    for path in sorted(folder.rglob("*")):
        search.look(path.name.encode(), "the name of a file", found)
        if path.is_file() and not path.is_symlink():
            search.look(path.read_bytes(), path.name, found)
    return found


def in_image(search: Search, image: Path, piece: int = 1 << 24) -> Found:
    """What is planted in a raw disk, also in what was deleted there."""
    found, before = Found(), b""
    with image.open("rb") as file:
        while read := file.read(piece):
            search.look(read, "the raw disk", found, before)
            before = read[-LONGEST:]
    return found


def in_calls(search: Search, trace: Path, allowed: Path) -> Found:
    """What is planted in the system calls that strace wrote down, but those to files in `allowed`.

    The trace is read line by line; of each file the end of one write is laid before the next, and
    what was packed goes on.
    """
    found, ends, packed = Found(), dict[bytes, bytes](), defaultdict[bytes, Packed](Packed)
    with trace.open("rb") as lines:
        for line in lines:
            where, payload = _call(line)
            if where.startswith(bytes(allowed) + b"/"):
                continue
            before = ends.get(where, b"")
            search.look(payload, _name(line, where), found, before, packed[where])
            if where:
                ends[where] = (before + payload)[-LONGEST:]
    return found


def written_to(trace: Path, folder: Path) -> set[Path]:
    """The files of a folder that were written to, by what strace saw."""
    with trace.open("rb") as lines:
        named = {where for line in lines if (where := _call(line)[0])}
    return {Path(name.decode()) for name in named if name.startswith(bytes(folder) + b"/")}


def _call(line: bytes) -> tuple[bytes, bytes]:
    """Which file a call was about, where it says so, and the bytes that it handed over."""
    where = _WHERE.match(line)
    path = _plain(where[1]) if where else b""
    # A gathering write hands over several pieces, which lie one after the other.
    return path, b"".join(_plain(piece) for piece in _QUOTED.findall(line))


def _plain(escaped: bytes) -> bytes:
    if b"\\x" not in escaped:
        return escaped
    return bytes.fromhex(b"".join(_ESCAPED.findall(escaped)).decode())


def _name(line: bytes, where: bytes) -> str:
    call = _CALL.match(line)
    words = call[1].decode() if call else "a call"
    return f"{words} to {Path(where.decode(errors='replace')).name}" if where else words
