"""What the tests of screens are made of: an adviser, a clock, an office out of reach."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from hah_desktop.domain.exchange import Page as Pulled
from hah_desktop.domain.exchange import PulledChange, PulledRow
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.store import Store
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.shell import Shell
from tests.store.hand import NOON
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets, under_the_ring

PASSPHRASE = "violet kettle orbit marsh"


class Show(Protocol):
    """Puts a page into a real window."""

    def __call__(self, page: Page, width: int = 1366, height: int = 768) -> Shell: ...


class Tear(Protocol):
    """Saves a record, then two edits of it whose authors did not see each other."""

    def __call__(self, first: Record, one: Record, other: Record) -> None: ...


Get = Callable[[str], Held]


def arrives(store: Store, record: Record, *changes: PulledChange) -> None:
    """Take a page of a pull: these are all the heads that the office has of their fields."""
    seq = max(change.order for change in changes)
    row = PulledRow(record.id, record.kind, record.files(), seq, changes)
    with store.writing() as connection:
        outbox.take_page(connection, Pulled("epoch-1", {}, more=False), [row])


def said_by(author: str, order: int, fields: Mapping[str, Json], **about: Any) -> PulledChange:
    """A change that somebody else's laptop has sent."""
    change = ChangeId(f"{author}-{order}")
    made_at = (NOON - dt.timedelta(minutes=30)).isoformat()
    return PulledChange(change, order, f"of-{author}", author, made_at, fields=fields, **about)


def findings(root: QWidget) -> list[str]:
    """What a person who reads large text, or only hears it, would stumble over."""
    found = clipped(root) + beyond_reach(root) + nameless(root) + small_targets(root)
    return found + under_the_ring(root)


SIZES = [(1366, 768, 1.0), (1366, 768, 1.5), (1366, 768, 2.0), (1093, 614, 1.0), (683, 384, 1.0)]
