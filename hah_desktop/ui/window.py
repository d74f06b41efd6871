"""The one window: the doorstep while locked, the shell while unlocked, and the way between them."""

import math
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QStackedWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.errors import NotSetUp
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.drafts import Draft
from hah_desktop.ui import fronts
from hah_desktop.ui.background import Background, Lane
from hah_desktop.ui.clipboard import Marking
from hah_desktop.ui.cover import Covering
from hah_desktop.ui.everywhere import Everywhere
from hah_desktop.ui.garbage import Garbage
from hah_desktop.ui.idle import Idle
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.preferences import Preferences
from hah_desktop.ui.screens.unlock import ENCRYPTED, EnrolForm, EnrolScreen, UnlockScreen
from hah_desktop.ui.session import Codes, Session, clock_words
from hah_desktop.ui.traces import watch_dialog
from hah_desktop.ui.workplace import Workplace
from hah_desktop.vault.passphrase import problems

PRODUCT = "Help at Hand"
SYNC_EVERY_MS = 5 * 60 * 1000
NOT_KEPT = (
    "The disk of this laptop is full: what you typed last is kept only while this window is open. "
    "Make room on the disk, then unlock."
)
STUMBLED = (
    "Something went wrong inside the program.",
    "What you saved is kept.",
    "Lock the program and unlock it again; if it happens again, tell the office.",
)
LAST_WAIT_S = 5.0
"""How long closing waits for work that is still under way, such as a sync."""


class Window(QStackedWidget):
    """Locked or unlocked. Its title is always the program's name."""

    unlocked = Signal()
    locked = Signal()
    stumbled = Signal()
    """A bug was met, in whatever thread; its own words stay out."""

    def __init__(
        self, app: QApplication, laptop: Laptop, background: Background, codes: Codes
    ) -> None:
        super().__init__()
        self._app = app
        self._laptop = laptop
        self._background = background
        self._codes = codes
        self._open: Unlocked | None = None
        self._locking = False
        self._closing = False
        self._unkept: list[Draft] = []
        self.session: Session | None = None
        self.workplace: Workplace | None = None
        self.setWindowTitle(PRODUCT)
        self.unlock_screen = UnlockScreen()
        self.unlock_screen.set_facts([ENCRYPTED])
        self.enrol_screen = EnrolScreen(problems)
        self.enrol_screen.set_facts([ENCRYPTED])
        for screen in (self.unlock_screen, self.enrol_screen):
            self.addWidget(screen)
        self.unlock_screen.unlock_requested.connect(self._unlock)
        self.unlock_screen.forgotten_requested.connect(self._forgotten)
        self.enrol_screen.enrol_requested.connect(self._set_up)
        self.covering = Covering(self)
        self.marking = Marking(app)
        self.everywhere = Everywhere(app)
        for helper in (self.marking, self.everywhere):
            helper.setParent(self)
        self.everywhere.lock_pressed.connect(self.lock)
        self.everywhere.cover_pressed.connect(self._cover)
        self.everywhere.appeared.connect(self.covering.keep_below)
        self.everywhere.appeared.connect(watch_dialog)
        self.stumbled.connect(self._stumbled)
        self.idle = Idle(app, Preferences().lock_after_minutes * 60)
        self.idle.setParent(self)
        self.idle.gone.connect(self.lock)
        self.idle.left.connect(self._show_left)
        self._sync_timer = QTimer(self, interval=SYNC_EVERY_MS)
        self._sync_timer.timeout.connect(self._sync)
        self._garbage = Garbage(self)
        self._garbage.start()
        self._show_door()

    def _show_door(self) -> None:
        door = self.unlock_screen if self._laptop.is_set_up() else self.enrol_screen
        self.setCurrentWidget(door)
        door.setFocus()

    # Unlocking

    def _set_up(self, form: EnrolForm) -> None:
        self.enrol_screen.set_busy(True, "Setting up this laptop")

        def work(tell: Callable[[str], None]) -> Unlocked:
            return self._laptop.set_up(form.office_address, form.code, form.passphrase, tell)

        self._background.run(
            Lane.SLOW,
            work,
            self._let_in,
            self._set_up_failed,
            progress=lambda words: self.enrol_screen.set_busy(True, words),
        )

    def _set_up_failed(self, fault: BaseException) -> None:
        self.enrol_screen.set_busy(False)
        if not isinstance(fault, KnownError):
            raise fault
        self.enrol_screen.show_problem(str(fault))

    def _unlock(self, passphrase: str) -> None:
        self.unlock_screen.set_busy(True, "Unlocking")
        self._background.run(
            Lane.SLOW,
            lambda: self._laptop.unlock(passphrase),
            self._let_in,
            self._unlock_failed,
        )

    def _unlock_failed(self, fault: BaseException) -> None:
        self.unlock_screen.set_busy(False)
        if isinstance(fault, NotSetUp):
            self.unlock_screen.clear()
            self.setCurrentWidget(self.enrol_screen)
            self.enrol_screen.show_problem(str(fault))
            self.enrol_screen.setFocus()
        elif isinstance(fault, KnownError):
            self.unlock_screen.show_problem(str(fault))
        else:
            raise fault

    def _forgotten(self) -> None:
        self.unlock_screen.show_problem(
            "Call the office. Nothing on this laptop is lost, and nothing is deleted after "
            "wrong tries."
        )

    def _let_in(self, unlocked: Unlocked) -> None:
        for screen in (self.unlock_screen, self.enrol_screen):
            screen.set_busy(False)
            screen.clear()
        self._open = unlocked
        session = Session(
            unlocked.store, self._background, self._codes, unlocked.who, self._laptop.office
        )
        self.session = session
        unkept, self._unkept = self._unkept, []
        for draft in unkept:
            session.keep_draft(draft)
        workplace = Workplace(session, self._choose)
        self.workplace = workplace
        workplace.lock_requested.connect(self.lock)
        workplace.cover_requested.connect(self.covering.put)
        workplace.ready.connect(self.unlocked)
        self.addWidget(workplace)
        self.setCurrentWidget(workplace)
        workplace.start(self._laptop.warning())
        self.idle.start()
        self._sync_timer.start()

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

    def _cover(self) -> None:
        """Cover what is unlocked, or uncover it; the locked window shows nothing to cover."""
        if self.covering.is_on:
            self.covering.take_away()
        elif self.workplace:
            self.covering.put()

    def _stumbled(self) -> None:
        if self.workplace:
            self.workplace.show_trouble(KnownError(*STUMBLED))

    def _sync(self) -> None:
        if self.session:
            self.session.sync()

    # Locking

    def lock(self) -> None:
        """Keep what is typed and where it was, then drop the keys and every screen."""
        unlocked, session, workplace = self._open, self.session, self.workplace
        if unlocked is None or session is None or workplace is None:
            return
        self.idle.stop()
        self._sync_timer.stop()
        self._open = self.session = self.workplace = None
        self._locking = True
        fronts.close_all(self)
        workplace.keep()
        session.close()
        when = clock_words(session.store.now())
        self.unlock_screen.set_lead(f"Locked at {when}. What you typed is kept.")
        self.covering.forget()
        self.setCurrentWidget(self.unlock_screen)
        self.removeWidget(workplace)
        workplace.hide()
        workplace.deleteLater()
        self.marking.clear()
        # The drafts above are before this in the same lane: they are kept before the keys go.
        self._background.run(
            Lane.STORE, unlocked.lock, lambda _none: self._was_locked(session), self._lock_failed
        )
        self.unlock_screen.setFocus()

    def _was_locked(self, session: Session) -> None:
        self._locking = False
        self._unkept = list(session.unkept.values())
        if self._unkept:
            # Closing now would lose it: the person decides that, by closing once more.
            self._closing = False
            self.unlock_screen.set_lead(NOT_KEPT)
        self._garbage.collect()
        self.locked.emit()
        if self._closing:
            self.close()

    def _lock_failed(self, fault: BaseException) -> None:
        raise fault

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Lock first: the window closes once everything typed is kept and the keys are gone."""
        if self._open is not None or self._locking:
            self._closing = True
            self.lock()
            event.ignore()
            return
        self._garbage.stop()
        self._background.shutdown(LAST_WAIT_S)
        super().closeEvent(event)
