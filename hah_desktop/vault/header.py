"""The vault's header: how it is spelled, and the proof that nobody else changed it.

Four lines: magic with the format number; the body; an HMAC-SHA256 of both under a key
from the vault key; a SHA-256 of all before it. The first and the last line look the same
in every format, so that a torn file and a newer one can be told apart without a passphrase.
Where it lies on the disk is no matter of this module.
"""

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from hah_desktop.vault import canonical, slots
from hah_desktop.vault.canonical import Plain
from hah_desktop.vault.errors import VaultDamaged, VaultTooNew
from hah_desktop.vault.keys import SALT_BYTES, KeyHolder, Purpose, wipe
from hah_desktop.vault.recovering import VAULT_ID_BYTES
from hah_desktop.vault.slots import NONCE_BYTES, WRAPPED_BYTES, PassphraseSlot, RecoverySlot, Slot

FORMAT = 2
_WITHOUT_PENDING = 1
"""The format that knew passphrases only; it is still read, and written as the newer one."""

_MAGIC = b"help-at-hand vault "
_FIRST_LINE = re.compile(_MAGIC + rb"([1-9][0-9]{0,5})\n")
_MAC_BYTES = 32
_TRAILER_BYTES = 65
_MOST_SLOTS = 8
"""More ways in than anybody made would only cost the time to try them."""


@dataclass(frozen=True)
class Pending:
    """The next vault key, wrapped by the one in force, and the ways in that it will have.

    `mac` is that of the header that ends the change, under the next key: so that whoever holds
    that key alone can tell that nobody changed what is about to be in force.
    """

    nonce: bytes
    wrapped: bytes
    slots: tuple[Slot, ...]
    mac: bytes


@dataclass(frozen=True)
class Header:
    """What the header says; `vault_id` is 32 hex digits, `generation` grows by one each write."""

    vault_id: str
    generation: int
    created: datetime
    database_salt: bytes
    slots: tuple[Slot, ...]
    pending: Pending | None = None

    def __post_init__(self) -> None:
        if self.created.tzinfo is None:
            raise ValueError("the moment of making a vault carries its time zone")
        for ways_in in (self.slots, self.pending.slots if self.pending else ()):
            codes = sum(isinstance(slot, RecoverySlot) for slot in ways_in)
            if len(ways_in) > _MOST_SLOTS or codes > 1:
                raise ValueError("a header has few ways in, and one of them at most for codes")

    @property
    def passphrases(self) -> tuple[PassphraseSlot, ...]:
        """The slots that a passphrase opens."""
        return tuple(slot for slot in self.slots if isinstance(slot, PassphraseSlot))

    @property
    def recovery(self) -> RecoverySlot | None:
        """The slot that a code from the office opens."""
        return next((slot for slot in self.slots if isinstance(slot, RecoverySlot)), None)


@dataclass(frozen=True)
class SealedHeader:
    """A header as it was read: well formed, but not to be believed before `prove`.

    `data` is the whole file.
    """

    header: Header
    data: bytes
    signed: bytes
    mac: bytes

    def prove(self, keys: KeyHolder) -> None:
        """Check the MAC; raises VaultDamaged when anything in the header was changed."""
        try:
            _hmac(self.signed, keys).verify(self.mac)
        except InvalidSignature:
            raise VaultDamaged from None

    def is_proved_by(self, keys: KeyHolder) -> bool:
        """Tell whether the owner of these keys wrote the header just so."""
        try:
            self.prove(keys)
        except VaultDamaged:
            return False
        return True


def to_bytes(header: Header, keys: KeyHolder) -> bytes:
    """Write and sign the header; raises VaultLocked."""
    whole = _signed(header) + mac(header, keys).hex().encode("ascii") + b"\n"
    return whole + _trailer(whole)


def mac(header: Header, keys: KeyHolder) -> bytes:
    """The MAC that the header has when it is written; raises VaultLocked."""
    return _hmac(_signed(header), keys).finalize()


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
        return _unpack(data, whole, int(first_line[1]))
    raise VaultDamaged


def _signed(header: Header) -> bytes:
    return _MAGIC + b"%d\n" % FORMAT + canonical.encode(_body(header, FORMAT)) + b"\n"


def _hmac(signed: bytes, keys: KeyHolder) -> HMAC:
    key = keys.working_key(Purpose.HEADER)
    try:
        made = HMAC(key, SHA256())
    finally:
        wipe(key)
    made.update(signed)
    return made


def _trailer(whole: bytes) -> bytes:
    return hashlib.sha256(whole).hexdigest().encode("ascii") + b"\n"


def _body(header: Header, form: int) -> dict[str, Plain]:
    body: dict[str, Plain] = {
        "created": header.created.astimezone(UTC).isoformat(timespec="seconds"),
        "database_salt": header.database_salt.hex(),
        "generation": header.generation,
        "slots": _slots_body(header.slots),
        "vault": header.vault_id,
    }
    if form == _WITHOUT_PENDING:
        return body
    return {**body, "pending": [_pending_body(header.pending)] if header.pending else []}


def _pending_body(pending: Pending) -> dict[str, Plain]:
    return {
        "mac": pending.mac.hex(),
        "nonce": pending.nonce.hex(),
        "slots": _slots_body(pending.slots),
        "wrapped": pending.wrapped.hex(),
    }


def _slots_body(ways_in: Iterable[Slot]) -> list[Plain]:
    return [slot.to_plain() for slot in ways_in]


def _unpack(data: bytes, whole: bytes, form: int) -> SealedHeader:
    first, body, mac_line, rest = whole.split(b"\n")
    header = _read_body(canonical.decode(body), form)
    proof = bytes.fromhex(mac_line.decode("ascii"))
    one_way = canonical.encode(_body(header, form)), proof.hex().encode("ascii")
    if rest or len(proof) != _MAC_BYTES or (body, mac_line) != one_way:
        raise ValueError("not the one way to write this header")
    return SealedHeader(header, data, first + b"\n" + body + b"\n", proof)


def _read_body(body: dict[str, object], form: int) -> Header:
    header = Header(
        vault_id=canonical.octets(body, "vault", VAULT_ID_BYTES).hex(),
        generation=canonical.number(body, "generation"),
        created=datetime.fromisoformat(canonical.text(body, "created")),
        database_salt=canonical.octets(body, "database_salt", SALT_BYTES),
        slots=_read_slots(body),
        pending=None if form == _WITHOUT_PENDING else _read_pending(body),
    )
    if form == _WITHOUT_PENDING and header.recovery:
        raise ValueError("this format knew no codes")
    return header


def _read_pending(body: dict[str, object]) -> Pending | None:
    found = canonical.objects(body, "pending")
    if not found:
        return None
    (pending,) = found
    return Pending(
        nonce=canonical.octets(pending, "nonce", NONCE_BYTES),
        wrapped=canonical.octets(pending, "wrapped", WRAPPED_BYTES),
        slots=_read_slots(pending),
        mac=canonical.octets(pending, "mac", _MAC_BYTES),
    )


def _read_slots(of: dict[str, object]) -> tuple[Slot, ...]:
    return tuple(slots.from_plain(slot) for slot in canonical.objects(of, "slots"))
