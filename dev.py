"""The one door for people and CI: makes the environment, then runs one of the commands below.

Standard library only, Python 3.11 or newer, the same on Debian, Windows and macOS. It may not
import anything of ours: it runs before any of it is installed.
"""

from __future__ import annotations

import argparse
import ast
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
UV_VERSION = "0.13.9"
TOOLS = ROOT / "build" / "tools" / f"uv-{UV_VERSION}"
WINDOWS = os.name == "nt"
OLDEST_PYTHON = (3, 11)

PERFECT = (
    "hah_desktop/domain/",
    "hah_desktop/seals/",
    "hah_desktop/vault/",
    "hah_desktop/sync/ahead.py",
    "hah_desktop/sync/batches.py",
    "hah_desktop/sync/pages.py",
    "hah_desktop/sync/piecewise.py",
    "hah_desktop/sync/steps.py",
    "hah_desktop/sync/wire/",
)
"""What tests must reach line by line and branch by branch."""

MOST_LINES = {"file": 500, "function": 60, "class": 250}
HOUSE = ("hah_desktop", "hah_central", "benchmarks", "tests", "dev.py")


@dataclass(frozen=True)
class SystemPackage:
    """A Debian package, and what shows that it is there: a library, or else a program."""

    name: str
    library: str = ""
    program: str = ""

    def present(self) -> bool:
        """Whether the library loads, or the program is found."""
        if self.program:
            return shutil.which(self.program, path=_search_path()) is not None
        try:
            ctypes.CDLL(self.library)
        except OSError:
            return False
        return True


QT = (
    SystemPackage("libglib2.0-0", "libglib-2.0.so.0"),
    SystemPackage("libgl1", "libGL.so.1"),
    SystemPackage("libegl1", "libEGL.so.1"),
    SystemPackage("libxkbcommon0", "libxkbcommon.so.0"),
    SystemPackage("libfontconfig1", "libfontconfig.so.1"),
    SystemPackage("libdbus-1-3", "libdbus-1.so.3"),
    SystemPackage("libgssapi-krb5-2", "libgssapi_krb5.so.2"),
)
WINDOWED = (
    SystemPackage("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    SystemPackage("libxcb-cursor0", "libxcb-cursor.so.0"),
    SystemPackage("libxcb-icccm4", "libxcb-icccm.so.4"),
    SystemPackage("libxcb-image0", "libxcb-image.so.0"),
    SystemPackage("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    SystemPackage("libxcb-render-util0", "libxcb-render-util.so.0"),
    SystemPackage("libxcb-shape0", "libxcb-shape.so.0"),
    SystemPackage("libxcb-util1", "libxcb-util.so.1"),
    SystemPackage("libxcb-xkb1", "libxcb-xkb.so.1"),
)
TESTING = (
    SystemPackage("poppler-utils", program="pdftotext"),
    SystemPackage("postgresql", program="initdb"),
    SystemPackage("strace", program="strace"),
    SystemPackage("dbus", program="dbus-daemon"),
    SystemPackage("chromium-headless-shell", program="chromium-headless-shell"),
)


def say(words: str) -> None:
    """Tell the person what happens now."""
    print(f"dev.py: {words}", file=sys.stderr, flush=True)


def stop(words: str) -> NoReturn:
    """Say why nothing more can be done, and end."""
    say(words)
    sys.exit(1)


# --- environments --------------------------------------------------------------------------


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and what uv is told to put into it."""

    folder: Path
    contents: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / ("Scripts/python.exe" if WINDOWS else "bin/python")

    def make(self) -> None:
        """Install what uv.lock names; return at once if it is there already."""
        stamp = self.folder / "help-at-hand.stamp"
        wanted = self._fingerprint()
        if stamp.is_file() and stamp.read_text() == wanted and self.python.is_file():
            return
        uv = _uv()
        say(f"installing what uv.lock names into {self.folder.name} (a minute, the first time)")
        # Inside the environment already, uv finds the Python that it was made with by itself.
        inside = Path(sys.prefix).resolve() == self.folder.resolve()
        python = [] if inside else ["--python", sys.executable]
        environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(self.folder)}
        command = [uv, "sync", "--locked", *python, *self.contents]
        if _run(command, environment=environment) != 0:
            stop(
                "the environment could not be made; uv's own words are above. Nothing else was "
                "changed. If it could not reach the package index, try again once it can."
            )
        stamp.write_text(wanted)

    def module(self, name: str, *arguments: str, offscreen: bool = False) -> int:
        """Run a module with its Python; offscreen: Qt draws in memory. Return the exit code."""
        environment = os.environ | ({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})
        return _run([str(self.python), "-m", name, *arguments], environment=environment)

    def _fingerprint(self) -> str:
        """Of everything that decides what is installed: when it changes, uv is asked again."""
        import tomllib  # noqa: PLC0415 - absent from older Pythons, which are to be told so kindly

        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        tables = [project[table] for table in ("project", "dependency-groups", "build-system")]
        chosen = [self.contents, sys.version_info[:2], UV_VERSION, str(ROOT)]
        lock = (ROOT / "uv.lock").read_bytes()
        return hashlib.sha256(json.dumps([tables, chosen]).encode() + lock).hexdigest()


WORKING = Environment(
    ROOT / os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv"),
    ("--extra", "desktop", "--extra", "central"),
)
"""Everything: both programs, their tests and the checks."""

BUILDING = Environment(
    ROOT / "build" / "environment",
    ("--extra", "desktop", "--no-default-groups", "--group", "build", "--no-install-project"),
)
"""What advisers get and nothing else, so that nothing else can slip into the built program."""


def _uv() -> str:
    """Return the pinned uv, fetched with pip into a folder of this checkout, not of the system."""
    found = _uv_program()
    if found:
        return found
    say(f"fetching uv {UV_VERSION} into {TOOLS.relative_to(ROOT).as_posix()}")
    # --target needs neither a writable system nor python3-venv, which Debian leaves out. The two
    # settings are a person's own for daily use, and pip refuses --target beside them.
    own = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_ROOT_USER_ACTION": "ignore"}
    arguments = ["install", "--quiet", "--upgrade", "--target", str(TOOLS), f"uv=={UV_VERSION}"]
    if _run([sys.executable, "-m", "pip", *arguments], environment=os.environ | own) != 0:
        stop(
            f"uv {UV_VERSION} could not be installed; pip's own words are above. If pip itself is "
            "missing: on Debian `apt-get install python3-pip`, elsewhere "
            "`python3 -m ensurepip --upgrade`; then run this again."
        )
    return _uv_program() or stop(f"pip installed uv but left no program in {TOOLS}")


def _uv_program() -> str | None:
    name = "uv.exe" if WINDOWS else "uv"
    places = (TOOLS / folder / name for folder in ("bin", "Scripts"))
    return next((str(place) for place in places if place.is_file()), None)


# --- the system's own libraries ------------------------------------------------------------


def make_system(needed: tuple[SystemPackage, ...], *, useful: tuple[SystemPackage, ...]) -> None:
    """On Linux, see to the libraries that no wheel brings; elsewhere the wheels bring all.

    What is needed and cannot be had ends the run; what is useful only is named, and its tests
    are skipped with the reason.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = [package for package in (*needed, *useful) if not package.present()]
    if not missing:
        return
    names = [package.name for package in missing]
    advice = f"apt-get install --no-install-recommends {' '.join(names)}"
    if not shutil.which("apt-get"):
        say(f"this system lacks what Debian calls {', '.join(names)}: install its own packages")
    elif os.geteuid() != 0:
        say(f"this system lacks {', '.join(names)}. Ask for it with: sudo {advice}")
    else:
        _apt_get(names)
    if any(not package.present() for package in needed):
        stop("without these libraries Qt cannot start. Nothing was changed in this folder.")


def _apt_get(names: list[str]) -> None:
    say(f"installing {', '.join(names)} with apt-get (some minutes on a slow line)")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends"]
    if _run(["apt-get", "update", "-qq"], environment=environment, quiet=True) != 0:
        say("`apt-get update` failed; run it by hand to see why")
        return
    if _run([*install, *names], environment=environment, quiet=True) == 0:
        return
    # One that this system does not know keeps none of the others away.
    for name in names:
        if _run([*install, name], environment=environment, quiet=True) != 0:
            say(f"`apt-get install {name}` failed; run it by hand to see why")


def _search_path() -> str:
    """Return the PATH and the folders where Debian keeps PostgreSQL's programs."""
    servers = sorted(str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin"))
    return os.pathsep.join([os.environ.get("PATH", ""), *servers])


# --- commands ------------------------------------------------------------------------------


def demo(options: argparse.Namespace, rest: list[str]) -> int:
    """Show one visit from packing to follow-up: two laptops, the office, invented children."""
    headless = options.headless or not _has_screen()
    make_system(QT if headless else QT + WINDOWED, useful=())
    WORKING.make()
    arguments = ["--headless"] if headless else []
    if options.out:
        arguments += ["--out", str(Path(options.out).resolve())]
    return WORKING.module("tests.journey", *arguments, *rest, offscreen=headless)


def test(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests; without further arguments all of them, and the coverage gate."""
    make_system(QT, useful=TESTING)
    WORKING.make()
    if rest:
        say("a part of the tests, so no coverage gate")
        return WORKING.module("pytest", *rest, offscreen=True)
    return WORKING.module("tests.pieces") or _coverage_gate()


def check(_: argparse.Namespace, rest: list[str]) -> int:
    """Check style, types, who imports whom, and sizes; nothing is changed."""
    WORKING.make()
    results = {
        "ruff check": WORKING.module("ruff", "check", *rest),
        "ruff format": WORKING.module("ruff", "format", "--check"),
        "mypy": WORKING.module("mypy"),
        "lint-imports": _run([str(WORKING.python.with_name("lint-imports")), "--no-logo"]),
        "sizes": _size_gate(),
    }
    failed = [name for name, result in results.items() if result != 0]
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def bench(_: argparse.Namespace, rest: list[str]) -> int:
    """Measure against the raw limit and against what people would otherwise use."""
    make_system(QT, useful=())
    WORKING.make()
    return WORKING.module("benchmarks", *rest, offscreen=True)


def simulate(_: argparse.Namespace, rest: list[str]) -> int:
    """Run laptops and the office through thousands of cuts, repeats and wrong clocks."""
    WORKING.make()
    return WORKING.module("tests.simulation", *rest)


def screenshots(_: argparse.Namespace, rest: list[str]) -> int:
    """Draw the pictures of the documentation again, into docs/pictures."""
    make_system(QT, useful=())
    WORKING.make()
    pictures = str(ROOT / "docs" / "pictures")
    return WORKING.module("tests.journey", "--screenshots", pictures, *rest, offscreen=True)


def build(_: argparse.Namespace, rest: list[str]) -> int:
    """Build the program that advisers get, into dist/."""
    make_system(QT, useful=())
    BUILDING.make()
    return BUILDING.module("PyInstaller", "--noconfirm", "--clean", "build.spec", *rest)


COMMANDS = {
    command.__name__: command
    for command in (demo, test, check, bench, simulate, screenshots, build)
}


def _coverage_gate() -> int:
    """Fail, with the missing lines, where a test must reach everything and does not."""
    include = ",".join(f"{part}**" if part.endswith("/") else part for part in PERFECT)
    say(f"every line and branch of {', '.join(PERFECT)} must be reached")
    arguments = ["--show-missing", "--skip-covered", "--fail-under=100", f"--include={include}"]
    return WORKING.module("coverage", "report", *arguments)


def _size_gate() -> int:
    """Fail where a file, function or class is longer than one can keep in one's head."""
    too_long = [line for path in house_files() for line in sizes(path)]
    for line in too_long:
        say(line)
    return 1 if too_long else 0


def house_files() -> list[Path]:
    """Return every Python file that the house rules hold for."""
    places = [ROOT / name for name in HOUSE]
    found = [file for place in places if place.is_dir() for file in place.rglob("*.py")]
    return sorted([*found, *(place for place in places if place.is_file())])


def sizes(path: Path) -> list[str]:
    """Return a sentence for each thing in the file that is longer than the house allows."""
    text = path.read_text(encoding="utf-8")
    lengths = [("file", path.name, 1, len(text.splitlines()))]
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            lengths.append((kind, node.name, node.lineno, length))
    return [
        f"{path}:{line}: {kind} {name} has {length} lines, more than {MOST_LINES[kind]}"
        for kind, name, line, length in lengths
        if length > MOST_LINES[kind]
    ]


# --- running -------------------------------------------------------------------------------


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run(
    command: list[str], *, environment: dict[str, str] | None = None, quiet: bool = False
) -> int:
    """Run in the root of the checkout and return the exit code; 127 if there is no such program."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdout=output, check=False
        ).returncode
    except FileNotFoundError:
        say(f"{command[0]} is not there")
        return 127


def main() -> int:
    """Read the command line and do what it says."""
    if sys.version_info < OLDEST_PYTHON:
        stop(f"this needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}")
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        words = command.__doc__ or ""
        one = commands.add_parser(name, help=words, description=words)
        if command is demo:
            one.add_argument("--headless", action="store_true", help="draw no windows on a screen")
            one.add_argument("--out", metavar="FOLDER", help="where to put what the demo makes")
    if len(sys.argv) == 1:
        parser.print_help()
        return 2
    options, rest = parser.parse_known_args()
    # Where Python may keep nothing of what it compiles, each of the many processes that the tests
    # start compiles all that it imports again: a third of all their work.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        return COMMANDS[options.command](options, rest)
    except KeyboardInterrupt:
        say("stopped, as you asked")
        return 130


if __name__ == "__main__":
    sys.exit(main())
