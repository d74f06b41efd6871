"""The vault's header: how it looks in its file, and the proof that nobody else changed it.

Four lines: magic with the format number; the body; an HMAC-SHA256 of both under a key
from the vault key; a SHA-256 of all before it. The first and the last line look the same
in every format, so that a torn file and a newer one can be told apart without a passphrase.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from hah_desktop.vault import canonical, files, kdf
from hah_desktop.vault.canonical import Plain
from hah_desktop.vault.errors import (
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultNotSaved,
    VaultTooNew,
    VaultUnreadable,
)
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import SALT_BYTES, KeyHolder, Purpose, wipe
from hah_desktop.vault.slots import (
    FORMAT,
    ID_BYTES,
    NONCE_BYTES,
    WRAPPED_BYTES,
    PassphraseSlot,
)

VAULT_ID_BYTES = 16
_MAGIC = b"help-at-hand vault "
_FIRST_LINE = re.compile(_MAGIC + rb"([1-9][0-9]{0,5})\n")
_MAC_BYTES = 32
_TRAILER_BYTES = 65
_LARGEST = 64 * 1024


@dataclass(frozen=True)
class Header:
    """What the header says; `vault_id` is 32 hex digits, `generation` grows by one each write."""

    vault_id: str
    generation: int
    created: datetime
    database_salt: bytes
    slots: tuple[PassphraseSlot, ...]

    def __post_init__(self) -> None:
        if self.created.tzinfo is None:
            raise ValueError("the moment of making a vault carries its time zone")


@dataclass(frozen=True)
class SealedHeader:
    """A header as it was read: well formed, but not to be believed before `prove`."""

    header: Header
    signed: bytes
    mac: bytes

    def prove(self, keys: KeyHolder) -> None:
        """Check the MAC; raises VaultDamaged when anything in the header was changed."""
        try:
            _mac(self.signed, keys).verify(self.mac)
        except InvalidSignature:
            raise VaultDamaged from None


def to_bytes(header: Header, keys: KeyHolder) -> bytes:
    """Write and sign the header; raises VaultLocked."""
    signed = _MAGIC + b"%d\n" % FORMAT + canonical.encode(_body(header)) + b"\n"
    whole = signed + _mac(signed, keys).finalize().hex().encode("ascii") + b"\n"
    return whole + _trailer(whole)


def from_bytes(data: bytes) -> SealedHeader:
    """Read a header; raises VaultDamaged or VaultTooNew and believes nothing yet."""
    whole, trailer = data[:-_TRAILER_BYTES], data[-_TRAILER_BYTES:]
    first_line = _FIRST_LINE.match(whole)
    if trailer != _trailer(whole) or first_line is None:
        raise VaultDamaged
    if int(first_line[1]) > FORMAT:
        raise VaultTooNew
    # OverflowError: a date near the year 1 or 9999 that has no UTC.
    with suppress(ValueError, OverflowError):
        return _unpack(whole)
    raise VaultDamaged


def read(path: Path) -> SealedHeader:
    """Read the header file.

    Raises VaultMissing, VaultUnreadable, VaultDamaged, VaultTooNew.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise VaultMissing from None
    except OSError as reason:
        raise VaultUnreadable from reason
    if len(data) > _LARGEST:
        raise VaultDamaged
    return from_bytes(data)


def create(path: Path, header: Header, keys: KeyHolder) -> None:
    """Write the first header of a vault; raises VaultExists, VaultNotSaved."""
    data = to_bytes(header, keys)
    try:
        files.create(path, data)
    except FileExistsError:
        raise VaultExists from None
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
    _read_back(path, data)


def replace(path: Path, header: Header, keys: KeyHolder) -> None:
    """Write the header in place of the old one; raises VaultNotSaved, and the old one stands."""
    data = to_bytes(header, keys)
    try:
        files.replace(path, data)
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
    _read_back(path, data)


def _read_back(path: Path, data: bytes) -> None:
    try:
        found = path.read_bytes()
    except OSError as reason:
        raise VaultUnreadable from reason
    if found != data:
        raise VaultDamaged


def _mac(signed: bytes, keys: KeyHolder) -> HMAC:
    key = keys.working_key(Purpose.HEADER)
    try:
        mac = HMAC(key, SHA256())
    finally:
        wipe(key)
    mac.update(signed)
    return mac


def _trailer(whole: bytes) -> bytes:
    return hashlib.sha256(whole).hexdigest().encode("ascii") + b"\n"


def _body(header: Header) -> dict[str, Plain]:
    return {
        "created": header.created.astimezone(UTC).isoformat(timespec="seconds"),
        "database_salt": header.database_salt.hex(),
        "generation": header.generation,
        "slots": [_slot_body(slot) for slot in header.slots],
        "vault": header.vault_id,
    }


def _slot_body(slot: PassphraseSlot) -> dict[str, Plain]:
    return {
        "id": slot.id,
        "kind": slot.kind,
        "lanes": slot.cost.lanes,
        "memory_kib": slot.cost.memory_kib,
        "nonce": slot.nonce.hex(),
        "passes": slot.cost.passes,
        "salt": slot.salt.hex(),
        "wrapped": slot.wrapped.hex(),
    }


def _unpack(whole: bytes) -> SealedHeader:
    first, body, mac, rest = whole.split(b"\n")
    header = _read_body(canonical.decode(body))
    sealed = SealedHeader(header, first + b"\n" + body + b"\n", bytes.fromhex(mac.decode("ascii")))
    canonical_form = canonical.encode(_body(header)), sealed.mac.hex().encode("ascii")
    if rest or len(sealed.mac) != _MAC_BYTES or (body, mac) != canonical_form:
        raise ValueError("not the one way to write this header")
    return sealed


def _read_body(body: dict[str, object]) -> Header:
    return Header(
        vault_id=canonical.octets(body, "vault", VAULT_ID_BYTES).hex(),
        generation=canonical.number(body, "generation"),
        created=datetime.fromisoformat(canonical.text(body, "created")),
        database_salt=canonical.octets(body, "database_salt", SALT_BYTES),
        slots=tuple(_read_slot(slot) for slot in canonical.objects(body, "slots")),
    )


def _read_slot(slot: dict[str, object]) -> PassphraseSlot:
    if canonical.text(slot, "kind") != PassphraseSlot.kind:
        raise VaultTooNew  # a way in that this version does not know, and may not drop
    return PassphraseSlot(
        id=canonical.octets(slot, "id", ID_BYTES).hex(),
        cost=KdfCost(
            canonical.number(slot, "memory_kib"),
            canonical.number(slot, "passes"),
            canonical.number(slot, "lanes"),
        ),
        salt=canonical.octets(slot, "salt", kdf.SALT_BYTES),
        nonce=canonical.octets(slot, "nonce", NONCE_BYTES),
        wrapped=canonical.octets(slot, "wrapped", WRAPPED_BYTES),
    )
