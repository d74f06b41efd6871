"""What is about the wrong child is moved to the right one in one save; and that can be undone."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QObject
from shiboken6 import isValid

from hah_desktop.domain import moving
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.moving import Movable, Move
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Statement
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.hanging import answers_about, hanging, late
from hah_desktop.ui.screens.visit.move_offer import Wish
from hah_desktop.ui.session import Session

Failed = Callable[[KnownError], None]


class Mover(QObject):
    """Saves a move, and what undoes it, each as one save."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._back: Move | None = None
        self._after: Mapping[str, Seen] = {}
        self._stands: Sequence[str] = ()

    def move(
        self,
        edited: Edited,
        wish: Wish,
        bundle: Bundle,
        done: Callable[[Movable], None],
        failed: Failed,
    ) -> None:
        """Move a record as it is typed, with what hangs on it.

        `done` gets what stands, once its undoing is known.
        """
        record, new_id = edited.record, self._session.store.new_id
        if not isinstance(record, Movable):
            return
        met = [Child(id=new_id(), known_as=wish.name)] if wish.name else []
        child = met[0].id if met else wish.child
        along = hanging(bundle, record, rest=wish.rest)
        made = moving.move([record, *along], child, new_id, answered=wish.answered)
        seen: dict[str, Seen] = {one.id: bundle.held[one.id].seen for one in along}
        seen[record.id] = edited.seen
        edits = _edits([*met, *made.saved], seen)
        self._forget()

        def landed() -> None:
            ids = [one.id for one in made.saved]
            self._session.read(
                lambda connection: reading.seen(connection, ids),
                lambda after: self._know(made, after, done),
            )

        self._session.save(edits, lambda _saved: landed(), failed)

    def bring(
        self, record: Movable, bundle: Bundle, done: Callable[[Movable], None], failed: Failed
    ) -> None:
        """Bring here what came meanwhile where the record stood before it was moved.

        Its answers stay behind: whoever gave them meanwhile gave them for another child.
        """
        came = late(bundle, record)
        into = {one.conversation: str(record.id) for one in came if isinstance(one, Statement)}
        made = moving.move(came, record.child, self._session.store.new_id, into=into)
        edits = _edits(made.saved, {one.id: bundle.held[one.id].seen for one in came})
        self._forget()
        self._session.save(edits, lambda _saved: done(record), failed)

    def _know(self, made: Move, after: Mapping[str, Seen], done: Callable[[Movable], None]) -> None:
        if not isValid(self):
            return
        # Where somebody else's change came in between, it was not seen: nothing is undone over it.
        if all(one.id in after and after[one.id].body == to_body(one) for one in made.saved):
            self._back = moving.back(made, self._session.store.new_id)
            self._stands, self._after = [one.id for one in made.stands], after
        if isinstance(made.stands[0], Movable):
            done(made.stands[0])

    @property
    def has_back(self) -> bool:
        """Whether there is a move to undo."""
        return self._back is not None

    def may_undo(self, bundle: Bundle) -> bool:
        """Whether the last move can be undone: nothing was done since to what it left."""
        if self._back is None or bundle.is_signed_off:
            return False
        held = [bundle.held.get(one) for one in self._stands]
        hangs = [*answers_about(bundle, *self._stands), *bundle.said_in(self._stands[0])]
        return all(one.id in self._after for one in hangs) and all(
            one is not None
            and one.seen == self._after[one.record.id]
            and one.record.id not in bundle.drafts
            for one in held
        )

    def undo(self, done: Callable[[Movable], None], failed: Failed) -> None:
        """Put the last move back."""
        back, after = self._back, self._after
        self._forget()
        if back is not None and isinstance(stands := back.stands[0], Movable):
            self._session.save(_edits(back.saved, after), lambda _saved: done(stands), failed)

    def _forget(self) -> None:
        self._back, self._after, self._stands = None, {}, ()


def _edits(records: Iterable[Record], seen: Mapping[str, Seen]) -> list[Edited]:
    return [Edited(one, seen.get(one.id, NOTHING)) for one in records]
