"""The mark beside an open database: by it the loss of the newest entries is noticed.

While a database is open its newest entries lie in a second file, `-wal`. Without that file it
opens all the same, and what was saved last is gone in silence. So a small file stands beside a
database from the moment it is open until everything is in the one file again.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hah_desktop.store.disk.files import sync_file
from hah_desktop.vault.files import sync_folder

_PUTTING_BACK = b"putting back"


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one database."""

    database: Path

    @property
    def path(self) -> Path:
        """The mark itself."""
        return self.database.with_suffix(".open")

    @property
    def newest(self) -> Path:
        """The file with the newest entries."""
        return Path(f"{self.database}-wal")

    @property
    def fresh(self) -> Path:
        """A copy that is whole, and is about to take the place of the database."""
        return Path(f"{self.database}.fresh")

    def newest_is_missing(self) -> bool:
        """Whether the database was open when it was last heard of, and its newest entries gone."""
        return self.path.is_file() and not self._says() and not self.newest.is_file()

    def was_cut_putting_back(self) -> bool:
        """Whether the power went while a copy was put in the place of the database."""
        return self._says() == _PUTTING_BACK and self.fresh.exists()

    def _says(self) -> bytes:
        return self.path.read_bytes() if self.path.is_file() else b""

    def make(self) -> None:
        """The database is open, and the file with its newest entries is there."""
        # Where there is no room even for an empty file, opening it is worth more than the mark.
        with suppress(OSError):
            if not self.path.is_file() or self._says():
                # First the other name has to last: a mark that came alone would be an alarm.
                sync_folder(self.path.parent)
                self._write(b"")

    def lift(self) -> None:
        """The database is about to be closed. What could not be tidied up is marked again then."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

    def settle(self) -> None:
        """The database is closed: mark it if somebody else has it open, or nothing was tidied."""
        if self.newest.is_file():
            self.make()

    def putting_back(self) -> None:
        """A copy is about to take the place of the database; raises OSError."""
        self._write(_PUTTING_BACK)

    def _write(self, content: bytes) -> None:
        self.path.touch(mode=0o600)
        self.path.write_bytes(content)
        sync_file(self.path)
        sync_folder(self.path.parent)
