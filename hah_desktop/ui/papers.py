"""From a visit on screen to a document: what is read, and what is drawn where nobody waits."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hah_desktop.documents.editions import edition
from hah_desktop.documents.material import Material
from hah_desktop.documents.pdf import Rendered, render
from hah_desktop.domain.codes import ADVISERS
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Choice, Choices, Reader
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.records.child import Child, Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.ui.session import Session

R = TypeVar("R", bound=Record)


def make_paper(
    session: Session,
    visit: str,
    reader: Reader,
    done: Callable[[Rendered], None],
    failed: Callable[[KnownError], None],
) -> None:
    """Draw the summary of a visit for one reader; `done` gets it in the interface's thread."""

    def draw(held: list[Held]) -> None:
        material = material_of(session, visit, held)
        who, now = session.who.adviser_name, session.store.now().astimezone()
        session.run_slow(
            lambda: render(edition(material, reader), printed_by=who, printed_at=now),
            done,
            failed,
        )

    session.read(lambda connection: _with_place(connection, visit), draw)


def _with_place(connection: Transaction, visit: str) -> list[Held]:
    held = reading.of_visit(connection, visit)
    own = next((h.record for h in held if h.record.id == visit), None)
    place = reading.get(connection, own.place) if isinstance(own, Visit) and own.place else None
    return [*held, place] if place else held


def material_of(session: Session, visit: str, held: Sequence[Held]) -> Material:
    """What a document about a visit is made of."""
    records = [one.record for one in held]
    own = next(r for r in records if r.id == visit and isinstance(r, Visit))
    names = {code.code: code.label for code in session.code_list(ADVISERS)}
    return Material(
        visit=own,
        place=next((r for r in records if isinstance(r, Place)), None),
        children=_all(records, Child),
        conversations=_all(records, Conversation),
        statements=_all(records, Statement),
        permissions=_all(records, Permission),
        concerns=_all(records, Concern),
        actions=_all(records, Action),
        areas=_all(records, Area),
        attachments=_all(records, Attachment),
        addenda=_all(records, Addendum),
        advisers=names,
        codes={name: session.code_list(name) for name in _code_lists()},
        open={one.record.id: one.open for one in held if one.open},
        zone=session.store.now().astimezone().tzinfo or Material.zone,
    )


def _all(records: Sequence[Record], kind: type[R]) -> tuple[R, ...]:
    return tuple(record for record in records if isinstance(record, kind))


def _code_lists() -> set[str]:
    fields = (field for record in RECORD_TYPES for field in described(record).values())
    found = {field.codes for field in fields if isinstance(field, Choice | Choices)}
    return found - {ADVISERS}
