"""Adding a letter to a visit, as the program does it."""

from io import BytesIO

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.store.attachments.attachments import Attachments, Sealed
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store


def add_letter(store: Store, visit: str, content: bytes) -> RecordId:
    """Keep the letter, and save a record about it; returns the record's id."""
    record = RecordId(store.new_id())

    def about(sealed: Sealed) -> list[Edited]:
        file = sealed.file
        made = Attachment(
            id=record,
            visit=visit,
            what="A letter",
            content=file.id,
            size=file.size,
            hash=file.sha256,
        )
        return [Edited(made, NOTHING)]

    Attachments(store.folder).keep(store, BytesIO(content), about)
    return record
