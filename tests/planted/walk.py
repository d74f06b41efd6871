"""An adviser at the real window who plants a sentence on every path; a process to be watched.

Started by `watched.py` as `python -m tests.planted.walk SEED FOLDER PAPER PART FAULT URL CODE
CERTIFICATE`. It says each path on its output before it takes it. The first part ends in a kill,
the second in closing.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from sqlalchemy import insert, text

from hah_desktop.domain.exchange import Page, PulledChange, PulledRow
from hah_desktop.domain.fields import Reader, Text
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.catalogue import RECORD_TYPES
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Place
from hah_desktop.laptop import hardening
from hah_desktop.laptop.offers import safety_copies
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import reading
from hah_desktop.store.store import Store
from hah_desktop.store.tables.rows import RECORD
from hah_desktop.ui.screens.visit.letters import AddCard
from hah_desktop.ui.workplace import OFFICE, PLACES, VIEWER
from tests.journey.person import Person, Pictures, at_work, has_field, today
from tests.planted import faults
from tests.planted.sentences import Sentences
from tests.ui.made_files import printer_to

PASSPHRASE = "violet kettle orbit marsh"
MANY = 300
"""Statements beside those that are typed: for a large sort, and for an index of some size."""

FIRST, SECOND, SORTING = "first", "second", "sorting"


@dataclass(frozen=True)
class Office:
    """Where the office is, what enrols a laptop there, and whom to trust about it."""

    url: str
    code: str
    certificate: str


class Planter:
    """One adviser, and fifty sentences."""

    def __init__(
        self, app: QApplication, seed: str, folder: Path, paper: Path, office: Office
    ) -> None:
        self._app = app
        self.office = office
        self.folder = folder
        self.paper = paper
        self.sentences = Sentences.of(seed)
        self._left: Iterator[str] = iter(self.sentences.texts)
        self._again: Iterator[str] = cycle(self.sentences.texts)
        self.visit = ""
        self.person: Person

    def next(self) -> str:
        """A sentence that was not planted yet; when all were, from the first again."""
        return next(self._left, "") or next(self._again)

    # The laptop

    def set_up(self) -> None:
        """Vault and database, enrolled with a real office."""
        self._open_the_window()
        self.person.enrol(self.office.url, self.office.code, PASSPHRASE)

    def record_every_kind(self) -> None:
        """A record of every kind, with words in every field that takes words."""
        store = self.person.session.store
        place = Place(id=RecordId("the-place"), name="Invented House")
        store.add(place, *(self._of_kind(store, kind) for kind in RECORD_TYPES))

    def _of_kind(self, store: Store, kind: type[Record]) -> Record:
        """A record with words in every field that takes words."""
        texts = [name for name, field in described(kind).items() if isinstance(field, Text)]
        fields: dict[str, Any] = {name: next(self._again) for name in texts}
        return kind(id=store.new_id(), **fields)

    def record_much(self) -> None:
        """Many statements in one transaction."""
        store = self.person.session.store
        store.add(
            *(
                Statement(
                    id=store.new_id(), visit="another-visit", text=f"{next(self._again)} " * 8
                )
                for _ in range(MANY)
            )
        )

    def sync(self) -> None:
        """Everything to the office: the laptop has its word that it is there."""
        self.person.sync()
        left = self.person.counts().only_here
        if left:
            raise AssertionError(f"{left} changes did not reach the office")

    def unlock(self) -> None:
        """Open the window; a wrong passphrase first, which is a sentence too."""
        self._open_the_window()
        screen = self.person.window.unlock_screen
        self.person.hands.type_into(screen.passphrase, self.next())
        screen.unlock.click()
        self.person.hands.until(screen.unlock.isEnabled, "the passphrase is refused")
        self.person.unlock(PASSPHRASE)

    def _open_the_window(self) -> None:
        certificate = self.office.certificate
        self.person = Person(
            self._app,
            "Ruth Pell",
            self.folder,
            Pictures(self.folder, _nothing),
            Path(certificate) if certificate else None,
        )

    # What is typed

    def plan(self) -> None:
        """A visit, planned and begun."""
        hands, work = self.person.hands, at_work(self.person)
        planned: list[object] = []
        work.visit.shown.connect(lambda: planned.append(True))
        work.places.visit_requested.emit("the-place")
        hands.until(lambda: planned, "the planned visit is open")
        self.visit = work.visit.bundle.visit.id if work.visit.bundle else ""
        hands.fill("Date of the visit", today())
        hands.fill("What we want to find out", self.next())
        hands.press("Start the visit")
        hands.until(lambda: has_field(self.person, "Time of arrival"), "the arrival form")

    def fill_forms(self) -> None:
        """Every form of the workspace, saved."""
        hands = self.person.hands
        page = at_work(self.person).visit
        for row, questions in (
            ("Arrival", ("Who met us", "Who saw our authority to enter")),
            ("General impression", ("General impression",)),
            ("Exit meeting", ("Who we spoke to before leaving", "What we told them")),
        ):
            page.show_step("record")
            hands.settle()
            hands.choose_row(row)
            for question in questions:
                hands.fill(question, self.next())
            hands.press("Save and continue")
        for step, button, question in (
            ("record", "Add an area", "What we saw"),
            ("concerns", "Add a concern", "What the concern is"),
            ("actions", "Add an action", "What will be done"),
        ):
            page.show_step(step)
            hands.settle()
            hands.press(button)
            hands.fill(question, self.next())
            hands.press("Save and continue")

    def write_statements(self) -> None:
        """What a child says, word for word."""
        hands = self.person.hands
        at_work(self.person).visit.show_step("conversations")
        hands.settle()
        hands.press("Add a conversation")
        hands.fill("What the child likes to be called", self.next())
        hands.press("Start conversation")
        hands.until(lambda: has_field(self.person, "Words"), "the conversation is open")
        for kind in ("Said in the child’s own words", "What the child wants to happen"):
            hands.fill("What kind of statement is this?", kind)
            hands.fill("Words", self.next())
            hands.press("Add these words")

    def keep_a_draft(self) -> None:
        """Typed, not saved, and kept by itself a moment later."""
        kept: list[str] = []
        self.person.session.saved.connect(kept.append)
        self.person.hands.fill("What we agreed to do next", self.next())
        self.person.hands.until(lambda: kept, "the draft is kept")

    def lock_and_unlock(self) -> None:
        """In the middle of a sentence."""
        self.person.hands.fill("How the child seemed at the end", self.next())
        self.person.lock()
        self.person.unlock(PASSPHRASE)
        question = "How the child seemed at the end"
        self.person.hands.until(lambda: has_field(self.person, question), "the draft is back")

    def copy_to_the_clipboard(self) -> None:
        """As Ctrl+C does."""
        control: Any = self.person.hands.field("How the child seemed at the end").control
        control.selectAll()
        control.copy()

    # What is looked for

    def search(self) -> None:
        """In the box above the places, and in the index over every word."""
        work = at_work(self.person)
        work.shell.show_page(PLACES)
        box = work.places.filters.search
        self.person.hands.type_into(box, self.next())
        self.person.hands.settle()
        for sentence in self.sentences.texts:
            self._ask(partial(reading.find, words=sentence))
        box.clear()

    def sort(self) -> None:
        """On the screen, and more in the database than fits the memory it has for it."""
        at_work(self.person).places.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        much = "SELECT a.body FROM record a, record b WHERE b.rid < 12 ORDER BY a.body || b.rid"
        self._ask(lambda connection: connection.execute(text(much)).first())

    def _ask(self, query: Callable[[Any], object]) -> None:
        answered: list[object] = []
        self.person.session.read(query, lambda found: answered.append([found]))
        self.person.hands.until(lambda: answered, "the database answers")

    # What goes wrong

    def fail_to_insert(self) -> None:
        """A row that is there already: the library's fault goes the way of every unknown fault."""

        def twice(connection: Any) -> None:
            row = {"id": "the-place", "kind": "place", "files": "[]"}
            connection.execute(insert(RECORD), {**row, "body": f'{{"name": "{self.next()}"}}'})

        self.person.session.read(twice, _nothing)
        self.person.hands.settle()

    def decide_a_clash(self) -> None:
        """A colleague's side of an answer arrives; both are shown, and one is chosen."""
        session, work = self.person.session, at_work(self.person)
        with session.store.writing() as connection:
            unsent = outbox.unsent(connection, 9_999)
            mine = next(c for c in unsent if c.record == self.visit and "impression" in c.edits)
            theirs = PulledChange(
                ChangeId("theirs"), 7, "laptop-two", "amir", fields={"impression": self.next()}
            )
            own = PulledChange(mine.id, 8, own=("impression",))
            files = tuple(FileId(file) for file in mine.files)
            row = PulledRow(mine.record, mine.kind, files, 8, (theirs, own))
            outbox.take_page(connection, Page("", {files[0]: 8}, more=False), [row])
        work.shell.show_page(OFFICE)
        work.office.conflict_requested.emit(mine.record)
        self.person.hands.settle()
        self.person.keep_first_sides()

    def fail_in_a_slot(self) -> None:
        """A fault of the program's own whose words hold what was typed, as Python's often do."""
        words = self.next()
        QTimer.singleShot(0, lambda: _trip(words))
        self.person.hands.settle()


class Walker(Planter):
    """The same adviser, who also keeps files, makes paper, and comes to an end."""

    # What lies beside the database

    def keep_a_file(self) -> None:
        """A letter from a stick, kept sealed and looked at."""
        hands, work = self.person.hands, at_work(self.person)
        letter = self.paper / "letter.txt"
        letter.write_text("\n".join(self.sentences.texts) * 40, encoding="utf-8")
        work.open_visit(self.visit)
        work.visit.show_step("letters")
        hands.settle()
        hands.press("Add a letter or picture")
        hands.fill("What is it?", self.next())
        hands.fill("What kind of thing is it?", "A letter")
        hands.fill("What there is to know about it", self.next())
        card = hands.find(AddCard, lambda _card: True, "the card for the file")
        card.whose.set_value("nobody")
        card.take(letter)
        work.visit.foot.add_letter.click()
        hands.until(self._letters, "the letter is kept")
        hands.settle()
        work.viewer.show_attachment(self._letters()[0])
        work.shell.show_page(VIEWER)
        hands.until(lambda: self.sentences.stem in work.viewer.text.words(), "the letter is read")
        work.viewer.close_attachment()

    def _letters(self) -> list[Attachment]:
        with self.person.session.store.reading() as connection:
            found = [held.record for held in reading.of_kind(connection, Attachment.kind)]
        return [one for one in found if isinstance(one, Attachment) and one.visit == self.visit]

    def make_a_safety_copy(self) -> None:
        """As once a day."""
        unlocked = self.person.window._open
        if unlocked is None:
            raise AssertionError("the laptop is locked")
        copies = safety_copies(self.folder, unlocked.keys)
        copies.make(unlocked.store)
        if not copies.good():
            raise AssertionError("the safety copy is not whole")

    # What is put on paper

    def preview(self) -> None:
        """The office's summary, as pages and as text."""
        work = at_work(self.person)
        work.open_visit(self.visit)
        self.person.hands.settle()
        work.visit.paper_requested.emit(self.visit, Reader.OFFICE)
        self.person.hands.until(work.paper.is_drawn, "the summary is drawn")
        self.person.hands.press("Read as text")
        self.person.hands.until(work.paper.text.isVisible, "the summary is text")
        self.person.hands.press("Show the pages")

    def cancel_the_printing(self) -> None:
        """Stopped while the first page is drawn."""
        paper = at_work(self.person).paper
        paper.print_on(printer_to(self.paper / "cancelled.pdf"))
        paper.close_document()

    def print(self) -> None:
        """To a file, as somebody chose it."""
        self.preview()
        paper = at_work(self.person).paper
        paper.print_on(printer_to(self.paper / "printed.pdf"))
        self.person.hands.until(
            lambda: paper.done.label.text().startswith("Sent"), "the summary is printed"
        )

    def cancel_the_export(self) -> None:
        """Up to the file dialog, where a name is typed, and back."""
        hands, paper = self.person.hands, at_work(self.person).paper
        hands.press("Save a copy")
        hands.press("Save a copy")
        hands.until(lambda: paper.findChildren(QFileDialog), "the file dialog")
        dialog = paper.findChildren(QFileDialog)[0]
        hands.type_into(dialog.findChildren(QLineEdit)[0], self.next())
        dialog.reject()

    def export(self) -> None:
        """A copy where somebody said."""
        target = self.paper / "copy.pdf"
        at_work(self.person).paper.save_copy(target)
        self.person.hands.until(target.is_file, "the copy is saved")

    # The ends

    def be_killed(self) -> None:
        """In the middle of a transaction that is larger than the pages held in memory."""
        at_work(self.person).open_visit(self.visit)
        self.person.hands.settle()
        with self.person.session.store.writing() as connection:
            connection.execute(text("PRAGMA cache_size=-100"))
            rows = [
                {
                    "id": f"half-{n}",
                    "kind": "visit",
                    "files": "[]",
                    "body": f'"{next(self._again)}"',
                }
                for n in range(3_000)
            ]
            connection.execute(insert(RECORD), rows)
            os.kill(os.getpid(), signal.SIGKILL)

    def find_all_again(self) -> None:
        """After the kill: what was saved is there, what was not is not."""
        with self.person.session.store.reading() as connection:
            for sentence in self.sentences.texts:
                if not reading.find(connection, sentence):
                    raise AssertionError("a sentence that was saved is gone")
            if reading.get(connection, "half-0") is not None:
                raise AssertionError("half a transaction stands")

    def close(self) -> None:
        """As the button of the window does."""
        self.person.close()


PATHS: dict[str, tuple[str, ...]] = {
    FIRST: (
        "set_up",
        "record_every_kind",
        "plan",
        "record_much",
        "sync",
        "fill_forms",
        "write_statements",
        "keep_a_draft",
        "lock_and_unlock",
        "copy_to_the_clipboard",
        "search",
        "sort",
        "fail_to_insert",
        "fail_in_a_slot",
        "decide_a_clash",
        "keep_a_file",
        "make_a_safety_copy",
        "preview",
        "cancel_the_printing",
        "print",
        "cancel_the_export",
        "export",
        "be_killed",
    ),
    SECOND: ("unlock", "find_all_again", "search", "close"),
    # The shortest way to a sort that does not fit.
    SORTING: ("set_up", "record_every_kind", "record_much", "sort", "close"),
}


def _trip(words: str) -> None:
    raise ValueError(f"not a time: {words}")


def _nothing(_found: object) -> None:
    """Nobody waits for this."""


def main(given: Sequence[str]) -> None:
    """Walk every path of one part."""
    seed, folder, paper, part, fault, *office = given
    faults.plant(fault)
    # As the program itself does before anything else.
    hardening.harden()
    hardening.watch(lambda: None)
    app = QApplication(["walk"])
    planter = Walker(app, seed, Path(folder), Path(paper), Office(*office))
    for path in PATHS[part]:
        step: Callable[[], None] = getattr(planter, path)
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
        step()
    sys.stdout.write("end\n")


if __name__ == "__main__":
    main(sys.argv[1:])
