"""Where the figures come from: the machine, the versions, and how busy it was."""

import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from sqlcipher3 import dbapi2

from tests.house import postgres

_PACKAGES = ("PySide6_Essentials", "SQLAlchemy", "sqlcipher3", "cryptography", "psycopg", "uvicorn")
_SYNCS = 50


def described(folder: Path) -> dict[str, str]:
    """The machine in words. `folder` is on the disk that the measurements write to."""
    return {
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "cipher": _cipher(),
        "postgresql": _postgresql(),
        "packages": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES),
        "flushing to disk": f"{_flush_seconds(folder) * 1000:.2f} ms",
        "load": load(),
    }


def load() -> str:
    """How many programs wanted to run, over the last minute and the last five."""
    if not hasattr(os, "getloadavg"):
        return "not known on this system"
    one, five, _ = os.getloadavg()
    return f"{one:.1f} in the last minute, {five:.1f} in five"


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.is_file():
        lines = described.read_text(encoding="utf-8", errors="replace").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or "not known"


def _cipher() -> str:
    with_key = dbapi2.connect(":memory:")
    (version,) = with_key.execute("PRAGMA cipher_version").fetchone()
    with_key.close()
    return f"SQLCipher {version}, SQLite {dbapi2.sqlite_version}"


def _postgresql() -> str:
    folder = postgres.programs()
    if folder is None:
        return "none"
    program = folder / ("postgres.exe" if sys.platform == "win32" else "postgres")
    said = subprocess.run(  # noqa: S603 - the server's own program
        [program, "--version"], check=True, capture_output=True, text=True
    )
    return said.stdout.strip()


def _flush_seconds(folder: Path) -> float:
    """The median time of forcing a page to the disk: it decides what a save costs."""
    took = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            started = perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(perf_counter() - started)
    return statistics.median(took)


def forget_peak() -> None:
    """Count this process's most memory from now on; only Linux can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb(pid: int) -> float:
    """The most memory that a process held at once, in megabytes; 0 where nobody can tell."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        found = (int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        # The system writes kB and means 1,024 bytes.
        return sum(found) * 1024 / 1_000_000
    return 0.0
