"""The header's two copies on the disk: the newest that is whole counts, the other is mended.

Each is written beside its place and moved there, first one and then the other, so that
whatever is cut or torn at least one is whole. Nothing here opens or believes a header.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault import files, header
from hah_desktop.vault.errors import (
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultNotSaved,
    VaultTooNew,
    VaultUnreadable,
)
from hah_desktop.vault.files import HEADER_NAME, SECOND_NAME
from hah_desktop.vault.header import Header, SealedHeader
from hah_desktop.vault.keys import KeyHolder

NAMES = (HEADER_NAME, SECOND_NAME)
_LARGEST = 64 * 1024


@dataclass(frozen=True)
class Copies:
    """What was found: headers that are whole and not the same, the newest first.

    `readable` holds the bytes of each copy that the system gave, b"" for a missing one.
    """

    whole: tuple[SealedHeader, ...]
    readable: dict[Path, bytes]

    @property
    def newest(self) -> SealedHeader:
        """The header that counts, when it is proved."""
        return self.whole[0]


def read(folder: Path) -> Copies:
    """Read both copies; raises as `judge` does."""
    return judge({path: _read_one(path) for path in _paths(folder)})


def judge(given: Mapping[Path, bytes | VaultMissing | VaultUnreadable]) -> Copies:
    """Tell which copies are whole.

    Raises VaultMissing, VaultUnreadable or VaultDamaged when none is, and VaultTooNew when
    either was written by a newer program, which must not be undone.
    """
    whole: dict[bytes, SealedHeader] = {}
    readable: dict[Path, bytes] = {}
    faults: list[KnownError] = []
    for path, data in given.items():
        if isinstance(data, bytes):
            readable[path] = data
            try:
                whole[data] = header.from_bytes(data)
            except (VaultDamaged, VaultTooNew) as fault:
                faults.append(fault)
        else:
            faults.append(data)
            if isinstance(data, VaultMissing):
                readable[path] = b""
    _refuse(faults, anything_whole=bool(whole))
    newest_first = sorted(whole.values(), key=lambda one: one.header.generation, reverse=True)
    return Copies(tuple(newest_first), readable)


def create(folder: Path, first: Header, keys: KeyHolder) -> None:
    """Write the first header of a vault; raises VaultExists, VaultNotSaved."""
    data = header.to_bytes(first, keys)
    one, two = _paths(folder)
    try:
        files.create(one, data)
    except FileExistsError:
        raise VaultExists from None
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
    try:
        files.replace(two, data)
    except OSError as reason:
        files.discard(one)
        raise VaultNotSaved(reason) from reason


def replace(folder: Path, after: Header, keys: KeyHolder) -> bool:
    """Write the header in place of the old one; raises VaultNotSaved, and the old one stands.

    True when both copies hold it. With one it is in force all the same, and the other is mended
    when the vault is opened next.
    """
    data = header.to_bytes(after, keys)
    one, two = _paths(folder)
    try:
        # Both are on the disk before either is in place: a full disk changes nothing.
        waiting = files.write_beside(two, data)
    except OSError as reason:
        raise VaultNotSaved(reason) from reason
    try:
        files.replace(one, data)
    except OSError as reason:
        files.discard(waiting)
        raise VaultNotSaved(reason) from reason
    _read_back(one, data)
    try:
        files.put(waiting, two)
        _read_back(two, data)
    except (OSError, VaultUnreadable, VaultDamaged):
        return False
    return True


def replace_both(folder: Path, after: Header, keys: KeyHolder) -> None:
    """As `replace`, but raises VaultNotSaved too when only one copy could be written."""
    if not replace(folder, after, keys):
        raise VaultNotSaved(OSError("one of two copies could not be written"))


def mend(found: Copies, proved: SealedHeader) -> None:
    """Write a stale, torn or missing copy again; a disk that refuses keeps nobody out."""
    for path, data in found.readable.items():
        if data != proved.data:
            with suppress(OSError):
                files.replace(path, proved.data)


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / HEADER_NAME, folder / SECOND_NAME


def _read_one(path: Path) -> bytes | VaultMissing | VaultUnreadable:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except FileNotFoundError:
        return VaultMissing()
    except OSError:
        return VaultUnreadable()


def _refuse(faults: list[KnownError], *, anything_whole: bool) -> None:
    """Raise what stops everything, or what best says why no copy is whole."""
    told = (VaultTooNew, VaultUnreadable, VaultDamaged, VaultMissing)
    for kind in told[:1] if anything_whole else told:
        for fault in faults:
            if isinstance(fault, kind):
                raise fault


def _read_back(path: Path, data: bytes) -> None:
    try:
        found = path.read_bytes()
    except OSError as reason:
        raise VaultUnreadable from reason
    if found != data:
        raise VaultDamaged
