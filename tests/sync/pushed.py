"""What stands in the body of a push, as the office reads it."""

from hah_desktop.domain.changes import Change, from_plain
from hah_desktop.sync.wire.form import read_lines


def read_push(body: bytes) -> tuple[str, list[Change]]:
    """Its epoch and its changes. Raises NotOurs for one that is cut."""
    header, items = read_lines(body)
    return header["epoch"], [from_plain(item) for item in items]
