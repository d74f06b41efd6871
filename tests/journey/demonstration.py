"""The program on a screen with an invented caseload and its own central service beside it."""

import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from hah_desktop.app import make_window, now
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.reference import Place
from hah_desktop.intake.places import preview
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.ui.screens.forgotten import LEAD
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.central.trust import PASSPHRASE as KEYS_PASSPHRASE
from tests.journey.caseload import PASSPHRASE, RUTH, visits
from tests.journey.play import SAMPLE

YOU_ARE_THE_OFFICE = "In this demonstration you are the office too: the terminal says how."

Tell = Callable[[str], None]


def demonstrate(app: QApplication, tell: Tell) -> int:
    """Open the program. Everything it made is gone when it is closed."""
    folder = Path(tempfile.mkdtemp(prefix="hah-demo-"))
    try:
        tell("Starting an office of its own …")
        with Office.running(data=folder / "office") as office:
            tell("Making an invented caseload …")
            laptop = Laptop(folder / "demo-laptop", now, cost=FLOOR)
            code = office.enrol(RUTH)
            unlocked = laptop.set_up(office.url, code, PASSPHRASE, lambda _words: None)
            fill(unlocked)
            unlocked.lock()
            window = make_window(app, laptop)
            window.unlock_screen.set_lead(f"A demonstration. The passphrase is: {PASSPHRASE}")
            window.door.hard_day.forgotten.set_lead(f"{LEAD} {YOU_ARE_THE_OFFICE}")
            window.resize(1366, 768)
            window.show()
            tell(how_to(office))
            _end_with_ctrl_c(app)
            return app.exec()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def how_to(office: Office) -> str:
    """What can be tried, and how to be the office meanwhile."""
    return f"""
The passphrase is:      {PASSPHRASE}
The office listens at:  {office.url}

You are the office too, in a second terminal in this folder, until you close the window.
It asks for the passphrase of its keys, which is:  {KEYS_PASSPHRASE}

For a caller who forgot the passphrase, with the letters that the program shows:
  {office.said("recovery", keys=True)} LETTERS
Which laptops there are, and who did what at the office:
  {office.said("laptops")}
  {office.said("log")}
To end the laptop’s access, as if it were lost (then sync, to see what it does):
  {office.said("revoke", keys=True)} LAPTOP
To let somebody else set up this laptop:
  {office.said("enrol")} "Amir Sood"
"""


def _end_with_ctrl_c(app: QApplication) -> None:
    signal.signal(signal.SIGINT, lambda *_: app.quit())
    # Python sees a signal only when it runs; Qt's own loop would not let it for hours.
    timer = QTimer(app, interval=200)
    timer.timeout.connect(lambda: None)
    timer.start()


def fill(unlocked: Unlocked) -> list[Record]:
    """Put the invented caseload into a laptop. Returns what was put in."""
    store = unlocked.store
    listed = preview(SAMPLE, {}).records
    store.add(*listed)
    places = [record.id for record in listed if isinstance(record, Place)]
    made = visits(store, [str(place) for place in places], frozenset({unlocked.who.adviser}))
    store.add(*made)
    return [*listed, *made]
