"""What somebody else wrote, as a page of the office brings it."""

import json

from sqlalchemy import select

from hah_desktop.domain.exchange import Page, PulledChange, PulledRow
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.store.exchange import outbox
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import RECORD
from tests.store.hand import NOON


def arrives(store: Store, record: str, place: int, author: str = "sam", field: str = "new") -> None:
    """A change of somebody else's, in a record that is here, at a place in the office's journal."""
    change = PulledChange(
        ChangeId(f"{record}-{place}"), place, "other", author, NOON.isoformat(), fields={field: 1}
    )
    with store.writing() as connection:
        row = connection.execute(select(RECORD).where(RECORD.c.id == record)).one()
        files = tuple(json.loads(row.files))
        page = Page("e1", dict.fromkeys(files, place), more=False)
        pulled = PulledRow(RecordId(record), row.kind, files, place, (change,))
        outbox.take_page(connection, page, [pulled])
