"""One adviser with one laptop in the journey: a window, hands, and a folder for what they leave."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication

from hah_desktop.app import make_window, now
from hah_desktop.domain.records.base import Json
from hah_desktop.laptop.folder import Laptop
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.ui.session import Session
from hah_desktop.ui.window import Window
from hah_desktop.ui.workplace import Workplace
from hah_desktop.vault.kdf import FLOOR
from tests.journey.hands import Hands

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Counts:
    """What a laptop holds: changes saved on it, and those that the office has."""

    saved: int
    received: int
    only_here: int


class Pictures:
    """The numbered pictures of one journey."""

    def __init__(self, out: Path, tell: Tell) -> None:
        self._out = out
        self._tell = tell
        self._number = 0

    def take(self, hands: Hands, who: str, words: str) -> None:
        """Keep the screen under the next number and a few words."""
        self._number += 1
        name = f"{self._number:02} {words}.png".replace(" ", "-").replace(",", "").lower()
        hands.picture(self._out / name)
        self._tell(f"{who}: {words}")


class Person:
    """An adviser at their own laptop."""

    def __init__(
        self,
        app: QApplication,
        name: str,
        folder: Path,
        pictures: Pictures,
        certificate: Path | None = None,
    ) -> None:
        self.name = name
        self._pictures = pictures
        # The floor keeps the journey short on a busy machine; the program itself measures.
        self.laptop = Laptop(folder, now, certificate, cost=FLOOR)
        self.window: Window = make_window(app, self.laptop)
        # What is played is when each of them syncs.
        self.window.syncs_by_itself = False
        self.window.resize(1366, 768)
        self.window.show()
        self.hands = Hands(self.window)

    @property
    def session(self) -> Session:
        """What the adviser is at work with."""
        session = self.window.session
        if session is None:
            raise AssertionError(f"{self.name}'s laptop is locked")
        return session

    def scene(self, words: str) -> None:
        """Keep a picture of what is on the screen."""
        self._pictures.take(self.hands, self.name, words)

    def enrol(self, address: str, code: str, passphrase: str) -> None:
        """Set up the laptop with the office's code."""
        screen = self.window.door.enrol_screen
        for line, words in (
            (screen.address_line, address),
            (screen.code_line, code),
            (screen.first, passphrase),
            (screen.second, passphrase),
        ):
            self.hands.type_into(line, words)
        screen.start.click()
        self._until_in()

    def unlock(self, passphrase: str) -> None:
        """Unlock the laptop."""
        screen = self.window.unlock_screen
        self.hands.type_into(screen.passphrase, passphrase)
        screen.unlock.click()
        self._until_in()

    def _until_in(self) -> None:
        ready: list[bool] = []
        self.window.unlocked.connect(lambda: ready.append(True))
        self.hands.until(lambda: ready or self._problem(), "the laptop is unlocked")
        if not ready:
            raise AssertionError(self._problem())
        self.hands.settle()

    def _problem(self) -> str:
        door = self.window.door.enrol_screen
        return " ".join(button.text() for button in door.summary.buttons)

    def lock(self) -> None:
        """Lock as Ctrl+L does."""
        locked: list[bool] = []
        self.window.locked.connect(lambda: locked.append(True))
        self.window.lock()
        self.hands.until(lambda: locked, "the laptop is locked")

    def sync(self) -> None:
        """Send and fetch, and see that it worked."""
        ended: list[object] = []
        self.session.synced.connect(ended.append)
        self.session.sync()
        self.hands.until(lambda: ended, "the sync has ended")
        self.hands.settle()

    def keep_first_sides(self) -> None:
        """Decide what is torn: keep the first side of every field."""
        page = at_work(self).conflict
        self.hands.until(page.is_shown, "both sides are shown")
        for choice in page.choices.values():
            choice.buttons[0].click()
        page.decide.click()
        self.hands.settle()

    def counts(self) -> Counts:
        """How many changes are saved here, received by the office, and only here."""
        with self.session.store.reading() as connection:
            waiting = outbox.unsent_count(connection)
            saved = outbox.saved_count(connection)
        return Counts(saved, saved - waiting, waiting)

    def bodies(self, visit: str) -> Mapping[str, Mapping[str, Json]]:
        """The bodies of everything on a visit, for comparing laptops."""
        with self.session.store.reading() as connection:
            return {h.record.id: dict(h.seen.body) for h in reading.of_visit(connection, visit)}

    def close(self) -> None:
        """Close the window; it locks first. Nothing of it goes on hearing what others do."""
        self.window.close()
        self.hands.until(lambda: not self.window.isVisible(), "the window is closed")
        self.window.deleteLater()


def today() -> str:
    """Today as a person writes it."""
    day = dt.datetime.now(dt.UTC).astimezone().date()
    return f"{day.day} {day:%B %Y}"


def at_work(person: Person) -> Workplace:
    """The person's unlocked window."""
    workplace = person.window.workplace
    if workplace is None:
        raise AssertionError(f"{person.name}'s laptop is locked")
    return workplace


def has_field(person: Person, words: str) -> bool:
    """Whether a question is on the screen."""
    try:
        person.hands.field(words)
    except AssertionError:
        return False
    return True
