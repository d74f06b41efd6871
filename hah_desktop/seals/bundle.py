r"""What one laptop hands over as a file, to the office or a colleague: sealed and signed.

Outside stands only a random id. Who sent it, to whom, when and what, stands inside. Whoever
opens it is given nothing before all of it was found whole. It knows no file by its path.

    8 bytes   magic "HAHBDL1\n"
    16 bytes  id of the bundle, random
    1 byte    how many slots follow, 1 to 16
    1168 bytes a slot: the content key, sealed to one reader's key (see `sealing`),
              info = "help-at-hand bundle 1\n" and the id
    then, to the end, a stream (see `stream`) under the content key; context = all bytes before it

The stream holds the parts, byte by byte one after another, and then:

    the manifest: JSON, ASCII, sorted names, no spaces
    64 bytes  Ed25519 by the sender over "hah-manifest-1\n", the SHA-256 (32 bytes) of all bytes
              before the stream, and the manifest
    4 bytes   how long the manifest is, big-endian

The manifest: {"bundle": id in hex, "laptop": the sender, "made_at", "number": counts the sender's
bundles from 1, "parts": [{"kind", "name", "sha256", "size"}], "recipients": [key ids]}. It comes
last because only then the sizes and hashes are known: a part may be too large for the memory.
"""

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hah_desktop.seals import sealing, stream
from hah_desktop.seals.errors import NotSigned, SealBroken, SealedNewer
from hah_desktop.seals.plain import count, text
from hah_desktop.seals.sealing import SealingKey
from hah_desktop.seals.stream import Piece

MAGIC = b"HAHBDL1\n"
_LATER = re.compile(rb"HAHBDL[2-9]\n")
ID_BYTES = 16
SLOT_BYTES = stream.KEY_BYTES + sealing.OVERHEAD
MOST_SLOTS = 16
MOST_PARTS = 20_000

_OPENING_BYTES = len(MAGIC) + ID_BYTES + 1
_INFO = b"help-at-hand bundle 1\n"
_KEY_LABEL = b"help-at-hand recovery key 1\n"
_SIGNED = b"hah-manifest-1\n"
_SIGNATURE_BYTES = 64
_LENGTH_BYTES = 4
_LARGEST_MANIFEST = 8 << 20
_LONGEST = 200
_NAME = re.compile(
    r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$))[0-9a-z][0-9a-z-]{0,79}(\.[0-9a-z]{1,10})?"
)
"""Nothing that any system takes for a folder, a hidden file, a device, or another name."""


class Kind(StrEnum):
    """What a part is: changes as JSON lines, one draft as JSON, or the bytes of one file."""

    CHANGES = "changes"
    DRAFT = "draft"
    FILE = "file"


@dataclass(frozen=True)
class Part:
    """Something to put in; `pieces` are its bytes and are read once."""

    name: str
    kind: Kind
    pieces: Iterable[Piece]


@dataclass(frozen=True)
class Listed:
    """A part as the manifest names it."""

    name: str
    kind: Kind
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the sender signed: who sends what to whom. `recipients` are key ids."""

    bundle: str
    laptop: str
    number: int
    made_at: str
    recipients: tuple[str, ...]
    parts: tuple[Listed, ...]


@dataclass(frozen=True)
class Sender:
    """Who sends, as the how many-th bundle, when, and how it signs."""

    laptop: str
    number: int
    made_at: str
    sign: Callable[[bytes], bytes] = field(repr=False)


@dataclass(frozen=True)
class Made:
    """A bundle that was just written, and its content key: with it `prove` reads it again."""

    manifest: Manifest
    key: bytes = field(repr=False)


class Bundle:
    """A bundle that was found whole and signed, and meant for whoever opened it."""

    def __init__(self, manifest: Manifest, signature: bytes, body: "_Body") -> None:
        self.manifest = manifest
        self.signature = signature
        self._body = body

    @property
    def signed(self) -> bytes:
        """What the signature is over: with it the signature proves what came, also later."""
        return _to_sign(self._body.opening, _spelled(self.manifest))

    def parts(self) -> Iterator[tuple[Listed, Iterator[bytes]]]:
        """Each part and its bytes, in order; the bytes are read before the next part is asked for.

        Raises SealBroken if the file has changed since it was opened.
        """
        plain = _Plain(self._body.read())
        for listed in self.manifest.parts:
            pieces = plain.part(listed)
            yield listed, pieces
            for _ in pieces:
                pass  # what nobody wanted


@dataclass(frozen=True)
class _Body:
    """The stream in its file, and what opens it. It can be read again and again."""

    source: BinaryIO
    start: int
    opening: bytes
    key: bytes = field(repr=False)

    def read(self) -> Iterator[bytes]:
        self.source.seek(self.start)
        return stream.read(self.source, self.key, self.opening)


class _Plain:
    """The plain bytes of a stream, part after part."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    def part(self, listed: Listed) -> Iterator[bytes]:
        """The bytes of the next part; raises SealBroken at its end if it is another one."""
        digest = hashlib.sha256()
        missing = listed.size
        while missing:
            self._held = self._held or next(self._chunks, b"")
            if not self._held:
                raise SealBroken
            piece, self._held = self._held[:missing], self._held[missing:]
            missing -= len(piece)
            digest.update(piece)
            yield piece
        if digest.hexdigest() != listed.sha256:
            raise SealBroken


def key_id(recovery: bytes) -> str:
    """The name of a reader's key in a manifest: SHA-256 of a label and the key, in hex."""
    return hashlib.sha256(_KEY_LABEL + recovery).hexdigest()


def write(
    target: BinaryIO, sender: Sender, recipients: Sequence[bytes], parts: Iterable[Part]
) -> Made:
    """Write a bundle; of its parts only a few MiB are in memory at a time.

    Raises SealBroken when a recipient is no key, and what `target` or a part's pieces raise.
    """
    if not 0 < len(recipients) <= MOST_SLOTS:
        raise ValueError("a bundle has 1 to 16 readers")
    id_, key = os.urandom(ID_BYTES), stream.new_key()
    slots = [sealing.seal(recipient, _INFO + id_, key) for recipient in recipients]
    opening = MAGIC + id_ + bytes((len(slots),)) + b"".join(slots)
    target.write(opening)
    named = tuple(map(key_id, recipients))
    done: list[Manifest] = []
    stream.write(_payload(sender, opening, named, parts, done), target, key, opening)
    return Made(done[0], key)


def read(source: BinaryIO, reader: SealingKey, senders: Callable[[str], bytes | None]) -> Bundle:
    """Open a bundle with a reader's key; `senders` gives the public key of a laptop that is known.

    Nothing is given before every byte was checked. Raises SealBroken for one that is torn,
    changed or meant for somebody else, and NotSigned when it is not by the laptop it names.
    """
    start = source.tell()
    opening = _read_opening(source)
    key = _content_key(opening, reader)
    body = _Body(source, start + len(opening), opening, key)
    return _checked(body, key_id(reader.public), senders)


def prove(source: BinaryIO, made: Made, public_key: bytes) -> None:
    """Read back what was written, as its readers will, but for the slots, which are theirs.

    Raises SealBroken or NotSigned when it is not what was made.
    """
    start = source.tell()
    opening = _read_opening(source)
    body = _Body(source, start + len(opening), opening, made.key)
    found = _checked(body, made.manifest.recipients[0], lambda _: public_key)
    if found.manifest != made.manifest:
        raise SealBroken


def _payload(
    sender: Sender,
    opening: bytes,
    recipients: tuple[str, ...],
    parts: Iterable[Part],
    done: list[Manifest],
) -> Iterator[Piece]:
    listed: list[Listed] = []
    for part in parts:
        digest, size = hashlib.sha256(), 0
        for piece in part.pieces:
            digest.update(piece)
            size += memoryview(piece).nbytes
            yield piece
        listed.append(Listed(part.name, part.kind, size, digest.hexdigest()))
    who = (sender.laptop, sender.number, sender.made_at)
    manifest = Manifest(_id(opening), *who, recipients, tuple(listed))
    if not _well_formed(manifest):
        raise ValueError("the parts of a bundle have short plain names, each another one")
    spelled = _spelled(manifest)
    yield spelled
    yield sender.sign(_to_sign(opening, spelled))
    yield len(spelled).to_bytes(_LENGTH_BYTES, "big")
    done.append(manifest)


def _read_opening(source: BinaryIO) -> bytes:
    opening = source.read(_OPENING_BYTES)
    if _LATER.match(opening):
        raise SealedNewer
    if len(opening) != _OPENING_BYTES or not opening.startswith(MAGIC):
        raise SealBroken
    many = opening[-1]
    slots = source.read(many * SLOT_BYTES)
    if not 0 < many <= MOST_SLOTS or len(slots) != many * SLOT_BYTES:
        raise SealBroken
    return opening + slots


def _content_key(opening: bytes, reader: SealingKey) -> bytes:
    info = _INFO + opening[len(MAGIC) :][:ID_BYTES]
    for start in range(_OPENING_BYTES, len(opening), SLOT_BYTES):
        with suppress(SealBroken):
            return sealing.unseal(reader, info, opening[start : start + SLOT_BYTES])
    raise SealBroken


def _checked(body: _Body, reader: str, senders: Callable[[str], bytes | None]) -> Bundle:
    end = _read_end(body)
    manifest = end.manifest
    _verify(senders(manifest.laptop), end.signature, _to_sign(body.opening, end.spelled))
    # Somebody who could open it may have sealed it again for others: the sender did not mean them.
    if reader not in manifest.recipients or manifest.bundle != _id(body.opening):
        raise SealBroken
    if sum(part.size for part in manifest.parts) != end.before:
        raise SealBroken
    bundle = Bundle(manifest, end.signature, body)
    for _ in bundle.parts():
        pass  # each part was hashed on the way
    return bundle


@dataclass(frozen=True)
class _End:
    """What stands at the end of the stream, and how many bytes stand before it."""

    manifest: Manifest
    spelled: bytes
    signature: bytes
    before: int


def _read_end(body: _Body) -> _End:
    last: deque[bytes] = deque(maxlen=2 + _LARGEST_MANIFEST // stream.CHUNK)
    size = 0
    for chunk in body.read():
        last.append(chunk)
        size += len(chunk)
    tail = b"".join(last)
    rest, length = tail[:-_LENGTH_BYTES], int.from_bytes(tail[-_LENGTH_BYTES:], "big")
    signed, signature = rest[:-_SIGNATURE_BYTES], rest[-_SIGNATURE_BYTES:]
    if not 0 < length <= min(len(signed), _LARGEST_MANIFEST):
        raise SealBroken
    spelled = signed[-length:]
    before = size - length - _SIGNATURE_BYTES - _LENGTH_BYTES
    return _End(_read_manifest(spelled), spelled, signature, before)


def _verify(public_key: bytes | None, signature: bytes, signed: bytes) -> None:
    if public_key is None:
        raise NotSigned
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise NotSigned from None


def manifest_in(signed: bytes) -> Manifest:
    """The manifest in what a sender signed. Raises SealBroken when it is something else."""
    before = len(_SIGNED) + hashlib.sha256().digest_size
    if not signed.startswith(_SIGNED):
        raise SealBroken
    return _read_manifest(signed[before:])


def _to_sign(opening: bytes, spelled: bytes) -> bytes:
    return _SIGNED + hashlib.sha256(opening).digest() + spelled


def _id(opening: bytes) -> str:
    return opening[len(MAGIC) :][:ID_BYTES].hex()


def _spelled(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), sort_keys=True, separators=(",", ":")).encode("ascii")


def _read_manifest(spelled: bytes) -> Manifest:
    try:
        manifest = _manifest(json.loads(spelled))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SealBroken from None
    if _spelled(manifest) != spelled or not _well_formed(manifest):
        raise SealBroken
    return manifest


def _manifest(plain: Mapping[str, Any]) -> Manifest:
    parts = [
        Listed(text(p["name"]), Kind(p["kind"]), count(p["size"]), text(p["sha256"]))
        for p in plain["parts"]
    ]
    return Manifest(
        bundle=text(plain["bundle"]),
        laptop=text(plain["laptop"]),
        number=count(plain["number"]),
        made_at=text(plain["made_at"]),
        recipients=tuple(map(text, plain["recipients"])),
        parts=tuple(parts),
    )


def _well_formed(manifest: Manifest) -> bool:
    names = [part.name for part in manifest.parts]
    return (
        len(names) <= MOST_PARTS
        and len(set(names)) == len(names)
        and all(map(_NAME.fullmatch, names))
        and all(map(_is_short, (manifest.laptop, manifest.made_at)))
        and manifest.number > 0
    )


def _is_short(words: str) -> bool:
    """What a person may be shown, also on a terminal that obeys what it is sent."""
    return len(words) <= _LONGEST and words.isprintable()
