"""What the laptop and the office say to each other: the messages and their spelling. Pure.

Version 1, spoken over HTTPS. Bodies are JSON, or JSON lines (`application/x-ndjson`) where there
may be many: one header line, the items, and a last line `{"end": true, "count": n}` without
which the whole answer is thrown away. Every answer of ours carries the header `Hah-Protocol`; an
answer without it comes from somebody else, such as the sign-in page of a hotel's network. How
bodies are packed: see `sync.wire.packing`.

    GET  /v1/hello      -> Hello; to a laptop that names itself in the header `Hah-Laptop`, with
                        what /v1/challenge answers: on a slow line each question takes its time
    GET  /v1/keys       -> {recovery, orders}: the office's public keys in hex
    POST /v1/enrol      {code, public_key, laptop_name, recovery: {id, vault, sealed}} -> Enrolled
    POST /v1/return     the same and {laptop, adviser} -> Enrolled
    POST /v1/challenge  {laptop} -> {challenge, orders: [{body, signature}]}
    POST /v1/token      {laptop, challenge, signature, waiting, ahead, program}
                                                       -> {token, expires_in, number, hash}
    POST /v1/push       lines: {epoch, runs, rest: {at, but, named}}, changes
                                                             -> lines: Accepted, receipts
                        an item may be a change as its mere bytes: see `sync.wire.opaque`;
                        to whoever says `runs`, receipts that say the same are told as one Run;
                        `rest` is a pull without its epoch: where nothing else is new behind it,
                        the answer says so, and the pull is saved
    POST /v1/pull       {epoch, files: {file: cursor}, want, differs: [file], most}
                                                             -> lines: Page, rows
                        or {epoch, at: cursor, but: {file: cursor}, named, moves, want, most},
                        where no file is named that was read up to `at`
                                     -> lines: {epoch, upto, whole, given, gone, …}, rows
    POST /v1/own        {after, most}                        -> lines: {}, this laptop's changes
    POST /v1/cards      {sealing}: the laptop's own key      -> lines: {}, colleagues' cards
    POST /v1/carried    {ids, given} of changes from a colleague's hand: see `sync.wire.hand`
    POST /v1/bundle     the bytes of a bundle, with what permits it in the headers: no token,
                        laptop, size, SHA-256, signature     -> {sha256, size} of what is kept
    /v1/blobs/…         the content of attachments, in chunks: see `sync.wire.blobs`
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from hah_desktop.domain.capacity import MOST
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.spelling import Form, read, spell_as_it_comes

PROTOCOL_HEADER = "Hah-Protocol"
SIGNATURE_HEADER = "Hah-Signature"
LAPTOP_HEADER = "Hah-Laptop"
DIGEST_HEADER = "Hah-Sha256"
SIZE_HEADER = "Hah-Size"
JSON_LINES = "application/x-ndjson"
BUNDLE = "application/octet-stream"
PROBLEM = "application/problem+json"

MAX_CHANGES = MOST
"""The most changes in one push, and the most rows in one page of a pull."""

MAX_BYTES = 8 * 1024 * 1024
"""The largest body of a request, in bytes, before it is compressed."""

MAX_NAME = 200
"""The longest name of anything, in characters: what a column takes."""

NUL = "\x00"

BEARABLE = MAX_BYTES // 4
"""What goes in one push, or comes in one page, unless a single change is longer: packed, a quarter
of a minute on the line of a car park. What is cut has to go once more."""


T = TypeVar("T")


class NotOurs(KnownError):
    """An answer that is not the office's, or only part of one: nothing was sent or received."""


def lines(header: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON lines with header and end mark."""
    return spelled_lines(header, map(spell_as_it_comes, items))


def spelled_lines(header: Mapping[str, Any], items: Iterable[bytes]) -> bytes:
    """JSON lines of items that are spelled already."""
    written = list(items)
    end = spell_as_it_comes({"end": True, "count": len(written)})
    return b"\n".join([spell_as_it_comes(header), *written, end])


def read_lines(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and items of JSON lines. Raises NotOurs if they are cut short or not ours."""
    header, unread = split_lines(body)
    try:
        items = list(map(read, unread))
    except (ValueError, RecursionError) as fault:
        raise cut() from fault
    if not all(isinstance(item, dict) for item in items):
        raise cut()
    return header, items


def split_lines(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """The header of JSON lines, and the items unread. Raises NotOurs if they are cut short."""
    try:
        first, *items, last = body.decode().split("\n")
        header, end = read(first), read(last)
    except (ValueError, RecursionError) as fault:
        raise cut() from fault
    if not isinstance(header, dict) or end != {"end": True, "count": len(items)}:
        raise cut()
    return header, items


def read_lines_as(form: Form[list[T]], body: bytes) -> tuple[dict[str, Any], list[T]]:
    """Header and items of JSON lines, each of one form. Raises NotOurs for anything else."""
    begin, end_of_items = body.find(b"\n") + 1, body.rfind(b"\n") + 1
    try:
        header, end = read(body[:begin]), read(body[end_of_items:])
        # A large answer is copied no more than it has to be.
        found = form(memoryview(body)[begin:end_of_items])
    except (ValueError, RecursionError) as fault:
        raise cut() from fault
    if not isinstance(header, dict) or end != {"end": True, "count": len(found)}:
        raise cut()
    return header, found


def text(value: object) -> str:
    """Text, or a TypeError."""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def words(value: object) -> str:
    """Text that UTF-8 can spell: JSON can name half of a character; or an error."""
    said = text(value)
    said.encode()
    return said


def name(value: object) -> str:
    """A name as every journal takes it: not too long, without a NUL; or an error."""
    said = words(value)
    if len(said) > MAX_NAME or NUL in said:
        raise ValueError("a name expected")
    return said


def printable(value: object) -> str:
    """Text that every database takes: one line without control characters; or an error."""
    said = text(value)
    if not said.isprintable():
        raise ValueError("a line of text expected")
    return said


def moment(value: object) -> str:
    """A moment with its zone, as it is spelled; or a TypeError or ValueError."""
    said = printable(value)
    if dt.datetime.fromisoformat(said).tzinfo is None:
        raise ValueError("a moment with its zone expected")
    return said


def is_moment(value: object) -> bool:
    """Whether it is a moment with its zone."""
    try:
        moment(value)
    except (TypeError, ValueError):
        return False
    return True


def count(value: object) -> int:
    """A whole number, or a TypeError."""
    if type(value) is not int:
        raise TypeError("a whole number expected")
    return value


def place(value: object) -> int:
    """A place in a journal, as far as a database counts; or a TypeError or ValueError."""
    said = count(value)
    if not 0 <= said < 1 << 63:
        raise ValueError("a place in a journal expected")
    return said


def yes_no(value: object) -> bool:
    """Yes or no, or a TypeError."""
    if not isinstance(value, bool):
        raise TypeError("yes or no expected")
    return value


def listed(value: object) -> list[Any]:
    """A list, or a TypeError."""
    if not isinstance(value, list):
        raise TypeError("a list expected")
    return value


def scalar(value: object) -> Json:
    """A single value, or an error."""
    if isinstance(value, str):
        return words(value)
    if value is not None and not isinstance(value, int | bool):
        raise TypeError("a single value expected")
    return value


def plain_object(value: object) -> dict[str, Any]:
    """A JSON object, or a TypeError."""
    if not isinstance(value, dict):
        raise TypeError("an object expected")
    return value


@contextmanager
def ours() -> Iterator[None]:
    """What is not of the form that is read inside raises NotOurs."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise cut() from fault


def cut() -> NotOurs:
    """The words for an answer of the office that is cut or not of this form."""
    return NotOurs(
        "The office’s answer was cut off, or this program cannot read it.",
        "Everything is saved on this laptop.",
        "The program tries again by itself. If this is said again and again, call the office.",
    )
