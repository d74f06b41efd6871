"""What is known before a batch is judged, and what comes of judging it. Nothing is decided here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from hah_central.database.bulk import Listed
from hah_central.journal.access import Rights
from hah_central.journal.placing import Held
from hah_central.journal.records import Says, Stored
from hah_desktop.domain.exchange import Reached, Receipt
from hah_desktop.domain.ids import ChangeId, FileId, RecordId


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that has to be known of what a batch touches.

    `epoch` and `end` are the journal's, `last` is the end of the laptop's chain; `waits`: something
    waits there for a person. `rights` are for who judges to work in: see `Rights.fork`. `sets`
    are the names of files in which the changes lie together, where these are written down.
    """

    end: int
    epoch: str
    held: Mapping[ChangeId, Held]
    last: Reached
    records: Mapping[RecordId, Stored]
    rights: Rights
    sets: frozenset[str]
    waits: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a batch: the receipts in its order, and all that is to be written.

    `rows` go into the journal, `taken` are in force since, `said` makes the rows of the records
    that moved, `lie_in` are the files that these lie in together. `last` is where the laptop's
    chain ends now. `quiet` are the files of which the receipts tell all: see `quiet`.
    """

    receipts: Sequence[Receipt]
    rows: Listed
    taken: Collection[ChangeId]
    said: Callable[[], Says]
    lie_in: Collection[frozenset[FileId]]
    rights: Rights
    last: Reached
    quiet: Mapping[FileId, int]


COLUMNS = (
    "id",
    "seq",
    "number",
    "hash",
    "previous",
    "record",
    "kind",
    "author",
    "made_at",
    "clock_trusted",
    "verdict",
    "problem",
    "body",
    "laptop",
    "received",
    "batch",
)
"""Of the journal, in the order in which the rows of a batch have them."""
