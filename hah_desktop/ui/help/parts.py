"""The words of the help: one file for each part, cut at its headings. It knows no widget."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hah_desktop.resources import resource

PARTS = (
    "start",
    "visits",
    "visit",
    "places",
    "import",
    "office",
    "sticks",
    "conflict",
    "overtaken",
    "history",
    "paper",
    "viewer",
    "saving",
    "security",
    "locking",
    "forgotten",
    "door",
    "preferences",
    "keys",
)
"""Every part in the order in which it is listed; one about a page is called what the shell calls
the page."""

_LEVELS = re.compile(r"^(#{1,2}) (.+)$", re.MULTILINE)
_MARKS = re.compile(r"[`*]|\]\([^)]*\)|\[")


@dataclass(frozen=True, slots=True)
class Place:
    """A part, and a heading in it; no heading is the part's beginning."""

    part: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading of a part; of the first, whose place names no heading."""

    place: Place
    title: str
    words: str

    def has(self, sought: str) -> bool:
        """Whether every one of the words that are sought stands in it, somewhere."""
        here = f"{self.title} {self.words}".casefold()
        return all(word in here for word in sought.casefold().split())


def markdown(part: str) -> str:
    """Give a part as it is written. Raises FileNotFoundError for a part that there is not."""
    return resource("help", f"{part}.md").read_text(encoding="utf-8")


def sections(part: str) -> Sequence[Section]:
    """Give a part cut at its headings; the first is titled as the part is."""
    text = markdown(part)
    heads = list(_LEVELS.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [
        Section(
            Place(part, "" if head[1] == "#" else head[2]),
            head[2],
            _MARKS.sub("", text[head.end() : end]).strip(),
        )
        for head, end in zip(heads, ends, strict=True)
    ]


def contents() -> Sequence[Section]:
    """Give every section of the help, in order."""
    return [section for part in PARTS for section in sections(part)]


def nearest(place: Place) -> Place:
    """Give the place, or the beginning of its part where that has no such heading."""
    known = any(section.place == place for section in sections(place.part))
    return place if known else Place(place.part)
