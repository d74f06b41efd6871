"""What an unlocked program holds in its memory: the key once, in the holder, and no more."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hah_desktop.vault import copies, kdf
from hah_desktop.vault.keys import KeyHolder, Purpose
from hah_desktop.vault.slots import RecoverySlot, code_letters
from hah_desktop.vault.vault import Vault
from tests.vault.planted import PASSPHRASE, code

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
OPEN = START + "vault = Vault.open(folder)\n"
UNLOCK = OPEN + "keys = vault.unlock(passphrase).keys\nwipe(keys.database_spec())\n"
BY_CODE = OPEN + "keys = vault.unlock_with_code(sys.argv[3]).keys\nwipe(keys.database_spec())\n"
SET = BY_CODE + "vault.set_passphrase(keys, passphrase, sys.argv[4], cost=FLOOR)\n"
BEGIN = UNLOCK + "new = vault.begin_rotation(keys, passphrase, sys.argv[4], cost=FLOOR)\n"
FINISH = BEGIN + "vault.finish_rotation(new)\nkeys.wipe()\n"
CUT = BEGIN + "keys.wipe()\nnew.wipe()\nagain = vault.unlock(passphrase)\n"
CREATE = START + (
    "_, keys = Vault.create(folder, passphrase, cost=FLOOR, now=datetime.now(UTC))\n"
    "wipe(keys.database_spec())\n"
)
LOCK = UNLOCK + "keys.wipe()\n"
WAIT = "print('ready', flush=True)\nsys.stdin.readline()\n"


@contextmanager
def _running(program: str, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-c", program + WAIT, str(folder), PASSPHRASE, code(1), code(2)]
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


def _keys_of(name: str, keys: KeyHolder) -> dict[str, bytes]:
    vault_key, database = bytes(keys._key()), bytes(keys.working_key(Purpose.DATABASE))
    return {
        f"{name} key": vault_key,
        f"{name} key in hex": vault_key.hex().encode(),
        f"{name} database key": database,
        f"{name} database key in hex": database.hex().encode(),
        f"{name} header key": bytes(keys.working_key(Purpose.HEADER)),
        f"{name} rotation key": bytes(keys.working_key(Purpose.ROTATION)),
    }


def _secrets(folder: Path) -> dict[str, bytes]:
    """Work out every key of the vault from its header and what opens it, in this program."""
    header = copies.read(folder).newest.header
    opened = Vault.open(folder).unlock(PASSPHRASE)
    found = _keys_of("vault", opened.keys)
    if opened.pending:
        found |= _keys_of("next", opened.pending)
    waiting = header.pending.slots if header.pending else ()
    for number, slot in enumerate((*header.slots, *waiting)):
        typed = PASSPHRASE
        if isinstance(slot, RecoverySlot):
            typed = code_letters(code(slot.count))
        with kdf.key_from(typed, slot.salt, slot.cost) as kek:
            found[f"wrapping key {number}"] = bytes(kek)
    return found


@pytest.mark.parametrize(
    ("program", "copies_in_holders"),
    [
        (UNLOCK, {"vault key": 1}),
        (CREATE, {"vault key": 1}),
        (LOCK, {}),
        (BY_CODE, {"vault key": 1}),
        (SET, {"vault key": 1}),
        (BEGIN, {"vault key": 1, "next key": 1}),
        (CUT, {"vault key": 1, "next key": 1}),
        (FINISH, {"vault key": 1}),
    ],
    ids=[
        "unlocked",
        "just made",
        "locked again",
        "opened with a code",
        "new passphrase",
        "new keys begun",
        "new keys cut",
        "new keys",
    ],
)
def test_memory_holds_the_vault_key_in_the_holder_only(
    tmp_path: Path,
    made_recoverable: Path,
    program: str,
    copies_in_holders: dict[str, int],
) -> None:
    before = {}
    if program is not CREATE:
        shutil.copytree(made_recoverable, tmp_path, dirs_exist_ok=True)
        before = {f"{name} before": secret for name, secret in _secrets(tmp_path).items()}
    with _running(program, tmp_path) as pid:
        after = _secrets(tmp_path)
        # What was in force before and is so no longer is nowhere at all.
        old = {name: secret for name, secret in before.items() if secret not in after.values()}
        found = _times_in_memory(pid, after | old)
    assert found == dict.fromkeys(after | old, 0) | copies_in_holders


def test_the_search_finds_a_key_that_was_left_lying_about(
    tmp_path: Path, made_recoverable: Path
) -> None:
    shutil.copytree(made_recoverable, tmp_path, dirs_exist_ok=True)
    careless = UNLOCK + "left = bytes(keys._key()), bytes(keys._key()).hex()\n"
    with _running(careless, tmp_path) as pid:
        found = _times_in_memory(pid, _secrets(tmp_path))
    assert found["vault key"] >= 2
    assert found["vault key in hex"] >= 1
