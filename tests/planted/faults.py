"""The same program with its protection taken out, so that the search is seen to find something.

Only the watched process can be spoiled like this, and only by name on its command line.
"""

from collections.abc import Callable
from typing import Any

from hah_desktop.store import engine, store

NONE = "none"
PLAIN = "plain"
SPILL = "spill"


def _without_a_key() -> None:
    """Plain SQLite: the key step does nothing, and nobody checks that the file is encrypted."""

    def no_key(_connection: Any, key: engine.KeySpec) -> None:
        spec = key()
        spec[:] = bytes(len(spec))

    engine._unlock = no_key  # type: ignore[assignment]  # the fault
    store._prove_encrypted = lambda _path: None  # type: ignore[assignment]  # the fault


def _with_temporary_files() -> None:
    """Encrypted, but what does not fit the memory is sorted in a file, which SQLCipher does not
    encrypt and which has no name: only the system calls show it."""
    wanted = {"temp_store=MEMORY": "temp_store=FILE", "cache_size=-64000": "cache_size=-100"}
    engine._PRAGMAS = tuple(wanted.get(pragma, pragma) for pragma in engine._PRAGMAS)  # type: ignore[assignment]  # the fault


_FAULTS: dict[str, Callable[[], None]] = {
    NONE: lambda: None,
    PLAIN: _without_a_key,
    SPILL: _with_temporary_files,
}


def plant(name: str) -> None:
    """Spoil this process."""
    _FAULTS[name]()
