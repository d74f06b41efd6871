"""The one window: the doorstep while locked, the shell while unlocked, and the way between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QStackedWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.ui import fronts
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.clipboard import Marking
from hah_desktop.ui.cover import Covering
from hah_desktop.ui.early import Early
from hah_desktop.ui.everywhere import Everywhere, unwatched
from hah_desktop.ui.garbage import Garbage
from hah_desktop.ui.idle import Idle
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.leaving import Leaving
from hah_desktop.ui.preferences import Preferences
from hah_desktop.ui.screens.unlock import UnlockScreen
from hah_desktop.ui.traces import watch_dialog

if TYPE_CHECKING:
    # The names alone: what they stand for comes with `furnish`, after the first paint.
    from hah_desktop.laptop.errors import AccessEnded
    from hah_desktop.laptop.offers import Damage
    from hah_desktop.laptop.unlocked import Unlocked
    from hah_desktop.store.journal.drafts import Draft
    from hah_desktop.sync.engine import Synced
    from hah_desktop.sync.errors import Revoked
    from hah_desktop.ui.door import Door
    from hah_desktop.ui.inside import Inside
    from hah_desktop.ui.pacing import Pacing
    from hah_desktop.ui.session import Session
    from hah_desktop.ui.workplace import Workplace

    MakeInside = Callable[[Background, QStackedWidget, UnlockScreen], Inside]

NOT_KEPT = (
    "The disk of this laptop is full: what you typed last is kept only while this window is open. "
    "Make room on the disk, then unlock."
)
LOCKED = "Locked at {when}. What you typed is kept."
STUMBLED = (
    "Something went wrong inside the program.",
    "What you saved is kept.",
    "Lock the program and unlock it again; if it happens again, tell the office.",
)
LAST_WAIT_S = 5.0
"""How long closing waits for work that is still under way, such as a sync."""


LookAtMachine = Callable[[Path], list[str]]
"""Finds out what is to be known about the computer that holds the folder. Slow."""


class Window(QStackedWidget):
    """Locked or unlocked. Its title is always the program's name."""

    unlocked = Signal()
    locked = Signal()
    stumbled = Signal()
    """A bug was met, in whatever thread; its own words stay out."""

    def __init__(self, app: QApplication, background: Background) -> None:
        super().__init__()
        self._app = app
        self._background = background
        self._inside: Inside | None = None
        self._open: Unlocked | None = None
        self._locking = False
        self._closing = False
        self._unkept: dict[Path, list[Draft]] = {}
        self._order: Revoked | None = None
        self._damage: Damage | None = None
        self._damage_known: set[Path] = set()
        self.look_at_machine: LookAtMachine | None = None
        self.session: Session | None = None
        self.syncs_by_itself = True
        self.pacing: Pacing | None = None
        self.workplace: Workplace | None = None
        self.setWindowTitle(PRODUCT)
        self.unlock_screen = UnlockScreen()
        self.addWidget(self.unlock_screen)
        self._early = Early(self.unlock_screen)
        self.covering = Covering(self)
        self.marking = Marking(app)
        self.everywhere = Everywhere(app, self.marking.copies)
        for helper in (self.marking, self.everywhere):
            helper.setParent(self)
        self.everywhere.lock_pressed.connect(self.lock)
        self.everywhere.cover_pressed.connect(self._cover)
        self.everywhere.appeared.connect(self.covering.keep_below)
        self.everywhere.appeared.connect(watch_dialog)
        self.everywhere.appeared.connect(self.marking.watch_menu)
        self.stumbled.connect(self._stumbled)
        self.idle = Idle(app, Preferences().lock_after_minutes * 60)
        self.idle.setParent(self)
        self.idle.gone.connect(self.lock)
        self.idle.left.connect(self._show_left)
        self._garbage = Garbage(self)
        self._garbage.start()

    # What is behind the lock screen

    def furnish_once_painted(self, load: Callable[[], MakeInside]) -> None:
        """Load what is behind the lock screen as soon as that has been seen, beside the person."""
        start = partial(self._background.run, Lane.SLOW, load, self.furnish, _raise)
        self._early.painted.connect(start)

    def furnish(self, make: MakeInside) -> None:
        """Put in place what is behind the lock screen, and do what was asked of it meanwhile."""
        asked = self._early.end()
        inside = self._inside = make(self._background, self, self.unlock_screen)
        self.everywhere.help_pressed.connect(inside.helping.open)
        inside.door.opened.connect(self._let_in)
        inside.door.close_requested.connect(self.close)
        inside.door.start()
        if asked is not None:
            asked()

    @property
    def inside(self) -> Inside:
        """What is behind the lock screen; nobody comes past that before it is there."""
        if self._inside is None:
            raise RuntimeError("the window was not furnished yet")
        return self._inside

    @property
    def door(self) -> Door:
        """The screens before the work."""
        return self.inside.door

    # Unlocking

    def _let_in(self, unlocked: Unlocked, note: str) -> None:
        laptop, self._open = self.door.laptop, unlocked
        session = self.session = self.inside.session(unlocked)
        for draft in self._unkept.pop(laptop.folder, []):
            session.keep_draft(draft)
        session.synced.connect(self._synced)
        with unwatched(self._app, self.everywhere, self.idle):
            workplace = self.workplace = self.inside.workplace(session, unlocked, self._choose)
            self.addWidget(workplace)
            self.setCurrentWidget(workplace)
        workplace.lock_requested.connect(self.lock)
        workplace.cover_requested.connect(self.covering.put)
        workplace.ready.connect(self.unlocked)
        workplace.start(" ".join(filter(None, (note, unlocked.note, laptop.warning()))))
        self.idle.start()
        if self.syncs_by_itself:
            self.pacing = self.inside.pacing(session)
        self._look_at_machine(session, workplace)
        session.run_slow(unlocked.care, self._cared)

    def _cared(self, damage: Damage | None) -> None:
        """Offer a safety copy for what is damaged: once, and then leave it to the person.

        Whoever unlocks again all the same can read what is whole, and send it to the office.
        """
        if damage is None or self.workplace is None:
            return
        folder = self.door.laptop.folder
        if folder in self._damage_known:
            self.workplace.bulletin.say_trouble(damage.fault)
            return
        self._damage_known.add(folder)
        self._damage = damage
        self.lock()

    def _look_at_machine(self, session: Session, workplace: Workplace) -> None:
        """Say what is to be known about this computer, once while the program runs."""
        look, folder = self.look_at_machine, self.door.laptop.folder

        def show(warnings: list[str]) -> None:
            self.look_at_machine = None
            workplace.bulletin.say_of_laptop(warnings)

        if look is not None:
            session.run_slow(lambda: look(folder), show)

    def _choose(self, preferences: Preferences) -> None:
        look, scale = current_look(), preferences.text_percent / 100
        # Putting the same look on again would cost a tenth of a second of every unlocking.
        if (look.theme, look.scale) != (preferences.theme, scale):
            theme.apply(self._app, preferences.theme, scale)
        self.idle.set_after(preferences.lock_after_minutes * 60)

    def _show_left(self, seconds: int) -> None:
        if self.workplace:
            minutes = max(1, math.ceil(seconds / 60))
            self.workplace.shell.set_lock_state(f"Locks in {minutes} min")

    def hear(self, leaving: Leaving) -> None:
        """Lock when the person leaves, before the laptop sleeps where the system lets us."""
        leaving.left.connect(self.lock)
        self.unlocked.connect(leaving.unlocked)
        self.locked.connect(leaving.locked)

    def _cover(self) -> None:
        """Cover what is unlocked, or uncover it; the locked window shows nothing to cover."""
        if self.covering.is_on:
            self.covering.take_away()
        elif self.workplace:
            self.covering.put()

    def _stumbled(self) -> None:
        if self.workplace:
            self.workplace.bulletin.say_trouble(KnownError(*STUMBLED))

    def _synced(self, result: Synced) -> None:
        self._order = self.inside.order_in(result)
        if self._order is not None:
            self.lock()

    # Locking

    def lock(self) -> None:
        """Keep what is typed and where it was, then drop the keys and every screen."""
        unlocked, session, workplace = self._open, self.session, self.workplace
        if unlocked is None or session is None or workplace is None:
            return
        folder = self.door.laptop.folder
        self.idle.stop()
        self._open = self.session = self.workplace = None
        self._locking = True
        self.covering.end()
        fronts.close_all(self)
        workplace.keep()
        if self.pacing is not None:
            self.pacing.stop()
            self.pacing = None
        session.close()
        self.unlock_screen.set_lead(LOCKED.format(when=self.inside.clock_of(session)))
        self.setCurrentWidget(self.unlock_screen)
        self.removeWidget(workplace)
        workplace.hide()
        workplace.deleteLater()
        self.marking.clear()
        # The drafts above are before this in the same lane: they are kept before the keys go.
        self._background.run(
            Lane.STORE,
            self._last_act(unlocked),
            partial(self._was_locked, session, folder),
            partial(self._lock_failed, session, folder),
        )
        self.unlock_screen.setFocus()

    def _last_act(self, unlocked: Unlocked) -> Callable[[], AccessEnded | None]:
        """Lock; where the office has ended this laptop's access, obey first."""
        order, self._order, laptop = self._order, None, self.door.laptop
        if order is None:
            return unlocked.lock

        def obey() -> AccessEnded:
            try:
                return laptop.revoke(unlocked, order, lambda _words: None)
            finally:
                unlocked.lock()

        return obey

    def _was_locked(self, session: Session, folder: Path, ended: AccessEnded | None) -> None:
        damage, self._damage = self._damage, None
        # Somebody else may stand at the door by now: locking waits for what is under way.
        if folder == self.door.laptop.folder:
            if ended is not None:
                self.door.show_ended()
            elif damage is not None:
                self.door.show_damage(damage)
        # Each person's words wait for that person: another's vault is not theirs to lie in.
        self._unkept[folder] = list(session.unkept.values())
        if session.unkept:
            # Closing now would lose it: the person decides that, by closing once more.
            self._closing = False
            self.unlock_screen.set_lead(NOT_KEPT)
        # What listens to it holds it, and through it the database: Python cannot see that circle.
        session.deleteLater()
        # Once this has returned: until then its own words hold the session.
        QTimer.singleShot(0, self, self._sweep)

    def _sweep(self) -> None:
        """Leave nothing of what was open in memory, as far as it is ours."""
        self._locking = False
        self._garbage.collect()
        self.locked.emit()
        if self._closing:
            self.close()

    def _lock_failed(self, session: Session, folder: Path, fault: BaseException) -> None:
        if not isinstance(fault, KnownError):
            raise fault
        self.unlock_screen.show_problem(str(fault))
        self._was_locked(session, folder, None)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Lock first: the window closes once everything typed is kept and the keys are gone."""
        if self._open is not None or self._locking:
            self._closing = True
            self.lock()
            event.ignore()
            return
        self._garbage.stop()
        self._early.end()
        self._background.shutdown(LAST_WAIT_S)
        super().closeEvent(event)


def _raise(fault: BaseException) -> None:
    raise fault
