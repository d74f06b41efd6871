"""The heading of the workspace: which visit, where, and how far it is."""

import dataclasses as dc

from hah_desktop.domain.days import month_in_words
from hah_desktop.domain.signoff import PLANNED, SIGNED_OFF, STARTED
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.labels import Tag, TagKind
from hah_desktop.ui.kit.lists import Row
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.state_line import DUE_ICON
from hah_desktop.ui.parts.sync_words import state_of, whole
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.session import Session

_TAGS = {PLANNED: TagKind.INFO, STARTED: TagKind.WARN, SIGNED_OFF: TagKind.OK}


def add_history_button(page: Page) -> SecondaryButton:
    """Put the way to the past of the record on show beside the title."""
    button = SecondaryButton("History", "history")
    page.add_header_action(button)
    return button


def show_heading(page: Page, session: Session, bundle: Bundle) -> None:
    """Say on the page, never in the window's title, which visit it is."""
    visit = bundle.visit
    label = session.code_list("visit_status").label(visit.status)
    tags = [Tag(label, _TAGS.get(visit.status, TagKind.NEUTRAL))]
    if visit.announced:
        words = session.code_list("announced").label(visit.announced)
        tags.append(Tag(words, TagKind.VIOLET))
    due, files = bundle.due_together, bundle.files.only_here
    words = whole(due, files, bundle.last_well, session.store.now().astimezone())
    tags.append(Tag(words, TagKind.WARN if due or files else TagKind.OK))
    if bundle.seen:
        tags.append(Tag(bundle.seen, TagKind.NEUTRAL))
    day = visit.visited_on or visit.planned_for
    crumbs = ("Visits", month_in_words(day)) if day else ("Visits",)
    name = bundle.place.title() if bundle.place else "a place"
    page.set_title(f"Visit to {name}", breadcrumbs=crumbs, tags=tags)


def with_state(row: Row, bundle: Bundle) -> Row:
    """A row of the visit, with a mark where the office does not have, or use, all of it.

    Not in words beside the others: on a narrow pane these would be all that is left of the row.
    """
    due = bundle.waiting(row.key)
    return dc.replace(row, mark=DUE_ICON, mark_words=state_of(due)) if due else row
