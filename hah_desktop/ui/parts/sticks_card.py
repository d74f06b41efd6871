"""What goes on a stick when there is no network for days: to the office, or to a colleague."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.media import size_in_words
from hah_desktop.laptop import sticks
from hah_desktop.laptop.handing import Counts
from hah_desktop.laptop.sticks import Offer, Taken, Written
from hah_desktop.ui.kit.blocks import Card, Notice
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.choosing import ask_for_file, ask_where
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import counted, record_name
from hah_desktop.ui.session import Session

WHY = (
    "What is only here can go on a stick meanwhile, sealed: only whom it is written for can read "
    "it. Nothing is removed here, and the next sync sends the same without sending it twice."
)
NOBODY = (
    "A file for a colleague can be written once something is only here of a visit that you share "
    "with one, and both of you have synced since it was shared."
)
OFFICES = "for the office.sealed"
COLLEAGUES = "for a colleague, {visit}.sealed"
NAMELESS = "a letter or picture without a name"
AGAIN = "Once that is put right, take this file in again; or sync, which brings it too."
KINDS = "Sealed files (*.sealed);;All files (*)"


class SticksCard(Card):
    """Writes what is only here for the office or a colleague, and takes a colleague's in."""

    def __init__(self, session: Session) -> None:
        super().__init__("No network for days?")
        self._session = session
        self._busy = False
        self.doing = Notice("", "info")
        self.done = Notice("", "ok")
        self.problem = Notice("", "bad")
        self.for_office = SecondaryButton("Write a file for the office")
        self.take = SecondaryButton("Take in a colleague’s file")
        self.for_colleagues: list[SecondaryButton] = []
        self._rows: list[QWidget] = []
        self._offers: Sequence[Offer] = ()
        self.nobody = Label(NOBODY, TextKind.MUTED)
        told = (self.doing, self.done, self.problem)
        for widget in (Label(WHY, TextKind.MUTED), *told):
            self.add(widget)
        self.add_row(self.for_office, self.take)
        self.add(self.nobody)
        for notice in told:
            notice.hide()
        self.for_office.clicked.connect(self._ask_for_office)
        self.take.clicked.connect(self._ask_for_file)

    def refresh(self) -> None:
        """Read for whom something could be written."""
        self._session.read(sticks.offers, self._show)

    def _show(self, offers: Sequence[Offer]) -> None:
        if list(offers) == list(self._offers):
            # Made anew, a button would lose the focus of whoever is about to press it.
            return
        self._offers = offers
        for row in self._rows:
            self.body.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.nobody.setVisible(not offers)
        self.for_colleagues = []
        self._rows = [self._row(offer) for offer in offers]

    def _row(self, offer: Offer) -> QWidget:
        """The visit in words that wrap, and below them the button: its own words do not wrap."""
        visit = record_name(offer.visit, self._session.code_list, offer.place)
        about = f"{visit}{_with_files(offer)}"
        button = SecondaryButton(f"Write a file for {_names(offer)}")
        button.setAccessibleName(f"{button.words}: {about}")
        button.clicked.connect(lambda: self._ask_for_colleagues(offer))
        self.for_colleagues.append(button)
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Label(about))
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.add(row)
        return row

    def _ask_for_office(self) -> QFileDialog | None:
        return self._ask_where(OFFICES, self.write_for_office)

    def _ask_for_colleagues(self, offer: Offer) -> QFileDialog | None:
        name = self._name_for(offer)
        return self._ask_where(name, lambda path: self.write_for_colleagues(offer, path))

    def _name_for(self, offer: Offer) -> str:
        """A name for each visit: a second one would take the place of the first on the stick.

        It says the day and nothing else, for whoever finds the stick.
        """
        day = _day(offer)
        visit = f"visit of {day.isoformat()}" if day else "visit without a day"
        same = [each.visit.id for each in self._offers if _day(each) == day]
        number = f" ({same.index(offer.visit.id) + 1})" if len(same) > 1 else ""
        return COLLEAGUES.format(visit=f"{visit}{number}")

    def _ask_where(self, name: str, chosen: Callable[[Path], None]) -> QFileDialog | None:
        return None if self._busy else ask_where(self, "Where shall it be written?", name, chosen)

    def _ask_for_file(self) -> QFileDialog | None:
        if self._busy:
            return None
        return ask_for_file(self, "Which file did you get?", self.take_in, KINDS)

    def write_for_office(self, path: Path) -> None:
        """Write all that is only here for the office."""
        session = self._session
        self._begin("Writing it")
        session.run_slow(
            lambda: sticks.for_office(session.store, session.who, path),
            lambda counts: self._written(_much(counts), "the office", path),
            self._failed,
        )

    def write_for_colleagues(self, offer: Offer, path: Path) -> None:
        """Write what is only here of one visit for the others on it."""
        session, visit = self._session, offer.visit.id
        self._begin("Writing it")
        session.run_slow(
            lambda: sticks.for_colleagues(session.store, session.who, visit, offer.readers, path),
            lambda done: self._written(_how_much(done), _names(offer), path, done.left),
            self._failed,
        )

    def take_in(self, path: Path) -> None:
        """Take in what a colleague wrote for this laptop."""
        session = self._session
        self._begin("Taking it in")
        session.run_slow(lambda: sticks.take(session.store, path), self._taken, self._failed)

    def _begin(self, doing: str) -> None:
        # No button is switched off meanwhile: the one that was pressed would lose the focus.
        self._busy = True
        tell(self.done, "")
        tell(self.problem, "")
        tell(self.doing, f"{doing}. Leave the stick in until this message goes.")

    def _end(self) -> None:
        self._busy = False
        tell(self.doing, "")

    def _written(self, much: str, whom: str, path: Path, left: int = 0) -> None:
        self._end()
        rest = (
            f" There was no room for {counted(left, 'file')}: it goes with a sync." if left else ""
        )
        said = f"{much} written for {whom}, as “{path.name}”. Nobody else can read it.{rest}"
        tell(self.done, said)

    def _taken(self, taken: Taken) -> None:
        self._end()
        missing = _missing(taken)
        if taken.before and not taken.files:
            nothing = missing or " Nothing is new."
            tell(self.done, f"This file of {taken.name}’s was taken in before.{nothing}")
            return
        files = f" and {counted(taken.files, 'file')}" if taken.files else ""
        much = f"{counted(len(taken.records), 'record')}{files}"
        said = f"{much} taken in from {taken.name}. The next sync brings nothing twice.{missing}"
        tell(self.done, said)
        self._session.changed.emit(taken.records)

    def _failed(self, fault: KnownError) -> None:
        self._end()
        tell(self.problem, str(fault))


def _day(offer: Offer) -> dt.date | None:
    return offer.visit.visited_on or offer.visit.planned_for


def _names(offer: Offer) -> str:
    return " and ".join(dict.fromkeys(card.name for card in offer.readers))


def _missing(taken: Taken) -> str:
    """What did not come, why, and what to do about it."""
    if not taken.missing:
        return ""
    what = ", ".join(f"“{each.what or NAMELESS}”" for each in taken.missing)
    why = " ".join(dict.fromkeys(each.why for each in taken.missing))
    return f" Not here yet: {what}. {why} {AGAIN}"


def _with_files(offer: Offer) -> str:
    if not offer.files:
        return ""
    return f", with {counted(offer.files, 'file')} of {size_in_words(offer.size)}"


def _how_much(written: Written) -> str:
    files = f" and {counted(written.files, 'file')}" if written.files else ""
    return f"{counted(written.changes, 'change')}{files}"


def _much(counts: Counts) -> str:
    files = f" and {counted(counts.files, 'file')}" if counts.files else ""
    return f"{counted(counts.changes, 'change')}{files}"
