"""The faults of a file that cannot be read; each says what the file is and what to do."""

from hah_desktop.domain.errors import KnownError


class UnreadableFile(KnownError):
    """The whole file cannot be read; nothing of it was taken in."""


class NotATable(UnreadableFile):
    """The file is something else than a table saved as CSV, or has no row of headings."""


class MissingColumn(UnreadableFile):
    """A column without which the table means nothing is not there."""


class AmbiguousColumns(UnreadableFile):
    """Two columns claim one meaning, and only a person can say which is right."""
