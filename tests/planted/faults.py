"""The same program with its protection taken out, so that the search is seen to find something.

Only the watched process can be spoiled like this, and only by name on its command line.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hah_desktop.store import store
from hah_desktop.store.disk import engine
from hah_desktop.store.safety import backups, health

NONE = "none"
PLAIN = "plain"
SPILL = "spill"


def _without_a_key() -> None:
    """Plain SQLite: the key step does nothing, and nobody checks that the file is encrypted."""

    def no_key(_connection: Any, key: engine.KeySpec, _proved_by: str) -> None:
        spec = key()
        spec[:] = bytes(len(spec))

    engine._unlock = no_key  # type: ignore[assignment]  # the fault
    # No page is proved by anything, and the library says so.
    engine.form = store.form = lambda connection: engine.TODAY  # type: ignore[attr-defined]  # noqa: ARG005 - as below
    store._prove_encrypted = lambda path: None  # noqa: ARG005 - the real name of its argument
    backups.is_plain = lambda path: False  # type: ignore[attr-defined]  # noqa: ARG005 - as above
    # The program sees by the first bytes of the file that something is wrong with it.
    health._salt_is_wrong = lambda store: False  # noqa: ARG005 - as above


def _with_temporary_files() -> None:
    """Encrypted, but what does not fit the memory is sorted in a file, which SQLCipher does not
    encrypt and which has no name: only the system calls show it."""
    real = engine.connect

    def spilling(path: Path, key: engine.KeySpec, *given: Any, **named: Any) -> Any:
        made = real(path, key, *given, **named)
        for pragma in ("temp_store=FILE", "cache_size=-100"):
            made.execute(f"PRAGMA {pragma}")
        return made

    engine.connect = spilling


_FAULTS: dict[str, Callable[[], None]] = {
    NONE: lambda: None,
    PLAIN: _without_a_key,
    SPILL: _with_temporary_files,
}


def plant(name: str) -> None:
    """Spoil this process."""
    _FAULTS[name]()
