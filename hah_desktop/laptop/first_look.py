"""What the names in a folder say about who is at the door. It opens no file, and imports little.

The lock screen is painted by it before the program has imported what unlocking takes.
"""

import os
from pathlib import Path

from hah_desktop.laptop.people import people
from hah_desktop.vault.files import HEADER_NAME, SECOND_NAME

REPORT = "revoked.json"
"""The file that says how far the end of this laptop's access is."""


def is_just_locked(base: Path) -> bool:
    """Whether one person alone uses this laptop, and has nothing to do but unlock it."""
    found = people(base)
    if len(found) > 1 or os.path.lexists(found[0].folder / REPORT):
        return False
    return any(os.path.lexists(found[0].folder / name) for name in (HEADER_NAME, SECOND_NAME))
