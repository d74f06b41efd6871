"""The pictures of the documentation: every screen with the invented caseload, made by script."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import reading
from hah_desktop.ui.help.parts import Place
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.focus import scroll_to
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.import_places import State
from hah_desktop.ui.workplace import (
    IMPORT,
    OFFICE,
    PLACES,
    PREFERENCES,
    SECURITY,
    VISITS,
    Workplace,
)
from tests.central.office import Office
from tests.journey.caseload import PASSPHRASE, RUTH
from tests.journey.demonstration import fill
from tests.journey.drawing import add_drawing
from tests.journey.person import Person, Pictures
from tests.journey.play import SAMPLE

Tell = Callable[[str], None]


def take(app: QApplication, out: Path, tell: Tell) -> int:
    """Make every picture anew. Returns 0."""
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="hah-pictures-"))
    try:
        with Office.running(data=folder / "office") as office:
            person = Person(app, RUTH, folder / "laptop", Pictures(out, tell))
            person.hands.picture(out / "set-up.png")
            unlocked = person.laptop.set_up(
                office.url, office.enrol(RUTH), PASSPHRASE, lambda _words: None
            )
            fill(unlocked)
            unlocked.lock()
            person.window.setCurrentWidget(person.window.unlock_screen)
            person.hands.picture(out / "unlock.png")
            person.unlock(PASSPHRASE)
            _pages(app, person, out, tell)
            _forgotten(person, office, out)
            _closed(person, office, out)
            person.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _pages(app: QApplication, person: Person, out: Path, tell: Tell) -> None:
    workplace = person.window.workplace
    if workplace is None:
        raise AssertionError("the laptop is locked")
    hands = person.hands
    _take_hands_off(app)
    for key, name in (
        (VISITS, "visits"),
        (PLACES, "places"),
        (OFFICE, "sync"),
        (PREFERENCES, "preferences"),
        (SECURITY, "security"),
    ):
        workplace.shell.show_page(key)
        hands.settle()
        hands.picture(out / f"{name}.png")
        tell(name)
    workplace.shell.show_page(IMPORT)
    workplace.import_places.open_file(SAMPLE.with_name("listed_at_31_march_2023.csv"))
    hands.until(lambda: workplace.import_places.state is State.READ, "the preview")
    hands.picture(out / "import.png")
    visit = _visit_under_way(person)
    _visit(app, person, workplace, visit, out)
    for reader in (Reader.OFFICE, Reader.PLACE):
        workplace.visit.paper_requested.emit(visit, reader)
        hands.until(workplace.paper.is_drawn, "the paper")
        hands.picture(out / f"paper-{reader.value}.png")
        workplace.paper.close_document()
    _help(person, out)


def _take_hands_off(app: QApplication) -> None:
    """Show pages as they are read, not scrolled to where the keyboard is."""
    focused = app.focusWidget()
    if focused is not None:
        focused.clearFocus()


def _help(person: Person, out: Path) -> None:
    """The help about deciding, in a window of its own."""
    helping = person.window.inside.helping
    helping.open()
    if helping.window is None:
        raise AssertionError("the help is not open")
    helping.window.open_at(Place("conflict", "Deciding"))
    person.hands.settle()
    helping.window.grab().save(str(out / "help.png"))
    helping.window.reject()


def _visit(app: QApplication, person: Person, workplace: Workplace, visit: str, out: Path) -> None:
    hands = person.hands
    workplace.open_visit(visit)
    hands.settle()
    add_drawing(person, out, "Kai M.")
    hands.picture(out / "visit-letters.png")
    _take_hands_off(app)
    for step in ("plan", "record", "concerns", "actions", "summary", "conversations"):
        workplace.visit.show_step(step)
        hands.settle()
        hands.picture(out / f"visit-{step}.png")
    for name, chosen, scale in (
        ("dark", ThemeName.DARK, 1.0),
        ("high-contrast", ThemeName.HIGH_CONTRAST, 1.0),
        ("200-percent", ThemeName.LIGHT, 2.0),
        ("light", ThemeName.LIGHT, 1.0),
    ):
        theme.apply(app, chosen, scale)
        workplace.visit.show_form()
        hands.settle()
        _bring_words_into_view(workplace)
        hands.picture(out / f"visit-{name}.png")


def _visit_under_way(person: Person) -> str:
    with person.session.store.reading() as connection:
        found = [h.record for h in reading.of_kind(connection, Visit.kind)]
    return next(v.id for v in found if isinstance(v, Visit) and v.status == "started")


def _bring_words_into_view(workplace: Workplace) -> None:
    """The child's own words, which are what the program is for."""
    part = workplace.visit.talk_part()
    if part is None:
        raise AssertionError("no conversation is open")
    scroll_to(part.cards()[0])


def _forgotten(person: Person, office: Office, out: Path) -> None:
    """A forgotten passphrase, on the telephone, before the code is used."""
    person.lock()
    hands, screen = person.hands, person.window.door.hard_day.forgotten
    person.window.unlock_screen.forgotten.click()
    hands.until(lambda: screen.letters.isVisibleTo(person.window), "the letters are shown")
    hands.type_into(screen.code.line, office.recovery(person.laptop.recovery_request()))
    hands.picture(out / "forgotten.png")
    screen.back.click()


def _closed(person: Person, office: Office, out: Path) -> None:
    """A laptop whose access the office has ended."""
    person.unlock(PASSPHRASE)
    office.revoke(person.session.who.laptop)
    person.session.sync()
    screen = person.window.door.ended.screen
    person.hands.until(lambda: screen.nothing.isVisibleTo(person.window), "the office has it all")
    person.hands.picture(out / "closed.png")
