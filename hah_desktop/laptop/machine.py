"""What can be found out about this computer: is the disk encrypted, does it hibernate onto it.

What cannot be found out is not said. Slow: never in the interface. It changes nothing.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NOT_ENCRYPTED = (
    "The disk of this laptop is not encrypted. What this program keeps is, but what it holds in "
    "memory can reach the disk. Ask the office to have the disk encrypted."
)
HIBERNATES = (
    "This laptop can hibernate: it then writes its memory to a disk that is not encrypted. Shut it "
    "down when you leave it, and ask the office to switch hibernation off."
)

LONGEST_S = 10.0
"""A system that takes longer to answer is not asked on."""

# The Shell's words for a volume: 1 on, 3 being encrypted, 6 on and locked.
_BITLOCKER_ON = {"1", "3", "6"}
# 2 off, 4 being decrypted, 5 suspended.
_BITLOCKER_OFF = {"2", "4", "5"}
_DRIVE = re.compile(r"[A-Za-z]:")
_POWER_KEY = r"SYSTEM\CurrentControlSet\Control\Power"
# These guard a disk against changes; they hide nothing.
_NOT_HIDING = ("CRYPT-VERITY", "CRYPT-INTEGRITY")
# Filesystems that lie on a disk, whose mount names the device and not a number of its own.
_NAMES_ITS_DEVICE = "btrfs"

Ask = Callable[[Sequence[str]], str]


def ask(command: Sequence[str]) -> str:
    """Ask a program of the system; nothing when it is missing, fails or takes too long."""
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        answer = subprocess.run(  # noqa: S603 - the system's own programs, with words written here
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=True,
            creationflags=hidden,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.decode(errors="replace")


@dataclass(frozen=True)
class Machine:
    """Where this computer tells about itself."""

    system: str = sys.platform
    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    ask: Ask = ask


def warnings(folder: Path, machine: Machine | None = None) -> list[str]:
    """Give what a person should know about the disk below the folder; nothing when all is well."""
    machine = machine or Machine()
    match machine.system:
        case "linux":
            encrypted, hibernates = _linux(folder, machine)
        case "win32":
            encrypted, hibernates = _windows(folder, machine)
        case "darwin":
            encrypted, hibernates = _macos(machine)
        case _:
            encrypted, hibernates = None, False
    said = [NOT_ENCRYPTED] if encrypted is False else []
    return [*said, HIBERNATES] if hibernates else said


# Linux


def _linux(folder: Path, machine: Machine) -> tuple[bool | None, bool]:
    return _folder_is_encrypted(folder, machine), _hibernates_in_the_clear(machine)


def _folder_is_encrypted(folder: Path, machine: Machine) -> bool | None:
    device = _device_below(folder, machine)
    return None if device is None else _is_encrypted(device)


def _device_below(folder: Path, machine: Machine) -> Path | None:
    """Where the system tells about the device that a folder lies on."""
    found: tuple[int, str, str, str] | None = None
    wanted = Path(os.path.realpath(folder))
    for line in _lines(machine.proc / "self" / "mountinfo"):
        left, _, right = line.partition(" - ")
        place, rest = left.split(), right.split()
        if len(place) < 5 or len(rest) < 2:  # noqa: PLR2004 - the columns of proc(5)
            continue
        mounted = Path(_unescaped(place[4]))
        deep = len(mounted.parts)
        # The later of two mounts on one place hides the earlier.
        if wanted.is_relative_to(mounted) and (found is None or deep >= found[0]):
            found = (deep, place[2], rest[0], rest[1])
    if found is None:
        return None
    _, number, kind, source = found
    if number.startswith("0:"):
        return _named(source, machine) if kind == _NAMES_ITS_DEVICE else None
    return _existing(machine.sys / "dev" / "block" / number)


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), path)


def _named(source: str, machine: Machine) -> Path | None:
    """Where the system tells about a device called /dev/sda2 or /dev/mapper/home."""
    if not source.startswith("/dev/"):
        return None
    plain = _existing(machine.sys / "class" / "block" / Path(source).name)
    if plain is not None:
        return plain
    for device in sorted((machine.sys / "class" / "block").glob("dm-*")):
        if _words(device / "dm" / "name") == Path(source).name:
            return device
    return None


def _is_encrypted(device: Path) -> bool | None:
    """Whether everything below a device passes through encryption; None where nobody knows."""
    if device.resolve().name.startswith(("loop", "nbd", "rbd", "zram", "ram")):
        return None
    kind = _words(device / "dm" / "uuid")
    if kind.startswith("CRYPT-") and not kind.startswith(_NOT_HIDING):
        return True
    below = _below(device)
    if not below:
        return False
    found = {_is_encrypted(one) for one in below}
    if False in found:
        return False
    return None if None in found else True


def _below(device: Path) -> list[Path]:
    try:
        return sorted((device / "slaves").iterdir())
    except OSError:
        return []


def _hibernates_in_the_clear(machine: Machine) -> bool:
    if "disk" not in _words(machine.sys / "power" / "state").split():
        return False
    if "[disabled]" in _words(machine.sys / "power" / "disk"):
        return False
    return any(
        _swap_is_encrypted(line.split(), machine) is False
        for line in _lines(machine.proc / "swaps")[1:]
    )


def _swap_is_encrypted(columns: list[str], machine: Machine) -> bool | None:
    if len(columns) < 2:  # noqa: PLR2004 - name and kind
        return None
    path, kind = _unescaped(columns[0]), columns[1]
    if kind == "file":
        return _folder_is_encrypted(Path(path).parent, machine)
    device = _named(path, machine)
    return None if device is None else _is_encrypted(device)


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _words(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _lines(path: Path) -> list[str]:
    return _words(path).splitlines()


# Windows


def _windows(folder: Path, machine: Machine) -> tuple[bool | None, bool]:
    encrypted = _bitlocker(folder, machine)
    return encrypted, encrypted is not True and _windows_hibernates(machine)


def _bitlocker(folder: Path, machine: Machine) -> bool | None:
    drive = os.fspath(folder)[:2]
    if not _DRIVE.fullmatch(drive):
        return None
    question = (
        f"(New-Object -ComObject Shell.Application).NameSpace('{drive}').Self"
        ".ExtendedProperty('System.Volume.BitLockerProtection')"
    )
    said = machine.ask((_powershell(), "-NoProfile", "-NonInteractive", "-Command", question))
    answer = said.strip()
    if answer in _BITLOCKER_ON:
        return True
    return False if answer in _BITLOCKER_OFF else None


def _powershell() -> str:
    # By its whole path: a program of that name in the folder we were started in is not ours.
    root = os.environ.get("SYSTEMROOT", r"C:\Windows")
    return rf"{root}\System32\WindowsPowerShell\v1.0\powershell.exe"


def _windows_hibernates(machine: Machine) -> bool:
    root = os.environ.get("SYSTEMROOT", r"C:\Windows")
    key = rf"HKLM\{_POWER_KEY}"
    said = machine.ask((rf"{root}\System32\reg.exe", "query", key, "/v", "HibernateEnabled"))
    return bool(re.search(r"HibernateEnabled\s+REG_DWORD\s+0x0*1\b", said))


# macOS


def _macos(machine: Machine) -> tuple[bool | None, bool]:
    said = machine.ask(("/usr/bin/fdesetup", "status"))
    encrypted = {"FileVault is On.": True, "FileVault is Off.": False}.get(
        said.strip().split("\n")[0]
    )
    return encrypted, encrypted is not True and _macos_hibernates(machine)


def _macos_hibernates(machine: Machine) -> bool:
    mode = re.search(
        r"^\s*hibernatemode\s+(\d+)", machine.ask(("/usr/bin/pmset", "-g")), re.MULTILINE
    )
    return mode is not None and mode[1] != "0"
