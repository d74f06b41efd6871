"""Several people on one laptop: whose folder is whose. It opens no folder and knows no key.

The laptop's first person has their records directly in the base folder, as they had before there
was a second one. Everybody else has a folder of their own below it, with a random name. Whatever
happens in one folder, nothing here ever writes to, or takes away, what lies in another.
"""

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LABEL = "label"
"""The file that says what the lock screen calls somebody. Anybody can read it."""

LONGEST = 40
_NAME = re.compile(r"person-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses this laptop: their folder, and what the lock screen calls them."""

    folder: Path
    label: str


def people(base: Path) -> list[Person]:
    """Who uses this laptop, the first person first. There is always one, if only to be set up."""
    others = sorted(_others(base), key=_age)
    folders = [base, *others] if _holds_something(base) or not others else others
    return [
        Person(folder, _label(folder) or f"Person {number}")
        for number, folder in enumerate(folders, 1)
    ]


def add(base: Path, label: str) -> Path:
    """Make an empty folder for one more person. Raises OSError where it cannot be made."""
    folder = base / f"person-{secrets.token_hex(8)}"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    (folder / LABEL).write_text(_tidy(label), encoding="utf-8")
    return folder


def forget(base: Path, folder: Path) -> None:
    """Take away a folder that `add` made and nobody has used; one that holds anything stays."""
    if folder.parent != base or not _NAME.fullmatch(folder.name) or _holds_something(folder):
        return
    (folder / LABEL).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def next_label(base: Path) -> str:
    """What to call one more person, if nobody says otherwise."""
    taken = {person.label for person in people(base)}
    number = len(taken) + 1
    while f"Person {number}" in taken:
        number += 1
    return f"Person {number}"


def _others(base: Path) -> list[Path]:
    if not base.is_dir():
        return []
    own = [entry for entry in base.iterdir() if _NAME.fullmatch(entry.name) and entry.is_dir()]
    return [folder for folder in own if _holds_something(folder)]


def _holds_something(folder: Path) -> bool:
    """Whether there is anything of a person in it, whole, half made or damaged."""
    if not folder.is_dir():
        return False
    return any(
        entry.name != LABEL and not _NAME.fullmatch(entry.name) for entry in folder.iterdir()
    )


def _age(folder: Path) -> tuple[float, str]:
    try:
        return (folder / LABEL).stat().st_mtime, folder.name
    except OSError:
        return 0.0, folder.name


def _label(folder: Path) -> str:
    try:
        return _tidy((folder / LABEL).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


def _tidy(label: str) -> str:
    """One short line: it is shown on the lock screen, and anybody could have written the file."""
    shown = "".join(c if c.isprintable() else " " for c in label)
    return " ".join(shown.split())[:LONGEST].rstrip()
