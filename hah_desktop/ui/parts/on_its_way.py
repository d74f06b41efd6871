"""How far a letter or picture has travelled, in words, a tag and an icon. No widget."""

from dataclasses import dataclass

from hah_desktop.domain.media import size_in_words
from hah_desktop.store.attachments.attachments import Where
from hah_desktop.store.attachments.travelling import Count, Way
from hah_desktop.ui.kit.labels import TagKind

LOST = (
    "Its file is damaged or gone from this laptop’s disk. What is written about it is kept. "
    "If you still have the original, add it again."
)
COMES_AGAIN = (
    "Its file is damaged or gone from this laptop’s disk. The office has it: after the next sync "
    "it can be fetched from there."
)
NOT_TO_BE_HAD = (
    "It was added on another laptop. What is written about it is here, the file itself is not."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person reads of it. `tag` is short, for a row; `words` say what comes next."""

    tag: str
    kind: TagKind
    icon: str
    words: str


def told(where: Where, way: Way) -> Told:
    """How far one letter or picture is."""
    if where is Where.LOST:
        words = COMES_AGAIN if way.received else LOST
        return Told("Damaged", TagKind.BAD, "circle-alert", words)
    if where is Where.ELSEWHERE:
        return _elsewhere(way)
    if way.received:
        return Told("Received", TagKind.OK, "cloud-check", "The office has received the file.")
    if way.sent:
        so_far = of(way.sent, way.size)
        words = f"{so_far} of the file received by the office. The rest goes with the next sync."
        return Told(so_far, TagKind.WARN, "cloud-upload", words)
    words = (
        "The file is only on this laptop. It goes to the office with the next sync, after what "
        "is written."
    )
    return Told("Only here", TagKind.WARN, "cloud-off", words)


def _elsewhere(way: Way) -> Told:
    if not way.can_fetch:
        return Told("Not here", TagKind.NEUTRAL, "cloud-off", NOT_TO_BE_HAD)
    size = size_in_words(way.size)
    words = (
        f"The file, {size}, is not on this laptop. It can be fetched from the office with "
        "“Look at it”."
    )
    if way.fetched:
        words = f"{of(way.fetched, way.size)} of the file fetched. The rest is at the office."
    return Told("Not here", TagKind.NEUTRAL, "cloud", words)


def of(done: int, size: int) -> str:
    """So much of so much: 3 of 12 MB."""
    first, whole = size_in_words(done), size_in_words(size)
    unit = whole.rpartition(" ")[2]
    return f"{first.removesuffix(f' {unit}')} of {whole}"


def counted(count: Count) -> str:
    """How many files the office has; empty where there are none."""
    if not count.of:
        return ""
    files = "file" if count.of == 1 else "files"
    return f"{count.received} of {count.of} {files} received by the office"
