"""What a request holds, read whole and within bounds before anything else is done with it."""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request

from hah_central.problems import (
    Problem,
    cut,
    no_recovery,
    too_large,
    unreadable,
    wrong_version,
)
from hah_central.pulling.pull import Ask, Unnamed
from hah_desktop.domain.exchange import OLDEST_PROTOCOL, PROTOCOL, SealedRecovery
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.seals.recovery import ID_BYTES, SEALED_BYTES
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.changes import KNOWS, MOST, MOVES
from hah_desktop.sync.wire.form import MAX_BYTES, MAX_CHANGES, PROTOCOL_HEADER
from hah_desktop.sync.wire.packing import Damaged, Unpacker

_PROTOCOLS = frozenset(map(str, range(OLDEST_PROTOCOL, PROTOCOL + 1)))
_MAX_TEXT = 500
_MAX_CURSOR = 2**62
_MAX_KEY = 4_000
_VAULT_BYTES = 16


MOST_SECONDS = 400_000_000_000
"""No two clocks that know a calendar are further apart."""


@dataclass(slots=True)
class Sent:
    """A body, and the same packed: as it came, if it came so.

    The body is large: whoever has read it lets go of it, while others still hold on to this.
    """

    body: bytes
    packed: bytes


async def body(request: Request) -> bytes:
    """The whole body, unpacked. Raises Problem when it is cut, broken or too large."""
    came, how = await _came(request)
    return came if how == packing.PLAIN else _unpacked(came, how)


async def sent(request: Request) -> Sent:
    """The whole body, unpacked and packed. Raises Problem as `body` does."""
    came, how = await _came(request)
    if how == packing.PLAIN:
        return Sent(came, packing.pack(came, packing.ZSTD))
    return Sent(_unpacked(came, how), came)


async def _came(request: Request) -> tuple[bytes, str]:
    if request.headers.get(PROTOCOL_HEADER, str(PROTOCOL)) not in _PROTOCOLS:
        raise wrong_version()
    came = bytearray()
    try:
        async for part in request.stream():
            came += part
            if len(came) > MAX_BYTES:
                raise too_large()
    except ClientDisconnect as fault:
        raise cut() from fault
    return bytes(came), request.headers.get("Content-Encoding", packing.PLAIN).lower()


def _unpacked(packed: bytes, how: str) -> bytes:
    try:
        unpacking = Unpacker(how)
        # One byte more than allowed is enough to know: a small bomb must not fill the memory.
        body = unpacking.take(packed, MAX_BYTES)
    except Damaged as fault:
        raise unreadable(str(fault)) from fault
    if len(body) > MAX_BYTES:
        raise too_large()
    if unpacking.goes_on:
        raise unreadable("something follows its end")
    if not unpacking.is_whole:
        raise cut()
    return body


async def plain(request: Request) -> Mapping[str, Any]:
    """The JSON object in the body. Raises Problem when it is something else."""
    try:
        found = json.loads(await body(request))
    except (ValueError, RecursionError) as fault:
        raise unreadable("it is not JSON") from fault
    if not isinstance(found, dict):
        raise unreadable("it is not a JSON object")
    return found


def text(plain: Mapping[str, Any], name: str) -> str:
    """One short text of an object. Raises Problem when it is missing or of another form."""
    return _text(plain.get(name), name)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        raise unreadable(f"“{name}” is missing or not a short text")
    return value


def made_id(plain: Mapping[str, Any], name: str) -> str:
    """An id as programs of ours make it, spelled in one way. Raises Problem."""
    found = text(plain, name)
    with suppress(ValueError):
        if found == str(uuid.UUID(found)):
            return found
    raise unreadable(f"“{name}” is not an id")


def key(plain: Mapping[str, Any], name: str) -> str:
    """A public key in hex. Raises Problem when it is missing or too long to be one."""
    found = plain.get(name)
    if not isinstance(found, str) or len(found) > _MAX_KEY:
        raise unreadable(f"“{name}” is missing or not a key")
    return found


def recovery(plain: Mapping[str, Any]) -> SealedRecovery:
    """The secret that a new laptop sealed for the office. Raises Problem."""
    found = plain.get("recovery")
    if not isinstance(found, dict):
        raise no_recovery("it sealed nothing for the office")
    return SealedRecovery(
        _octets(found, "id", ID_BYTES),
        _octets(found, "vault", _VAULT_BYTES),
        _octets(found, "sealed", SEALED_BYTES),
    )


def _octets(plain: Mapping[str, Any], name: str, length: int) -> str:
    """So many bytes in hex, spelled in one way."""
    value = plain.get(name)
    with suppress(ValueError):
        found = bytes.fromhex(value) if isinstance(value, str) else b""
        if len(found) == length:
            return found.hex()
    raise no_recovery(f"“{name}” is not {length} bytes in hexadecimal")


def ask(plain: Mapping[str, Any]) -> Ask:
    """What a pull asks. Raises Problem."""
    epoch, want = text(plain, "epoch"), wanted(plain)
    if "files" in plain or "at" not in plain:
        return Ask(epoch, cursors(plain, "files"), want, most=_most(plain))
    unnamed = Unnamed(count(plain, "at"), text(plain, "named"), plain.get(MOVES) is True)
    return Ask(epoch, cursors(plain, "but"), want, unnamed, _most(plain))


def _most(plain: Mapping[str, Any]) -> int:
    told = count_if_told(plain, MOST)
    return MAX_CHANGES if told is None else max(told, 1)


def rest(plain: Mapping[str, Any] | None) -> Ask | None:
    """What a push asks beside its receipts. What cannot be read asks nothing: its changes count."""
    try:
        return ask(plain) if plain else None
    except Problem:
        return None


def knows(told: Any) -> dict[FileId, int]:
    """What a laptop knows to be taken back. What cannot be read says nothing: changes count."""
    try:
        return cursors({KNOWS: told}, KNOWS)
    except Problem:
        return {}


def cursors(plain: Mapping[str, Any], name: str) -> dict[FileId, int]:
    """The cursors of a pull. Raises Problem."""
    found = plain.get(name)
    if not isinstance(found, dict):
        raise unreadable(f"“{name}” is missing")
    for seq in found.values():
        if type(seq) is not int or not 0 <= seq <= _MAX_CURSOR:
            raise unreadable("a cursor is not a whole number")
    return {FileId(_text(file, name)): seq for file, seq in found.items()}


def count(plain: Mapping[str, Any], name: str) -> int:
    """One whole number of an object, not below nought. Raises Problem."""
    found = plain.get(name)
    if type(found) is not int or not 0 <= found <= _MAX_CURSOR:
        raise unreadable(f"“{name}” is not a whole number")
    return found


def differing(plain: Mapping[str, Any]) -> frozenset[FileId]:
    """The files that a pull says to be not the same on both sides. Raises Problem."""
    found = plain.get("differs", [])
    if not isinstance(found, list):
        raise unreadable("“differs” is not a list")
    return frozenset(FileId(_text(file, "differs")) for file in found)


def changes(plain: Mapping[str, Any]) -> frozenset[ChangeId]:
    """The changes that are asked about. Raises Problem."""
    return frozenset(map(ChangeId, _texts(plain.get("ids"), "ids")))


def words_if_told(plain: Mapping[str, Any]) -> dict[ChangeId, str]:
    """The hashes of the words of some changes, which older programs do not name. Raises Problem."""
    found = plain.get("words", {})
    if not isinstance(found, dict) or len(found) > MAX_CHANGES:
        raise unreadable("“words” is not an object, or too large")
    return {ChangeId(id_): _text(each, "words") for id_, each in found.items()}


def given_if_told(plain: Mapping[str, Any]) -> frozenset[str]:
    """The digests of what was given, which older programs do not name. Raises Problem."""
    return frozenset(_texts(plain.get("given", []), "given"))


def _texts(found: object, name: str) -> list[str]:
    if not isinstance(found, list) or len(found) > MAX_CHANGES:
        raise unreadable(f"“{name}” is not a list, or too long")
    return [_text(each, name) for each in found]


def count_if_told(plain: Mapping[str, Any], name: str) -> int | None:
    """As `count`, of what older programs do not say; None then. Raises Problem."""
    return count(plain, name) if name in plain else None


def seconds_if_told(plain: Mapping[str, Any], name: str) -> int | None:
    """So many seconds, or less than none, of what older programs do not say. Raises Problem."""
    found = plain.get(name)
    if name in plain and (type(found) is not int or abs(found) > MOST_SECONDS):
        raise unreadable(f"“{name}” is not a whole number")
    return found


def text_if_told(plain: Mapping[str, Any], name: str) -> str:
    """As `text`, of what older programs do not say; empty then. Raises Problem."""
    return text(plain, name) if name in plain else ""


def named_changes(plain: Mapping[str, Any]) -> list[ChangeId]:
    """The changes that a laptop asks after, however many. Raises Problem."""
    found = plain.get("changes")
    if not isinstance(found, list):
        raise unreadable("“changes” is not a list")
    return [ChangeId(_text(change, "changes")) for change in found]


def wanted(plain: Mapping[str, Any]) -> frozenset[RecordId]:
    """The records that a pull asks for in full. Raises Problem."""
    found = plain.get("want", [])
    if not isinstance(found, list):
        raise unreadable("“want” is not a list")
    return frozenset(RecordId(_text(record, "want")) for record in found)
