"""The office's two private keys as files: each under a passphrase, apart from the database.

A file is three lines of ASCII: what it is, JSON with the cost of the passphrase and the sealed
seed, and the SHA-256 of the two lines before. The seed is sealed with AES-256-GCM under a key
that Argon2id makes of the passphrase; everything else in the file is bound into the seal.
"""

import enum
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hah_central.database.disk import sync_folder
from hah_desktop.domain.errors import KnownError

LEAST_LETTERS = 12
"""A passphrase shorter than this is not taken: the file may be copied and tried at leisure."""

_MAGIC = b"help-at-hand office key 1\n"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32
_LARGEST = 4096
_MEMORY_KIB = range(64 * 1024, 1024 * 1024 + 1)
_PASSES = range(3, 11)
_LANES = range(4, 17)
# OpenSSL shares the threads of its lanes: two derivations at once may wait for each other for ever.
_ONE_AT_A_TIME = Lock()


class KeyFault(KnownError):
    """A key file that is missing, in the way, torn, or opened with the wrong passphrase."""


class Kind(enum.StrEnum):
    """Which of the office's keys."""

    RECOVERY = "recovery"
    """Opens what laptops sealed for the office."""
    ORDERS = "orders"
    """Signs what laptops obey."""

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return f"office-{self.value}.key"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try of a passphrase costs. Out of bounds it cannot be made: ValueError."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        if not (self.memory_kib in _MEMORY_KIB and self.passes in _PASSES and self.lanes in _LANES):
            raise ValueError("the cost of a passphrase is outside what this program allows")


FLOOR = Cost(64 * 1024, 3, 4)
DEFAULT = Cost(256 * 1024, 3, 4)


def lock(kind: Kind, seed: bytes, passphrase: str, cost: Cost) -> bytes:
    """What stands in the file of a key. Raises KeyFault for a passphrase that is too short."""
    if len(passphrase) < LEAST_LETTERS:
        raise KeyFault(
            "This passphrase is too short.",
            "Nothing was changed.",
            f"Take at least {LEAST_LETTERS} letters; four random words are good.",
        )
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    said = {"kind": kind.value, "nonce": nonce.hex(), "salt": salt.hex(), **asdict(cost)}
    sealed = AESGCM(_key(passphrase, salt, cost)).encrypt(nonce, seed, _bound(said))
    whole = _bound({**said, "sealed": sealed.hex()}) + b"\n"
    return whole + hashlib.sha256(whole).hexdigest().encode() + b"\n"


@contextmanager
def written(folder: Path, contents: Mapping[Kind, bytes]) -> Iterator[None]:
    """Write new key files, never over old ones; taken away again if what follows fails.

    Raises KeyFault.
    """
    made: list[Path] = []
    try:
        _write(folder, contents, made)
        yield
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def read(folder: Path, kind: Kind, passphrase: str) -> bytes:
    """The seed in a key file. Raises KeyFault."""
    path = folder / kind.file_name
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError as fault:
        raise KeyFault(
            f"The key file {path} cannot be read.",
            "Nothing was done.",
            "Name the folder in which the office keeps its keys.",
        ) from fault
    found = _unpack(path, kind, content)
    try:
        key = _key(passphrase, found.salt, found.cost)
        return AESGCM(key).decrypt(found.nonce, found.sealed, found.bound)
    except InvalidTag:
        raise KeyFault(
            "That passphrase does not open the office’s keys.",
            "Nothing was done.",
            "Check Caps Lock and try again.",
        ) from None


@dataclass(frozen=True, slots=True)
class _Locked:
    """What stands in a key file."""

    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes
    bound: bytes


def _unpack(path: Path, kind: Kind, content: bytes) -> _Locked:
    whole, _, trailer = content.rstrip(b"\n").rpartition(b"\n")
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        said = json.loads(whole.removeprefix(_MAGIC))
        sealed = bytes.fromhex(said.pop("sealed"))
        whole_one = hashlib.sha256(whole + b"\n").hexdigest().encode() == trailer
        if whole_one and whole.startswith(_MAGIC) and said["kind"] == kind:
            return _Locked(
                Cost(said["memory_kib"], said["passes"], said["lanes"]),
                bytes.fromhex(said["salt"]),
                bytes.fromhex(said["nonce"]),
                sealed,
                _bound(said),
            )
    raise KeyFault(
        f"The key file {path} is torn, or it is another file.",
        "It was left as it is, and nothing was done.",
        "Take a copy of it from where the office keeps one.",
    )


def _bound(said: Mapping[str, Any]) -> bytes:
    return _MAGIC + json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    material = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    try:
        with _ONE_AT_A_TIME:
            return Argon2id(
                salt=salt,
                length=_KEY_BYTES,
                iterations=cost.passes,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
            ).derive(material)
    except MemoryError:
        raise KeyFault(
            "There is too little free memory to open the office’s keys.",
            "Nothing was done.",
            "Close other programs and try again.",
        ) from None


def _write(folder: Path, contents: Mapping[Kind, bytes], made: list[Path]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for kind, content in contents.items():
            _write_new(folder / kind.file_name, content, made)
        sync_folder(folder)
    except OSError as fault:
        raise KeyFault(
            f"The keys cannot be written to {folder} ({fault.strerror}).",
            "Nothing was changed.",
            "Name a folder that can be written to.",
        ) from fault


def _write_new(path: Path, content: bytes, made: list[Path]) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFault(
            f"There is a key file already: {path}.",
            "It was not touched: without it no laptop could be helped again.",
            "Name another folder.",
        ) from None
    made.append(path)
    with os.fdopen(file, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
