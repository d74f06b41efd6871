"""What an unlocked program holds in its memory: the key once, in the holder, and no more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hah_desktop.vault import header, kdf
from hah_desktop.vault.keys import KeyHolder, Purpose
from hah_desktop.vault.vault import HEADER_NAME, Vault
from tests.vault.planted import NOW, PASSPHRASE, QUICK

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="only Linux shows a program's memory as a file"
)

# The child says when it is ready and then waits to be ended.
START = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.keys import wipe
from hah_desktop.vault.vault import Vault

folder, passphrase = Path(sys.argv[1]), sys.argv[2]
"""
UNLOCK = START + "keys = Vault.open(folder).unlock(passphrase)\nwipe(keys.database_spec())\n"
CREATE = START + (
    "_, keys = Vault.create(folder, passphrase, cost=FLOOR, now=datetime.now(UTC))\n"
    "wipe(keys.database_spec())\n"
)
LOCK = UNLOCK + "keys.wipe()\n"
WAIT = "print('ready', flush=True)\nsys.stdin.readline()\n"


@contextmanager
def _running(program: str, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-c", program + WAIT, str(folder), PASSPHRASE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        yield child.pid
        child.communicate(b"\n")
    assert child.returncode == 0


def _times_in_memory(pid: int, secrets: dict[str, bytes]) -> dict[str, int]:
    found = dict.fromkeys(secrets, 0)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in _writable(pid):
            memory.seek(start)
            piece = _read(memory.fileno(), start, end)
            for name, secret in secrets.items():
                found[name] += piece.count(secret)
    return found


def _read(descriptor: int, start: int, end: int) -> bytes:
    try:
        return os.pread(descriptor, end - start, start)
    except OSError:
        return b""  # a page the system keeps to itself


def _writable(pid: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("rw"):
            start, end = span.split("-")
            yield int(start, 16), int(end, 16)


def _secrets(folder: Path) -> dict[str, bytes]:
    """Work out every key of the vault from its header and passphrase, in this program."""
    sealed = header.read(folder / HEADER_NAME).header
    (slot,) = sealed.slots
    keys: KeyHolder = Vault.open(folder).unlock(PASSPHRASE)
    with kdf.key_from(PASSPHRASE, slot.salt, slot.cost) as kek:
        wrapping = bytes(kek)
    vault_key, database = bytes(keys._key()), bytes(keys.working_key(Purpose.DATABASE))
    return {
        "vault key": vault_key,
        "vault key in hex": vault_key.hex().encode(),
        "wrapping key": wrapping,
        "database key": database,
        "database key in hex": database.hex().encode(),
        "header key": bytes(keys.working_key(Purpose.HEADER)),
    }


@pytest.mark.parametrize(
    ("program", "copies"),
    [(UNLOCK, 1), (CREATE, 1), (LOCK, 0)],
    ids=["unlocked", "just made", "locked again"],
)
def test_memory_holds_the_vault_key_in_the_holder_only(
    tmp_path: Path, program: str, copies: int
) -> None:
    if program is not CREATE:
        Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)[1].wipe()
    with _running(program, tmp_path) as pid:
        secrets = _secrets(tmp_path)
        assert _times_in_memory(pid, secrets) == dict.fromkeys(secrets, 0) | {"vault key": copies}


def test_the_search_finds_a_key_that_was_left_lying_about(tmp_path: Path) -> None:
    Vault.create(tmp_path, PASSPHRASE, cost=QUICK, now=NOW)[1].wipe()
    careless = UNLOCK + "left = bytes(keys._key()), bytes(keys._key()).hex()\n"
    with _running(careless, tmp_path) as pid:
        found = _times_in_memory(pid, _secrets(tmp_path))
    assert found["vault key"] >= 2
    assert found["vault key in hex"] >= 1
