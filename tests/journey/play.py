"""The whole main job, played through the real windows: from enrolment to two laptops agreeing."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from hah_desktop.domain.records.reference import Place
from hah_desktop.store.journal import reading
from hah_desktop.ui.workplace import IMPORT, OFFICE, PLACES
from tests.central.office import Office
from tests.journey.caseload import AMIR, PASSPHRASE, RUTH
from tests.journey.on_site import OnSite
from tests.journey.person import Person, Pictures, at_work, today

Tell = Callable[[str], None]
SAMPLE = Path(__file__).parent.parent / "intake" / "samples" / "listed_at_31_march_2024.csv"


class Journey:
    """The play. Each scene leaves a picture; the end leaves journey.json."""

    def __init__(self, app: QApplication, out: Path, tell: Tell) -> None:
        self._app = app
        self._out = out
        self._tell = tell
        self.visit = ""
        self.written: dict[str, Any] = {}

    def play(self) -> dict[str, Any]:
        """Play everything. Returns what journey.json says."""
        self._out.mkdir(parents=True, exist_ok=True)
        with _folder() as folder, Office.running(data=folder / "office") as office:
            pictures = Pictures(self._out, self._tell)
            codes = {name: office.enrol(name) for name in (RUTH, AMIR)}
            ruth = Person(self._app, RUTH, folder / "ruths-laptop", pictures)
            self._enrol(ruth, office, codes[RUTH])
            self._import(ruth)
            self._plan(ruth)
            office.stop()
            OnSite(ruth, self._out).play(self.visit)
            before = ruth.counts()
            office.start()
            self._sync(ruth)
            amir = Person(self._app, AMIR, folder / "amirs-laptop", pictures)
            self._second_laptop(amir, office, codes[AMIR])
            self._both_edit(ruth, amir)
            self._converge(ruth, amir)
            self.written = self._result(ruth, amir, before.only_here)
            for person in (ruth, amir):
                person.close()
        (self._out / "journey.json").write_text(json.dumps(self.written, indent=2) + "\n")
        return self.written

    def _enrol(self, ruth: Person, office: Office, code: str) -> None:
        ruth.scene("First run")
        ruth.enrol(office.url, code, PASSPHRASE)
        ruth.scene("Enrolled and unlocked")

    def _import(self, ruth: Person) -> None:
        workplace = at_work(ruth)
        workplace.shell.show_page(IMPORT)
        workplace.import_places.open_file(SAMPLE)
        hands = ruth.hands
        button = workplace.import_places.import_button
        hands.until(lambda: button.isEnabled() and button.isVisibleTo(ruth.window), "a preview")
        ruth.scene("Preview of Ofsteds list")
        imported: list[object] = []
        ruth.session.changed.connect(imported.append)
        button.click()
        hands.until(lambda: imported, "the list is imported")
        workplace.shell.show_page(PLACES)
        hands.settle()
        hands.until(lambda: workplace.places.model.rowCount() > 0, "the places are listed")
        ruth.scene("Places")
        # The office's list of advisers comes with the first sync: the visit names two of them.
        ruth.sync()

    def _plan(self, ruth: Person) -> None:
        workplace = at_work(ruth)
        place = self._inadequate_place(ruth)
        planned: list[object] = []
        workplace.visit.shown.connect(lambda: planned.append(True))
        workplace.places.visit_requested.emit(place.id)
        ruth.hands.until(lambda: planned, "the planned visit is open")
        bundle = workplace.visit.bundle
        self.visit = bundle.visit.id if bundle else ""
        hands = ruth.hands
        hands.fill("Date of the visit", today())
        hands.fill("Does the place know we are coming?", "Unannounced")
        hands.fill("Why now", "Ofsted published a grade of inadequate")
        hands.fill("Advisers", AMIR)
        hands.fill("What we want to find out", "Does every child know how to reach an advocate?")
        ruth.scene("Plan a visit")
        hands.press("Start the visit")

    def _inadequate_place(self, ruth: Person) -> Place:
        with ruth.session.store.reading() as connection:
            places = [h.record for h in reading.of_kind(connection, Place.kind)]
        return next(p for p in places if isinstance(p, Place) and p.urn == "SC900001")

    def _sync(self, ruth: Person) -> None:
        workplace = at_work(ruth)
        workplace.shell.show_page(OFFICE)
        ruth.hands.settle()
        ruth.scene("Before the sync")
        ruth.sync()
        ruth.scene("After the sync")

    def _second_laptop(self, amir: Person, office: Office, code: str) -> None:
        amir.enrol(office.url, code, PASSPHRASE)
        amir.sync()
        workplace = at_work(amir)
        workplace.visits.refresh()
        amir.hands.settle()
        amir.scene("The second laptop sees the visit")

    def _both_edit(self, ruth: Person, amir: Person) -> None:
        """Both change who does the promised action, without seeing each other."""
        for person, owner in ((ruth, "Ruth Pell, by telephone"), (amir, "Amir Sood")):
            hands = person.hands
            workplace = at_work(person)
            workplace.open_visit(self.visit)
            hands.settle()
            workplace.visit.show_step("actions")
            hands.settle()
            hands.fill("Who will do it", owner)
            hands.press("Save and continue")
        amir.sync()
        ruth.sync()
        amir.sync()

    def _converge(self, ruth: Person, amir: Person) -> None:
        with amir.session.store.reading() as connection:
            undecided = reading.undecided(connection)
        if len(undecided) != 1:
            raise AssertionError(f"one open conflict was expected, not {len(undecided)}")
        workplace = at_work(amir)
        workplace.office.conflict_requested.emit(undecided[0].record.id)
        amir.hands.settle()
        amir.hands.until(workplace.conflict.is_shown, "both sides are shown")
        amir.scene("Both sides of a field that two people changed")
        amir.keep_first_sides()
        amir.sync()
        ruth.sync()
        ruth.scene("Both laptops agree")

    def _result(self, ruth: Person, amir: Person, offline: int) -> dict[str, Any]:
        laptops = {person.name: person.bodies(self.visit) for person in (ruth, amir)}
        digests = {name: _digest(bodies) for name, bodies in laptops.items()}
        counts = {p.name: vars(p.counts()) for p in (ruth, amir)}
        equal = len(set(digests.values())) == 1
        if not equal:
            raise AssertionError(f"the laptops differ: {digests}")
        return {
            "saved_while_offline": offline,
            "laptops": counts,
            "records_on_the_visit": {name: len(bodies) for name, bodies in laptops.items()},
            "digest_of_the_visit": digests,
            "laptops_agree": equal,
            "pictures": sorted(p.name for p in self._out.glob("*.png")),
            "papers": sorted(p.name for p in self._out.glob("*.pdf")),
        }


def _digest(bodies: object) -> str:
    return hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for the laptops and the office; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hah-journey-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
