"""Files in which records lie together: most records lie with many others in the same few files.

A record names all of its files by one name, which follows from theirs: whoever comes to the same
files comes to the same name. Which files a name stands for is written down once, and stays.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, select

from hah_central.database.lookups import Lookup
from hah_central.database.rows import FileSet

_LETTERS = 32
"""Of the hash in hex: nobody finds two sets of files with the same 128 bits."""

_KNOWN = Lookup(select(FileSet.name).distinct(), FileSet.name)


def name_of(files: Collection[str]) -> str | None:
    """What these files are called together; None for no files. No file's id holds a NUL."""
    if not files:
        return None
    return hashlib.sha256("\0".join(sorted(set(files))).encode()).hexdigest()[:_LETTERS]


def rows(sets: Iterable[Collection[str]]) -> list[dict[str, str]]:
    """The rows that say which files these sets are. Pure."""
    named = ((name_of(files), files) for files in sets)
    return [{"name": name, "file": f} for name, files in named if name for f in sorted(set(files))]


def ask(connection: Connection, names: Collection[str]) -> Iterator[tuple[str]]:
    """Ask which of these names are written down, and read the answer later."""
    return _KNOWN.rows(connection, names)
