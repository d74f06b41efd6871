"""What a laptop does when the office has ended its access: it hands over, and then it forgets.

Nothing is destroyed before everything that the office has not got lies sealed for it on the disk.
Each step can be cut and is gone on with at the next start. An order is obeyed only after its
signature was checked here once more; what was destroyed nobody can bring back.

In the folder `revoked.json` says how far it is, and `revoked.bundle` holds what was sealed.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from hah_desktop.domain.errors import DISK_FULL, KnownError
from hah_desktop.laptop import handing
from hah_desktop.laptop.first_look import REPORT
from hah_desktop.laptop.handing import Counts
from hah_desktop.laptop.opening import MAKING
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import orders
from hah_desktop.seals.errors import NotSigned, SealBroken
from hah_desktop.seals.orders import REVOKE, SignedOrder
from hah_desktop.store.attachments import attachments
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.safety import backups
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Trust
from hah_desktop.sync.client import Office, Permission
from hah_desktop.sync.errors import AGAIN
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.signed import signed_bundle
from hah_desktop.vault import files, signing
from hah_desktop.vault.files import sync_folder

BUNDLE = "revoked.bundle"

_UNFINISHED = f"{BUNDLE}{handing.UNFINISHED}"
_WRAPS = "vault.*"
_DATABASE = "records.*"
_FOLDERS = (MAKING, attachments.FOLDER, backups.FOLDER)

Tell = Callable[[str], None]


class NotSealed(KnownError):
    """What the office has not got could not be sealed for it, so nothing was destroyed."""


class NotDestroyed(KnownError):
    """The system does not let go of something that has to be destroyed."""


class Gone(KnownError):
    """What was sealed is not there any more."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order came, and nothing was sealed yet: the laptop unlocks only to do that."""

    order: SignedOrder


@dataclass(frozen=True, slots=True)
class Sealed:
    """All that the office has not got lies sealed for it here; nobody here can read it."""

    order: SignedOrder
    office_url: str
    office: str
    permission: Permission
    counts: Counts
    authority: str | None = None
    """The office's certificate authority, as the laptop kept it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The office has what was sealed, by its own word, and nothing is left here."""

    order: SignedOrder
    office: str
    sha256: str
    counts: Counts


State: TypeAlias = Ordered | Sealed | Sent


def state(folder: Path) -> State | None:
    """How far revoking this folder is; None where the office has not ended anything.

    It believes the file. Whoever can write it could also delete the folder.
    """
    try:
        return _from_plain(json.loads((folder / REPORT).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        # Not ours, or torn where it cannot be. At the next contact the order comes again.
        return None


def revoke(
    unlocked: Unlocked,
    folder: Path,
    order: SignedOrder,
    tell: Tell,
) -> Sealed:
    """Seal what the office has not got, then destroy every way in. Ends with the laptop locked.

    Raises NotSigned for an order that is not the office's to this laptop, and then does nothing;
    NotSealed when the disk is full: nothing is destroyed, and unlocking goes on from there.
    """
    trust = _obeyed(unlocked, order)
    try:
        _note(folder, Ordered(order))
        tell("Sealing for the office what it has not got")
        sealed = _seal(unlocked, folder, order, trust)
        _note(folder, sealed)
    except OSError as fault:
        raise _not_sealed(fault) from fault
    except SealBroken as fault:
        raise _not_sealed(None) from fault
    finally:
        unlocked.lock()
    tell("Destroying this laptop’s keys")
    _destroy(folder)
    return sealed


def again(unlocked: Unlocked, folder: Path, tell: Tell) -> Sealed | None:
    """To be called after every unlocking: goes on where there was no room or the power went.

    None where the laptop may be used. Raises NotSealed, and then the laptop is locked again.
    """
    found = state(folder)
    if not isinstance(found, Ordered):
        return None
    try:
        return revoke(unlocked, folder, found.order, tell)
    except NotSigned:
        # Anybody could have put the file there.
        (folder / REPORT).unlink(missing_ok=True)
        return None


def go_on(folder: Path) -> State | None:
    """To be called at the start: destroys what a cut left over, and says how far it is.

    Raises NotDestroyed.
    """
    found = state(folder)
    if isinstance(found, Ordered):
        with suppress(OSError):
            (folder / _UNFINISHED).unlink()
    if isinstance(found, Sealed):
        if _wraps(folder) and not _lies_there(folder, found):
            # The disk lost what was sealed while the way in is still there: it is sealed again.
            _note(folder, Ordered(found.order))
            return Ordered(found.order)
        _destroy(folder)
    if isinstance(found, Sent):
        _destroy(folder)
        _remove(folder / BUNDLE)
    return found


def send(folder: Path, office: Office) -> State | None:
    """Hand over what was sealed, and remove it once the office has said what it holds.

    Raises Unreachable, Refused or NotOurs, and then it still lies here; Gone when it does not.
    """
    found = go_on(folder)
    if not isinstance(found, Sealed):
        return found
    try:
        source = (folder / BUNDLE).open("rb")
    except OSError as fault:
        raise Gone(
            f"What was sealed for the office cannot be read: {fault.strerror or fault}.",
            "The office has what it received before.",
            "If you copied it to a stick, hand that to the office.",
        ) from fault
    with source:
        received = office.send_bundle(found.permission, source)
    if received != found.permission.sha256:
        raise NotOurs(
            "The office’s receipt is not for what was sent.",
            "What was sealed for the office is still on this laptop.",
            AGAIN,
        )
    sent = Sent(found.order, found.office, found.permission.sha256, found.counts)
    _note(folder, sent)
    _remove(folder / BUNDLE)
    return sent


def copy(folder: Path, target: Path) -> None:
    """Copy what was sealed, for a stick; raises OSError. Only the office can read it."""
    with handing.in_place_of(target) as new:
        shutil.copyfile(folder / BUNDLE, new)
        with new.open("r+b") as copied:
            os.fsync(copied.fileno())


def told(found: State) -> str:
    """What happened, in words for whoever sits before the laptop."""
    ended = "The office has ended this laptop’s access."
    if isinstance(found, Ordered):
        return f"{ended} What the office has not got is still here, locked, and has to be sealed."
    lost = f" {_count(found.counts.unreadable, 'damaged file')} could not be saved."
    words = _handed(found) + (lost if found.counts.unreadable else "")
    return f"{ended} Its records were destroyed. {words}"


def _handed(found: Sealed | Sent) -> str:
    counts = found.counts
    each = ((counts.changes, "change"), (counts.drafts, "draft"), (counts.files, "file"))
    parts = [_count(count, what) for count, what in each if count]
    if not parts:
        return "The office had received everything before."
    much = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    if isinstance(found, Sent):
        return f"The office has received what it had not got: {much}."
    return f"What the office had not got is sealed here, and nobody else can read it: {much}."


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _obeyed(unlocked: Unlocked, signed: SignedOrder) -> Trust:
    """What was agreed with the office whose order this is. Raises NotSigned for any other."""
    with unlocked.store.reading() as connection:
        trust = meta.trust(connection)
    if trust is None:
        raise NotSigned
    who, key = unlocked.who, bytes.fromhex(trust.orders_key)
    meant = orders.for_laptop([signed], key, who.office, who.laptop, trust.order)
    if not any(order.kind == REVOKE for order, _ in meant):
        raise NotSigned
    return trust


def _seal(unlocked: Unlocked, folder: Path, order: SignedOrder, trust: Trust) -> Sealed:
    unsent = handing.collect(unlocked.store, Attachments(folder))
    office = bytes.fromhex(trust.recovery_key)
    with unlocked.store.reading() as connection:
        # Its last one. Nothing has to be written for it, so a disk without room is no matter.
        number = meta.bundles_made(connection) + 1
        authority = meta.enrolled(connection).authority
    written = handing.seal(
        unlocked.store, unlocked.who, unsent, [office], folder / BUNDLE, number=number
    )
    who = unlocked.who
    signature = signing.sign(
        who.signing_key, signed_bundle(who.office, written.sha256, written.size)
    )
    permission = Permission(who.laptop, written.sha256, written.size, signature.hex())
    counts = unsent.counts()
    return Sealed(order, who.office_url, who.office, permission, counts, authority)


def _lies_there(folder: Path, sealed: Sealed) -> bool:
    try:
        found = handing.digest(folder / BUNDLE)
    except OSError:
        return False
    return (found.sha256, found.size) == (sealed.permission.sha256, sealed.permission.size)


def _destroy(folder: Path) -> None:
    """Destroy the wraps, then take away what nobody can read without them."""
    try:
        for path in _wraps(folder):
            _overwrite(path)
            path.unlink()
        sync_folder(folder)
        for path in folder.glob(_DATABASE):
            if not path.is_dir():
                _remove(path)
        for name in _FOLDERS:
            _remove_folder(folder / name)
    except OSError as fault:
        raise NotDestroyed(
            f"Something on this laptop could not be destroyed: {fault.strerror or fault}.",
            "What the office had not got is sealed for it.",
            "Close other programs and start this one again.",
        ) from fault


def _overwrite(path: Path) -> None:
    # A disk that writes to another place keeps the old bytes for a laboratory to find; and what
    # is found there still needs the passphrase. One that does not write must not keep the file.
    if not path.is_symlink():
        with suppress(OSError):
            files.overwrite(path, bytes(path.stat().st_size))


def _wraps(folder: Path) -> list[Path]:
    found = [*folder.glob(_WRAPS), *(folder / MAKING).glob(_WRAPS)]
    return [path for path in found if path.is_symlink() or path.is_file()]


def _remove_folder(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _note(folder: Path, reached: State) -> None:
    """Write down how far it is, whole or not at all; raises OSError."""
    plain = {"stage": type(reached).__name__.lower(), **asdict(reached)}
    files.replace(folder / REPORT, json.dumps(plain, indent=2).encode())


def _from_plain(plain: Mapping[str, Any]) -> State:
    order = SignedOrder(str(plain["order"]["body"]), str(plain["order"]["signature"]))
    if plain["stage"] == "ordered":
        return Ordered(order)
    counts = Counts(**{str(name): int(count) for name, count in plain["counts"].items()})
    office = str(plain["office"])
    if plain["stage"] == "sent":
        return Sent(order, office, str(plain["sha256"]), counts)
    given = plain["permission"]
    permission = Permission(
        str(given["laptop"]), str(given["sha256"]), int(given["size"]), str(given["signature"])
    )
    kept = plain.get("authority")
    authority = None if kept is None else str(kept)
    return Sealed(order, str(plain["office_url"]), office, permission, counts, authority)


def _not_sealed(fault: OSError | None) -> NotSealed:
    ended = "The office has ended this laptop’s access"
    kept = "Nothing was destroyed, and the laptop stays locked."
    if fault is not None and fault.errno in DISK_FULL:
        return NotSealed(
            f"{ended}, and there is no room on the disk to seal for the office what it has "
            "not got.",
            kept,
            "Make room on the disk, then unlock again: the program goes on by itself.",
        )
    return NotSealed(
        f"{ended}, and the disk did not take what has to be sealed for it.",
        kept,
        "Check the disk, then unlock again: the program goes on by itself.",
    )
