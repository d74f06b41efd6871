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
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.journey.caseload import PASSPHRASE, RUTH, visits
from tests.journey.play import SAMPLE

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
            window.resize(1366, 768)
            window.show()
            tell(f"The passphrase is: {PASSPHRASE}")
            tell(f"The office is at {office.url} until you close the window.")
            _end_with_ctrl_c(app)
            return app.exec()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
