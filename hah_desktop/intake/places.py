"""From a published list of providers to the places and inspections it would add or change."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.intake.errors import UnreadableFile
from hah_desktop.intake.preview import Preview

__all__ = ["Preview", "preview"]


def preview(
    path: Path,
    known: Mapping[RecordId, Mapping[str, Json]],
    *,
    listed_on: dt.date | None = None,
) -> Preview:
    """Read the list at `path` and say what it would change; nothing is saved.

    `known` holds the bodies of the places and inspections that are already there. `listed_on`
    is the date of the list when a person gives it; otherwise it is looked for in the file.
    Raises UnreadableFile when the file as a whole cannot be read.
    """
    raise UnreadableFile(
        "Reading published lists is being built.", "", f"{path} {known} {listed_on}"
    )
