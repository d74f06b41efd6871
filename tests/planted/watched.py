"""Runs the walk under the eyes of strace, on a disk of its own where the system allows it."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.central.certificate import certificate
from tests.central.office import Office
from tests.planted import scan
from tests.planted.faults import PLAIN
from tests.planted.scan import Found, Search
from tests.planted.sentences import Sentences
from tests.planted.walk import FIRST, SECOND

ROOT = Path(__file__).resolve().parents[2]
DISK_MB = 128

CALLS = (
    "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,"
    # And what a name of a file or an argument could tell.
    "execve,openat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,setxattr"
)
_SECRET_PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


@dataclass
class Watched:
    """What was found after both parts of a walk; what of it could not be looked at, and why."""

    calls: Found
    files: Found
    image: Found | None
    no_image: str
    walked: dict[str, tuple[str, ...]]
    codes: dict[str, int]
    on_purpose: set[str] = field(default_factory=set)


def why_not() -> str:
    """Why nothing can be watched here; empty when it can."""
    if not sys.platform.startswith("linux"):
        return "strace is a program of Linux"
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=False)
    return "" if tried.returncode == 0 else "this system does not let strace watch a program"


def watch(folder: Path, fault: str, parts: Sequence[str] = (FIRST, SECOND)) -> Watched:
    """Walk these parts with this fault, and look for what was planted everywhere."""
    seed = secrets.token_hex(8)
    search = Search(Sentences.of(seed))
    paper = folder / "on purpose"
    paper.mkdir(parents=True)
    walked, codes, calls = dict[str, tuple[str, ...]](), dict[str, int](), Found()
    with _office(folder, fault) as office, _disk(folder) as (base, image, no_image):
        for part in parts:
            trace = folder / f"{part}.trace"
            words = [seed, str(base / "laptop"), str(paper), part, fault, *office]
            said, codes[part] = _walk(words, base, trace)
            walked[part] = said
            calls = calls + scan.in_calls(search, trace, allowed=paper)
        files = scan.in_files(search, base)
    on_disk = scan.in_image(search, image) if image else None
    on_purpose = {path.name for path in paper.iterdir()}
    return Watched(calls, files, on_disk, no_image, walked, codes, on_purpose)


@contextmanager
def _office(folder: Path, fault: str) -> Iterator[tuple[str, str, str]]:
    """A real office beside the laptop, and not watched: its address, a code, its certificate.

    Without the key there is no encryption on the line either.
    """
    made = certificate(folder) if fault != PLAIN else (None, None)
    with Office.running(data=folder / "office", certificate=made[0], key=made[1]) as office:
        yield office.url, office.enrol("Ruth Pell"), str(made[0] or "")


def _walk(words: Sequence[str], base: Path, trace: Path) -> tuple[tuple[str, ...], int]:
    """One part of the walk; the paths that it says it took, and how it ended."""
    watcher = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}"]
    written = ["-s", str(1 << 24), "-xx", "-y", "-o", str(trace)]
    done = subprocess.run(
        [*watcher, *written, sys.executable, "-m", "tests.planted.walk", *words],
        cwd=base,
        env=_surroundings(base),
        capture_output=True,
        text=True,
        check=False,
    )
    if "end" not in done.stdout.split() and done.returncode != -9:
        raise AssertionError(f"the walk stopped: {done.stdout[-300:]}\n{done.stderr[-3000:]}")
    return tuple(done.stdout.split()), done.returncode


def _surroundings(base: Path) -> dict[str, str]:
    """Every place where a program might leave something is in one folder."""
    home, temporary = base / "home", base / "tmp"
    places = {name: base / name.lower() for name in _SECRET_PLACES}
    runtime = base / "runtime"
    for made in (home, temporary, runtime, *places.values()):
        made.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_RUNTIME_DIR": str(runtime),
        **{name: str(path) for name, path in places.items()},
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
    }


@contextmanager
def _disk(folder: Path) -> Iterator[tuple[Path, Path | None, str]]:
    """A folder on a disk of its own, that disk as a file, and why there is none.

    After the block the disk is no longer mounted: all that was written has reached it.
    """
    base, image = folder / "laptop disk", folder / "disk.img"
    base.mkdir()
    reason = _mount(image, base)
    if reason:
        yield base, None, reason
        return
    try:
        yield base, image, ""
    finally:
        subprocess.run(["umount", str(base)], check=True)


def _mount(image: Path, base: Path) -> str:
    if os.geteuid() != 0:
        return "only root may mount a disk"
    missing = [name for name in ("mkfs.ext4", "losetup", "mount") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    with image.open("wb") as file:
        file.truncate(DISK_MB << 20)
    for command in (
        ["mkfs.ext4", "-q", "-F", str(image)],
        ["mount", "-o", "loop", str(image), str(base)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"this system mounts no disk from a file: {done.stderr.strip()}"
    return ""
