"""What is behind the lock screen: the door over one laptop folder, and the work once it is open.

The window is given this after its first paint, since what it imports takes a second to import.
"""

from PySide6.QtWidgets import QStackedWidget

from hah_desktop.domain.codes import Codes
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.errors import Revoked
from hah_desktop.ui.background import Background
from hah_desktop.ui.door import Door
from hah_desktop.ui.help.opening import Helping
from hah_desktop.ui.pacing import Pacing
from hah_desktop.ui.returning import Returning
from hah_desktop.ui.safety import Safety
from hah_desktop.ui.screens.security import SecurityPage
from hah_desktop.ui.screens.unlock import UnlockScreen
from hah_desktop.ui.session import Session, clock_words
from hah_desktop.ui.workplace import Choose, Workplace
from hah_desktop.vault.passphrase import problems


class Inside:
    """Makes what the window shows and hears; it holds nothing that was unlocked."""

    def __init__(
        self,
        laptop: Laptop,
        codes: Codes,
        background: Background,
        stack: QStackedWidget,
        screen: UnlockScreen,
    ) -> None:
        self._codes = codes
        self._background = background
        self._stack = stack
        self.door = Door(stack, laptop, background, screen)
        self.helping = Helping(stack)

    def session(self, unlocked: Unlocked) -> Session:
        """Put somebody to work."""
        office = self.door.laptop.office
        return Session(unlocked.store, self._background, self._codes, unlocked.who, office)

    def workplace(self, session: Session, unlocked: Unlocked, choose: Choose) -> Workplace:
        """Make all pages of whoever has unlocked."""
        workplace = Workplace(session, choose, self._stack)
        security = SecurityPage(problems)
        Safety(security, unlocked, session, self._background)
        workplace.add_security(security)
        Returning(workplace.office.returning, self.door.laptop, unlocked, session)
        return workplace

    def pacing(self, session: Session) -> Pacing:
        """Let syncs start by themselves."""
        return Pacing(session)

    def order_in(self, result: Synced) -> Revoked | None:
        """Give the office's order to end this laptop's access, if a sync brought it."""
        return result.problem if isinstance(result.problem, Revoked) else None

    def clock_of(self, session: Session) -> str:
        """Give the time of day."""
        return clock_words(session.store.now())
