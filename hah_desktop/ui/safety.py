"""Lets an adviser change how their laptop is locked: between the page and the open laptop."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.safety.backups import Snapshot
from hah_desktop.store.tables.events import Event
from hah_desktop.store.tables.meta import Trust
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.parts.words import counted, when
from hah_desktop.ui.screens.security import PassphraseChange, SecurityPage
from hah_desktop.ui.session import Session

CHANGED = "The new passphrase is in force. The old one no longer unlocks this laptop."
RENEWED = "Everything on this laptop is encrypted anew."
COPIED = "A safety copy was made, and read once to see that it is whole."
SYNCING = "A sync is under way. Nothing was changed. Wait until it has ended, then try again."


class Safety(QObject):
    """Asks the open laptop off the interface's thread, and tells the page how it went."""

    def __init__(
        self, page: SecurityPage, unlocked: Unlocked, session: Session, background: Background
    ) -> None:
        super().__init__(page)
        self._background = background
        self._page = page
        self._unlocked = unlocked
        self._session = session
        page.shown.connect(self.refresh)
        page.passphrase_requested.connect(self._change)
        page.renew_requested.connect(self._renew)
        page.copy_requested.connect(self._copy)

    def refresh(self) -> None:
        """Read what happened, which copies there are, and what the office has set."""
        self._session.run_slow(self._unlocked.events, self._show_events)
        self._session.run_slow(self._unlocked.trust, self._show_orders)
        self._session.run_slow(self._kept, self._show_copies)

    def _kept(self) -> list[Snapshot]:
        return self._unlocked.backups.kept()

    def _show_events(self, events: list[Event]) -> None:
        self._page.show_events([(self._when(one.at), one.words()) for one in events])

    def _show_orders(self, trust: Trust | None) -> None:
        if trust is not None:
            self._page.show_orders(trust.lease_days, trust.lock_minutes)

    def _show_copies(self, copies: list[Snapshot]) -> None:
        self._page.copies.show_copies(
            [
                (self._when(one.made_at.isoformat()), counted(one.changes, "change"))
                for one in copies
            ]
        )

    def _when(self, moment: str) -> str:
        return when(moment, self._session.store.now().astimezone())

    def _change(self, change: PassphraseChange) -> None:
        part = self._page.passphrase
        part.set_busy("Changing the passphrase")
        self._session.run_slow(
            partial(self._unlocked.change_passphrase, change.old, change.new),
            partial(self._done, part.show_done, CHANGED),
            partial(_tell, part.show_problem),
        )

    def _renew(self, passphrase: str) -> None:
        part = self._page.renewal
        if self._session.is_syncing:
            part.show_problem(SYNCING)
            return
        part.set_busy("Checking the passphrase")
        # In the store's own lane: nothing else may be written while everything is encrypted anew.
        self._background.run(
            Lane.STORE,
            partial(self._unlocked.renew_keys, passphrase),
            self._session.while_open(partial(self._done, part.show_done, RENEWED)),
            self._session.failed_as(partial(_tell, part.show_problem)),
            progress=self._session.while_open(partial(part.set_progress, 0, 0)),
        )

    def _copy(self) -> None:
        part = self._page.copies
        part.set_busy("Making a safety copy")
        self._session.run_slow(
            self._unlocked.make_snapshot,
            partial(self._done, part.show_done, COPIED),
            partial(_tell, part.show_problem),
        )

    def _done(self, say: Callable[[str], None], words: str, _result: object) -> None:
        say(words)
        self.refresh()


def _tell(say: Callable[[str], None], fault: KnownError) -> None:
    say(str(fault))
