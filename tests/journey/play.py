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

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.reference import Place
from hah_desktop.store import reading
from hah_desktop.ui.workplace import IMPORT, OFFICE, PLACES, Workplace
from tests.central.office import Office
from tests.journey.caseload import AMIR, PASSPHRASE, RUTH
from tests.journey.person import Person, today

Tell = Callable[[str], None]
SAMPLE = Path(__file__).parent.parent / "intake" / "samples" / "listed_at_31_march_2024.csv"
KAI_SAID = (
    "I like my key worker, she listens. But at night it is really loud and nobody comes "
    "when you press the bell."
)
KAI_WANTS = "Someone should look in before ten. Just look in."
PRIVATE = "I have not told anyone that I cry at night."


class Journey:
    """The play. Each scene leaves a picture; the end leaves journey.json."""

    def __init__(self, app: QApplication, out: Path, tell: Tell) -> None:
        self._app = app
        self._out = out
        self._tell = tell
        self._number = 0
        self.visit = ""
        self.written: dict[str, Any] = {}

    def play(self) -> dict[str, Any]:
        """Play everything. Returns what journey.json says."""
        self._out.mkdir(parents=True, exist_ok=True)
        with _folder() as folder, Office.running(data=folder / "office") as office:
            codes = {name: office.enrol(name) for name in (RUTH, AMIR)}
            ruth = Person(self._app, RUTH, folder / "ruths-laptop", self._out, self._tell)
            self._enrol(ruth, office, codes[RUTH])
            self._import(ruth)
            self._plan(ruth)
            office.stop()
            self._arrive(ruth)
            self._talk(ruth)
            self._lock_and_unlock(ruth)
            self._concern_and_action(ruth)
            self._leave_and_sign_off(ruth)
            self._papers(ruth)
            before = ruth.counts()
            office.start()
            self._sync(ruth)
            amir = Person(self._app, AMIR, folder / "amirs-laptop", self._out, self._tell)
            self._second_laptop(amir, office, codes[AMIR])
            self._both_edit(ruth, amir)
            self._converge(ruth, amir)
            self.written = self._result(ruth, amir, before.only_here)
            for person in (ruth, amir):
                person.close()
        (self._out / "journey.json").write_text(json.dumps(self.written, indent=2) + "\n")
        return self.written

    def _scene(self, person: Person, words: str) -> None:
        self._number += 1
        person.picture(self._number, words)

    def _enrol(self, ruth: Person, office: Office, code: str) -> None:
        self._scene(ruth, "First run")
        ruth.enrol(office.url, code, PASSPHRASE)
        self._scene(ruth, "Enrolled and unlocked")

    def _import(self, ruth: Person) -> None:
        workplace = _at_work(ruth)
        workplace.shell.show_page(IMPORT)
        workplace.import_places.open_file(SAMPLE)
        hands = ruth.hands
        button = workplace.import_places.import_button
        hands.until(lambda: button.isEnabled() and button.isVisibleTo(ruth.window), "a preview")
        self._scene(ruth, "Preview of Ofsteds list")
        imported: list[object] = []
        ruth.session.changed.connect(imported.append)
        button.click()
        hands.until(lambda: imported, "the list is imported")
        workplace.shell.show_page(PLACES)
        hands.settle()
        hands.until(lambda: workplace.places.model.rowCount() > 0, "the places are listed")
        self._scene(ruth, "Places")
        # The office's list of advisers comes with the first sync: the visit names two of them.
        ruth.sync()

    def _plan(self, ruth: Person) -> None:
        workplace = _at_work(ruth)
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
        self._scene(ruth, "Plan a visit")
        hands.press("Start the visit")

    def _inadequate_place(self, ruth: Person) -> Place:
        with ruth.session.store.reading() as connection:
            places = [h.record for h in reading.of_kind(connection, Place.kind)]
        return next(p for p in places if isinstance(p, Place) and p.urn == "SC900001")

    def _arrive(self, ruth: Person) -> None:
        hands = ruth.hands
        hands.until(lambda: _has_field(ruth, "Time of arrival"), "the arrival form")
        for question, answer in (
            ("Time of arrival", "0950"),
            ("Who met us", "D. Okafor, duty manager"),
            ("Who saw our authority to enter", "D. Okafor"),
            ("Were we let in?", "Let in after a wait"),
            ("Minutes we waited", "25"),
            ("Who kept us waiting or refused", "D. Okafor"),
            ("The reason they gave", "She had to ask her area manager first."),
        ):
            hands.fill(question, answer)
        self._scene(ruth, "Arrival, offline")
        hands.press("Save and continue")
        hands.fill("Children on roll", "8")
        hands.fill("Children here today", "8")
        hands.press("Save and continue")
        hands.press("Add an area")
        hands.fill("Part of the place", "Bedrooms or cells")
        hands.fill("What we saw", "Two of eight call bells did not light up when we pressed them.")
        hands.fill("What was good", "Rooms are warm, in colours that the children chose.")
        hands.press("Save and continue")

    def _talk(self, ruth: Person) -> None:
        hands = ruth.hands
        _at_work(ruth).visit.show_step("conversations")
        hands.settle()
        hands.press("Add a conversation")
        hands.fill("What the child likes to be called", "Kai M.")
        hands.press("Start conversation")
        hands.until(lambda: _has_field(ruth, "Words"), "the conversation is open")
        for kind, words in (
            ("Said in the child's own words", KAI_SAID),
            ("What the child wants to happen", KAI_WANTS),
            ("A feeling", PRIVATE),
        ):
            hands.fill("What kind of statement is this?", kind)
            hands.fill("Words", words)
            hands.press("Add these words")
        self._share_wish(ruth)
        hands.fill("Age", "15")
        hands.fill("Did you speak alone?", "Yes, alone")
        hands.fill("What we explained", "Who I am and who sent me")
        hands.show_top()
        self._scene(ruth, "A conversation in the childs own words")

    def _share_wish(self, ruth: Person) -> None:
        """Kai lets the place know what he wants, but not by name; the rest stays with us."""
        part = _at_work(ruth).visit.talk_part()
        if part is None:
            raise AssertionError("no conversation is open")
        card = next(c for c in part.cards() if KAI_WANTS in c.words)
        row = card.permissions.rows[0]
        index = row.answer.findData("ANON")
        row.answer.setCurrentIndex(index)
        row.answer.activated.emit(index)
        ruth.hands.settle()

    def _lock_and_unlock(self, ruth: Person) -> None:
        """Interrupted in the middle of a sentence: the draft is there again afterwards."""
        hands = ruth.hands
        half = "We will ask for the call bell log, and I will come back on"
        hands.fill("What we agreed to do next", half)
        ruth.lock()
        self._scene(ruth, "Locked in mid sentence")
        ruth.unlock(PASSPHRASE)
        hands.until(lambda: _has_field(ruth, "What we agreed to do next"), "the draft is back")
        found = hands.field("What we agreed to do next").control
        if getattr(found, "toPlainText", str)() != half:
            raise AssertionError("the draft did not survive the lock")
        self._scene(ruth, "Unlocked where the work stopped")
        hands.fill("What we agreed to do next", f"{half} Thursday.")
        hands.fill("How far are we?", "Complete")
        hands.press("Save and continue")

    def _concern_and_action(self, ruth: Person) -> None:
        hands = ruth.hands
        _at_work(ruth).visit.show_step("concerns")
        hands.settle()
        hands.press("Add a concern")
        for question, answer in (
            ("Level", "A worry about welfare or rights"),
            ("What the concern is", "Night staff are slow to answer call bells."),
        ):
            hands.fill(question, answer)
        self._scene(ruth, "A concern")
        hands.press("Save and continue")
        _at_work(ruth).visit.show_step("actions")
        hands.settle()
        hands.press("Add an action")
        for question, answer in (
            ("What will be done", "Ask for the call bell log of the last four weeks"),
            ("Who will do it", RUTH),
            ("By when", today()),
        ):
            hands.fill(question, answer)
        hands.press("Save and continue")

    def _leave_and_sign_off(self, ruth: Person) -> None:
        hands = ruth.hands
        page = _at_work(ruth).visit
        page.show_step("record")
        hands.settle()
        hands.choose_row("Exit meeting")
        for question, answer in (
            ("Who we spoke to before leaving", "D. Okafor, duty manager"),
            ("What we told them", "Two call bells did not light up. Please mend them today."),
            ("What they answered or promised", "The electrician comes this afternoon."),
            ("Time we left", "1640"),
        ):
            hands.fill(question, answer)
        hands.press("Save and continue")
        page.show_step("summary")
        hands.settle()
        self._scene(ruth, "Check and sign off")
        hands.press("Sign off this visit")
        hands.until(lambda: page.bundle and page.bundle.is_signed_off, "the visit is signed off")
        self._scene(ruth, "Signed off")

    def _papers(self, ruth: Person) -> None:
        for reader, name in ((Reader.OFFICE, "office"), (Reader.PLACE, "place")):
            workplace = _at_work(ruth)
            paper = workplace.paper
            workplace.visit.paper_requested.emit(self.visit, reader)
            ruth.hands.until(paper.is_drawn, f"the summary for the {name}")
            self._scene(ruth, f"Summary for the {name}")
            target = self._out / f"summary-for-the-{name}.pdf"
            target.unlink(missing_ok=True)
            paper.save_copy(target)
            ruth.hands.until(target.is_file, "the copy is saved")
            paper.close_document()

    def _sync(self, ruth: Person) -> None:
        workplace = _at_work(ruth)
        workplace.shell.show_page(OFFICE)
        ruth.hands.settle()
        self._scene(ruth, "Before the sync")
        ruth.sync()
        self._scene(ruth, "After the sync")

    def _second_laptop(self, amir: Person, office: Office, code: str) -> None:
        amir.enrol(office.url, code, PASSPHRASE)
        amir.sync()
        workplace = _at_work(amir)
        workplace.visits.refresh()
        amir.hands.settle()
        self._scene(amir, "The second laptop sees the visit")

    def _both_edit(self, ruth: Person, amir: Person) -> None:
        """Both change who does the promised action, without seeing each other."""
        for person, owner in ((ruth, "Ruth Pell, by telephone"), (amir, "Amir Sood")):
            hands = person.hands
            workplace = _at_work(person)
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
        workplace = _at_work(amir)
        workplace.office.conflict_requested.emit(undecided[0].record.id)
        amir.hands.settle()
        amir.hands.until(workplace.conflict.is_shown, "both sides are shown")
        self._scene(amir, "Both sides of a field that two people changed")
        workplace.conflict.choose_first()
        amir.hands.settle()
        amir.sync()
        ruth.sync()
        self._scene(ruth, "Both laptops agree")

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


def _at_work(person: Person) -> Workplace:
    workplace = person.window.workplace
    if workplace is None:
        raise AssertionError(f"{person.name}'s laptop is locked")
    return workplace


def _has_field(person: Person, words: str) -> bool:
    try:
        person.hands.field(words)
    except AssertionError:
        return False
    return True


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for the laptops and the office; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hah-journey-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
